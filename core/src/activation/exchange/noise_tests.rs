//! Published vectors of this protocol against the resolver, and what the resolver refuses.

use serde_json::Value;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;

use super::super::resolver::{Resolver, agree, public_key};
use super::*;
use crate::codec::hex;

fn bytes(row: &Value, member: &str) -> Vec<u8> {
    hex::decode(row[member].as_str().unwrap()).unwrap().expose().to_vec()
}

fn key(row: &Value, member: &str) -> Key<32> {
    Key::from_slice(&bytes(row, member)).unwrap()
}

#[test]
fn every_published_vector_gives_the_published_bytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/noise_nkpsk0.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows = file["vectors"].as_array().unwrap();
    eprintln!("vectors: noise_nkpsk0.json {} rows", rows.len());
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row["protocol_name"], PROTOCOL);
        let psk = |side: &str| {
            let text = row[side][0].as_str().unwrap();
            Key::from_slice(hex::decode(text).unwrap().expose()).unwrap()
        };
        let (issuer, private) = (key(row, "init_remote_static"), key(row, "resp_static"));
        assert_eq!(public_key(&private), *issuer.expose());
        let messages = row["messages"].as_array().unwrap();
        let [first, second, transport @ ..] = messages.as_slice() else { panic!("{row}") };
        let (mut initiator, message) = Initiator::start_with(
            &bytes(row, "init_prologue"),
            issuer.expose(),
            &psk("init_psks"),
            &bytes(first, "payload"),
            key(row, "init_ephemeral"),
        )
        .unwrap();
        assert_eq!(message, bytes(first, "ciphertext"));
        let (responder, payload) = Responder::read_with(
            &bytes(row, "resp_prologue"),
            &private,
            &psk("resp_psks"),
            &message,
            key(row, "resp_ephemeral"),
        )
        .unwrap();
        assert_eq!(payload.expose(), bytes(first, "payload"));
        // The library goes on to its transport; only the tests do.
        let mut responder = responder.0;
        let answer = write(&mut responder, &bytes(second, "payload")).unwrap();
        assert_eq!(answer, bytes(second, "ciphertext"));
        let (payload, hash) = initiator.finish(&answer).unwrap();
        assert_eq!(payload.expose(), bytes(second, "payload"));
        assert_eq!(hash.to_vec(), bytes(row, "handshake_hash"));
        assert_eq!(super::hash(&responder).unwrap(), hash);
        let mut sides = [initiator.0.into_transport_mode(), responder.into_transport_mode()];
        assert!(!transport.is_empty());
        for (at, row) in transport.iter().enumerate() {
            let (mut sealed, mut opened) = ([0; 256], [0; 256]);
            let (from, to) = (at % 2, (at + 1) % 2);
            let length = sides[from].as_mut().unwrap().write_message(&bytes(row, "payload"), &mut sealed);
            let sealed = &sealed[..length.unwrap()];
            assert_eq!(sealed, bytes(row, "ciphertext"));
            let length = sides[to].as_mut().unwrap().read_message(sealed, &mut opened).unwrap();
            assert_eq!(opened[..length], bytes(row, "payload"));
        }
    }
}

#[test]
fn a_message_with_a_key_of_small_order_is_refused_and_the_right_one_still_opens() {
    let (private, psk, random) = (Key::new([9; 32]), Key::new([8; 32]), Random::seeded(1));
    let issuer = public_key(&private);
    let (mut initiator, message) = Initiator::start(b"p", &issuer, &psk, b"one", &random).unwrap();
    let (responder, _) = Responder::read(b"p", &private, &psk, &message, &random).unwrap();
    let (answer, hash) = responder.answer(b"two").unwrap();
    let mut one = [0; 32];
    one[0] = 1;
    for point in [[0; 32], one] {
        let mut bad = answer.clone();
        bad[..32].copy_from_slice(&point);
        assert_eq!(initiator.finish(&bad).err(), Some(HandshakeError::NotAuthentic));
    }
    assert_eq!(initiator.finish(&vec![0; MAX_MESSAGE + 1]).err(), Some(HandshakeError::TooLong));
    let (payload, same) = initiator.finish(&answer).unwrap();
    assert_eq!((payload.expose(), same), (&b"two"[..], hash));
    assert!(agree(&private, &[0; 32]).is_none());
}

#[test]
fn the_resolver_has_the_primitives_of_this_protocol_and_draws_once() {
    let resolver = Resolver::new(Key::new([1; 32]));
    assert!(resolver.resolve_dh(&DHChoice::Curve448).is_none());
    assert!(resolver.resolve_hash(&HashChoice::SHA512).is_none());
    assert!(resolver.resolve_cipher(&CipherChoice::AESGCM).is_none());
    let mut random = resolver.resolve_rng().unwrap();
    let mut drawn = [0; 32];
    random.try_fill_bytes(&mut drawn).unwrap();
    assert_eq!(drawn, [1; 32]);
    assert!(random.try_fill_bytes(&mut drawn).is_err());
}
