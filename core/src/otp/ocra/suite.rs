//! The OCRA suite: which inputs a response is made of, and how (RFC 6287 section 6).
//!
//! `OCRA-1:HOTP-{SHA1|SHA256|SHA512}-{0|4…10}:[C-]Q{A|N|H}{04…64}[-P{hash}][-S{001…512}][-T{1…59}{S|M}|-T{1…48}H]`
//!
//! What follows `Q`, `P`, `S` and `T` may be left out; then the RFC's defaults hold (`QN08`, `PSHA1`,
//! `S064`, `T1M`). Letters count in either case, as in the RFC's reference code. Hours end at 48
//! (erratum 3729). The text itself is part of every response and is kept exactly as it came.

use crate::otp::spec::strip_ignoring_case;
use crate::otp::{Algorithm, Period};

/// A parsed suite. Two suites are equal when their texts are.
#[derive(Debug, Clone)]
pub struct OcraSuite {
    text: String,
    algorithm: Algorithm,
    digits: u8,
    counter: bool,
    question: Question,
    pin: Option<Algorithm>,
    session: Option<u16>,
    time: Option<Period>,
}

/// The question that a suite asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Which characters it has.
    pub kind: QuestionKind,
    /// Fewest characters: 1, the RFC sets no other bound.
    pub min_length: u8,
    /// Most characters of one question, 4 to 64; a mutual challenge has two.
    pub max_length: u8,
}

/// The characters of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// `QA`: printable ASCII. The RFC says alphanumeric; servers also sign texts with spaces and signs.
    Alphanumeric,
    /// `QN`: decimal digits.
    Numeric,
    /// `QH`: hexadecimal digits, either case.
    Hex,
}

/// Which part of a text is not as a suite has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// Not the three parts `OCRA-1`, function and inputs, with colons between.
    #[error("not an OCRA-1 suite")]
    NotOcra1,
    /// The function is not HOTP with a known hash.
    #[error("unknown OCRA function")]
    Function,
    /// The number of digits is neither 0 nor 4 to 10.
    #[error("bad number of digits in the OCRA suite")]
    Digits,
    /// There is no question, or it is malformed.
    #[error("bad question in the OCRA suite")]
    Question,
    /// The hash of the PIN is unknown.
    #[error("bad PIN hash in the OCRA suite")]
    Pin,
    /// The length of the session information is malformed or above 512.
    #[error("bad session length in the OCRA suite")]
    Session,
    /// The time step is malformed or out of range.
    #[error("bad time step in the OCRA suite")]
    Time,
    /// An input that does not exist, comes twice or stands in the wrong place.
    #[error("unknown, doubled or misplaced input in the OCRA suite")]
    Input,
}

/// Most bytes of session information.
pub(super) const MAX_SESSION: u16 = 512;

