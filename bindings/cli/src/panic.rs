//! A fault of ours never shows a stack trace, and never the message of a panic, which may hold what the
//! user typed: only the place in the source, in the one line of every other error.

use std::panic;
use std::sync::Mutex;

use softtoken_core::TokenError;

use crate::failure::Failure;

/// Replaces the standard hook by one that notes the place and prints nothing: a panic that somebody
/// catches is no news.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
        if let Ok(mut last) = PLACE.lock() {
            *last = place;
        }
    }));
}

/// The error for a panic that nobody else caught.
pub fn failure() -> Failure {
    let place = PLACE.lock().ok().and_then(|mut last| last.take()).unwrap_or_else(|| "unknown".into());
    Failure::from(TokenError::Internal).saying(format!(
        "Something went wrong inside softtoken (at {place}). Nothing was lost; please report what you did."
    ))
}

static PLACE: Mutex<Option<String>> = Mutex::new(None);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_one_line_with_its_place_and_without_its_message() {
        let before = panic::take_hook();
        install_hook();
        let ended = panic::catch_unwind(|| panic!("CANARY"));
        panic::set_hook(before);
        assert!(ended.is_err());
        let failure = failure();
        assert!(failure.message().contains("panic.rs:") && !failure.message().contains("CANARY"));
        assert_eq!(failure.to_json()["kind"], "Internal");
    }
}
