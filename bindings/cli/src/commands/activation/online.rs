//! The part of an activation that needs the issuer: requests carried, and what to do when that fails.
//!
//! Nothing is sent before consent, because the core asks for nothing before. The step to offline is a person's
//! choice, asked where the core offers it; a script has made it in advance (`--offline`) or hears of it.

use softtoken_core::TokenError;
use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use softtoken_core::activation::state::{ActivationInput, Retry};
use softtoken_core::error::PinProblem;

use super::Driver;
use crate::context::Context;
use crate::failure::Failure;
use crate::net::courier::RETRIES;
use crate::texts::{self, printable};

impl Driver<'_> {
    /// Carries a request to the issuer; a person sees that something goes on.
    pub(super) fn carry(&mut self, request: &HttpRequest) -> ActivationInput {
        if self.choices.offline {
            return ActivationInput::HttpProblem { problem: HttpProblem::NoNetwork };
        }
        let Context { ask, courier, .. } = &mut *self.context;
        let person = ask.is_person();
        if person && !std::mem::replace(&mut self.sending_told, true) {
            ask.say(&format!("Asking {} …", host(&request.url)));
        }
        let again = |number: usize| {
            if person {
                ask.say(&format!("No answer. Trying again ({number} of {RETRIES}) …"));
            }
        };
        match courier.carry(request, again) {
            Ok(reply) => {
                self.reached = true;
                ActivationInput::Http { status: reply.status, body: reply.body }
            }
            Err(problem) => ActivationInput::HttpProblem { problem },
        }
    }

    /// What a person decides after a failure; without one, or when there is nothing to decide, it is the end.
    pub(super) fn after_failure(
        &mut self,
        why: TokenError,
        retry: Retry,
    ) -> Result<ActivationInput, Failure> {
        let refused = matches!(why, TokenError::VerificationRefused { .. });
        let failure = Failure::from(why);
        if refused && retry == Retry::Now && self.choices.try_again {
            // Once: a second refusal came while this command ran.
            if !std::mem::replace(&mut self.tried_again, true) {
                self.context.ask.say(failure.message());
                return Ok(ActivationInput::Retry);
            }
        }
        let ways_out = match retry {
            Retry::Never => return Err(failure),
            Retry::NowOrOffline if self.choices.offline => return Ok(ActivationInput::ContinueOffline),
            Retry::Now if self.choices.offline => return Err(failure.saying(TOO_LATE)),
            Retry::Now => GO_ON,
            Retry::NowOrOffline => GO_ON_OR_OFFLINE,
        };
        let ask = self.context.ask.as_mut();
        if ask.is_person() {
            ask.say(failure.message());
            if retry == Retry::NowOrOffline && ask.agrees("Continue without network? Nothing will be sent.") {
                return Ok(ActivationInput::ContinueOffline);
            }
            if ask.agrees("Try again?") {
                return Ok(ActivationInput::Retry);
            }
        }
        let message = format!("{} {ways_out}", failure.message());
        Err(failure.saying(message))
    }
}

/// A PIN that is too short for the issuer ends the command and not the activation.
pub(super) fn pin_first(error: TokenError) -> Failure {
    let too_short = matches!(error, TokenError::PinRefused { problem: PinProblem::TooShort { .. } });
    let sentence = texts::sentence(&error);
    let failure = Failure::from(error);
    if too_short {
        failure.saying(format!("The issuer demands a longer PIN. {sentence} {CHANGE_PIN}"))
    } else {
        failure
    }
}

/// The host of an address that the core has made.
fn host(url: &str) -> String {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    printable(behind.split('/').next().unwrap_or(behind))
}

const GO_ON: &str = "The activation stays pending: `softtoken resume NAME` goes on.";
const GO_ON_OR_OFFLINE: &str = "The activation stays pending: `softtoken resume NAME` goes on, and the same \
                                `add` with --offline continues without network.";
const TOO_LATE: &str = "This activation has to go on over the network, and nothing was sent now. `softtoken resume NAME` \
                        goes on; `softtoken abandon NAME` gives it up.";
const CHANGE_PIN: &str = "`softtoken change-pin` changes it, then `softtoken resume NAME` goes on.";
