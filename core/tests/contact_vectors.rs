//! Every contact of `activation_v2_contact.json`, which the Python reader plays as well, byte for byte on both sides.

mod profile;

use profile::{hex, number, rows, text, unhex, vectors};
use serde_json::Value;
use softtoken_core::activation::address::Address;
use softtoken_core::activation::contact::issuer::{Keys, TestToken};
use softtoken_core::activation::contact::messages::{Answer, Ask, Call};
use softtoken_core::activation::contact::{
    Caller, Contact, DELETED, Generations, Known, Step, TokenState, contact_psk,
};
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::{Header, IssuerCard, Refused, RequestKind, sealed};
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::identity::{PinRules, Policy};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

const FILE: &str = "activation_v2_contact.json";

fn key(row: &Value, member: &str) -> Key<32> {
    Key::from_slice(&unhex(text(row, member))).unwrap()
}

/// The seeded sources give what the row lists, in its order.
fn assert_drawn(row: &Value) {
    for (seed, names) in [
        ("device_seed", &["r_d_hex", "e_d_hex"][..]),
        ("issuer_seed", &["e_0_hex", "e_1_hex", "e_2_hex", "r_i_hex"]),
    ] {
        let random = Random::seeded(number(row, seed));
        for name in names {
            assert_eq!(hex(random.key::<32>().unwrap().expose()), text(row, name), "{name}");
        }
    }
}

fn issuer(row: &Value) -> TestIssuer {
    let address = Address::from_canonical(text(row, "address")).unwrap();
    let random = Random::seeded(number(row, "issuer_seed"));
    let mut issuer = TestIssuer::new(address, UnixTime(number(row, "time")), Random::seeded(0)).unwrap();
    issuer.random = random;
    issuer.private = key(row, "issuer_private_hex");
    issuer.signing = key(row, "issuer_signing_hex");
    issuer.predecessor =
        row["predecessor_signing_hex"].is_string().then(|| key(row, "predecessor_signing_hex"));
    let flag = |name: &str| row[name].as_bool().unwrap();
    issuer.policy = Policy {
        pin: PinRules { min_digits: u8::try_from(number(row, "pin_min_digits")).unwrap() },
        forbid_biometric: flag("forbid_biometric"),
        forbid_backup: flag("forbid_backup"),
        verify_user: flag("verify_user"),
    };
    issuer
}

fn token(row: &Value, now: UnixTime) -> TestToken {
    let serial = SerialNumber::parse(text(row, "serial")).unwrap();
    let mut token = TestToken::new(serial, Key::new([0; 32]), Key::new([0; 32]));
    let keys = |seed: &Value| Keys {
        seed: Key::from_slice(&unhex(seed.as_str().unwrap())).unwrap(),
        recovery: Key::new([1; 32]),
    };
    token.seeds = match row["seeds_hex"].as_array().unwrap().as_slice() {
        [] => None,
        [present, rest @ ..] => {
            let mut seeds = Generations::new(keys(present));
            for next in rest {
                assert!(seeds.reactivated(keys(next), now).1.is_none());
            }
            Some(seeds)
        }
    };
    token.dead.extend(row["dead_seed_hex"].is_string().then(|| {
        let psk = contact_psk(key(row, "dead_seed_hex").expose(), &token.serial);
        let outcome = match number(row, "dead_outcome") {
            4 => Refused::Superseded,
            8 => DELETED,
            other => panic!("outcome {other}"),
        };
        (psk, outcome)
    }));
    token.holder = unhex(text(row, "holder_hex")).try_into().unwrap();
    token.profile = Profile::from_bytes(unhex(text(row, "profile_hex")).try_into().unwrap()).unwrap();
    token.rekey_wanted = row["rekey_wanted"].as_bool().unwrap();
    token.state = if number(row, "state") == 1 { TokenState::Active } else { TokenState::Disabled };
    token
}

