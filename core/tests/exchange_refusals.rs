//! Each way in which an exchange fails: what the device says then, and that no key is left.

mod exchange;

use exchange::{Device, EXPIRY, NOW, PASSWORD, details, issuer, order, payload, quick, step, typed};
use softtoken_core::activation::exchange::issuer::Status;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::exchange::{
    Exchange, ExchangeError, OnlineOrder, ProofError, Refused, RequestKind,
};
use softtoken_core::activation::link::Mode;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

#[test]
fn three_wrong_registration_codes_void_the_order_and_leave_no_key() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, true), 2);
    device.turn(&mut issuer).unwrap();
    device.turn(&mut issuer).unwrap();
    for _ in 0..3 {
        issuer.confirm(0, "00000-00000");
    }
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "Void");
    assert!(device.exchange.agreement().is_none());
}

#[test]
fn an_active_answer_without_the_registration_code_is_not_taken_where_it_is_due() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, true), 2);
    device.turn(&mut issuer).unwrap();
    let finish = device.exchange.request(&device.random).unwrap();
    let keys = &device.exchange.agreement().unwrap().keys;
    let plain = Standing::Active.encode().unwrap();
    let reply =
        softtoken_core::activation::exchange::sealed::seal(&keys.to_device, &keys.session, 1, plain.expose());
    assert_eq!(device.take(&reply.unwrap()), Err(ExchangeError::CodeSkipped));
    assert_eq!(device.exchange.request(&device.random).unwrap(), finish);
    device.turn(&mut issuer).unwrap();
    assert!(step(&device.exchange).starts_with("code "));
}

#[test]
fn five_wrong_passwords_void_the_order() {
    let mut issuer = issuer();
    let _known = order(&mut issuer, Mode::QrCode, false);
    let wrong = OnlineOrder::from_qr_code(&payload(&issuer, Mode::QrCode, false), b"00000000").unwrap();
    let mut device = Device::new(wrong, 2);
    device.forgetful = true;
    for left in [4, 3, 2, 1] {
        device.turn(&mut issuer).unwrap();
        assert_eq!(step(&device.exchange), format!("password {left}"));
        assert_eq!(device.exchange.request(&device.random), Err(ExchangeError::NotNow));
        assert!(device.exchange.supply_password(b"123").is_err());
        device.exchange.supply_password(b"00000001").unwrap();
    }
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "Void");
    let mut right =
        Device::new(OnlineOrder::from_qr_code(&payload(&issuer, Mode::QrCode, false), PASSWORD).unwrap(), 3);
    right.turn(&mut issuer).unwrap();
    assert_eq!(step(&right.exchange), "Void");
}

#[test]
fn one_order_activates_one_device() {
    let mut issuer = issuer();
    let mut first = Device::new(order(&mut issuer, Mode::Link, false), 2);
    first.turn(&mut issuer).unwrap();
    let again = OnlineOrder::from_link(&payload(&issuer, Mode::Link, false)).unwrap();
    let mut second = Device::new(again, 3);
    second.turn(&mut issuer).unwrap();
    assert_eq!(step(&second.exchange), "AlreadyUsed");
    first.turn(&mut issuer).unwrap();
    assert_eq!(step(&first.exchange), "active");
}

#[test]
fn the_same_device_may_claim_six_times() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, false), 2);
    for _ in 0..6 {
        device.ask(&mut issuer);
    }
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "AlreadyUsed");
}

#[test]
fn an_expired_or_superseded_order_says_so() {
    let mut issuer = issuer();
    let mut late = Device::new(order(&mut issuer, Mode::Link, false), 2);
    issuer.now = UnixTime(EXPIRY.0 + 1);
    late.turn(&mut issuer).unwrap();
    assert_eq!(step(&late.exchange), "Expired");
    issuer.now = NOW;
    issuer.orders[0].closed = Some(Refused::Superseded);
    let order = OnlineOrder::from_link(&payload(&issuer, Mode::Link, false)).unwrap();
    let mut old = Device::new(order, 3);
    old.turn(&mut issuer).unwrap();
    assert_eq!(step(&old.exchange), "Superseded");
}

#[test]
fn a_wrong_door_secret_or_header_opens_nothing() {
    let mut issuer = issuer();
    let _known = order(&mut issuer, Mode::Link, false);
    let mut wrong = payload(&issuer, Mode::Link, false);
    wrong.secret = Key::new([0x23; 16]);
    let mut device = Device::new(OnlineOrder::from_link(&wrong).unwrap(), 2);
    let request = device.exchange.request(&device.random).unwrap();
    assert_eq!(issuer.open(&request.body), Err(Status(400)));
    let mut device = Device::new(OnlineOrder::from_link(&payload(&issuer, Mode::Link, false)).unwrap(), 2);
    let request = device.exchange.request(&device.random).unwrap();
    for at in 0..request.body.len() {
        let mut changed = request.body.clone();
        changed[at] ^= 1;
        assert!(issuer.open(&changed).is_err(), "byte {at}");
    }
    assert!(issuer.orders[0].sessions.is_empty());
    device.turn(&mut issuer).unwrap();
}

#[test]
fn an_impostor_with_the_doors_secret_but_another_key_opens_nothing() {
    let mut real = issuer();
    let mut device = Device::new(order(&mut real, Mode::Link, false), 2);
    let mut impostor = issuer();
    let _known = order(&mut impostor, Mode::Link, false);
    impostor.private = Key::new([0x55; 32]);
    let request = device.exchange.request(&device.random).unwrap();
    assert_eq!(impostor.open(&request.body), Err(Status(400)));
}

