//! A network that answers what a test says.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use softtoken_core::activation::driver::{HttpKind, HttpProblem, HttpRequest};

use super::{Courier, Reply, Transport};

/// Plays answers in order and keeps what was sent.
#[derive(Clone, Default)]
pub struct Played {
    answers: Rc<RefCell<VecDeque<Result<Reply, HttpProblem>>>>,
    /// Every request.
    pub sent: Rc<RefCell<Vec<HttpRequest>>>,
}

impl Played {
    /// In this order; a request more is a fault of the test.
    pub fn answering(answers: impl IntoIterator<Item = Result<Reply, HttpProblem>>) -> Self {
        Self { answers: Rc::new(RefCell::new(answers.into_iter().collect())), sent: Rc::default() }
    }

    /// A courier that never waits.
    pub fn courier(&self) -> Courier {
        Courier::with(Box::new(self.clone()), Box::new(|_| {}), Box::new(|_| 0))
    }
}

impl Transport for Played {
    fn send(&self, request: &HttpRequest) -> Result<Reply, HttpProblem> {
        self.sent.borrow_mut().push(request.clone());
        self.answers.borrow_mut().pop_front().expect("an answer for every request")
    }
}

/// An answer with this status and nothing in it.
pub fn status(status: u16) -> Result<Reply, HttpProblem> {
    Ok(Reply { status, date: None, body: Vec::new() })
}

/// A request.
pub fn request() -> HttpRequest {
    let url = "https://idp.example.org/softtoken/2/open".to_owned();
    HttpRequest { kind: HttpKind::Open, url, body: vec![1, 2, 3], max_reply: 8192 }
}
