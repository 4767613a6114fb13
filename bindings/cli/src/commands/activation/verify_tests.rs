//! What a person and a script see of a verification, and how long they wait.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationInput, ActivationState, ActivationStep, Retry, Ticket};
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::identity::IdentityId;

use super::tests::{done, failed, yes};
use super::{Choices, Driver, Ended, Machine};
use crate::args::Everywhere;
use crate::ask::Scripted;
use crate::browser::Kept;
use crate::context::Context;
use crate::failure::Failure;
use crate::net::courier::Courier;
use crate::net::scripted::Played as Network;

const PAGE: &str = "https://idp.example.org/verify/abc";

/// A core whose issuer thinks what `states` say, one for each question.
struct Issuer {
    states: Vec<fn() -> ActivationState>,
    at: Cell<usize>,
}

impl Machine for Issuer {
    fn step(&self) -> Result<ActivationStep, TokenError> {
        Ok(ActivationStep { ticket: Ticket(7), state: self.states[self.at.get()]() })
    }

    fn advance(&self, _: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        let expected = matches!(self.states[self.at.get()](), ActivationState::Failed { .. });
        assert!(
            matches!(input, ActivationInput::Retry if expected) || matches!(input, ActivationInput::Poll)
        );
        self.at.set(self.at.get() + 1);
        self.step()
    }

    fn supply_password(&self, _: Ticket, _: &[u8]) -> Result<ActivationStep, TokenError> {
        Err(TokenError::StaleInput)
    }
}

/// How it ended, what was said, the pauses in seconds, what the browser was given.
struct Seen {
    ended: Result<Ended, Failure>,
    said: String,
    pauses: Vec<u64>,
    opened: Vec<String>,
}

fn drive(person: Scripted, choices: &Choices, states: &[fn() -> ActivationState]) -> Seen {
    let folder = Some(std::path::PathBuf::from("nowhere"));
    let options = Everywhere {
        vault: folder.clone(),
        keys: folder,
        json: false,
        pin_file: None,
        insecure_files: false,
    };
    let (said, browser, pauses) = (person.seen.clone(), Kept::default(), Rc::new(RefCell::new(Vec::new())));
    let mut context = Context::new(&options, Box::new(person)).ok().unwrap();
    let noted = pauses.clone();
    let pause = move |pause: Duration| noted.borrow_mut().push(pause.as_secs());
    context.courier = Courier::with(Box::new(Network::default()), Box::new(pause), Box::new(|_| 0));
    context.browser = Box::new(browser.clone());
    let machine = Issuer { states: states.to_vec(), at: Cell::new(0) };
    let ended = Driver::new(&mut context, None, choices).drive(&machine);
    let (said, pauses) = (said.borrow().join("\n"), pauses.borrow().clone());
    Seen { ended, said, pauses, opened: browser.0.borrow().clone() }
}

fn page() -> ActivationState {
    ActivationState::Verify {
        id: IdentityId([1; 16]),
        kind: VerificationKind::Certificate,
        url: PAGE.to_owned(),
        callback: "softtoken://v",
        number: "47".to_owned(),
        device: "desk of alice".to_owned(),
        serial: "4824413456".to_owned(),
        retry_after: 2,
        awaited: false,
    }
}

fn review() -> ActivationState {
    ActivationState::Waiting { id: IdentityId([1; 16]), kind: VerificationKind::Face, retry_after: 30 }
}

fn refused() -> ActivationState {
    let (kind, reason) = (VerificationKind::Face, VerificationRefusal::ByPerson);
    failed(TokenError::VerificationRefused { kind, reason }, Retry::Now)
}

#[test]
fn a_page_is_opened_once_and_shown_with_its_number_and_the_issuer_is_asked_again() {
    let seen = drive(Scripted::typing(&[]), &yes(), &[page, page, page, review, review, done]);
    assert!(seen.ended.is_ok());
    assert_eq!(seen.opened, [PAGE]);
    assert_eq!(seen.pauses, [2, 2, 2, 30, 30]);
    for part in
        [PAGE, "number 47", "desk of alice", "48244-13456", "Ctrl-C", "softtoken resume", "certificate"]
    {
        assert!(seen.said.contains(part), "{part}: {}", seen.said);
    }
    assert_eq!(seen.said.matches(PAGE).count(), 1, "{}", seen.said);
    assert_eq!(seen.said.matches("a person at the issuer").count(), 1, "{}", seen.said);
}

#[test]
fn without_a_browser_the_page_is_shown_all_the_same() {
    let choices = Choices { no_browser: true, ..yes() };
    let seen = drive(Scripted::nobody(), &choices, &[page, done]);
    assert!(seen.ended.is_ok() && seen.opened.is_empty());
    assert!(seen.said.contains(PAGE) && seen.said.contains("Open this page"), "{}", seen.said);
}

#[test]
fn a_script_waits_as_long_as_it_says_and_hears_what_is_open() {
    let states: Vec<fn() -> ActivationState> = vec![page; 400];
    for (wait, pauses) in [(Some(0), 0), (Some(5), 2), (None, 300)] {
        let seen = drive(Scripted::nobody(), &Choices { wait, ..yes() }, &states);
        let failure = seen.ended.err().unwrap();
        assert_eq!((failure.code(), seen.pauses.len()), (8, pauses), "{wait:?}");
        let json = failure.to_json();
        assert_eq!(json["kind"], "VerificationOpen");
        assert_eq!((&json["verification"], &json["review"]), (&"certificate".into(), &false.into()));
        assert_eq!((&json["url"], &json["number"]), (&PAGE.into(), &"47".into()));
        assert!(failure.message().contains("softtoken resume"), "{}", failure.message());
    }
    let seen = drive(Scripted::nobody(), &Choices { wait: Some(0), ..yes() }, &[review]);
    let json = seen.ended.err().unwrap().to_json();
    assert_eq!((&json["review"], &json["verification"]), (&true.into(), &"face".into()));
}

#[test]
fn a_refused_verification_is_told_and_a_person_may_try_again() {
    let seen = drive(Scripted::typing(&["y"]), &yes(), &[refused, page, done]);
    assert!(seen.ended.is_ok() && seen.opened == [PAGE]);
    assert!(seen.said.contains("said no") && seen.said.contains("Try again?"), "{}", seen.said);
    let failure = drive(Scripted::nobody(), &yes(), &[refused]).ended.err().unwrap();
    let json = failure.to_json();
    assert_eq!((failure.code(), &json["reason"]), (8, &"by_person".into()));
    assert!(failure.message().contains("stays pending"), "{}", failure.message());
}

#[test]
fn who_resumes_a_refused_verification_gets_another_page_and_hears_of_the_refusal() {
    let choices = Choices { try_again: true, ..yes() };
    let seen = drive(Scripted::nobody(), &choices, &[refused, page, done]);
    assert!(seen.ended.is_ok() && seen.opened == [PAGE] && seen.said.contains("said no"), "{}", seen.said);
    let seen = drive(Scripted::nobody(), &choices, &[refused, page, refused, page]);
    assert_eq!(seen.ended.err().unwrap().to_json()["kind"], "VerificationRefused");
}
