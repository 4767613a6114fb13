//! Each way in which a contact fails: nothing is given away, and nothing changes.

mod contact;

use contact::{HOLDER, Phone, SEED, World, reborn, serial, world};
use softtoken_core::activation::contact::{Caller, Contact, ContactError, Known, Step, Wish};
use softtoken_core::activation::exchange::issuer::Status;
use softtoken_core::activation::exchange::{ExchangeError, Header, ProofError};
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::secret::Key;

#[test]
fn whoever_lacks_the_seed_or_the_serial_number_gets_the_same_status() {
    let mut world = world();
    let address = world.issuer.address.clone();
    let card = world.issuer.card().unwrap();
    let other = SerialNumber::parse("10020-03000").unwrap();
    let phone = Phone::new(3);
    for (serial, seed) in [(serial(), [0; 32]), (other.clone(), SEED), (other, [0; 32])] {
        let caller = Caller::new(address.clone(), serial, &seed, None);
        let mut contact = Contact::begin(caller, &card, Wish::Delete, "").unwrap();
        assert_eq!(world.serve(&contact.request(&phone.random).unwrap()), Err(Status(404)));
    }
    let mut right = phone.begin(&world, Wish::Refresh);
    let request = right.request(&phone.random).unwrap();
    for at in 0..request.body.len() {
        let mut changed = request.clone();
        changed.body[at] ^= 1;
        assert!(world.serve(&changed).is_err(), "byte {at}");
    }
    assert!(world.token.sessions.is_empty());
    assert!(world.serve(&request).is_ok());
}

#[test]
fn the_made_up_key_of_an_unknown_serial_number_opens_nothing() {
    use softtoken_core::activation::exchange::noise::Initiator;
    use softtoken_core::activation::exchange::order::open_body;
    let mut world = world();
    let card = world.issuer.card().unwrap();
    let header = Header::contact(world.issuer.address.clone(), serial(), card.handshake_key);
    let key = card.handshake_key.bytes();
    let phone = Phone::new(3);
    let (_, message) =
        Initiator::start(&header.prologue(), key, &Key::new([0; 32]), b"", &phone.random).unwrap();
    let body = open_body(&header, &message);
    assert_eq!(world.token.open(&world.issuer, &body), Err(Status(404)));
}

#[test]
fn nothing_is_sent_to_another_issuer_at_a_known_address() {
    let world = world();
    let mut phone = Phone::new(2);
    let card = world.issuer.card().unwrap();
    let another = ContactError::Exchange(ExchangeError::Issuer(ProofError::AnotherIssuer));
    phone.known = Some(Known { issuer: [9; 32], holder: Some(HOLDER) });
    let begun = Contact::begin(phone.caller(), &card, Wish::Refresh, "");
    assert_eq!(begun.err(), Some(another));
    let mut forged = card.clone();
    forged.proof.signature[0] ^= 1;
    phone.known = None;
    let begun = Contact::begin(phone.caller(), &forged, Wish::Refresh, "");
    assert_eq!(begun.err(), Some(ContactError::Exchange(ExchangeError::Issuer(ProofError::Signature))));
    let begun = Contact::begin(phone.caller(), &card, Wish::Refresh, "a\nb");
    assert_eq!(begun.err(), Some(ContactError::Exchange(ExchangeError::DeviceLabel)));
}

#[test]
fn an_issuer_with_the_card_but_without_the_seed_cannot_answer() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut impostor: World = contact::world();
    impostor.token.seeds = None;
    let mut contact = phone.begin(&world, Wish::Rekey);
    assert_eq!(phone.ask(&mut impostor, &mut contact), Err(Status(404)));
    phone.turn(&mut world, &mut contact).unwrap();
}

#[test]
fn an_answer_for_another_serial_number_proof_or_with_a_verification_gives_no_key() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    let refused = |world: &mut World, contact: &mut Contact, phone: &mut Phone, why: ExchangeError| {
        let before = contact.encode().unwrap();
        assert_eq!(phone.turn(world, contact), Err(why.into()));
        assert_eq!(contact.encode().unwrap().expose(), before.expose());
        assert!(contact.agreement().is_none());
    };
    world.token.serial_said = SerialNumber::parse("10020-03000").unwrap();
    refused(&mut world, &mut contact, &mut phone, ExchangeError::AnotherSerial);
    world.token.serial_said = serial();
    world.issuer.verifications = 1;
    refused(&mut world, &mut contact, &mut phone, ExchangeError::Verification);
    world.issuer.verifications = 0;
    phone.known = Some(Known { issuer: world.issuer.signing_key().unwrap(), holder: Some(HOLDER) });
    let mut contact = phone.begin(&world, Wish::Rekey);
    world.issuer.signing = Key::new([0x77; 32]);
    refused(&mut world, &mut contact, &mut phone, ExchangeError::Issuer(ProofError::AnotherIssuer));
    assert_eq!(phone.seed, SEED);
}

