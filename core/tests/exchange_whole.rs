//! Whole exchanges between a device and an issuer in memory, with and without interruptions.

mod exchange;

use exchange::{Device, EXPIRY, PASSWORD, details, issuer, order, payload, reborn, step};
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::exchange::{Exchange, ExchangeError, OnlineOrder, Refused};
use softtoken_core::activation::link::Mode;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::identity::{PinRules, Policy};
use softtoken_core::time::UnixTime;

/// Both sides hold the same seed, K_rec and policy.
fn assert_agreed(device: &Device, issuer: &TestIssuer) {
    let agreement = device.exchange.agreement().unwrap();
    let [session] = issuer.orders[0].sessions.as_slice() else { panic!("one session is left") };
    assert_eq!(agreement.keys.seed.expose(), session.keys.seed.expose());
    assert_eq!(agreement.keys.recovery.expose(), session.keys.recovery.expose());
    assert_ne!(agreement.keys.seed.expose(), agreement.keys.recovery.expose());
    assert_eq!(agreement.policy, issuer.policy);
    assert_eq!(agreement.holder, issuer.orders[0].holder);
    assert_eq!(Some(agreement.issuer), issuer.signing_key());
    assert_eq!(agreement.time, issuer.now);
}

#[test]
fn a_link_activates_in_two_turns() {
    let mut issuer = issuer();
    issuer.policy = Policy { pin: PinRules { min_digits: 6 }, forbid_backup: true, ..Policy::default() };
    let mut device = Device::new(order(&mut issuer, Mode::Link, false), 2);
    assert!(device.exchange.agreement().is_none());
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "send");
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "active");
    assert_eq!(issuer.orders[0].standing, Some(Standing::Active));
    assert_agreed(&device, &issuer);
    assert_eq!(device.exchange.request(&device.random), Err(ExchangeError::NotNow));
}

#[test]
fn a_qr_code_with_its_password_activates_over_the_network() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::QrCode, false), 2);
    assert!(device.exchange.may_go_offline());
    let request = device.exchange.request(&device.random).unwrap();
    assert!(!device.exchange.may_go_offline(), "message 1 may have left");
    assert!(!request.body.windows(8).any(|window| window == PASSWORD), "the password is encrypted");
    device.turn(&mut issuer).unwrap();
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "active");
    assert_agreed(&device, &issuer);
}

#[test]
fn typed_values_activate_once_the_registration_code_is_confirmed() {
    let mut issuer = issuer();
    let key = issuer.issuer_key().unwrap();
    let order = || OnlineOrder::from_typed(&details("1745-7712-6942-8698"), key, &argon2id).unwrap();
    issuer.add(&order(), EXPIRY);
    let mut device = Device::new(order(), 2);
    device.turn(&mut issuer).unwrap();
    device.turn(&mut issuer).unwrap();
    let shown = step(&device.exchange);
    let code = shown.strip_prefix("code ").unwrap();
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), shown, "nobody has typed it in yet");
    assert_eq!(issuer.confirm(0, "00000-00000"), Some(Standing::CodeAwaited));
    assert_eq!(issuer.confirm(0, code), Some(Standing::Active));
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "active");
    assert_agreed(&device, &issuer);
}

#[test]
fn a_device_that_dies_between_any_two_steps_goes_on_from_its_draft() {
    for confirm in [false, true] {
        let mut issuer = issuer();
        let mut device = Device::new(order(&mut issuer, Mode::QrCode, confirm), 2);
        device.forgetful = true;
        // The answer to the first claim is lost with the process.
        device.ask(&mut issuer);
        assert_eq!(reborn(&device.exchange).take(b"late"), Err(ExchangeError::NotNow));
        device.turn(&mut issuer).unwrap();
        assert_eq!(issuer.orders[0].sessions.len(), 2, "each claim opened a session");
        // So is the answer to message 3: the same bytes go out again, and the same answer comes.
        let (first, second) = (device.ask(&mut issuer), device.ask(&mut issuer));
        assert_eq!(first, second);
        device.take(&first).unwrap();
        if confirm {
            let shown = step(&device.exchange);
            issuer.confirm(0, shown.strip_prefix("code ").unwrap());
            device.turn(&mut issuer).unwrap();
        }
        assert_eq!(step(&device.exchange), "active");
        assert_agreed(&device, &issuer);
    }
}

#[test]
fn every_draft_is_written_the_same_after_it_was_read() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::QrCode, true), 2);
    let same = |exchange: &Exchange| {
        let bytes = exchange.encode().unwrap();
        let read = Exchange::decode(bytes.expose()).unwrap();
        assert_eq!(read.encode().unwrap().expose(), bytes.expose());
        assert_eq!(step(&read), step(exchange));
        for end in 0..bytes.len() {
            assert!(Exchange::decode(&bytes.expose()[..end]).is_err());
        }
    };
    same(&device.exchange);
    let claim = device.ask(&mut issuer);
    same(&device.exchange);
    device.take(&claim).unwrap();
    same(&device.exchange);
    let finish = device.ask(&mut issuer);
    same(&device.exchange);
    device.take(&finish).unwrap();
    same(&device.exchange);
    issuer.orders[0].closed = Some(Refused::Other(42));
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "Other(42)");
    same(&device.exchange);
}

#[test]
fn a_wrong_password_can_be_put_right() {
    let mut issuer = issuer();
    let _known = order(&mut issuer, Mode::QrCode, false);
    let wrong = OnlineOrder::from_qr_code(&payload(&issuer, Mode::QrCode, false), b"00000000").unwrap();
    let mut device = Device::new(wrong, 2);
    device.turn(&mut issuer).unwrap();
    device.exchange.supply_password(PASSWORD).unwrap();
    device.turn(&mut issuer).unwrap();
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "active");
}

#[test]
fn a_claimed_order_outlives_its_expiry() {
    let mut issuer = issuer();
    let mut device = Device::new(order(&mut issuer, Mode::Link, false), 2);
    device.ask(&mut issuer);
    issuer.now = UnixTime(EXPIRY.0 + 1);
    device.turn(&mut issuer).unwrap();
    device.turn(&mut issuer).unwrap();
    assert_eq!(step(&device.exchange), "active");
}
