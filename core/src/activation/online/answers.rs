//! What an issuer's refusals, a driver's problems and a reply that is none mean to the user.

use super::HttpProblem;
use crate::TokenError;
use crate::activation::exchange::{ExchangeError, Refused};
use crate::error::{Unsupported, Untrusted};
use crate::time::UnixTime;

/// Why it is over, by the issuer's word.
pub(crate) fn ended(refused: Refused) -> TokenError {
    match refused {
        Refused::AlreadyUsed => TokenError::AlreadyUsed,
        Refused::Declined => TokenError::Declined,
        Refused::Expired => TokenError::Expired,
        Refused::Superseded => TokenError::Superseded,
        Refused::Unsupported => TokenError::Unsupported { what: Unsupported::ActivationType },
        Refused::Verification { kind, reason } => TokenError::VerificationRefused { kind, reason },
        Refused::Void => TokenError::Void,
        Refused::WrongPassword { tries_left } => {
            TokenError::WrongPassword { tries_left: Some(tries_left.into()) }
        }
        Refused::Other(number) => TokenError::ServerRefused { status: number.into() },
    }
}

/// Why there is no answer.
pub(crate) fn unanswered(problem: HttpProblem) -> TokenError {
    match problem {
        HttpProblem::NoNetwork | HttpProblem::Timeout => TokenError::NoNetwork,
        HttpProblem::Tls => TokenError::Untrusted { what: Untrusted::Connection },
        HttpProblem::TooLarge => TokenError::Untrusted { what: Untrusted::Reply },
    }
}

/// Why an answer was not taken, or a request not made.
pub(crate) fn exchange_error(error: ExchangeError) -> TokenError {
    match error {
        ExchangeError::AnotherSerial
        | ExchangeError::BadReply
        | ExchangeError::CodeSkipped
        | ExchangeError::TooLong => TokenError::Untrusted { what: Untrusted::Reply },
        ExchangeError::Issuer(_) => TokenError::Untrusted { what: Untrusted::Issuer },
        ExchangeError::Verification => TokenError::Unsupported { what: Unsupported::ActivationType },
        ExchangeError::DeviceLabel
        | ExchangeError::Encoding(_)
        | ExchangeError::NoRandom(_)
        | ExchangeError::NotNow => TokenError::Internal,
    }
}

/// Seconds that the issuer's clock is ahead, as far as they matter: what the answer took on its way is no
/// offset, and more than a day is no clock to follow.
pub(crate) fn clock_offset(issuer: UnixTime, device: UnixTime) -> i64 {
    let seconds = i64::try_from(issuer.0.abs_diff(device.0)).unwrap_or(MOST).min(MOST);
    match seconds {
        ..=ON_ITS_WAY => 0,
        _ if issuer > device => seconds,
        _ => seconds.saturating_neg(),
    }
}

/// Seconds that an answer may take.
const ON_ITS_WAY: i64 = 5;
const MOST: i64 = 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_learned_when_it_matters_and_no_more_than_a_day_of_it() {
        for (issuer, device, offset) in [
            (1_000_000, 1_000_000, 0),
            (1_000_005, 1_000_000, 0),
            (1_000_006, 1_000_000, 6),
            (1_000_000, 1_000_090, -90),
            (u64::MAX, 0, MOST),
            (0, u64::MAX, -MOST),
        ] {
            assert_eq!(clock_offset(UnixTime(issuer), UnixTime(device)), offset);
        }
    }
}