#[test]
fn a_wrong_activation_code_opens_nothing() {
    let mut issuer = issuer();
    let key = issuer.issuer_key().unwrap();
    issuer.add(&typed("1745-7712-6942-8698", key), EXPIRY);
    let mut device = Device::new(typed("9999-9999-9999-9995", key), 2);
    let request = device.exchange.request(&device.random).unwrap();
    assert_eq!(issuer.open(&request.body), Err(Status(400)));
    let again = OnlineOrder::from_typed(&details("1745-7712-6942-8698"), key, &quick).unwrap();
    Device::new(again, 3).turn(&mut issuer).unwrap();
}

#[test]
fn an_answer_for_another_serial_number_or_with_an_unknown_verification_gives_no_key() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, false), 2);
    issuer.orders[0].serial_said = SerialNumber::parse("10020-03000").unwrap();
    assert_eq!(device.turn(&mut issuer), Err(ExchangeError::AnotherSerial));
    issuer.orders[0].serial_said = SerialNumber::parse("48244-13456").unwrap();
    // A kind that this version does not know, beside one that it does.
    issuer.verifications = 5;
    assert_eq!(device.turn(&mut issuer), Err(ExchangeError::Verification));
    assert!(device.exchange.agreement().is_none());
    assert_eq!(step(&device.exchange), "send");
    issuer.verifications = 0;
    device.turn(&mut issuer).unwrap();
    assert!(device.exchange.agreement().is_some());
}

#[test]
fn a_known_address_keeps_its_key_or_hands_over_to_a_successor() {
    let old = Key::new([0x66; 32]);
    let known = {
        let mut issuer = issuer();
        issuer.signing = old.duplicate();
        issuer.signing_key()
    };
    let claim = |known, predecessor: Option<Key<32>>| {
        let mut issuer = issuer();
        issuer.predecessor = predecessor;
        let order = order(&mut issuer, Mode::Link, false);
        let random = Random::seeded(2);
        let exchange = Exchange::begin(order, "", known, &random).unwrap();
        Device { exchange, random, forgetful: false }.turn(&mut issuer)
    };
    assert_eq!(claim(issuer().signing_key(), None), Ok(()));
    assert_eq!(claim(known, Some(old)), Ok(()));
    let stranger = Err(ExchangeError::Issuer(ProofError::AnotherIssuer));
    assert_eq!(claim(known, None), stranger);
    assert_eq!(claim(known, Some(Key::new([0x67; 32]))), stranger);
}

#[test]
fn a_changed_late_or_repeated_reply_changes_nothing() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, true), 2);
    let late = device.ask(&mut issuer);
    let claim = device.ask(&mut issuer);
    assert_eq!(device.take(&late), Err(ExchangeError::BadReply), "it answers an earlier handshake");
    all_bits(&mut device, &claim);
    device.take(&claim).unwrap();
    assert_eq!(device.take(&claim), Err(ExchangeError::NotNow), "nothing is awaited");
    let finish = device.ask(&mut issuer);
    assert_eq!(device.take(&claim), Err(ExchangeError::BadReply), "it is not sealed");
    all_bits(&mut device, &finish);
    device.take(&finish).unwrap();
    let status = device.ask(&mut issuer);
    assert_eq!(device.take(&finish), Err(ExchangeError::BadReply), "it has an older number");
    all_bits(&mut device, &status);
    device.take(&status).unwrap();
}

fn all_bits(device: &mut Device, reply: &[u8]) {
    let before = device.exchange.encode().unwrap();
    for bit in 0..reply.len() * 8 {
        let mut changed = reply.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(device.exchange.take(&changed), Err(ExchangeError::BadReply), "bit {bit}");
    }
    for length in 0..reply.len() {
        assert_eq!(device.exchange.take(&reply[..length]), Err(ExchangeError::BadReply), "{length} bytes");
    }
    assert_eq!(device.exchange.encode().unwrap().expose(), before.expose());
}

#[test]
fn a_changed_repeated_or_reordered_request_is_refused_and_changes_nothing() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, true), 2);
    device.turn(&mut issuer).unwrap();
    let finish = device.exchange.request(&device.random).unwrap();
    assert_eq!(finish.kind, RequestKind::Sealed);
    for at in 0..finish.body.len() {
        let mut changed = finish.body.clone();
        changed[at] ^= 0x10;
        assert!(issuer.sealed(&changed).is_err(), "byte {at}");
    }
    device.turn(&mut issuer).unwrap();
    let status = device.exchange.request(&device.random).unwrap();
    device.turn(&mut issuer).unwrap();
    assert_eq!(issuer.sealed(&finish.body), Err(Status(409)), "it was answered before the last");
    assert!(issuer.sealed(&status.body).is_ok(), "the last may come again");
}

#[test]
fn too_long_a_device_label_is_refused_before_anything_is_made() {
    let mut issuer = issuer();
    for label in ["x".repeat(65), "a\nb".into()] {
        let order = order(&mut issuer, Mode::Link, false);
        let begun = Exchange::begin(order, &label, None, &Random::seeded(2));
        assert_eq!(begun.err(), Some(ExchangeError::DeviceLabel));
    }
}
