//! Every exchange of `activation_v2_online.json`, which the Python reader plays as well, byte for byte on both sides.

mod exchange;
mod profile;

use profile::{hex, line, number, rows, text, unhex, vectors};
use serde_json::Value;
use softtoken_core::activation::address::Address;
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::verification::Check;
use softtoken_core::activation::exchange::{Asked, Exchange, Header, IssuerCard, OnlineOrder, RequestKind};
use softtoken_core::activation::issuer_key::IssuerKey;
use softtoken_core::activation::link::{LinkPayload, Mode};
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::identity::{PinRules, Policy};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

const FILE: &str = "activation_v2_online.json";

fn key(row: &Value, member: &str) -> Key<32> {
    Key::from_slice(&unhex(text(row, member))).unwrap()
}

fn order(row: &Value, issuer_key: IssuerKey) -> OnlineOrder {
    let Some(link) = row["link"].as_str() else {
        let fields = TypedFields {
            address: text(row, "address").into(),
            serial_number: text(row, "serial").into(),
            activation_code: text(row, "activation_code").to_owned().into(),
        };
        let details = fields.check().map_err(profile::lines).unwrap();
        return OnlineOrder::from_typed(&details, issuer_key, &argon2id).unwrap();
    };
    let payload = LinkPayload::parse(link).map_err(line).unwrap();
    assert_eq!(payload.issuer_key, issuer_key);
    match payload.mode {
        Mode::Link => OnlineOrder::from_link(&payload),
        Mode::QrCode => OnlineOrder::from_qr_code(&payload, text(row, "password").as_bytes()),
    }
    .map_err(line)
    .unwrap()
}

/// The seeded sources give what the row lists, in its order.
fn assert_drawn(row: &Value) {
    for (seed, names) in
        [("device_seed", &["r_d_hex", "n_d_hex", "e_d_hex"][..]), ("issuer_seed", &["e_i_hex", "r_i_hex"])]
    {
        let random = Random::seeded(number(row, seed));
        for name in names {
            assert_eq!(hex(random.key::<32>().unwrap().expose()), text(row, name), "{name}");
        }
    }
}

fn issuer(row: &Value) -> TestIssuer {
    let address = Address::from_canonical("localhost").unwrap();
    let time = UnixTime(number(row, "time"));
    let mut issuer = TestIssuer::new(address, time, Random::seeded(0)).unwrap();
    issuer.private = key(row, "issuer_private_hex");
    issuer.signing = key(row, "issuer_signing_hex");
    issuer.predecessor =
        row["predecessor_signing_hex"].is_string().then(|| key(row, "predecessor_signing_hex"));
    issuer.random = Random::seeded(number(row, "issuer_seed"));
    let flag = |name: &str| row[name].as_bool().unwrap();
    issuer.policy = Policy {
        pin: PinRules { min_digits: u8::try_from(number(row, "pin_min_digits")).unwrap() },
        forbid_biometric: flag("forbid_biometric"),
        forbid_backup: flag("forbid_backup"),
        verify_user: flag("verify_user"),
    };
    issuer.verifications = wanted(row).map(VerificationKind::bit).sum();
    let order = order(row, issuer.issuer_key().unwrap());
    issuer.address = order.header().address.clone();
    issuer.add(&order, UnixTime(u64::MAX));
    issuer.orders[0].holder = unhex(text(row, "holder_hex")).try_into().unwrap();
    issuer
}

fn wanted(row: &Value) -> impl Iterator<Item = VerificationKind> {
    let bits = row["verifications"].as_array().into_iter().flatten();
    VerificationKind::of(bits.map(|bit| bit.as_u64().unwrap()).sum())
}

/// What the issuer of the row thinks next: a page, a review, a refusal, a page again, passed.
fn go_on(row: &Value, turn: usize, issuer: &mut TestIssuer) {
    let Some(kind) = wanted(row).nth(turn / 4) else { return };
    if turn.is_multiple_of(4) && turn > 0 {
        let before = wanted(row).nth(turn / 4 - 1).unwrap();
        issuer.orders[0].set_check(before, Check::Passed);
    }
    match turn % 4 {
        1 => issuer.orders[0].set_check(kind, Check::Reviewed { retry_after: 30 }),
        2 => issuer.orders[0].set_check(kind, Check::Refused { reason: VerificationRefusal::ByPerson }),
        _ => {}
    }
}

#[test]
fn every_exchange_has_the_listed_bytes_on_both_sides() {
    for row in rows(&vectors(FILE), FILE, "exchanges") {
        assert_drawn(row);
        let mut issuer = issuer(row);
        let card = IssuerCard::decode(&unhex(text(row, "card_hex"))).unwrap();
        assert_eq!(Some(&card), issuer.card().as_ref());
        assert_eq!(hex(card.encode().unwrap().expose()), text(row, "card_hex"));
        card.proof.check(&issuer.address, &card.handshake_key, None).unwrap();
        let mine = order(row, card.handshake_key);
        assert_eq!(hex(&mine.header().to_bytes()), text(row, "header_hex"));
        assert_eq!(Header::from_bytes(&mine.header().to_bytes()).as_ref(), Ok(mine.header()));
        assert_eq!(hex(mine.psk().expose()), text(row, "psk_hex"));
        let random = Random::seeded(number(row, "device_seed"));
        let mut device = Exchange::begin(mine, text(row, "device"), None, &random).unwrap();
        let request = device.request(&random).unwrap();
        assert_eq!(
            (request.kind, hex(&request.body).as_str()),
            (RequestKind::Open, text(row, "open_body_hex"))
        );
        let reply = issuer.open(&request.body).unwrap();
        assert_eq!(hex(&reply), text(row, "message_2_hex"));
        device.take(&reply).unwrap();
        let keys = &device.agreement().unwrap().keys;
        for (mine, name) in [
            (&keys.seed, "k_seed_hex"),
            (&keys.recovery, "k_rec_hex"),
            (&keys.sas, "k_sas_hex"),
            (&keys.to_issuer, "k_c2s_hex"),
            (&keys.to_device, "k_s2c_hex"),
        ] {
            assert_eq!(hex(mine.expose()), text(row, name), "{name}");
        }
        assert_eq!(hex(&keys.session), text(row, "session_hex"));
        for (at, turn) in row["sealed"].as_array().unwrap().iter().enumerate() {
            go_on(row, at, &mut issuer);
            if at == wanted(row).count() * 4 {
                wanted(row).for_each(|kind| issuer.orders[0].set_check(kind, Check::Passed));
            }
            if at > 0 {
                device.verify_again(Asked::Again);
            }
            let step = exchange::step(&device);
            if let Some(code) = step.strip_prefix("code ") {
                assert_eq!(code.replace('-', ""), text(row, "registration_code"));
                issuer.confirm(0, code);
            }
            let request = device.request(&random).unwrap();
            assert_eq!(hex(&request.body), text(turn, "request_hex"));
            let reply = issuer.sealed(&request.body).unwrap();
            assert_eq!(hex(&reply), text(turn, "answer_hex"));
            device.take(&reply).unwrap();
        }
        assert_eq!(exchange::step(&device), "active");
    }
}