#[test]
fn every_contact_has_the_listed_bytes_on_both_sides() {
    for row in rows(&vectors(FILE), FILE, "contacts") {
        assert_drawn(row);
        let issuer = issuer(row);
        let mut token = token(row, issuer.now);
        let card = IssuerCard::decode(&unhex(text(row, "card_hex"))).unwrap();
        assert_eq!(Some(&card), issuer.card().as_ref());
        let header = Header::contact(issuer.address.clone(), token.serial.clone(), card.handshake_key);
        assert_eq!(hex(&header.to_bytes()), text(row, "header_hex"));
        assert_eq!(Header::from_bytes(&header.to_bytes()).as_ref(), Ok(&header));
        let seed = key(row, "seed_hex");
        assert_eq!(hex(contact_psk(seed.expose(), &token.serial).expose()), text(row, "psk_hex"));
        let call = Call::decode(&unhex(text(row, "payload_1_hex"))).unwrap();
        assert_eq!(hex(call.encode().unwrap().expose()), text(row, "payload_1_hex"));

        let predecessor = card.proof.predecessor.map(|(key, _)| key);
        let known = Known { issuer: predecessor.unwrap_or(card.proof.key), holder: Some(token.holder) };
        let address = issuer.address.clone();
        let caller = Caller::new(address, token.serial.clone(), seed.expose(), Some(known));
        let wish = Ask::decode(&[0xa2, 0, 1, 1, u8::try_from(number(row, "wish")).unwrap()]).unwrap();
        let random = Random::seeded(number(row, "device_seed"));
        let mut device = Contact::begin(caller, &card, wish, text(row, "device")).unwrap();
        let request = device.request(&random).unwrap();
        let wanted = (RequestKind::Open, text(row, "open_body_hex").to_owned());
        assert_eq!((request.kind, hex(&request.body)), wanted);
        let reply = token.open(&issuer, &request.body).unwrap();
        assert_eq!(hex(&reply), text(row, "message_2_hex"), "{}", row["label"]);
        device.take(&reply).unwrap();
        if let Some(agreement) = device.agreement() {
            let keys = &agreement.keys;
            for (mine, name) in [
                (&keys.seed, "k_seed_hex"),
                (&keys.recovery, "k_rec_hex"),
                (&keys.to_issuer, "k_c2s_hex"),
                (&keys.to_device, "k_s2c_hex"),
            ] {
                assert_eq!(hex(mine.expose()), text(row, name), "{name}");
            }
            assert_eq!(hex(&keys.session), text(row, "session_hex"));
        }
        let mut last = Step::Send;
        for turn in row["sealed"].as_array().unwrap() {
            let request = device.request(&random).unwrap();
            assert_eq!(hex(&request.body), text(turn, "request_hex"));
            let reply = token.sealed(&issuer, &request.body).unwrap();
            assert_eq!(hex(&reply), text(turn, "answer_hex"), "{}", row["label"]);
            assert_canonical(&device, &reply);
            device.take(&reply).unwrap();
            if let Step::Renewed(profile) = device.step() {
                assert_eq!(profile, token.profile);
                let seed = device.agreement().unwrap().keys.seed.duplicate();
                assert_eq!(
                    hex(contact_psk(seed.expose(), &token.serial).expose()),
                    text(row, "next_psk_hex")
                );
            }
            last = device.step();
        }
        assert_end(row, &device, last);
    }
}

/// The answer's map is written as it was read.
fn assert_canonical(device: &Contact, reply: &[u8]) {
    let keys = &device.agreement().unwrap().keys;
    let (_, number) = sealed::head(reply).unwrap();
    let plain = sealed::open(&keys.to_device, &keys.session, number, reply).unwrap();
    let again = Answer::decode(plain.expose()).unwrap().encode().unwrap();
    assert_eq!(again.expose(), plain.expose());
}

fn assert_end(row: &Value, device: &Contact, last: Step) {
    match (number(row, "wish"), row["dead_outcome"].as_u64()) {
        (_, Some(4)) => assert_eq!(device.step(), Step::Refused(Refused::Superseded)),
        (5, _) => assert_eq!(device.step(), Step::Deleted),
        (4, _) if row["next_psk_hex"].is_null() => {
            assert_eq!(device.step(), Step::Refused(Refused::Declined));
        }
        (wish, _) => {
            let Step::Done(report) = last else { panic!("{last:?} in {}", row["label"]) };
            assert_eq!(report.time.0, number(row, "time"));
            assert_eq!(report.rekey_wanted, wish == 3 && row["rekey_wanted"].as_bool().unwrap());
            assert_eq!(report.state == TokenState::Active, number(row, "state") == 1);
            assert_eq!(report.alone, wish == 3 && row["seeds_hex"].as_array().unwrap().len() == 1);
        }
    }
}
