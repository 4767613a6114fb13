//! What an activation shows, and what it takes: states with their tickets, and answers.

use super::*;

/// The current state and its ticket.
#[uniffi::remote(Record)]
pub struct ActivationStep {
    /// To be echoed by the next input.
    pub ticket: Ticket,
    /// What to show.
    pub state: ActivationState,
}

/// What an activation needs next. No `Debug`: it may hold a registration code.
///
/// An app is a loop over it, and a state is answered with its ticket:
///
/// ```text
/// loop {
///     step = match step.state {
///         Exchange { request } => match transport.send(&request) {
///             Ok((status, body)) => advance(step.ticket, Http { status, body }),
///             Err(problem) => advance(step.ticket, HttpProblem { problem }),
///         },
///         Verify { url, number, retry_after, awaited, .. } => show(number) and, unless awaited, open the system browser;
///             advance(step.ticket, BrowserReturned | BrowserDismissed), or Poll after retry_after seconds
///         Waiting { retry_after, .. } => advance(step.ticket, Poll) after retry_after seconds
///         Failed { why, retry: Now } => ask(why, [Retry, "later"]),
///         Failed { why, retry: NowOrOffline } => ask(why, [Retry, ContinueOffline, "later"]),
///         ShowRegistrationCode { code, awaited, .. } => show(code, awaited, [Confirmed, Cancel, "later"]),
///         NeedsPin { .. } => { unlock, set or change the PIN; advance(step.ticket, PinReady) }
///         NeedsPassword { .. } => supply_password(step.ticket, ask_password()),
///         NeedsDetails { .. } => …, NeedsConsent { .. } => …,
///         Done { .. } | Failed { retry: Never, .. } => break,
///     }
/// }
/// ```
///
/// "Later" drops the handle: what is pending is continued with `resume_activation`, or with the same text or typed
/// values, exactly where it stopped. `Cancel` gives it up for good, also after message 3; the issuer is not told.
/// A vault that locks while an answer is under way answers `VaultLocked`: unlock it, and give the same answer
/// again. Under `Failed` with `Retry::Never` nothing is pending any longer.
#[uniffi::remote(Enum)]
pub enum ActivationState {
    /// A PIN must be set (first start), the vault must be unlocked, or, when it is open, its PIN must be
    /// changed for one that is long enough for this issuer; then `PinReady`.
    NeedsPin {
        /// Rules for a new PIN.
        rules: PinRules,
        /// False on first start.
        exists: bool,
    },
    /// A password must be supplied with `supply_password`.
    NeedsPassword {
        /// Of what.
        of: PasswordOf,
        /// The last one was wrong.
        wrong: bool,
        /// How many more may be tried, where somebody counts.
        tries_left: Option<u32>,
    },
    /// Typed values are missing or wrong; everything typed so far is kept.
    NeedsDetails {
        /// What was typed so far.
        fields: TypedFields,
        /// What is wrong, field by field.
        problems: Vec<FieldProblem>,
    },
    /// The *Activate Identity* page.
    NeedsConsent {
        /// What is about to be activated.
        summary: ConsentSummary,
        /// The name to pre-fill; empty when the user has to choose one.
        name: String,
        /// Set after a name clash: a free name.
        taken: Option<String>,
    },
    /// A request has to be carried to the issuer: answer with `Http` or `HttpProblem`. What is needed to go on
    /// after the end of the process is stored already.
    Exchange {
        /// What to send, and where to.
        request: HttpRequest,
    },
    /// The *Verification* page: `url` has to be opened in the system's own browser. Only the issuer's word counts,
    /// so the browser's return asks for it and says nothing by itself.
    Verify {
        /// The pending identity.
        id: IdentityId,
        /// What has to be proven.
        kind: VerificationKind,
        /// The issuer's page, good once: https, or http where the issuer is this machine.
        url: String,
        /// A link that begins like this on that page brings the user back; what is behind it means nothing.
        callback: CallbackLink,
        /// Two digits that the page shows too; the user compares them.
        number: String,
        /// What the page calls this device.
        device: String,
        /// The serial number that the page shows.
        serial: String,
        /// Seconds after which an app that cannot tell when the user comes back may `Poll`.
        retry_after: u32,
        /// The issuer was asked just now, and the verification is not done.
        awaited: bool,
    },
    /// A person at the issuer looks at a verification. It may take days: the activation can be left and resumed.
    Waiting {
        /// The pending identity.
        id: IdentityId,
        /// What is looked at.
        kind: VerificationKind,
        /// Seconds after which to `Poll`.
        retry_after: u32,
    },
    /// The registration code page. Over the network `Confirmed` asks the issuer.
    ShowRegistrationCode {
        /// The pending identity.
        id: IdentityId,
        /// What the user types at the issuer, as it is shown (`12211-49352`).
        code: SecretText,
        /// What to type there next: the identity's live code.
        live_code: Option<SecretText>,
        /// When the activation expires by the issuer's word.
        expires_at: Option<UnixTime>,
        /// The issuer was asked just now, and still waits for the code.
        awaited: bool,
    },
    /// Finished.
    Done {
        /// The new identities, in the order of the source.
        added: Vec<IdentityId>,
        /// Entries of a list that could not be added.
        refused: Vec<RefusedView>,
    },
    /// Over, or stuck until the user decides.
    Failed {
        /// Why.
        why: TokenError,
        /// What can be done.
        retry: Retry,
    },
}

/// Whose password is asked for.
#[uniffi::remote(Enum)]
pub enum PasswordOf {
    /// The 8-digit password that came with a QR code.
    QrCode,
    /// The PIN that mOTP and Yandex mix into codes.
    OtpPin,
    /// A file's password.
    File,
    /// A file's pre-shared key, in hex digits.
    FileKey,
}

/// A typed field that needs attention.
#[uniffi::remote(Record)]
pub struct FieldProblem {
    /// Which field.
    pub part: Part,
    /// What is wrong.
    pub problem: Problem,
    /// Where, in characters (digits for codes) from 0.
    pub position: Option<u32>,
}

/// What can be done about a failure.
#[uniffi::remote(Enum)]
pub enum Retry {
    /// Nothing: start again with another activation.
    Never,
    /// `Retry` goes on where it stopped; the activation stays pending until then.
    Now,
    /// The same, or the user may choose to continue without network (`ContinueOffline`).
    NowOrOffline,
}

/// What the app answers. No `Debug`: details hold the activation code.
#[uniffi::remote(Enum)]
pub enum ActivationInput {
    /// The vault was unlocked, or a PIN was set.
    PinReady,
    /// Typed values.
    Details(TypedFields),
    /// The user agrees and names the identity (`None` takes the pre-filled name; lists name themselves).
    Consent {
        /// The name to use.
        name: Option<String>,
    },
    /// The user does not agree: nothing was stored.
    Decline,
    /// Continue without network, after `Failed` offered it.
    ContinueOffline,
    /// Goes on after `Failed` offered it.
    Retry,
    /// What the issuer answered to the request of `Exchange`.
    Http {
        /// The HTTP status.
        status: u16,
        /// The answer's body, at most `max_reply` bytes.
        body: Vec<u8>,
    },
    /// There is no answer to the request of `Exchange`.
    HttpProblem {
        /// Why.
        problem: HttpProblem,
    },
    /// The browser has come back from the page of `Verify`.
    BrowserReturned,
    /// The user has closed the page of `Verify`.
    BrowserDismissed,
    /// Asks the issuer again how far a verification is.
    Poll,
    /// The portal accepted the registration code.
    Confirmed,
    /// Drop the pending identity.
    Cancel,
}
