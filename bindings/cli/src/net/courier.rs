//! Carries a request until there is an answer or no point in going on.
//!
//! What is sent again are the same bytes: an issuer that has seen them answers as before. A refused certificate
//! and an answer that is too long will not get better, and neither will an answer with a status of its own.
//! What the last try says about bytes that have left is said of all of them.

use std::time::Duration;

use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use softtoken_core::random::Random;

use super::https::Https;
use super::{Reply, Transport};

/// A transport, and how to pause between two tries.
pub struct Courier {
    transport: Box<dyn Transport>,
    pause: Box<dyn Fn(Duration)>,
    below: Box<dyn Fn(u64) -> u64>,
}

impl Courier {
    /// Over the network.
    pub fn new() -> Self {
        // Without random numbers the longest pause is as good.
        let below = |bound: u64| Random::system().below(bound).unwrap_or(bound.saturating_sub(1));
        Self::with(Box::new(Https::new()), Box::new(std::thread::sleep), Box::new(below))
    }

    /// With all of it chosen; `below` draws a number below its argument.
    pub fn with(
        transport: Box<dyn Transport>,
        pause: Box<dyn Fn(Duration)>,
        below: Box<dyn Fn(u64) -> u64>,
    ) -> Self {
        Self { transport, pause, below }
    }

    /// One try.
    pub fn once(&self, request: &HttpRequest) -> Result<Reply, HttpProblem> {
        self.transport.send(request)
    }

    /// Up to four tries; `again` hears of each further one, counted from 1, before its pause.
    pub fn carry(&self, request: &HttpRequest, mut again: impl FnMut(usize)) -> Result<Reply, HttpProblem> {
        let (mut answer, mut left) = (self.once(request), false);
        for (number, longest) in (1..).zip(PAUSES) {
            if !is_worth_another_try(&answer) {
                break;
            }
            left |= may_have_left(&answer);
            again(number);
            (self.pause)(self.jittered(longest));
            answer = self.once(request);
        }
        match answer {
            Err(HttpProblem::NoNetwork | HttpProblem::Tls) if left => Err(HttpProblem::Timeout),
            answer => answer,
        }
    }

    /// Waits before the issuer is asked again.
    pub fn wait(&self, pause: Duration) {
        (self.pause)(pause);
    }

    /// Between half of a pause and the whole, so that many devices do not come back at once.
    fn jittered(&self, longest: u64) -> Duration {
        let half = longest / 2;
        Duration::from_millis(half + (self.below)(half + 1))
    }
}

fn is_worth_another_try(answer: &Result<Reply, HttpProblem>) -> bool {
    match answer {
        Ok(reply) => reply.status == TOO_MANY_REQUESTS || (500..600).contains(&reply.status),
        Err(HttpProblem::NoNetwork | HttpProblem::Timeout) => true,
        Err(HttpProblem::Tls | HttpProblem::TooLarge) => false,
    }
}

fn may_have_left(answer: &Result<Reply, HttpProblem>) -> bool {
    !matches!(answer, Err(HttpProblem::NoNetwork | HttpProblem::Tls))
}

/// How often a request is sent again.
pub const RETRIES: usize = PAUSES.len();
/// The longest pause before each, in milliseconds.
const PAUSES: [u64; 3] = [500, 1000, 2000];
const TOO_MANY_REQUESTS: u16 = 429;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::net::scripted::{Played, request, status};

    fn courier(played: &Played, draw: fn(u64) -> u64) -> (Courier, Rc<RefCell<Vec<u128>>>) {
        let pauses = Rc::new(RefCell::new(Vec::new()));
        let noted = pauses.clone();
        let pause = move |pause: Duration| noted.borrow_mut().push(pause.as_millis());
        (Courier::with(Box::new(played.clone()), Box::new(pause), Box::new(draw)), pauses)
    }

    #[test]
    fn the_same_bytes_are_sent_again_until_there_is_an_answer() {
        let answers = [Err(HttpProblem::NoNetwork), Err(HttpProblem::Timeout), status(503), status(200)];
        let played = Played::answering(answers);
        let (courier, pauses) = courier(&played, |bound| bound - 1);
        let mut heard = Vec::new();
        let answer = courier.carry(&request(), |number| heard.push(number)).unwrap();
        assert_eq!((answer.status, heard.as_slice()), (200, [1, 2, 3].as_slice()));
        assert_eq!(*pauses.borrow(), [500, 1000, 2000]);
        let sent = played.sent.borrow();
        assert!(sent.len() == 4 && sent.iter().all(|one| *one == request()));
    }

    #[test]
    fn after_three_further_tries_the_last_word_counts() {
        let played = Played::answering([
            Err(HttpProblem::NoNetwork),
            status(500),
            status(429),
            Err(HttpProblem::Timeout),
            status(200),
        ]);
        let (courier, pauses) = courier(&played, |_| 0);
        assert_eq!(courier.carry(&request(), |_| {}), Err(HttpProblem::Timeout));
        assert_eq!(
            (played.sent.borrow().len(), pauses.borrow().as_slice()),
            (1 + RETRIES, [250, 500, 1000].as_slice())
        );
    }

    #[test]
    fn an_early_try_that_may_have_arrived_is_not_forgotten() {
        let none = || Err(HttpProblem::NoNetwork);
        for first in [Err(HttpProblem::Timeout), status(502)] {
            let played = Played::answering([first, none(), none(), none()]);
            assert_eq!(played.courier().carry(&request(), |_| {}), Err(HttpProblem::Timeout));
        }
        let played = Played::answering([Err(HttpProblem::Timeout), Err(HttpProblem::Tls)]);
        assert_eq!(played.courier().carry(&request(), |_| {}), Err(HttpProblem::Timeout));
        let played = Played::answering([none(), none(), none(), none()]);
        assert_eq!(played.courier().carry(&request(), |_| {}), none());
    }

    #[test]
    fn what_will_not_get_better_is_not_sent_again() {
        let refused = [HttpProblem::Tls, HttpProblem::TooLarge].map(Err);
        for answer in refused.into_iter().chain([200, 302, 400, 404, 409].map(status)) {
            let played = Played::answering([answer.clone()]);
            let (courier, pauses) = courier(&played, |_| 0);
            assert_eq!(courier.carry(&request(), |_| panic!("no further try")), answer);
            assert!(pauses.borrow().is_empty());
        }
    }
}
