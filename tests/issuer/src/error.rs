//! One error for the whole issuer: an HTTP status, a public code and a sentence without secrets.
//!
//! Faults of the issuer itself say nothing of their cause to the outside; [`Error::report`] tells the
//! operator.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value is missing or malformed.
    #[error("{0} is missing or not understood")]
    BadValue(&'static str),
    /// The bytes do not open or are no message of the protocol.
    #[error("The message does not open.")]
    Unreadable,
    /// No such user, token, order or session.
    #[error("Not found.")]
    NotFound,
    /// A number or time that was there already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The token's or order's state does not allow it.
    #[error("Not possible in this state.")]
    WrongState,
    /// A sealed request with a number that is not next.
    #[error("Out of turn.")]
    OutOfTurn,
    /// The registration code, or the first code after it, is not the app's.
    #[error("Registration code does not match")]
    RegistrationCode,
    /// A code or response is wrong.
    #[error("Invalid Response.")]
    InvalidResponse,
    /// The serial number of a hardware token is unknown, or somebody has the token.
    #[error("The Token Serial Number you have entered is invalid.")]
    SerialNumber,
    /// The order has expired.
    #[error("The activation code has expired.")]
    Expired,
    /// Too many wrong values: the order is void.
    #[error("The activation is void.")]
    Void,
    /// The token is locked.
    #[error("The token is locked.")]
    Locked,
    /// Too many tries in the last hour.
    #[error("Too many tries.")]
    TooManyTries,
    /// More bytes than this request may have.
    #[error("The body is too large.")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("The body came too slowly.")]
    TooSlow,
    /// The body is not of the kind that this request takes.
    #[error("Content-Type must be application/json.")]
    MediaType,
    /// The path exists, but not with this method.
    #[error("This method is not for this address.")]
    Method,
    /// The request names another host.
    #[error("This host is not served here.")]
    Misdirected,
    /// Nobody is signed in, or not with this key.
    #[error("Sign in first.")]
    Unauthorized,
    /// Signed in, but not for this.
    #[error("Not allowed.")]
    Forbidden,
    /// Nobody would be left to administer the portal.
    #[error("The last administrator stays.")]
    LastAdmin,
    /// A form that was not sent by one of our own pages, or by another browser.
    #[error("This form was not sent from this page.")]
    ForeignForm,
    /// No such user, or another password.
    #[error("User name or password is wrong.")]
    WrongPassword,
    /// The settings or a key file cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The database failed; nothing was decided.
    #[error("The database is not available.")]
    Database(#[from] sqlx::Error),
    /// The group that this change was written with could not be committed; nothing was decided.
    #[error("The database is not available.")]
    NotCommitted,
    /// The issuer is shutting down.
    #[error("Shutting down.")]
    Stopping,
    /// A sealed value does not open: the key file is another one, or the row is damaged.
    #[error("Internal error.")]
    KeyMismatch,
    /// A file could not be read or written.
    #[error("A file is not available.")]
    File(#[from] std::io::Error),
    /// Something that cannot be: a damaged row, a key that does not fit. The text is for the operator.
    #[error("Internal error.")]
    Internal(&'static str),
}

/// The issuer's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadValue(_)
            | Self::Unreadable
            | Self::RegistrationCode
            | Self::InvalidResponse
            | Self::SerialNumber => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Unauthorized | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Locked | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Exists(_) | Self::LastAdmin | Self::WrongState | Self::OutOfTurn => StatusCode::CONFLICT,
            Self::Expired | Self::Void => StatusCode::GONE,
            Self::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
            Self::Database(_) | Self::NotCommitted | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Settings(_) | Self::File(_) | Self::Internal(_) | Self::KeyMismatch => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The public code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadValue(_) => "bad_value",
            Self::Unreadable => "unreadable",
            Self::NotFound => "not_found",
            Self::Exists(_) => "exists",
            Self::WrongState => "wrong_state",
            Self::OutOfTurn => "out_of_turn",
            Self::RegistrationCode => "registration_code_does_not_match",
            Self::InvalidResponse => "invalid_response",
            Self::SerialNumber => "invalid_serial_number",
            Self::Expired => "activation_expired",
            Self::Void => "activation_void",
            Self::Locked => "token_locked",
            Self::TooManyTries => "too_many_tries",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::MediaType => "media_type",
            Self::Method => "method_not_allowed",
            Self::Misdirected => "misdirected",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::LastAdmin => "last_admin",
            Self::ForeignForm => "foreign_form",
            Self::WrongPassword => "wrong_password",
            Self::Database(_) | Self::NotCommitted | Self::Stopping => "unavailable",
            Self::Settings(_) | Self::File(_) | Self::Internal(_) | Self::KeyMismatch => "internal",
        }
    }

    /// Writes the [`cause`](Self::cause) to standard error, where a service's log is.
    pub fn report(&self) {
        if let Some(cause) = self.cause() {
            eprintln!("softtoken-issuer: {cause}");
        }
    }

    /// What an operator should know and nobody else; `None` for errors of the caller.
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Database(error) => Some(error.to_string()),
            Self::File(error) => Some(error.to_string()),
            Self::Internal(text) => Some((*text).to_owned()),
            Self::Settings(text) => Some(text.clone()),
            Self::NotCommitted => Some("a commit failed".into()),
            Self::KeyMismatch => Some("a sealed value does not open with the key file".into()),
            _ => None,
        }
    }
}

impl From<softtoken_core::random::NoRandom> for Error {
    fn from(_: softtoken_core::random::NoRandom) -> Self {
        Self::Internal("no random bytes")
    }
}

/// `{"errorCode": …, "errorMessage": …}` as the public IDaaS interface has it.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.report();
        let message = match self {
            Self::Settings(_) => "Internal error.".to_owned(),
            _ => self.to_string(),
        };
        let body = serde_json::json!({ "errorCode": self.code(), "errorMessage": message });
        (self.status(), Json(body)).into_response()
    }
}
