//! One operation with faults in it: doing it, judging what is left, doing it again.

use std::collections::BTreeMap;
use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::token::{SoftToken, TokenState};
use softtoken_faults::ops::{Op, Stage};
use softtoken_faults::oracle::{Moment, Oracle, quietly};
use softtoken_faults::stream::{self, Class, Fault};
use softtoken_faults::world::{Home, Snapshot};

/// One operation, struck again and again from the same start.
pub struct Loops<'s> {
    home: &'s Home,
    stage: &'s Stage,
    op: &'s Op,
    oracle: Oracle<'s>,
    start: Snapshot,
    /// What went wrong, and how often.
    pub found: BTreeMap<String, u64>,
}

impl<'s> Loops<'s> {
    pub fn begin(home: &'s Home, stage: &'s Stage, op: &'s Op) -> Self {
        let (before, after) = around(home, stage, op);
        let start = stage.starts[&op.start].clone();
        let oracle =
            Oracle::new(stage, op, &before, &after).unwrap_or_else(|why| panic!("{}: {why}", op.name));
        Self { home, stage, op, oracle, start, found: BTreeMap::new() }
    }

    /// Opening is part of it when `opening`. True when a fault struck.
    pub fn strike(&mut self, faults: &[Fault], opening: bool) -> bool {
        self.home.put(&self.start);
        let begin = || self.home.start(7_000).map_err(|error| format!("{error:?}"));
        let mut opened = None;
        if !opening {
            let token = begin().expect("it opens");
            self.op.open.into_iter().for_each(|pin| token.unlock(pin).expect("it unlocks"));
            opened = Some(token);
        }
        stream::take_guesses();
        stream::arm(faults);
        let mut refused = None;
        if opening {
            match quietly(|| Ok(self.home.start(7_000))) {
                Ok(Ok(token)) => opened = Some(token),
                Ok(Err(error)) => refused = Some(error),
                Err(panic) => self.complain(faults, "opening", &panic),
            }
        }
        let result = match (&opened, opening) {
            (Some(token), false) => Some(quietly(|| Ok((self.op.run)(self.stage, token)))),
            _ => None,
        };
        let struck = stream::disarm().iter().any(|times| *times > 0);
        let what = if opening { "opening" } else { "doing" };
        let mut moment = Moment { guesses: stream::take_guesses(), untouched: opening, ..Moment::default() };
        match &result {
            Some(Ok(result)) if self.op.answered(result) => moment.answered = true,
            Some(Ok(Err(error))) => self.check_error(faults, what, error),
            Some(Ok(Ok(()))) => self.complain(faults, what, "an answer that it never gives"),
            Some(Err(panic)) => self.complain(faults, what, panic),
            None => {}
        }
        refused.into_iter().for_each(|error| self.check_error(faults, what, &error));
        if let (true, Some(token)) = (opening, &opened) {
            self.check_state(faults, token);
        }
        let left = self.home.take();
        self.judge(faults, what, &left, moment);
        let again = struck && !moment.answered && faults.iter().all(|fault| !fault.sticky);
        if let (true, false, Some(token)) = (again, opening, opened) {
            self.retry(faults, token, moment);
        }
        struck
    }

    fn retry(&mut self, faults: &[Fault], token: Arc<SoftToken>, moment: Moment) {
        // Judging guesses too.
        stream::take_guesses();
        let result = quietly(|| Ok((self.op.run)(self.stage, &token)));
        let guesses = moment.guesses + stream::take_guesses();
        let mut moment = Moment { guesses, retries: 1, ..Moment::default() };
        match &result {
            Ok(result) if self.op.answered(result) => moment.answered = true,
            Ok(Err(error)) if !fits_nothing(error) => {}
            other => self.complain(faults, "doing it again", &format!("{other:?}")),
        }
        drop(token);
        let left = self.home.take();
        self.judge(faults, "doing it again", &left, moment);
    }

    fn judge(&mut self, faults: &[Fault], what: &str, left: &Snapshot, moment: Moment) {
        if let Err(error) = quietly(|| self.oracle.judge(left, moment)) {
            self.complain(faults, what, &error);
        }
    }

    fn check_state(&mut self, faults: &[Fault], token: &SoftToken) {
        match token.state() {
            Ok(TokenState::Damaged { .. } | TokenState::DeviceKeyLost) => {
                self.complain(faults, "opening", &format!("found as {:?}", token.state()));
            }
            Ok(_) => {}
            Err(error) => self.check_error(faults, "asking for the state", &error),
        }
    }

    /// A failing disk is not damage, and a failing key store is not another device.
    fn check_error(&mut self, faults: &[Fault], what: &str, error: &TokenError) {
        let fits = faults.iter().any(|fault| match (fault.class, error) {
            (Class::Key, TokenError::DeviceKeyFailed { .. }) => true,
            (Class::Malloc, TokenError::Internal | TokenError::VaultFile { .. }) => true,
            (Class::Key | Class::Malloc, _) => false,
            (_, TokenError::VaultFile { .. }) => true,
            _ => false,
        });
        if !fits {
            self.complain(faults, what, &format!("{error:?}"));
        }
    }

    fn complain(&mut self, faults: &[Fault], what: &str, error: &str) {
        let [Fault { class, how, at, sticky }, ..] = faults else { return };
        let first =
            format!("{}: {class:?} {how:?} {}", self.op.name, if *sticky { "sticky" } else { "once" });
        let text = format!("{first} at call {at}, {what}: {error}");
        if self.found.insert(text.clone(), 1 + self.found.get(&text).unwrap_or(&0)).is_none() {
            eprintln!("{text}");
        }
    }
}

/// Errors that say nothing about why the same again is refused when nothing fails any more.
fn fits_nothing(error: &TokenError) -> bool {
    matches!(
        error,
        TokenError::Internal
            | TokenError::VaultDamaged
            | TokenError::VaultBusy
            | TokenError::DeviceKeyLost
            | TokenError::DeviceKeyFailed { .. }
            | TokenError::VaultFile { .. }
    )
}

/// The disk before and after an operation that nothing disturbs.
fn around(home: &Home, stage: &Stage, op: &Op) -> (Snapshot, Snapshot) {
    let start = &stage.starts[&op.start];
    let open = || {
        home.put(start);
        let token = home.start(7_000).expect("it opens");
        op.open.into_iter().for_each(|pin| token.unlock(pin).expect("it unlocks"));
        token
    };
    drop(open());
    let before = home.take();
    let token = open();
    let result = (op.run)(stage, &token);
    assert!(op.answered(&result), "{}: {result:?}", op.name);
    drop(token);
    (before, home.take())
}
