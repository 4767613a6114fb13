//! The check-up's question to an issuer: is somebody there, is it an issuer, and what time is it there?
//!
//! One GET for the issuer's card, to an address that the user typed just now. The answer's own `Date` is
//! compared; nothing on this computer is set, and no other time service is asked.

use serde_json::{Value, json};
use softtoken_core::TokenError;
use softtoken_core::activation::address::Address;
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::error::Untrusted;
use softtoken_core::ports::Clock;

use super::{Finding, OFFSET_WORTH_TELLING};
use crate::clock::SystemClock;
use crate::context::Context;
use crate::failure::Failure;
use crate::layout::duration;
use crate::net::issuer_clock::{self, LONGEST_ROUND_TRIP, Moment, Seen};
use crate::texts::printable;
use crate::words;

/// What was asked, and what came of it.
pub(super) struct Asked {
    ascii: String,
    name: String,
    seen: Result<Seen, HttpProblem>,
}

/// The address that the user typed.
pub(super) fn address(typed: &str) -> Result<Address, Failure> {
    Address::parse(typed).map_err(|wrong| {
        let (part, problem, position) = (wrong.part, wrong.problem, wrong.position);
        TokenError::NotUnderstood { part, problem, position }.into()
    })
}

/// Asks the issuer once.
pub(super) fn ask(context: &mut Context, address: &Address) -> Asked {
    let name = printable(&address.unicode());
    if context.ask.is_person() {
        context.ask.say(&format!("Asking {name} for its time …"));
    }
    let seen = issuer_clock::ask(&context.courier, address, now);
    Asked { ascii: address.ascii().to_owned(), name, seen }
}

impl Asked {
    /// What needs attention.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let name = &self.name;
        let seen = match &self.seen {
            Ok(seen) => seen,
            Err(HttpProblem::NoNetwork | HttpProblem::Timeout) => {
                let text = format!("{name} cannot be reached. Check the network and the address.");
                return vec![Finding { kind: "issuer_unreachable", text }];
            }
            Err(HttpProblem::Tls) => {
                let text = words::untrusted(Untrusted::Connection).1.into();
                return vec![Finding { kind: "issuer_untrusted", text }];
            }
            Err(HttpProblem::TooLarge) => return vec![self.unknown()],
        };
        let mut findings = Vec::new();
        if !seen.is_issuer {
            findings.push(self.unknown());
        }
        match seen.ahead {
            Some(ahead) if ahead.unsigned_abs() >= OFFSET_WORTH_TELLING => {
                let (apart, way) = (duration(ahead.unsigned_abs()), side(ahead));
                let text = format!(
                    "The clock of this computer is {apart} {way} that of {name}. Set it, best from the network: \
                     softtoken does not touch it."
                );
                findings.push(Finding { kind: "clock_differs", text });
            }
            Some(_) => {}
            None => {
                let why = if seen.round_trip > LONGEST_ROUND_TRIP {
                    "its answer took too long"
                } else {
                    "its answer has no date"
                };
                let text = format!("The clock could not be compared with that of {name}: {why}.");
                findings.push(Finding { kind: "clock_not_compared", text });
            }
        }
        findings
    }

    /// A sentence for people where the clocks agree.
    pub(super) fn good_news(&self) -> Option<String> {
        let ahead = self.seen.ok()?.ahead?;
        match ahead.unsigned_abs() {
            0..=1 => Some(format!("The clock agrees with that of {}.\n", self.name)),
            2..OFFSET_WORTH_TELLING => Some(format!(
                "The clock is {} {} that of {}, which does no harm.\n",
                duration(ahead.unsigned_abs()),
                side(ahead),
                self.name
            )),
            _ => None,
        }
    }

    /// `{"address", "reached", "is_issuer", "round_trip_ms", "ahead"}`; `ahead` are seconds.
    pub(super) fn json(&self) -> Value {
        let seen = self.seen.ok();
        json!({
            "address": self.ascii,
            "reached": seen.is_some(),
            "is_issuer": seen.is_some_and(|seen| seen.is_issuer),
            "round_trip_ms": seen.map(|seen| seen.round_trip),
            "ahead": seen.and_then(|seen| seen.ahead),
        })
    }

    fn unknown(&self) -> Finding {
        let text = format!(
            "{} answers, but not as an issuer of soft tokens. Compare the address with the one in the mail or \
             the portal.",
            self.name
        );
        Finding { kind: "issuer_unknown", text }
    }
}

/// Where this computer's clock stands when the issuer's is `ahead` of it.
fn side(ahead: i64) -> &'static str {
    if ahead > 0 { "behind" } else { "ahead of" }
}

fn now() -> Moment {
    let steady = SystemClock.elapsed().map_or(0, |elapsed| elapsed.millis);
    Moment { wall: SystemClock::millis().unwrap_or(0), steady }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(seen: Result<Seen, HttpProblem>) -> Asked {
        Asked { ascii: "idp.example.org".into(), name: "idp.example.org".into(), seen }
    }

    fn seen(ahead: Option<i64>) -> Asked {
        asked(Ok(Seen { is_issuer: true, round_trip: 40, ahead }))
    }

    fn kinds(asked: &Asked) -> Vec<&'static str> {
        asked.findings().iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_clock_that_is_off_is_told_with_its_side() {
        for (ahead, words) in [(252, "4 min 12 s behind"), (-7320, "2 h 2 min ahead of")] {
            let findings = seen(Some(ahead)).findings();
            assert_eq!(findings[0].kind, "clock_differs");
            assert!(findings[0].text.contains(words), "{}", findings[0].text);
            assert_eq!(seen(Some(ahead)).good_news(), None);
        }
    }

    #[test]
    fn a_clock_that_agrees_is_good_news() {
        for (ahead, words) in [(0, "agrees"), (-1, "agrees"), (3, "3 s behind"), (-14, "14 s ahead of")] {
            assert!(kinds(&seen(Some(ahead))).is_empty());
            assert!(seen(Some(ahead)).good_news().unwrap().contains(words), "{ahead}");
        }
    }

    #[test]
    fn what_keeps_the_clocks_from_being_compared_is_told() {
        for (result, kind) in [
            (Err(HttpProblem::NoNetwork), "issuer_unreachable"),
            (Err(HttpProblem::Timeout), "issuer_unreachable"),
            (Err(HttpProblem::Tls), "issuer_untrusted"),
            (Err(HttpProblem::TooLarge), "issuer_unknown"),
            (Ok(Seen { is_issuer: false, round_trip: 1, ahead: Some(0) }), "issuer_unknown"),
            (Ok(Seen { is_issuer: true, round_trip: 6000, ahead: None }), "clock_not_compared"),
        ] {
            assert_eq!(kinds(&asked(result)), [kind], "{result:?}");
        }
    }

    #[test]
    fn a_script_hears_the_seconds_and_whether_it_was_the_issuer() {
        let json = seen(Some(-90)).json();
        assert_eq!(
            (&json["ahead"], &json["reached"], &json["is_issuer"]),
            (&(-90).into(), &true.into(), &true.into())
        );
        let json = asked(Err(HttpProblem::NoNetwork)).json();
        assert_eq!((&json["ahead"], &json["reached"]), (&Value::Null, &false.into()));
    }
}
