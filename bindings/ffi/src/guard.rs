//! What stands around every exported verb: no panic leaves it, and no hook comes back in.
//!
//! A panic in a Swift call is an abort and in a Kotlin call an exception that nobody declared. Here it becomes
//! [`TokenError::Internal`], and the token locks itself. A hook that calls the token again would recurse until
//! the stack ends (a clock that asks for codes is asked for the time); it gets [`TokenError::StaleInput`].

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use softtoken_core::{SoftToken, TokenError};

/// Runs a verb of `token`.
pub(crate) fn guarded<T>(
    token: &SoftToken,
    verb: impl FnOnce() -> Result<T, TokenError>,
) -> Result<T, TokenError> {
    caught(verb).unwrap_or_else(|Panicked| {
        // Keys go first, whatever else is broken; the answer stays the same.
        let _ = caught(|| token.lock());
        Err(TokenError::Internal)
    })
}

/// Runs a verb that has no token yet.
pub(crate) fn guarded_alone<T>(verb: impl FnOnce() -> Result<T, TokenError>) -> Result<T, TokenError> {
    caught(verb).unwrap_or(Err(TokenError::Internal))
}

/// Marks this thread as inside a hook until it is dropped.
pub(crate) struct InsideHook(());

impl InsideHook {
    pub(crate) fn enter() -> Self {
        DEPTH.set(DEPTH.get().saturating_add(1));
        Self(())
    }
}

impl Drop for InsideHook {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

struct Panicked;

fn caught<T>(verb: impl FnOnce() -> Result<T, TokenError>) -> Result<Result<T, TokenError>, Panicked> {
    if DEPTH.get() > 0 {
        return Ok(Err(TokenError::StaleInput));
    }
    // A mutex that a panic went through stays poisoned: nothing half done is used again.
    catch_unwind(AssertUnwindSafe(verb)).map_err(|_| Panicked)
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use softtoken_core::testing::Fakes;
    use softtoken_core::token::{OpenConfig, TokenState};

    use super::*;

    #[test]
    fn a_panic_inside_is_internal_locks_the_token_and_a_new_one_opens_the_vault() {
        let (folder, fakes) = (tempfile::tempdir().unwrap(), Fakes::new(1));
        let open =
            || SoftToken::open(OpenConfig { folder: folder.path().to_owned() }, fakes.hooks()).unwrap();
        let token = open();
        token.set_pin(b"729461").unwrap();
        assert_eq!(guarded(&token, || token.panic_inside()), Err(TokenError::Internal));
        assert_eq!(guarded(&token, || token.codes(None)).err(), Some(TokenError::Internal));
        drop(token);
        let token = open();
        assert!(matches!(guarded(&token, || token.state()), Ok(TokenState::Locked { .. })));
        assert_eq!(guarded(&token, || token.unlock(b"729461")), Ok(()));
    }

    #[test]
    fn inside_a_hook_every_verb_is_refused_and_afterwards_none() {
        let inside = InsideHook::enter();
        assert_eq!(guarded_alone(|| Ok(())), Err(TokenError::StaleInput));
        drop(inside);
        assert_eq!(guarded_alone(|| Ok(())), Ok(()));
    }
}
