//! Device keys: instances that can be made, used and deleted, and never come back.

use std::hash::{Hash, Hasher};

/// The number of a key instance; 0 means none, or one that no longer exists.
pub(crate) type Id = u8;

/// One state key: its alias number and which instance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct StateKey {
    pub(crate) g: u8,
    pub(crate) id: Id,
}

/// All keys of the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Device {
    pub(crate) states: Set<StateKey, 6>,
    pub(crate) pins: Set<Id, 4>,
    pub(crate) recoveries: Set<Id, 4>,
    pub(crate) biometric: Id,
}

impl Device {
    /// The instance behind `state.<g>`.
    pub(crate) fn state(&self, g: u8) -> Option<Id> {
        self.states.iter().find(|key| key.g == g).map(|key| key.id)
    }

    pub(crate) fn delete_state(&mut self, g: u8) {
        if let Some(id) = self.state(g) {
            self.states.remove(StateKey { g, id });
        }
    }

    /// The greatest alias number of a state key.
    pub(crate) fn newest(&self) -> u8 {
        self.states.iter().map(|key| key.g).max().unwrap_or(0)
    }

    /// One bit for every instance there is.
    pub(crate) fn live(&self) -> u64 {
        let ids = self.states.iter().map(|key| key.id).chain(self.pins.iter()).chain(self.recoveries.iter());
        ids.chain([self.biometric]).filter(|id| *id != 0).fold(0, |bits, id| bits | 1 << id)
    }

    /// Gives every instance the number that `rename` has for it.
    pub(crate) fn rename(&mut self, shift: u8, rename: impl Fn(Id) -> Id) {
        self.states = self.states.map(|key| StateKey { g: key.g - shift, id: rename(key.id) });
        self.pins = self.pins.map(&rename);
        self.recoveries = self.recoveries.map(&rename);
        self.biometric = rename(self.biometric);
    }
}

/// A sorted set of a few values without allocation. The default value is the least and marks an empty place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set<T, const N: usize>([T; N]);

impl<T: Copy + Default + Ord, const N: usize> Set<T, N> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + use<T, N> {
        self.0.into_iter().filter(|value| *value != T::default())
    }

    pub(crate) fn contains(&self, value: T) -> bool {
        value != T::default() && self.0.contains(&value)
    }

    /// Panics when the set is full: the model's bounds are then too small, which must not pass silently.
    pub(crate) fn insert(&mut self, value: T) {
        if !self.contains(value) {
            assert!(self.0[0] == T::default(), "a set of {N} is too small for these rules");
            self.0[0] = value;
            self.0.sort_unstable();
        }
    }

    pub(crate) fn remove(&mut self, value: T) {
        if let Some(place) = self.0.iter_mut().find(|place| **place == value) {
            *place = T::default();
            self.0.sort_unstable();
        }
    }

    /// The images of all members; equal ones become one.
    pub(crate) fn map(&self, image: impl Fn(T) -> T) -> Self {
        let mut all = *self;
        let first = N - self.iter().count();
        let members = &mut all.0[first..];
        members.iter_mut().for_each(|value| *value = image(*value));
        members.sort_unstable();
        let mut doubled = false;
        for n in 1..members.len() {
            if members[n] == members[n - 1] {
                members[n - 1] = T::default();
                doubled = true;
            }
        }
        if doubled {
            members.sort_unstable();
        }
        all
    }
}

/// Empty places are not hashed.
impl<T: Copy + Default + Ord + Hash, const N: usize> Hash for Set<T, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.iter().count());
        self.iter().for_each(|value| value.hash(state));
    }
}

impl<T: Copy + Default, const N: usize> Default for Set<T, N> {
    fn default() -> Self {
        Self([T::default(); N])
    }
}