#[test]
fn a_changed_late_or_repeated_reply_changes_nothing() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    assert_eq!(contact.take(b"early"), Err(ExchangeError::NotNow.into()));
    let late = phone.ask(&mut world, &mut contact).unwrap();
    let second = phone.ask(&mut world, &mut contact).unwrap();
    assert_eq!(contact.take(&late), Err(ExchangeError::BadReply.into()), "of an earlier handshake");
    all_bits(&mut contact, &second);
    phone.take(&mut contact, &second).unwrap();
    assert_eq!(contact.take(&second), Err(ExchangeError::NotNow.into()));
    let rekey = phone.ask(&mut world, &mut contact).unwrap();
    assert_eq!(contact.take(&second), Err(ExchangeError::BadReply.into()), "it is not sealed");
    all_bits(&mut contact, &rekey);
    phone.take(&mut contact, &rekey).unwrap();
    let refresh = phone.ask(&mut world, &mut contact).unwrap();
    assert_eq!(contact.take(&rekey), Err(ExchangeError::BadReply.into()), "it has an older number");
    all_bits(&mut contact, &refresh);
    phone.take(&mut contact, &refresh).unwrap();
    assert_eq!(contact.take(&refresh), Err(ExchangeError::NotNow.into()));
    assert!(contact.request(&phone.random).is_err());
}

fn all_bits(contact: &mut Contact, reply: &[u8]) {
    let before = contact.encode().unwrap();
    for bit in 0..reply.len() * 8 {
        let mut changed = reply.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(contact.take(&changed), Err(ExchangeError::BadReply.into()), "bit {bit}");
    }
    for length in 0..reply.len() {
        assert_eq!(contact.take(&reply[..length]), Err(ExchangeError::BadReply.into()), "{length} bytes");
    }
    assert_eq!(contact.encode().unwrap().expose(), before.expose());
}

#[test]
fn an_answer_to_another_question_is_not_taken() {
    use softtoken_core::activation::contact::messages::Answer;
    use softtoken_core::activation::contact::{Report, TokenState};
    use softtoken_core::activation::exchange::sealed;
    use softtoken_core::activation::profile::Profile;
    let report = Report {
        state: TokenState::Active,
        policy: softtoken_core::identity::Policy::default(),
        time: softtoken_core::time::UnixTime(1),
        rekey_wanted: false,
        alone: true,
    };
    let (plain, renewed) = (Answer::Report(report), Answer::Renewed(Profile::TYPED, report));
    for (wish, wrong) in
        [(Wish::Refresh, vec![renewed]), (Wish::Rekey, vec![plain]), (Wish::Delete, vec![plain, renewed])]
    {
        let (mut world, mut phone) = (world(), Phone::new(2));
        let mut contact = phone.begin(&world, wish);
        phone.turn(&mut world, &mut contact).unwrap();
        phone.ask(&mut world, &mut contact).unwrap();
        let keys = &contact.agreement().unwrap().keys;
        let replies = wrong.into_iter().map(|answer| {
            let plain = answer.encode().unwrap();
            sealed::seal(&keys.to_device, &keys.session, 1, plain.expose()).unwrap()
        });
        for reply in replies.collect::<Vec<_>>() {
            assert_eq!(contact.take(&reply), Err(ExchangeError::BadReply.into()), "{wish:?}");
            assert_eq!(contact.step(), Step::Send);
        }
    }
}

#[test]
fn a_changed_repeated_or_reordered_request_is_refused_and_changes_nothing() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut contact).unwrap();
    let rekey = contact.request(&phone.random).unwrap();
    for at in 0..rekey.body.len() {
        let mut changed = rekey.clone();
        changed.body[at] ^= 0x10;
        assert!(world.serve(&changed).is_err(), "byte {at}");
    }
    assert!(world.token.seeds.as_ref().unwrap().next.is_none());
    phone.turn(&mut world, &mut contact).unwrap();
    let refresh = contact.request(&phone.random).unwrap();
    phone.turn(&mut world, &mut contact).unwrap();
    assert_eq!(world.serve(&rekey), Err(Status(409)), "it was answered before the last");
    assert!(world.serve(&refresh).is_ok(), "the last may come again");
}

#[test]
fn a_phone_that_dies_at_any_step_sends_the_same_bytes_again() {
    for wish in [Wish::Refresh, Wish::Rekey, Wish::Delete] {
        let (mut world, mut phone) = (world(), Phone::new(2));
        let mut contact = reborn(&phone.begin(&world, wish));
        phone.turn(&mut world, &mut contact).unwrap();
        while matches!(contact.step(), Step::Send | Step::Renewed(_)) {
            contact = reborn(&contact);
            let first = contact.request(&phone.random).unwrap();
            phone.store(&contact);
            contact = Contact::decode(phone.stored.as_ref().unwrap()).unwrap();
            assert_eq!(contact.request(&phone.random).unwrap(), first);
            let answer = world.serve(&first).unwrap();
            assert_eq!(world.serve(&first).unwrap(), answer);
            phone.take(&mut contact, &answer).unwrap();
        }
        let _ = reborn(&contact);
    }
}

#[test]
fn the_header_of_typed_values_is_not_that_of_a_contact() {
    let world = world();
    let card = world.issuer.card().unwrap();
    let typed = Header::typed(world.issuer.address.clone(), serial(), card.handshake_key);
    let contact = Header::contact(world.issuer.address.clone(), serial(), card.handshake_key);
    assert_ne!(typed.activation_id, contact.activation_id);
    let mut bytes = typed.to_bytes();
    bytes[1] = 4;
    assert!(Header::from_bytes(&bytes).is_err());
}
