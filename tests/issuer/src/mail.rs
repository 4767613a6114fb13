//! What the issuer tells people outside of its pages, and the port that takes it away.
//!
//! A mail is handed over after the decision that it tells of is durable, never before.

pub mod carrier;
pub mod due;
pub mod letter;
mod notices;
pub mod post;

use std::sync::Mutex;

use zeroize::Zeroizing;

/// Takes mails away. It must not block for long: the caller is answering somebody.
pub trait Outbox: Send + Sync {
    /// Takes one; a failure is the outbox's to repeat and report.
    fn send(&self, mail: Mail);
}

/// One mail.
pub struct Mail {
    /// Address of the holder; a holder without one gets no mail.
    pub to: String,
    /// The holder's user name.
    pub user: String,
    /// What it tells.
    pub kind: MailKind,
}

/// What a mail tells.
pub enum MailKind {
    /// How to activate. It holds the order's secrets.
    Activation(Box<Activation>),
    /// Another device than the one that claimed the order has tried it.
    AlreadyUsed {
        /// Of the token.
        serial: String,
    },
    /// The token is active now.
    Activated {
        /// Of the token.
        serial: String,
        /// What the device calls itself.
        device: String,
    },
    /// Something was done with the account that its holder should know of.
    Notice(Notice),
    /// A way to choose another password. It opens the account's first step.
    PasswordLink {
        /// Good for one use.
        link: Zeroizing<String>,
    },
}

/// What was done with an account, for its holder to object to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// An unlock code was shown for the token of this serial number.
    UnlockCode(String),
    /// The help desk gave out an unlock code for the token of this serial number.
    UnlockCodeByDesk(String),
    /// The help desk has reset the token of this serial number.
    ResetByDesk(String),
    /// The password is another one.
    PasswordChanged,
    /// The questions and answers are others.
    QuestionsChanged,
    /// Somebody has signed in by answers instead of a code.
    SignedInByAnswers,
    /// The token of this serial number was disabled.
    AuthenticatorDisabled(String),
    /// The token of this serial number was deleted.
    AuthenticatorDeleted(String),
    /// A token of this serial number was added.
    AuthenticatorAdded(String),
}

impl MailKind {
    /// For the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Activation(_) => "activation",
            Self::AlreadyUsed { .. } => "already used",
            Self::Activated { .. } => "activated",
            Self::Notice(_) => "notice",
            Self::PasswordLink { .. } => "password link",
        }
    }
}

/// A new order with everything that a page, a mail or the REST interface shows. No `Debug`: secrets.
///
/// Fields are `None` for doors that the order does not have.
pub struct Activation {
    /// The order.
    pub order: String,
    /// The token.
    pub token: String,
    /// The issuer's canonical address.
    pub activation_address: String,
    /// Ten digits.
    pub serial_number: String,
    /// 16 digits.
    pub activation_code: Option<Zeroizing<String>>,
    /// `https://…/a#2.…`.
    pub link_https: Option<Zeroizing<String>>,
    /// `softtoken://a#2.…`; only for orders that are confirmed in the portal.
    pub link_app: Option<Zeroizing<String>>,
    /// Content of the QR code.
    pub qr_text: Option<Zeroizing<String>>,
    /// Eight digits, to be sent on another way than the QR code.
    pub password: Option<Zeroizing<String>>,
    /// Unix seconds by the issuer's clock.
    pub expires_at: u64,
}

/// An outbox that drops everything.
pub struct NoMail;

/// An outbox that keeps what it is given, for tests.
#[derive(Default)]
pub struct KeptMail(Mutex<Vec<Mail>>);

impl Outbox for NoMail {
    fn send(&self, _: Mail) {}
}

impl KeptMail {
    /// Everything since the last call.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Outbox for KeptMail {
    fn send(&self, mail: Mail) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail);
    }
}
