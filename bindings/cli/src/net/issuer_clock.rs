//! The issuer's clock, from the `Date` of its own answer.
//!
//! A date has a resolution of one second, and the answer was on its way for some time: the middle of the second is
//! compared with the middle of the round trip. After a round trip of more than five seconds nothing is said.

use softtoken_core::activation::address::Address;
use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use softtoken_core::activation::exchange::IssuerCard;

use super::{Courier, Reply};

/// This computer's clocks, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Since 1970.
    pub wall: u64,
    /// Since anything, without jumps.
    pub steady: u64,
}

/// What one question told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Whether the answer was an issuer's card with a signature that fits.
    pub is_issuer: bool,
    /// Milliseconds from question to answer.
    pub round_trip: u64,
    /// Seconds by which the issuer's clock is ahead of this one; `None` when that cannot be said.
    pub ahead: Option<i64>,
}

/// Asks once: a second try would say nothing about the time of the first.
pub fn ask(courier: &Courier, address: &Address, now: impl Fn() -> Moment) -> Result<Seen, HttpProblem> {
    let before = now();
    let reply = courier.once(&HttpRequest::card(address))?;
    let after = now();
    let round_trip = after.steady.saturating_sub(before.steady);
    let ahead = reply.date.filter(|_| round_trip <= LONGEST_ROUND_TRIP).map(|date| {
        let theirs = i128::from(date.0) * 1000 + 500;
        let ours = i128::from(after.wall) - i128::from(round_trip / 2);
        i64::try_from((theirs - ours) / 1000).unwrap_or(i64::MAX)
    });
    Ok(Seen { is_issuer: is_card(&reply, address), round_trip, ahead })
}

fn is_card(reply: &Reply, address: &Address) -> bool {
    let card = (reply.status == 200).then(|| IssuerCard::decode(&reply.body).ok()).flatten();
    card.is_some_and(|card| card.proof.check(address, &card.handshake_key, None).is_ok())
}

/// In milliseconds; beyond it the middle of the round trip says too little.
pub const LONGEST_ROUND_TRIP: u64 = 5000;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use softtoken_core::time::UnixTime;

    use super::*;
    use crate::net::scripted::{Played, status};

    /// The offset that is seen when the issuer says `date` to a question that left at second 1000 and took `millis`.
    fn seen(date: Option<u64>, millis: u64) -> Seen {
        let answer = Reply { status: 200, date: date.map(UnixTime), body: Vec::new() };
        let (played, asked) = (Played::answering([Ok(answer)]), Cell::new(0));
        let now = || {
            let passed = asked.replace(millis);
            Moment { wall: 1_000_000 + passed, steady: 77 + passed }
        };
        ask(&played.courier(), &Address::from_canonical("idp.example.org").unwrap(), now).unwrap()
    }

    #[test]
    fn the_middle_of_the_round_trip_is_compared() {
        for (date, millis, ahead) in [
            (1000, 0, 0),
            (1000, 1000, 0),
            (1001, 4000, 0),
            (1060, 200, 60),
            (940, 200, -59),
            (1002, 5000, 0),
        ] {
            assert_eq!(seen(Some(date), millis).ahead, Some(ahead), "{date} after {millis} ms");
        }
        assert_eq!(seen(Some(u64::MAX), 0).ahead, Some(i64::MAX));
    }

    #[test]
    fn a_slow_answer_and_one_without_a_date_say_nothing() {
        assert_eq!(seen(Some(9000), 5001), Seen { is_issuer: false, round_trip: 5001, ahead: None });
        assert_eq!(seen(None, 10).ahead, None);
    }

    #[test]
    fn one_question_is_asked_and_it_is_the_one_for_the_card() {
        let played = Played::answering([status(404)]);
        let address = Address::from_canonical("idp.example.org").unwrap();
        let moment = || Moment { wall: 0, steady: 0 };
        assert!(!ask(&played.courier(), &address, moment).unwrap().is_issuer);
        let sent = played.sent.borrow();
        assert_eq!((sent.len(), sent[0].url.as_str()), (1, "https://idp.example.org/.well-known/softtoken"));
        let unreachable = Played::answering([Err(HttpProblem::NoNetwork)]);
        assert_eq!(ask(&unreachable.courier(), &address, moment), Err(HttpProblem::NoNetwork));
    }
}
