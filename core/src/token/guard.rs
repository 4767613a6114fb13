//! The facade's mutex, and the rule that no hook is called while it is held.
//!
//! A hook runs foreign code: it may call back into the token, take seconds, or never return. So every
//! verb reads its inputs, lets the mutex go, calls the hook, and takes the mutex again. A debug build
//! asserts it.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::TokenError;
use crate::secret::wipe_stack;

/// A mutex that knows, per thread, whether it is held.
pub(super) struct Guarded<T>(Mutex<T>);

/// Access to what the mutex protects.
pub(super) struct Held<'a, T>(MutexGuard<'a, T>);

impl<T> Guarded<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Takes the mutex. Poisoned (a panic happened inside): `Internal`, the token must be opened anew.
    pub(super) fn take(&self) -> Result<Held<'_, T>, TokenError> {
        let guard = self.0.lock().map_err(|_| TokenError::Internal)?;
        Ok(Held::new(guard))
    }

    /// The same, also when it is poisoned: for what must be possible after a panic, forgetting keys above all.
    pub(super) fn take_even_poisoned(&self) -> Held<'_, T> {
        Held::new(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a, T> Held<'a, T> {
    fn new(guard: MutexGuard<'a, T>) -> Self {
        HELD.set(HELD.get().saturating_add(1));
        Self(guard)
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        HELD.set(HELD.get().saturating_sub(1));
        // Every verb comes by here after it has handled its secrets.
        wipe_stack();
    }
}

/// Call before every hook.
pub(super) fn assert_not_held() {
    debug_assert_eq!(HELD.get(), 0, "a hook must not be called with the token's mutex held");
}

thread_local! {
    static HELD: Cell<u32> = const { Cell::new(0) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "mutex held")]
    fn a_hook_under_the_mutex_is_caught() {
        let guarded = Guarded::new(());
        let _held = guarded.take().unwrap();
        assert_not_held();
    }

    #[test]
    fn a_hook_after_the_mutex_is_fine() {
        let guarded = Guarded::new(());
        drop(guarded.take().unwrap());
        assert_not_held();
    }
}
