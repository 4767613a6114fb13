//! What a stranger can say in an activation over the network, to either side, and drafts of it.

use std::num::NonZeroU32;

use softtoken_core::activation::address::Address;
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::messages::{Answer, Hello, decode_policy, encode_policy};
use softtoken_core::activation::exchange::noise::{Initiator, Responder};
use softtoken_core::activation::exchange::order::{open_body, split_open_body};
use softtoken_core::activation::exchange::sealed::{Ask, Standing};
use softtoken_core::activation::exchange::verification::{Check, PageTicket, Verifications};
use softtoken_core::activation::exchange::{Exchange, Header, IssuerCard, OnlineOrder, Step};
use softtoken_core::activation::link::{Flags, LinkPayload, Mode};
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::identity::encoding::EncodingError;
use softtoken_core::random::Random;
use softtoken_core::secret::{Key, SecretBytes};
use softtoken_core::time::UnixTime;

type Written = Result<SecretBytes, EncodingError>;

/// Every plaintext of the exchange: what was read is written, and read and written again the same.
pub fn messages(data: &[u8]) {
    same(data, |data| Ok(Hello::decode(data)?.encode()));
    same(data, |data| Ok(Answer::decode(data)?.encode()));
    same(data, |data| Ok(encode_policy(&decode_policy(data)?)));
    same(data, |data| Ok(Ask::decode(data)?.encode()));
    same(data, |data| Ok(Standing::decode(data)?.encode()));
    same(data, |data| Ok(Verifications::decode(data, 3)?.encode()));
    same(data, |data| Ok(IssuerCard::decode(data)?.encode()));
    if let Ok(header) = Header::from_bytes(data) {
        assert_eq!(header.to_bytes(), data, "a header has one spelling");
        let body = open_body(&header, b"message");
        assert_eq!(split_open_body(&body), Ok((header, &b"message"[..])));
    }
    let _ = split_open_body(data);
}

/// Both roles: the bytes as a message, and as what is inside a message that opens.
pub fn roles(data: &[u8]) {
    let random = Random::seeded(5);
    let (mut issuer, order) = issuer();
    let header = order().header().clone();
    let mut device = Exchange::begin(order(), "Fuzz", None, &random).expect("a fresh exchange");
    // To the issuer.
    let _ = (issuer.open(data), issuer.sealed(data), issuer.open(&open_body(&header, data)));
    let key = header.issuer_key.bytes();
    if let Ok((_, message)) = Initiator::start(&header.prologue(), key, order().psk(), data, &random) {
        let _ = issuer.open(&open_body(&header, &message));
    }
    // To the device.
    let before = stored(&device);
    assert!(device.take(data).is_err() && stored(&device) == before, "an answer that nobody awaits");
    let request = device.request(&random).expect("message 1");
    let before = stored(&device);
    assert!(device.take(data).is_err() && stored(&device) == before, "a forged message 2");
    let (_, message) = split_open_body(&request.body).expect("our own body");
    let (responder, _) =
        Responder::read(&header.prologue(), &issuer.private, order().psk(), message, &random)
            .expect("our own message");
    if let Ok((reply, _)) = responder.answer(data)
        && device.take(&reply).is_err()
    {
        assert!(stored(&device) == before, "a refused message 2 changed something");
    }
}

/// A stored exchange: what was read is written the same, and it goes on or says why not.
pub fn exchange(data: &[u8]) {
    same(data, |data| Ok(Exchange::decode(data)?.encode()));
    let Ok(mut exchange) = Exchange::decode(data) else { return };
    let random = Random::seeded(6);
    let _ = (exchange.header().to_bytes(), exchange.agreement().is_some(), exchange.may_go_offline());
    match exchange.step() {
        Step::Send | Step::ShowCode(_) => {
            let Ok(first) = exchange.request(&random) else { return };
            let sealed_again = exchange.agreement().is_some().then(|| exchange.request(&random));
            assert!(sealed_again.is_none_or(|again| again == Ok(first)), "a sealed request changed");
            let before = stored(&exchange);
            assert!(exchange.take(b"forged").is_err() && stored(&exchange) == before);
        }
        Step::Password { .. } => exchange.supply_password(b"54998317").expect("eight digits"),
        Step::Active | Step::Ended(_) | Step::Verify(_) => assert!(exchange.request(&random).is_err()),
    }
}

/// Stored exchanges of every stage, and the plaintexts of both sides.
pub(crate) fn plaintexts() -> Vec<Vec<u8>> {
    let (issuer, order) = issuer();
    let card = issuer.card().expect("a card");
    let hello = Hello {
        random: Key::new([1; 32]),
        commitment: [2; 32],
        password: Some(Key::new(*b"54998317")),
        device: "Fuzz".to_owned(),
        capabilities: 0,
    };
    let ticket =
        PageTicket { url: "https://a.example/v/1".to_owned(), number: "47".to_owned(), retry_after: 2 };
    let verifications = Verifications::Open(vec![
        (VerificationKind::Certificate, Check::Open(ticket)),
        (VerificationKind::Face, Check::Refused { reason: VerificationRefusal::ByPerson }),
    ]);
    let written = [
        hello.encode(),
        card.encode(),
        encode_policy(&issuer.policy),
        Ask::Finish { nonce: Key::new([3; 32]) }.encode(),
        Ask::Status.encode(),
        Ask::Verifications { again: 2 }.encode(),
        verifications.encode(),
        Verifications::Passed.encode(),
        Standing::Active.encode(),
        Standing::CodeAwaited.encode(),
    ];
    let mut seeds: Vec<_> =
        written.into_iter().map(|one| one.expect("small values").expose().to_vec()).collect();
    seeds.push(order().header().to_bytes());
    seeds
}

fn issuer() -> (TestIssuer, impl Fn() -> OnlineOrder) {
    let address = Address::from_canonical("idp.example.test").expect("an address");
    let issuer = TestIssuer::new(address, UnixTime(1_893_456_000), Random::seeded(4));
    let mut issuer = issuer.expect("an issuer");
    let payload = LinkPayload {
        mode: Mode::QrCode,
        flags: Flags { offline_allowed: true, confirm_in_portal: true },
        activation_id: [1; 16],
        secret: Key::new([2; 16]),
        issuer_key: issuer.issuer_key().expect("a key"),
        serial: SerialNumber::parse("48244-13456").expect("a serial number"),
        profile: Profile::TYPED,
        expiry: NonZeroU32::MAX,
        address: issuer.address.clone(),
    };
    let order = move || OnlineOrder::from_qr_code(&payload, b"54998317").expect("an order");
    issuer.add(&order(), UnixTime(u64::MAX));
    (issuer, order)
}

fn stored(exchange: &Exchange) -> Vec<u8> {
    exchange.encode().expect("an exchange can be stored").expose().to_vec()
}

fn same(data: &[u8], through: impl Fn(&[u8]) -> Result<Written, EncodingError>) {
    if let Ok(written) = through(data) {
        let written = written.expect("what was read can be written");
        let again = through(written.expose()).expect("what was written is read");
        assert!(written.ct_eq(again.expect("and written").expose()), "it changed on the way");
    }
}