impl OcraSuite {
    /// Reads a suite.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        let mut parts = text.split(':');
        let (Some(version), Some(function), Some(inputs), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SuiteError::NotOcra1);
        };
        if !version.eq_ignore_ascii_case("OCRA-1") {
            return Err(SuiteError::NotOcra1);
        }
        let (hash, digits) = strip_ignoring_case(function, "HOTP-")
            .and_then(|rest| rest.split_once('-'))
            .ok_or(SuiteError::Function)?;

        let mut inputs = inputs.split('-').peekable();
        let counter = inputs.next_if(|input| input.eq_ignore_ascii_case("C")).is_some();
        let question = inputs.next().and_then(question).ok_or(SuiteError::Question)?;
        let mut take = |letter| match inputs.peek().and_then(|input| strip_ignoring_case(input, letter)) {
            Some(rest) => {
                inputs.next();
                Some(rest)
            }
            None => None,
        };
        let pin = take("P").map(|rest| pin(rest).ok_or(SuiteError::Pin)).transpose()?;
        let session = take("S").map(|rest| session(rest).ok_or(SuiteError::Session)).transpose()?;
        let time = take("T").map(|rest| time(rest).ok_or(SuiteError::Time)).transpose()?;
        if inputs.next().is_some() {
            return Err(SuiteError::Input);
        }
        Ok(Self {
            text: text.to_owned(),
            algorithm: algorithm(hash).ok_or(SuiteError::Function)?,
            digits: response_digits(digits).ok_or(SuiteError::Digits)?,
            counter,
            question,
            pin,
            session,
            time,
        })
    }

    /// The text exactly as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The hash of the HMAC.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Digits of a response, 4 to 10, or 0 for the whole HMAC in hexadecimal.
    pub fn digits(&self) -> u8 {
        self.digits
    }

    /// True when a counter goes in; whoever responds then counts it up.
    pub fn needs_counter(&self) -> bool {
        self.counter
    }

    /// True when a PIN goes in.
    pub fn needs_pin(&self) -> bool {
        self.pin.is_some()
    }

    /// True when session information goes in.
    pub fn needs_session(&self) -> bool {
        self.session.is_some()
    }

    /// The time step when the time goes in.
    pub fn time_step(&self) -> Option<Period> {
        self.time
    }

    /// What the question looks like.
    pub fn question(&self) -> Question {
        self.question
    }

    /// Bytes of the session information.
    pub fn session_length(&self) -> Option<u16> {
        self.session
    }

    /// How the PIN is hashed.
    pub(super) fn pin_hash(&self) -> Option<Algorithm> {
        self.pin
    }
}

impl PartialEq for OcraSuite {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for OcraSuite {}

impl QuestionKind {
    /// True when `c` can stand in a question of this kind.
    pub fn allows(self, c: char) -> bool {
        match self {
            Self::Alphanumeric => c == ' ' || c.is_ascii_graphic(),
            Self::Numeric => c.is_ascii_digit(),
            Self::Hex => c.is_ascii_hexdigit(),
        }
    }
}

/// The names of RFC 6287 only: no hyphen, no prefix.
fn algorithm(name: &str) -> Option<Algorithm> {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]
        .into_iter()
        .find(|algorithm| name.eq_ignore_ascii_case(algorithm.name()))
}

fn response_digits(text: &str) -> Option<u8> {
    let digits = u8::try_from(number(text, 1..=2)?).ok()?;
    (text == "0" || !text.starts_with('0') && (4..=10).contains(&digits)).then_some(digits)
}

fn question(input: &str) -> Option<Question> {
    let format = strip_ignoring_case(input, "Q")?;
    let of = |kind, max_length| Question { kind, min_length: 1, max_length };
    if format.is_empty() {
        return Some(of(QuestionKind::Numeric, 8));
    }
    let (kind, length) = format.split_at_checked(1)?;
    let length = u8::try_from(number(length, 2..=2)?).ok()?;
    let kind = match kind {
        "A" | "a" => QuestionKind::Alphanumeric,
        "N" | "n" => QuestionKind::Numeric,
        "H" | "h" => QuestionKind::Hex,
        _ => return None,
    };
    (4..=64).contains(&length).then_some(of(kind, length))
}

fn pin(rest: &str) -> Option<Algorithm> {
    if rest.is_empty() { Some(Algorithm::Sha1) } else { algorithm(rest) }
}

fn session(rest: &str) -> Option<u16> {
    let length = if rest.is_empty() { 64 } else { number(rest, 3..=3)? };
    (1..=MAX_SESSION).contains(&length).then_some(length)
}

fn time(rest: &str) -> Option<Period> {
    if rest.is_empty() {
        return Period::new(60);
    }
    let (count, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let (seconds, most) = match unit {
        "S" | "s" => (1, 59),
        "M" | "m" => (60, 59),
        "H" | "h" => (3600, 48),
        _ => return None,
    };
    let steps = u32::from(number(count, 1..=2)?);
    // A step of 0 is no period; "01" is not how the RFC writes one.
    if steps > most || count.starts_with('0') { None } else { Period::new(steps.saturating_mul(seconds)) }
}

/// A number of so many decimal digits, at most three.
fn number(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
