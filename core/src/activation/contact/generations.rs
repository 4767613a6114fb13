//! The seeds of a token at its issuer: one, or two while the device goes over to another.
//!
//! | Event | One seed | New seed, not known to be shown | New seed, known to be shown |
//! |---|---|---|---|
//! | request in a session of the older seed | – | the new one dies | – |
//! | request in a session of the new seed | | it is known to be shown | – |
//! | accepted code of the new seed, [`GRACE`] after it is known | | (a code:) the old one dies | the old one dies |
//! | rekey in a session of the older seed | a new seed | (cannot be: see the first row) | declined |
//! | rekey in a session of the new seed | | (cannot be: see the second row) | the old one dies, a new seed |
//! | another activation | a new seed, known | the new one dies, a new seed, known | the old one dies, a new seed, known |
//!
//! Codes of both are taken. Only a device that has the issuer's answer opens a session with the new seed, or sends another
//! request in the session of the rekey; such a session counts as one of the new seed. So whatever is lost on the way, the seed
//! whose codes the device shows lives. Pure data for the issuer's store. Normative text: `core/PROTOCOL.md` section 9.

use crate::time::UnixTime;

/// One or two generations of `T`, whatever an issuer keeps for a seed and its K_rec. Each has a number of its own, which
/// sessions name.
pub struct Generations<T> {
    /// The older or only one.
    pub present: (u64, T),
    /// The new one.
    pub next: Option<Next<T>>,
    /// The highest number so far: none is given twice.
    pub last: u64,
}

/// A new generation.
pub struct Next<T> {
    /// Its number.
    pub number: u64,
    /// Its keys.
    pub keys: T,
    /// Since when the device is known to show its codes.
    pub shown_since: Option<UnixTime>,
}

/// What a deletion took away. Only the contact's pre-shared key outlives it.
pub enum Removed<T> {
    /// The token with all of its seeds.
    Token,
    /// This seed, which another device or another activation has replaced; the token lives on.
    Old(T),
    /// Nothing: there is no such generation.
    Nothing,
}

impl<T> Generations<T> {
    /// Of a token that was just activated.
    pub fn new(keys: T) -> Self {
        Self { present: (0, keys), next: None, last: 0 }
    }

    /// The keys of a generation.
    pub fn get(&self, number: u64) -> Option<&T> {
        self.all().find(|(known, _)| *known == number).map(|(_, keys)| keys)
    }

    /// All living generations, the older first: codes of each are taken.
    pub fn all(&self) -> impl Iterator<Item = (u64, &T)> {
        let next = self.next.iter().map(|next| (next.number, &next.keys));
        std::iter::once((self.present.0, &self.present.1)).chain(next)
    }

    /// Where unlock codes come from: the newest that the device is known to show. It keeps both until it is told.
    pub fn unlock(&self) -> &T {
        match &self.next {
            Some(Next { keys, shown_since: Some(_), .. }) => keys,
            _ => &self.present.1,
        }
    }

    /// A sealed request of a session of generation `number` has opened. False: that one is dead, and so is the
    /// session. The second value has died.
    pub fn heard(&mut self, number: u64, now: UnixTime) -> (bool, Option<T>) {
        match &mut self.next {
            Some(next) if next.number == number => {
                next.shown_since.get_or_insert(now);
                (true, None)
            }
            Some(Next { shown_since: None, .. }) if self.present.0 == number => {
                (true, self.next.take().map(|next| next.keys))
            }
            _ => (self.present.0 == number, None),
        }
    }

    /// The device of a session of generation `number`, after [`heard`](Self::heard), wants `keys`. Gives the number
    /// that the session belongs to from now on, and what has died; `None` when it has to be declined.
    pub fn renew(&mut self, number: u64, keys: T) -> Option<(u64, Option<T>)> {
        let dead = match &self.next {
            Some(next) if next.number == number => self.promote(),
            Some(_) => return None,
            None if self.present.0 == number => None,
            None => return None,
        };
        Some((self.add(keys, None), dead))
    }

    /// Another activation has ended well: an order for the same serial number. Gives its number and what has died.
    pub fn reactivated(&mut self, keys: T, now: UnixTime) -> (u64, Option<T>) {
        let dead = match &self.next {
            Some(Next { shown_since: Some(_), .. }) => self.promote(),
            _ => self.next.take().map(|next| next.keys),
        };
        (self.add(keys, Some(now)), dead)
    }

    /// A code of generation `number` was accepted. Gives what has died.
    pub fn accepted(&mut self, number: u64) -> Option<T> {
        match &self.next {
            Some(next) if next.number == number => self.promote(),
            _ => None,
        }
    }

    /// The time has come to `now`. Gives what has died.
    pub fn pass(&mut self, now: UnixTime) -> Option<T> {
        match &self.next {
            Some(Next { shown_since: Some(since), .. }) if now.0.saturating_sub(since.0) >= GRACE => {
                self.promote()
            }
            _ => None,
        }
    }

    /// The device of a session of generation `number`, after [`heard`](Self::heard), has deleted its identity.
    pub fn remove(&mut self, number: u64) -> Removed<T> {
        match &self.next {
            Some(next) if next.number == number => Removed::Token,
            Some(_) if self.present.0 == number => self.promote().map_or(Removed::Nothing, Removed::Old),
            None if self.present.0 == number => Removed::Token,
            _ => Removed::Nothing,
        }
    }

    fn add(&mut self, keys: T, shown_since: Option<UnixTime>) -> u64 {
        self.last = self.last.saturating_add(1);
        self.next = Some(Next { number: self.last, keys, shown_since });
        self.last
    }

    fn promote(&mut self) -> Option<T> {
        let Next { number, keys, .. } = self.next.take()?;
        Some(std::mem::replace(&mut self.present, (number, keys)).1)
    }
}

/// Seconds that an old seed lives at most once the device is known to show the new one.
pub const GRACE: u64 = 86_400;
