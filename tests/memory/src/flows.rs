//! What a user does, one function for each flow. Each ends with `lock` and drops the token.
//!
//! Typed secrets are constants: they are in read-only memory, which is not looked at, so every copy
//! that is found was made by a flow. Secrets that only the issuer could know are derived where the
//! ledger is open, never in the process that is looked at.

mod doors;
mod pins;

use std::sync::Arc;

use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::identity::IdentityId;
use softtoken_core::token::{Activation, SoftToken};
use zeroize::Zeroizing;

use crate::needles::spell;
use crate::world::World;

/// All flows by name.
pub const FLOWS: [&str; 15] = [
    "qr-and-password",
    "link",
    "manual",
    "entrust-v1",
    "otpauth",
    "codes",
    "pin-set",
    "pin-changed",
    "wrong-pin",
    "lockout",
    "unlock-code",
    "recovery-code",
    "backup-and-restore",
    "rename-and-remove",
    "panic",
];
/// No flow: a secret in a block that is freed, as ordinary code does it.
pub const FREE: &str = "free";
/// No flow: a secret that is left behind on purpose, in every spelling and on the stack.
pub const LEAK: &str = "leak";
/// What [`FREE`] and [`LEAK`] leave behind.
pub const CANARY: &[u8; 32] = b"\x8d\xfc\x01canary \xff\xfe\xfd of the memory scan";
/// Twelve digits, so that no number in memory is a PIN by chance.
pub const PIN: &[u8] = b"730591846273";
/// The next PIN.
pub const NEW_PIN: &[u8] = b"958264173058";
/// A PIN that is never right.
pub const WRONG_PIN: &[u8] = b"406172935816";

/// Plays `flow`. `told` is the unlock code where the issuer's answer is known from an earlier play;
/// without it the issuer is played too. Gives back the unlock code that was used.
pub fn play(flow: &str, world: &World, told: Option<Zeroizing<String>>) -> Option<Zeroizing<String>> {
    world.ledger.note("PIN", PIN);
    match flow {
        "qr-and-password" => doors::qr_and_password(world),
        "link" => doors::link(world),
        "manual" => doors::manual(world),
        "entrust-v1" => doors::entrust_v1(world),
        "otpauth" => doors::otpauth(world),
        "codes" => doors::codes(world),
        "pin-set" => pins::set(world),
        "pin-changed" => pins::changed(world),
        "wrong-pin" => pins::wrong(world),
        "lockout" => pins::lockout(world),
        "unlock-code" => return pins::unlock_code(world, told),
        "recovery-code" => pins::recovery_code(world),
        "backup-and-restore" => doors::backup_and_restore(world),
        "rename-and-remove" => doors::rename_and_remove(world),
        "panic" => pins::panic(world),
        FREE => {
            world.ledger.note("canary", CANARY);
            drop(std::hint::black_box(CANARY.to_vec()));
        }
        LEAK => leak(world),
        _ => panic!("no flow of this name"),
    }
    None
}

fn leak(world: &World) {
    world.ledger.note("canary", CANARY);
    if !world.ledger.is_open() {
        spell("canary", CANARY).into_iter().for_each(|needle| _ = Vec::leak(needle.bytes));
        let on_the_stack = std::hint::black_box(*CANARY);
        (world.locked)();
        std::hint::black_box(&on_the_stack);
    }
}

pub(crate) fn ready(world: &World) -> Arc<SoftToken> {
    let token = world.start();
    token.set_pin(PIN).expect("a new PIN");
    token
}

fn end(world: &World, token: Arc<SoftToken>) {
    token.lock().expect("locked");
    (world.locked)();
    assert!(Arc::into_inner(token).is_some(), "nobody else holds the token");
}

fn begin(token: &Arc<SoftToken>, text: &str, offline: bool) -> Activation {
    let source = ActivationSource::Text(Zeroizing::new(text.to_owned()));
    let options = ActivationOptions { offline, ..ActivationOptions::default() };
    token.begin_activation(source, options).expect("an activation")
}

fn advance(activation: &Activation, input: ActivationInput) -> ActivationState {
    let ticket = activation.step().expect("a step").ticket;
    activation.advance(ticket, input).expect("the next step").state
}

fn consent(activation: &Activation, name: &str) -> ActivationState {
    advance(activation, ActivationInput::Consent { name: Some(name.to_owned()) })
}

/// Agrees, reads the registration code and confirms it.
fn complete(activation: &Activation, name: &str) -> Zeroizing<String> {
    let ActivationState::ShowRegistrationCode { code, .. } = consent(activation, name) else {
        panic!("the registration code is shown");
    };
    let ActivationState::Done { .. } = advance(activation, ActivationInput::Confirmed) else {
        panic!("done");
    };
    code
}

pub(crate) fn add(token: &Arc<SoftToken>, text: &str, name: &str) -> IdentityId {
    match consent(&begin(token, text, false), name) {
        ActivationState::Done { added, .. } => added[0],
        _ => panic!("{name} was not added"),
    }
}

pub(crate) const TOTP: &str =
    "otpauth://totp/Example:alice?secret=J3XWQ7ZK5MVBA2RTPGCE6YLDNFUOS4H3&issuer=Example&digits=8";
const HOTP: &str = "otpauth://hotp/Example:door?secret=P5CKR2ZXV7TWQ3JMAHYBN6DGLE4FUSO2&counter=0";
const SECRETS: [&str; 2] = ["J3XWQ7ZK5MVBA2RTPGCE6YLDNFUOS4H3", "P5CKR2ZXV7TWQ3JMAHYBN6DGLE4FUSO2"];

fn note_secrets(world: &World) {
    for text in SECRETS {
        let secret = softtoken_core::codec::base32::decode(text).expect("Base32");
        world.ledger.note("seed", secret.expose());
    }
}
