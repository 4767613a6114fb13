//! Verifications inside an activation: what a device asks for between message 2 and message 3, and what an issuer answers.
//!
//! | State of a kind | With | The device |
//! |---|---|---|
//! | open | ticket: address of a page, two digits | opens the page in the system browser and shows the digits |
//! | reviewed | – | asks again later |
//! | refused | reason | says so; the user may ask for another ticket |
//! | passed | – | – |
//!
//! Invariant: only the issuer's word under the session is a verdict. Nothing that a browser does or says is one.
//! Normative text: `core/PROTOCOL.md` section 8.

use super::messages::{DONE, OUTCOME, Refused};
use crate::activation::address::Address;
use crate::error::{VerificationKind, VerificationRefusal};
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::SecretBytes;

/// What an issuer says about all verifications of an activation. No `Debug`: tickets.
pub enum Verifications {
    /// All have passed: message 3 may come.
    Passed,
    /// Not yet: how far each wanted one is, in the order of their bits.
    Open(Vec<(VerificationKind, Check)>),
    /// The activation is over.
    Refused(Refused),
}

/// How far one verification is. No `Debug`: a ticket lets whoever has it be verified in the holder's place.
#[derive(Clone, PartialEq, Eq)]
pub enum Check {
    /// The user has to open the ticket's page.
    Open(PageTicket),
    /// A person at the issuer decides.
    Reviewed {
        /// Seconds after which it makes sense to ask again.
        retry_after: u32,
    },
    /// Nothing more to do.
    Passed,
    /// Refused; there may be another ticket.
    Refused {
        /// Why.
        reason: VerificationRefusal,
    },
}

/// A page of the issuer that is good once. No `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PageTicket {
    /// The page's address: https, or http where the issuer is this machine.
    pub url: String,
    /// Two digits that the app and the page both show.
    pub number: String,
    /// Seconds after which it makes sense to ask, for an app that cannot tell when the user comes back.
    pub retry_after: u32,
}

impl VerificationKind {
    /// All, in the order of their bits.
    pub const ALL: [Self; 2] = [Self::Certificate, Self::Face];

    /// Its bit in messages 1 and 2.
    pub fn bit(self) -> u64 {
        match self {
            Self::Certificate => 1,
            Self::Face => 2,
        }
    }

    /// Those whose bits are set; unknown bits are no kind.
    pub fn of(bits: u64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |kind| bits & kind.bit() != 0)
    }

    /// Its key in an answer.
    fn key(self) -> u32 {
        match self {
            Self::Certificate => CERTIFICATE,
            Self::Face => FACE,
        }
    }
}

impl VerificationRefusal {
    /// Its number in an answer.
    pub fn number(self) -> u64 {
        match self {
            Self::Other => 0,
            Self::AnotherHolder => 1,
            Self::ByPerson => 2,
            Self::ByUser => 3,
        }
    }

    /// Numbers of later versions are read as `Other`.
    pub fn of(number: u64) -> Self {
        let all = [Self::AnotherHolder, Self::ByPerson, Self::ByUser];
        all.into_iter().find(|one| one.number() == number).unwrap_or(Self::Other)
    }
}

impl Verifications {
    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Passed => {
                let mut map = MapWriter::new(1);
                map.number(OUTCOME, DONE);
                map.finish()
            }
            Self::Refused(refused) => {
                let mut map = MapWriter::new(1 + refused.entries());
                refused.write(&mut map);
                map.finish()
            }
            Self::Open(checks) => {
                let entries = u64::try_from(checks.len()).map_err(|_| EncodingError::TooLong)?;
                let mut map = MapWriter::new(entries.saturating_add(1));
                map.number(OUTCOME, AWAITED);
                for (kind, check) in checks {
                    map.bytes(kind.key(), check.encode()?.expose());
                }
                map.finish()
            }
        }
    }

    /// Reads the answer to a request for the verifications `wanted`, which all have to be in it; what is said of
    /// others is skipped.
    pub fn decode(bytes: &[u8], wanted: u64) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &KEYS)?;
        if let Some(refused) = Refused::read(&fields)? {
            return Ok(Self::Refused(refused));
        }
        match fields.number(OUTCOME)? {
            DONE => return Ok(Self::Passed),
            AWAITED => {}
            _ => return Err(EncodingError::BadValue(OUTCOME)),
        }
        let read = |kind: VerificationKind| Ok((kind, Check::decode(fields.bytes(kind.key())?)?));
        let checks = VerificationKind::of(wanted).map(read).collect::<Result<Vec<_>, EncodingError>>()?;
        // "Not yet" and nothing that is missing contradict each other.
        if checks.iter().all(|(_, check)| *check == Check::Passed) {
            return Err(EncodingError::BadValue(OUTCOME));
        }
        Ok(Self::Open(checks))
    }
}

