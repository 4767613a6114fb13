//! Contacts with issuers after an activation: what they have to say, and what they are to be told.

use super::*;

/// The present state and its ticket.
#[uniffi::remote(Record)]
pub struct ContactStep {
    /// To be given back with the answer.
    pub ticket: Ticket,
    /// What is needed.
    pub state: ContactState,
}

/// What a contact needs, or what came of it.
#[uniffi::remote(Enum)]
pub enum ContactState {
    /// Send this and answer `Http` or `HttpProblem`.
    Exchange {
        /// The request.
        request: HttpRequest,
    },
    /// The issuer has said what is new, and it is stored.
    Done {
        /// What.
        news: ContactNews,
    },
    /// The issuer has nothing more to do with it.
    Ended {
        /// Why.
        end: ContactEnd,
    },
    /// It did not work out; whatever is stored stays true.
    Failed {
        /// Why.
        why: TokenError,
        /// `Retry` begins anew.
        retry: bool,
    },
}

/// What an issuer has said of an identity.
#[uniffi::remote(Record)]
pub struct ContactNews {
    /// Which identity.
    pub id: IdentityId,
    /// The issuer takes its codes; `false`: it shows none until a contact hears that the issuer has enabled it again.
    pub active: bool,
    /// It has another seed since this contact.
    pub renewed: bool,
    /// No older seed lives any more, and what was kept of it is gone.
    pub alone: bool,
    /// What the issuer demands from now on.
    pub policy: Policy,
    /// The issuer demands a longer PIN than there is: ask for a new one now.
    pub needs_pin: Option<PinRules>,
    /// Seconds that the issuer's clock is ahead of this device's, as codes are made from now on.
    pub clock_offset: i64,
}

/// Why there is nothing more to say.
#[uniffi::remote(Enum)]
pub enum ContactEnd {
    /// A queued deletion: the issuer knows, or does not care any more.
    Told,
    /// The issuer has deleted the token: the identity shows no more codes, and stays until the user activates it again or
    /// removes it.
    DeletedByIssuer,
    /// Another seed has replaced that of the identity: it was activated again elsewhere, or restored from a backup. It
    /// shows no more codes either.
    ReplacedElsewhere,
}

/// What comes back. No `Debug`: bodies are of no use in a log.
#[uniffi::remote(Enum)]
pub enum ContactInput {
    /// What the issuer answered.
    Http {
        /// The HTTP status.
        status: u16,
        /// The answer's body, at most `max_reply` bytes.
        body: Vec<u8>,
    },
    /// There is no answer.
    HttpProblem {
        /// Why.
        problem: HttpProblem,
    },
    /// Begins anew after `Failed` offered it.
    Retry,
}

/// What the device asks under a session.
#[uniffi::remote(Enum)]
pub enum Wish {
    /// What is new?
    Refresh,
    /// The seed and K_rec of this session shall replace those of the token.
    Rekey,
    /// The identity is gone from the device.
    Delete,
}

/// A deletion that its issuer has not acknowledged.
#[uniffi::remote(Record)]
pub struct DeletionView {
    /// Names the message; it was never the id of the identity.
    pub id: IdentityId,
    /// The name that the identity had.
    pub name: String,
    /// The issuer's address.
    pub address: String,
    /// The serial number, ten digits.
    pub serial: String,
    /// When the user deleted it; `None` when the clock could not be read.
    pub at: Option<UnixTime>,
}
