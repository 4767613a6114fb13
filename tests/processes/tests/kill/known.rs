//! What the parent knows of a vault from the child's lines, and what may be true after a kill.

use std::collections::BTreeMap;

use super::deed::{Deed, Line, Outcome};
use crate::common::expected_code;

/// An identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    /// The next counter of an event-based one.
    pub next: Option<u64>,
}

/// The vault as the child's lines say.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// `None`: there is no vault.
    pub pin: Option<usize>,
    pub fails: u32,
    pub blocked: bool,
    pub rows: Vec<Row>,
}

/// A folder over the deaths of many processes.
#[derive(Default)]
pub struct Story {
    pub known: Known,
    /// Begun, and not said to be done.
    pub pending: Option<Deed>,
    /// PINs that the device was asked about since the last success.
    pub guesses: u32,
    /// Recovery codes that were shown, the newest last.
    pub recovery: Vec<String>,
    /// How often each deed was done, and cut off.
    pub done: BTreeMap<String, u64>,
    pub cut_off: BTreeMap<String, u64>,
}

impl Story {
    /// One line more.
    pub fn hears(&mut self, line: Line) {
        match line {
            Line::Begins(deed) => self.pending = Some(deed),
            Line::Guess => self.guessed(),
            Line::Recovery(code) => self.recovery.push(code),
            Line::Ends(outcome) => {
                let deed = self.pending.take().expect("a deed begins before it ends");
                *self.done.entry(word(&deed)).or_default() += 1;
                if self.known.ends(&deed, &outcome) {
                    self.guesses = 0;
                }
            }
        }
    }

    /// Invariant 1.
    pub fn guessed(&mut self) {
        self.guesses += 1;
        assert!(self.guesses <= 5, "a sixth guess between two successes");
    }

    /// What may be true now that the process is dead.
    pub fn possible(&mut self) -> Vec<Known> {
        let Some(deed) = self.pending.take() else { return vec![self.known.clone()] };
        *self.cut_off.entry(word(&deed)).or_default() += 1;
        self.known.cut_off(&deed)
    }
}

impl Known {
    /// A deed was done. True when it was a success with a PIN or a code, from which guesses count anew.
    fn ends(&mut self, deed: &Deed, outcome: &Outcome) -> bool {
        match (deed, outcome) {
            (Deed::Wrong, Outcome::WrongPin(left)) => {
                *self = self.one_try_more();
                assert_eq!(5 - self.fails, *left, "every try is counted once");
            }
            (Deed::WrongCode { .. }, Outcome::WrongCode(_)) if self.blocked => {}
            // Its recovery code was shown and not acknowledged.
            (Deed::Forget, Outcome::NoWayBack) => {}
            (Deed::Add { name, .. } | Deed::Rename { to: name, .. }, Outcome::NameTaken) => {
                assert!(self.place(name).is_some(), "a free name was refused");
            }
            (Deed::Next { name } | Deed::Twice { name }, Outcome::Code(counter, code)) => {
                let row = &self.rows[self.place(name).unwrap()];
                assert_eq!(row.next, Some(*counter), "an event-based code came twice, or one was left out");
                assert_eq!(*code, expected_code(*counter));
                *self = self.after(deed);
            }
            (Deed::Wrong | Deed::WrongCode { .. } | Deed::Next { .. } | Deed::Twice { .. }, _)
            | (_, Outcome::Other(_)) => {
                panic!("{deed}: {outcome:?}")
            }
            (_, Outcome::Ok) => *self = self.after(deed),
            _ => panic!("{deed}: {outcome:?}"),
        }
        let success = matches!(
            deed,
            Deed::Create { .. }
                | Deed::Unlock { .. }
                | Deed::Change { .. }
                | Deed::Redeem { pin: Some(_), .. }
        );
        success && *outcome == Outcome::Ok
    }

    /// Before, after, or between.
    fn cut_off(&self, deed: &Deed) -> Vec<Self> {
        let mut possible = vec![self.clone()];
        match deed {
            Deed::Wrong => possible.push(self.one_try_more()),
            Deed::WrongCode { .. } | Deed::Lock | Deed::Reopen | Deed::Acknowledge => {}
            Deed::Unlock { .. } => possible.extend([self.one_try_more(), self.after(deed)]),
            Deed::Change { .. } => {
                possible.extend([self.one_try_more(), Self { fails: 0, ..self.clone() }, self.after(deed)]);
            }
            // The counter may be used up without its code having been shown.
            _ => possible.push(self.after(deed)),
        }
        possible
    }

    fn one_try_more(&self) -> Self {
        let fails = self.fails + 1;
        Self { fails, blocked: fails == 5, ..self.clone() }
    }

    fn after(&self, deed: &Deed) -> Self {
        let mut after = self.clone();
        let place = |name: &str| self.place(name).unwrap_or_else(|| panic!("{deed}: no such identity"));
        match deed {
            Deed::Create { pin } | Deed::Redeem { pin: Some(pin), .. } | Deed::Change { to: pin, .. } => {
                after = Self { pin: Some(*pin), fails: 0, blocked: false, ..after };
            }
            Deed::Unlock { .. } => after.fails = 0,
            Deed::Forget => (after.fails, after.blocked) = (5, true),
            Deed::Next { name } => after.rows[place(name)].use_up(1),
            Deed::Twice { name } => after.rows[place(name)].use_up(2),
            Deed::Add { name, counts } => {
                after.rows.push(Row { name: name.clone(), next: counts.then_some(0) });
            }
            Deed::Rename { from, to } => after.rows[place(from)].name = to.clone(),
            Deed::Remove { name } => drop(after.rows.remove(place(name))),
            Deed::Move { name, to } => {
                let row = after.rows.remove(place(name));
                let to = usize::try_from(*to).unwrap().min(after.rows.len());
                after.rows.insert(to, row);
            }
            Deed::Redeem { pin: None, .. } | Deed::Lock | Deed::Reopen | Deed::Acknowledge => {}
            Deed::Wrong | Deed::WrongCode { .. } => unreachable!("never right"),
        }
        after
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.name == name)
    }
}

impl Row {
    fn use_up(&mut self, count: u64) {
        self.next = self.next.map(|next| next + count);
    }
}

/// Its kind.
pub fn word(deed: &Deed) -> String {
    deed.to_string().split(' ').next().unwrap_or_default().to_owned()
}