impl Check {
    fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(match self {
            Self::Open(_) => 4,
            Self::Reviewed { .. } | Self::Refused { .. } => 2,
            Self::Passed => 1,
        });
        match self {
            Self::Open(ticket) => {
                map.number(STATE, OPEN).text(URL, &ticket.url).text(NUMBER, &ticket.number);
                map.number(RETRY_AFTER, ticket.retry_after.into());
            }
            Self::Reviewed { retry_after } => {
                map.number(STATE, REVIEWED).number(RETRY_AFTER, (*retry_after).into());
            }
            Self::Passed => _ = map.number(STATE, PASSED),
            Self::Refused { reason } => _ = map.number(STATE, REFUSED).number(REASON, reason.number()),
        }
        map.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[STATE, URL, NUMBER, RETRY_AFTER, REASON])?;
        let retry_after = || match fields.small(RETRY_AFTER)? {
            seconds @ 1..=MAX_RETRY_AFTER => Ok(seconds),
            _ => Err(EncodingError::BadValue(RETRY_AFTER)),
        };
        match fields.number(STATE)? {
            OPEN => {
                let (url, number) = (fields.text(URL)?, fields.text(NUMBER)?);
                if !is_page(url) {
                    return Err(EncodingError::BadValue(URL));
                }
                if number.len() != 2 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
                    return Err(EncodingError::BadValue(NUMBER));
                }
                let (url, number) = (url.to_owned(), number.to_owned());
                Ok(Self::Open(PageTicket { url, number, retry_after: retry_after()? }))
            }
            REVIEWED => Ok(Self::Reviewed { retry_after: retry_after()? }),
            PASSED => Ok(Self::Passed),
            REFUSED => Ok(Self::Refused { reason: VerificationRefusal::of(fields.number(REASON)?) }),
            _ => Err(EncodingError::BadValue(STATE)),
        }
    }
}

/// True for what may be handed to a browser: https with a canonical address and a path, http to this machine only,
/// and no character that a browser or a terminal would take for something else.
fn is_page(url: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte);
    if url.len() > MAX_URL || !url.bytes().all(plain) {
        return false;
    }
    let (rest, secure) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let Some((host, _)) = rest.split_once('/') else { return false };
    Address::from_canonical(host).is_ok_and(|address| secure || address.is_loopback())
}

/// The longest address of a page in bytes.
pub const MAX_URL: usize = 1024;
/// The longest pause that an issuer may ask for, in seconds.
pub const MAX_RETRY_AFTER: u32 = 3600;
/// Where a page may send the browser when it is done, to wake the app. Whoever comes this way proves nothing.
pub const CALLBACK: &str = "softtoken://v";
const AWAITED: u64 = 101;
const CERTIFICATE: u32 = 10;
const FACE: u32 = 11;
const KEYS: [u32; 6] = [
    OUTCOME,
    super::messages::TRIES_LEFT,
    super::messages::REFUSED_KIND,
    super::messages::REFUSED_REASON,
    CERTIFICATE,
    FACE,
];
const STATE: u32 = 1;
const URL: u32 = 2;
const NUMBER: u32 = 3;
const RETRY_AFTER: u32 = 4;
const REASON: u32 = 5;
const OPEN: u64 = 0;
const REVIEWED: u64 = 1;
const PASSED: u64 = 2;
const REFUSED: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str, number: &str, retry_after: u32) -> Verifications {
        let ticket = PageTicket { url: url.into(), number: number.into(), retry_after };
        Verifications::Open(vec![
            (VerificationKind::Certificate, Check::Open(ticket)),
            (VerificationKind::Face, Check::Reviewed { retry_after: 30 }),
        ])
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let encoded = open("https://id.example.org:8443/verify/abc", "07", 2).encode().unwrap();
        let Ok(Verifications::Open(checks)) = Verifications::decode(encoded.expose(), 3) else { panic!() };
        assert!(
            matches!(&checks[0].1, Check::Open(ticket) if ticket.number == "07" && ticket.retry_after == 2)
        );
        assert!(checks[1].1 == Check::Reviewed { retry_after: 30 });
        assert!(Verifications::decode(encoded.expose(), 2).is_ok(), "what is not wanted is skipped");
        for end in 0..encoded.expose().len() {
            assert!(Verifications::decode(&encoded.expose()[..end], 3).is_err(), "cut at {end}");
        }
        for reason in [VerificationRefusal::AnotherHolder, VerificationRefusal::Other] {
            let refused = Refused::Verification { kind: VerificationKind::Face, reason };
            let encoded = Verifications::Refused(refused).encode().unwrap();
            let read = Verifications::decode(encoded.expose(), 2);
            assert!(matches!(read, Ok(Verifications::Refused(same)) if same == refused));
        }
    }

    #[test]
    fn an_answer_that_lacks_a_kind_or_contradicts_itself_is_refused() {
        let only = Verifications::Open(vec![(VerificationKind::Face, Check::Reviewed { retry_after: 1 })]);
        assert!(Verifications::decode(only.encode().unwrap().expose(), 3).is_err());
        let done = Verifications::Open(vec![(VerificationKind::Face, Check::Passed)]);
        assert!(Verifications::decode(done.encode().unwrap().expose(), 2).is_err());
        for wrong in [open("https://a.example/", "7", 2), open("https://a.example/", "07", 0)] {
            assert!(Verifications::decode(wrong.encode().unwrap().expose(), 3).is_err());
        }
    }

    #[test]
    fn only_pages_of_the_web_are_handed_to_a_browser() {
        let long = format!("https://a.example/{}", "a".repeat(MAX_URL));
        for url in ["https://a.example/v?t=1#2", "https://[2001:db8::7]:8443/", "http://127.0.0.1:8080/v"] {
            assert!(is_page(url), "{url}");
        }
        for url in [
            "http://a.example/v",
            "https://a.example",
            "https://A.example/v",
            "https://user@a.example/v",
            "https://a.example/v w",
            "https://a.example/\u{1b}[2J",
            "https://a.example/\"",
            "file:///etc/passwd",
            "javascript:alert(1)//",
            "-https://a.example/",
            "",
            &long,
        ] {
            assert!(!is_page(url), "{url}");
        }
    }
}
