//! What has to hold after a power cut or a fault, however the vault was left.
//!
//! | Checked | Invariant |
//! |---|---|
//! | it opens, is not taken for damaged or another device's, and no file is set aside | I11 |
//! | identities and the way in are those before or those after the operation | I6, I11 |
//! | after its answer was given: those after | durable |
//! | tries counted: none that was not started, all that were answered; five guesses, then blocked | I1, I2 |
//! | blocked by five wrong PINs, codes bring back what was armed | the way back |
//! | a counter that was shown is not shown again | I5 |
//! | names differ | I9 |
//! | where it did not happen, the operation can be done now | no leftover in the way |

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use softtoken_core::TokenError;
use softtoken_core::token::TokenState;

use crate::ops::{Op, Stage, Start, id};
use crate::stream::take_guesses;
use crate::world::{Home, Known, Snapshot, View, Way, told};

/// What was seen of a vault that recovered.
#[derive(Clone)]
pub struct Outcome {
    view: View,
    left: Option<u32>,
    next_counter: Option<u64>,
    guesses: Option<u64>,
    /// Identities that codes bring back after a lockout.
    back: usize,
    again: Result<(), String>,
}

/// What is known when a vault is looked at.
#[derive(Clone, Copy, Default, Hash)]
pub struct Moment {
    /// The operation had answered as it should.
    pub answered: bool,
    /// Nothing of it had begun.
    pub untouched: bool,
    /// PIN evaluations of the operation.
    pub guesses: u64,
    /// How often the operation was begun anew.
    pub retries: u32,
    /// How often the device keys had changed.
    pub key_changes: u64,
    /// The highest counter that was shown.
    pub issued: Option<u64>,
}

/// A vault that recovered, and what was seen of it.
type Seen = (Snapshot, Result<Outcome, String>);

/// The judge of one operation.
pub struct Oracle<'s> {
    home: Home,
    stage: &'s Stage,
    op: &'s Op,
    before: Outcome,
    after: Outcome,
    seen: HashMap<u64, Vec<Seen>>,
}

impl<'s> Oracle<'s> {
    /// `before` and `after`: the disk around an operation that nothing disturbed.
    pub fn new(stage: &'s Stage, op: &'s Op, before: &Snapshot, after: &Snapshot) -> Result<Self, String> {
        let home = Home::new();
        let look = |snapshot| {
            let (left, recovered) = recover(&home, snapshot, false)?;
            examine(&home, stage, op, &recovered, left, None)
        };
        let (before, after) = (look(before)?, look(after)?);
        Ok(Self { home, stage, op, before, after, seen: HashMap::new() })
    }

    /// Different vaults that were looked at closely.
    pub fn distinct(&self) -> u64 {
        self.seen.values().map(|found| found.len() as u64).sum()
    }

    /// Opens what is left, and says what is wrong with it.
    pub fn judge(&mut self, image: &Snapshot, moment: Moment) -> Result<(), String> {
        let (left, recovered) = recover(&self.home, image, self.op.sets_aside())?;
        let mut hasher = DefaultHasher::new();
        (&recovered.db, &recovered.journal).hash(&mut hasher);
        let found = self.seen.entry(hasher.finish()).or_default();
        let known = found.iter().find(|(one, _)| *one == recovered).map(|(_, outcome)| outcome.clone());
        let outcome = known.unwrap_or_else(|| {
            let before = Some((&self.before, &self.after));
            let outcome = quietly(|| examine(&self.home, self.stage, self.op, &recovered, left, before));
            found.push((recovered, outcome.clone()));
            outcome
        });
        self.compare(&outcome?, moment)
    }

    fn compare(&self, found: &Outcome, moment: Moment) -> Result<(), String> {
        let (before, after, op) = (&self.before, &self.after, self.op);
        // Done again, it draws another registration code, and the codes of what is pending follow it.
        let is = |one: &Outcome| match moment.retries {
            0 => one.view == found.view,
            _ => one.view.way == found.view.way && facts(&one.view) == facts(&found.view),
        };
        let between = match (op.start, found.view.way) {
            (Start::Beyond, Way::Fresh) => true,
            // One arming after the other is given up.
            (Start::NineCodes, Way::Code) => !moment.answered,
            // The fifth try was started: nothing but its success gives the PIN back.
            (Start::Four, Way::Code) => {
                op.tries > 0 && !moment.answered && found.view.rows == before.view.rows
            }
            _ => false,
        };
        if !is(before) && !is(after) && !between {
            return Err(format!("neither before nor after: {:?}", found.view));
        }
        if moment.answered && !is(after) {
            return Err("it had answered, and it did not happen".to_owned());
        }
        if moment.untouched && !is(before) {
            return Err("it had not begun, and it happened".to_owned());
        }
        if let (Some(start), Some(left)) = (before.left, found.left) {
            let wrong = op.expect == crate::ops::Expect::WrongPin;
            if left < start.saturating_sub(op.tries * (1 + moment.retries)) {
                return Err(format!("{left} tries left of {start}, and {} started", op.tries));
            }
            if wrong && u64::from(left) + moment.guesses > u64::from(start) {
                return Err(format!("{left} tries left of {start} after {} wrong guesses", moment.guesses));
            }
            let guesses = found.guesses.unwrap_or(0);
            if guesses != u64::from(left) && op.start != Start::V1 {
                return Err(format!("{guesses} guesses with {left} tries left"));
            }
        }
        if let (Some(issued), Some(next)) = (moment.issued, found.next_counter)
            && next <= issued
        {
            return Err(format!("counter {next} again, after {issued}"));
        }
        let armed = before.back.min(after.view.rows.len());
        if found.guesses.is_some() && found.back < armed {
            return Err(format!("{} of {armed} identities come back by codes", found.back));
        }
        found.again.clone().map_err(|error| format!("it cannot be done again: {error}"))
    }
}

