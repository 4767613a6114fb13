//! What the child does, as it writes it down before and after.
//!
//! ```text
//! + <deed>        before        ?  a PIN is about to be asked of the device
//! = <outcome>     after         r <recovery code>   the one that is shown now
//! ```

use std::fmt::{Display, Formatter, Result as Written};

/// One thing to do. PINs are places in a list that both processes have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Create { pin: usize },
    Unlock { pin: usize },
    Wrong,
    Lock,
    Reopen,
    Next { name: String },
    Twice { name: String },
    Add { name: String, counts: bool },
    Rename { from: String, to: String },
    Remove { name: String },
    Move { name: String, to: u32 },
    Change { from: usize, to: usize },
    Forget,
    Redeem { pin: Option<usize>, issuer: bool },
    WrongCode { pin: usize },
    Acknowledge,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// A code was handed out: the counter, and the text.
    Code(u64, String),
    WrongPin(u32),
    WrongCode(u32),
    NameTaken,
    NoWayBack,
    /// Anything else, which is a failure of the proof.
    Other(String),
}

/// A line of the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Begins(Deed),
    Ends(Outcome),
    Guess,
    Recovery(String),
}

impl Display for Deed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        match self {
            Self::Create { pin } => write!(f, "create {pin}"),
            Self::Unlock { pin } => write!(f, "unlock {pin}"),
            Self::Wrong => write!(f, "wrong"),
            Self::Lock => write!(f, "lock"),
            Self::Reopen => write!(f, "reopen"),
            Self::Next { name } => write!(f, "next {name}"),
            Self::Twice { name } => write!(f, "twice {name}"),
            Self::Add { name, counts } => write!(f, "add {name} {counts}"),
            Self::Rename { from, to } => write!(f, "rename {from} {to}"),
            Self::Remove { name } => write!(f, "remove {name}"),
            Self::Move { name, to } => write!(f, "move {name} {to}"),
            Self::Change { from, to } => write!(f, "change {from} {to}"),
            Self::Forget => write!(f, "forget"),
            Self::Redeem { pin: Some(pin), issuer } => write!(f, "reset {pin} {issuer}"),
            Self::Redeem { pin: None, issuer } => write!(f, "join {issuer}"),
            Self::WrongCode { pin } => write!(f, "wrong-code {pin}"),
            Self::Acknowledge => write!(f, "acknowledge"),
        }
    }
}

impl Deed {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let number = |at: usize| words.get(at)?.parse().ok();
        let name = |at: usize| words.get(at).map(|&name| name.to_owned());
        let truth = |at: usize| words.get(at)?.parse().ok();
        Some(match *words.first()? {
            "create" => Self::Create { pin: number(1)? },
            "unlock" => Self::Unlock { pin: number(1)? },
            "wrong" => Self::Wrong,
            "lock" => Self::Lock,
            "reopen" => Self::Reopen,
            "next" => Self::Next { name: name(1)? },
            "twice" => Self::Twice { name: name(1)? },
            "add" => Self::Add { name: name(1)?, counts: truth(2)? },
            "rename" => Self::Rename { from: name(1)?, to: name(2)? },
            "remove" => Self::Remove { name: name(1)? },
            "move" => Self::Move { name: name(1)?, to: words.get(2)?.parse().ok()? },
            "change" => Self::Change { from: number(1)?, to: number(2)? },
            "forget" => Self::Forget,
            "reset" => Self::Redeem { pin: Some(number(1)?), issuer: truth(2)? },
            "join" => Self::Redeem { pin: None, issuer: truth(1)? },
            "wrong-code" => Self::WrongCode { pin: number(1)? },
            "acknowledge" => Self::Acknowledge,
            _ => return None,
        })
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        match self {
            Self::Begins(deed) => write!(f, "+ {deed}"),
            Self::Guess => write!(f, "?"),
            Self::Recovery(code) => write!(f, "r {code}"),
            Self::Ends(Outcome::Ok) => write!(f, "= ok"),
            Self::Ends(Outcome::Code(counter, code)) => write!(f, "= code {counter} {code}"),
            Self::Ends(Outcome::WrongPin(left)) => write!(f, "= wrong-pin {left}"),
            Self::Ends(Outcome::WrongCode(left)) => write!(f, "= wrong-code {left}"),
            Self::Ends(Outcome::NameTaken) => write!(f, "= taken"),
            Self::Ends(Outcome::NoWayBack) => write!(f, "= no-way-back"),
            Self::Ends(Outcome::Other(what)) => write!(f, "= other {what}"),
        }
    }
}

impl Line {
    /// `None` for a line that the child did not write, or wrote half.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "?" {
            return Some(Self::Guess);
        }
        let (mark, rest) = text.split_once(' ')?;
        let (word, more) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(match (mark, word) {
            ("+", _) => Self::Begins(Deed::parse(rest)?),
            ("r", _) => Self::Recovery(rest.to_owned()),
            ("=", "ok") => Self::Ends(Outcome::Ok),
            ("=", "code") => {
                let (counter, code) = more.split_once(' ')?;
                Self::Ends(Outcome::Code(counter.parse().ok()?, code.to_owned()))
            }
            ("=", "wrong-pin") => Self::Ends(Outcome::WrongPin(more.parse().ok()?)),
            ("=", "wrong-code") => Self::Ends(Outcome::WrongCode(more.parse().ok()?)),
            ("=", "taken") => Self::Ends(Outcome::NameTaken),
            ("=", "no-way-back") => Self::Ends(Outcome::NoWayBack),
            ("=", "other") => Self::Ends(Outcome::Other(more.to_owned())),
            _ => return None,
        })
    }
}
