//! Flows around the PIN and the ways back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::token::{SoftToken, TokenState};
use zeroize::Zeroizing;

use super::doors::{ADDRESS, typed};
use super::{NEW_PIN, PIN, TOTP, WRONG_PIN, add, end, note_secrets, ready};
use crate::world::World;

pub(super) fn set(world: &World) {
    end(world, ready(world));
    let token = world.start();
    token.unlock(PIN).expect("the PIN is right");
    end(world, token);
}

pub(super) fn changed(world: &World) {
    world.ledger.note("new PIN", NEW_PIN);
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    token.change_pin(PIN, NEW_PIN).expect("a new PIN");
    token.lock().expect("locked");
    token.unlock(NEW_PIN).expect("the PIN is right");
    end(world, token);
}

pub(super) fn wrong(world: &World) {
    world.ledger.note("wrong PIN", WRONG_PIN);
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    token.lock().expect("locked");
    token.unlock(WRONG_PIN).expect_err("a wrong PIN");
    token.unlock(PIN).expect("the PIN is right");
    end(world, token);
}

pub(super) fn lockout(world: &World) {
    world.ledger.note("wrong PIN", WRONG_PIN);
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    block(&token);
    end(world, token);
}

pub(super) fn unlock_code(world: &World, told: Option<Zeroizing<String>>) -> Option<Zeroizing<String>> {
    world.ledger.note("new PIN", NEW_PIN);
    let token = ready(world);
    let key = typed(world, &token, "A");
    block(&token);
    let Ok(TokenState::Blocked { ask }) = token.state() else { panic!("blocked") };
    let code = told.unwrap_or_else(|| {
        let serial = ask[0].serial.as_deref().expect("a serial number");
        issuer_unlock_code(&key.expect("the issuer is played"), &ask[0].reset_code, ADDRESS, serial)
            .expect("an unlock code")
    });
    note_code(world, &code);
    token.redeem_unlock_code(&code, Some(NEW_PIN)).expect("the code is right");
    let code = world.ledger.is_open().then_some(code);
    end(world, token);
    code
}

pub(super) fn recovery_code(world: &World) {
    world.ledger.note("new PIN", NEW_PIN);
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    let code = token.recovery_code().expect("open").expect("a code");
    note_code(world, &code);
    token.acknowledge_recovery_code().expect("written down");
    block(&token);
    token.redeem_unlock_code("0000-0000-0000-0", Some(NEW_PIN)).expect_err("a wrong code");
    token.redeem_unlock_code(&code, Some(NEW_PIN)).expect("the code is right");
    drop(code);
    let next = token.recovery_code().expect("open").expect("the next code");
    note_code(world, &next);
    drop(next);
    end(world, token);
}

/// The device key panics between the count and the guess, and the app catches it as a binding does.
pub(super) fn panic(world: &World) {
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    token.lock().expect("locked");
    world.device_key.panic_at_the_next_pin();
    catch_unwind(AssertUnwindSafe(|| token.unlock(PIN))).expect_err("a panic");
    (world.locked)();
    drop(token);
}

fn block(token: &SoftToken) {
    token.lock().expect("locked");
    (0..5).for_each(|_| drop(token.unlock(WRONG_PIN).expect_err("a wrong PIN")));
}

/// As it is shown, and the characters that are stretched.
fn note_code(world: &World, code: &str) {
    world.ledger.note("unlock code", code.as_bytes());
    let characters = code.replace('-', "");
    world.ledger.note("unlock code", &characters.as_bytes()[..12]);
}