/// Opens an image as the program does after the power is back; gives the tries left and what it became.
pub fn recover(
    home: &Home,
    image: &Snapshot,
    may_set_aside: bool,
) -> Result<(Option<u32>, Snapshot), String> {
    home.put(image);
    let state = quietly(|| {
        let token = home.start(9_000).map_err(told("it does not open"))?;
        token.state().map_err(told("state"))
    })?;
    if home.has_set_aside() && !may_set_aside {
        return Err(format!("a file was set aside: {state:?}"));
    }
    let left = match state {
        TokenState::Locked { attempts_left, .. } => Some(attempts_left),
        TokenState::Fresh | TokenState::Blocked { .. } => None,
        other => return Err(format!("found as {other:?}")),
    };
    Ok((left, home.take()))
}

/// A panic is an answer too, and always a wrong one.
pub fn quietly<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("a panic".to_owned()))
}

fn examine(
    home: &Home,
    stage: &Stage,
    op: &Op,
    recovered: &Snapshot,
    left: Option<u32>,
    around: Option<(&Outcome, &Outcome)>,
) -> Result<Outcome, String> {
    let (view, next_counter, known) = look(home, stage, recovered)?;
    let mut names: Vec<&String> = view.rows.iter().map(|row| &row[0]).collect();
    names.sort();
    names.dedup();
    if names.len() < view.rows.len() {
        return Err(format!("names twice: {:?}", view.rows));
    }
    let guarded = matches!(view.way, Way::Pin | Way::NewPin) && op.start != Start::V1;
    let (guesses, back) = match guarded {
        true => {
            let (guesses, back) = guess(home, &known, recovered)?;
            (Some(guesses), back)
        }
        false => (None, view.rows.len()),
    };
    let again = match around {
        Some((before, after)) if before.view == view => again(home, stage, op, recovered, before, after),
        _ => Ok(()),
    };
    Ok(Outcome { view, left, next_counter, guesses, back, again })
}

/// What the user sees, the counter that comes next, and the codes that help.
fn look(home: &Home, stage: &Stage, recovered: &Snapshot) -> Result<(View, Option<u64>, Known), String> {
    home.put(recovered);
    let token = home.start(9_001).map_err(told("it does not open again"))?;
    let mut known = stage.known.clone();
    let view = home.enter(&token, &known)?;
    let next = match id(&token, "Door") {
        Ok(door) => token.next_code(door).ok().and_then(|code| code.counter),
        Err(_) => None,
    };
    if let Ok(Some(code)) = token.recovery_code() {
        known.recovery.push(code.to_string());
    }
    Ok((view, next, known))
}

/// A thief's guesses until it blocks, and how many identities codes bring back then.
fn guess(home: &Home, known: &Known, recovered: &Snapshot) -> Result<(u64, usize), String> {
    home.put(recovered);
    take_guesses();
    for run in 0..12 {
        let token = home.start(9_100 + run).map_err(told("it does not open between wrong PINs"))?;
        match token.unlock(crate::world::WRONG) {
            Err(TokenError::WrongPin { .. }) => {}
            Err(TokenError::PinBlocked) => {
                let guesses = take_guesses();
                let view = home.enter(&token, known)?;
                let open = view.rows.iter().filter(|row| row[1] != "NeedsUnlockCode").count();
                return Ok((guesses, open));
            }
            other => return Err(format!("a wrong PIN gives {other:?}")),
        }
    }
    Err("it never blocks".to_owned())
}

/// All but the codes of pending identities.
fn facts(view: &View) -> Vec<&[String]> {
    let columns = |row: &[String; 4]| if row[1] == "Pending" { 3 } else { 4 };
    view.rows.iter().map(|row| &row[..columns(row)]).collect()
}

/// Does the operation where it had not happened.
fn again(
    home: &Home,
    stage: &Stage,
    op: &Op,
    recovered: &Snapshot,
    before: &Outcome,
    after: &Outcome,
) -> Result<(), String> {
    home.put(recovered);
    let token = home.start(9_002).map_err(told("it does not open"))?;
    if let Some(pin) = op.open {
        token.unlock(pin).map_err(told("unlock"))?;
    }
    let result = (op.run)(stage, &token);
    drop(token);
    let (view, ..) = look(home, stage, &home.take())?;
    // A cut-off try counts, so the fifth may come early.
    let early = view.way == Way::Code && op.expect == crate::ops::Expect::WrongPin;
    // What a code opens looks the same before and after, because everything is opened to be looked at.
    let did_before = op.start == Start::Joined
        && matches!(result, Err(TokenError::StaleInput | TokenError::WrongUnlockCode { .. }));
    if !op.answered(&result) && !early && !did_before {
        return Err(format!("{result:?}"));
    }
    let same = |one: &View| one.way == view.way && facts(one) == facts(&view);
    let done = same(&after.view) || (same(&before.view) && before.view == after.view);
    if done || early { Ok(()) } else { Err(format!("it gives {view:?}")) }
}
