//! Eight threads over one token: every answer is one that the verb may give, and at the end it works.

use std::sync::Arc;
use std::thread;

use softtoken::token::SoftToken;
use softtoken::types::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, SecretText, TokenError,
};

use crate::platform::Platform;
use crate::{PIN, open};

#[test]
fn eight_threads_over_codes_lock_unlock_and_advance_get_typed_answers() {
    let seed = u64::from(std::process::id());
    eprintln!("threads: seed {seed}");
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    token.set_pin(PIN).unwrap();
    let workers: Vec<_> = (0..8_u64)
        .map(|number| {
            let token = Arc::clone(&token);
            thread::spawn(move || work(&token, seed.wrapping_mul(31).wrapping_add(number)))
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    token.unlock(PIN).unwrap();
    assert!(token.codes(None).is_ok() && token.event_log().is_ok());
}

fn work(token: &Arc<SoftToken>, seed: u64) {
    let mut state = seed | 1;
    for step in 0..20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let answer = match (state >> 33) % 8 {
            0 => token.unlock(PIN),
            1 => token.lock(),
            2 | 3 => add(token, seed, step),
            _ => token.codes(None).map(|_| ()),
        };
        assert!(
            matches!(answer, Ok(()) | Err(TokenError::VaultLocked | TokenError::StaleInput)),
            "seed {seed}, step {step}: {answer:?}"
        );
    }
}

/// An activation of an account, as far as the others let it come.
fn add(token: &Arc<SoftToken>, seed: u64, step: u32) -> Result<(), TokenError> {
    let text = format!("otpauth://totp/{seed}-{step}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example");
    let source = ActivationSource::Text(SecretText::new(text));
    let activation = token.begin_activation(source, ActivationOptions::default())?;
    let now = activation.step()?;
    if let ActivationState::NeedsConsent { .. } = now.state {
        activation.advance(now.ticket, ActivationInput::Consent { name: None })?;
    }
    Ok(())
}
