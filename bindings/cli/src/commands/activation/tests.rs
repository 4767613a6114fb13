use std::cell::RefCell;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationState, ActivationStep, ConsentSummary, Door, EntrySummary, PasswordOf, Retry,
    Ticket,
};
use softtoken_core::error::{Feature, Part, Problem};
use softtoken_core::identity::{CodeKind, IdentityId};

use super::{Choices, Driver, Ended, Machine};
use crate::args::Everywhere;
use crate::ask::Scripted;
use crate::browser::Kept;
use crate::context::Context;
use crate::failure::Failure;
use crate::net::scripted::Played as Network;
use crate::texts;

/// A machine that plays `steps` and writes down the answers; `bad name` is refused, `taken` clashes.
pub(super) struct Played {
    state: RefCell<Box<dyn Fn() -> ActivationState>>,
    answers: RefCell<Vec<String>>,
}

impl Played {
    pub(super) fn from(state: impl Fn() -> ActivationState + 'static) -> Self {
        Self { state: RefCell::new(Box::new(state)), answers: RefCell::default() }
    }

    pub(super) fn goes_to(&self, state: impl Fn() -> ActivationState + 'static) {
        *self.state.borrow_mut() = Box::new(state);
    }

    pub(super) fn said(&self, answer: &str) {
        self.answers.borrow_mut().push(answer.to_owned());
    }
}

impl Machine for Played {
    fn step(&self) -> Result<ActivationStep, TokenError> {
        Ok(ActivationStep { ticket: Ticket(7), state: (self.state.borrow())() })
    }

    fn advance(&self, ticket: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        assert_eq!(ticket, Ticket(7));
        match input {
            ActivationInput::Consent { name } => {
                self.said(&format!("consent {name:?}"));
                match name.as_deref() {
                    Some("bad name") => {
                        let (part, problem) = (Part::Name, Problem::BadCharacter);
                        return Err(TokenError::NotUnderstood { part, problem, position: None });
                    }
                    Some("taken") => self.goes_to(|| consent("taken", Some("taken 2"))),
                    _ => self.goes_to(done),
                }
            }
            ActivationInput::Decline => {
                self.said("decline");
                self.goes_to(|| failed(TokenError::ConsentNeeded, Retry::Never));
            }
            ActivationInput::ContinueOffline => {
                self.said("offline");
                self.goes_to(done);
            }
            other => return self.online(other),
        }
        self.step()
    }

    fn supply_password(&self, _: Ticket, password: &[u8]) -> Result<ActivationStep, TokenError> {
        self.said(&format!("password {}", String::from_utf8_lossy(password)));
        if password.len() != 8 {
            let (part, problem) = (Part::Password, Problem::TooShort);
            return Err(TokenError::NotUnderstood { part, problem, position: None });
        }
        if password == b"54998317" {
            self.goes_to(|| consent("Bank", None));
        } else {
            self.goes_to(|| needs_password(true));
        }
        self.step()
    }
}

pub(super) fn consent(name: &str, taken: Option<&str>) -> ActivationState {
    let entry = EntrySummary {
        issuer: "Bank".into(),
        account: "alice".into(),
        kind: CodeKind::Totp,
        algorithm: None,
        digits: 6,
        period: Some(30),
        badge: None,
        warnings: Vec::new(),
        name: None,
        taken: None,
    };
    let summary = ConsentSummary {
        door: Door::Account,
        address: None,
        serial: None,
        expires_at: None,
        offline: true,
        entries: vec![entry],
        refused: Vec::new(),
        page: None,
    };
    ActivationState::NeedsConsent { summary, name: name.into(), taken: taken.map(str::to_owned) }
}

pub(super) fn needs_password(wrong: bool) -> ActivationState {
    ActivationState::NeedsPassword { of: PasswordOf::QrCode, wrong, tries_left: wrong.then_some(4) }
}

pub(super) fn failed(why: TokenError, retry: Retry) -> ActivationState {
    ActivationState::Failed { why, retry }
}

pub(super) fn done() -> ActivationState {
    ActivationState::Done { added: vec![IdentityId([1; 16])], refused: Vec::new() }
}

/// Drives with a person or a script; returns the end, what was shown, and what the machine heard.
pub(super) fn drive(
    person: Scripted,
    choices: &Choices,
    machine: &Played,
) -> (Result<Ended, Failure>, String, String) {
    drive_over(&Network::default(), person, choices, machine)
}

/// The same with a network that answers.
pub(super) fn drive_over(
    network: &Network,
    person: Scripted,
    choices: &Choices,
    machine: &Played,
) -> (Result<Ended, Failure>, String, String) {
    let seen = person.seen.clone();
    let folder = std::path::PathBuf::from("nowhere");
    let options = Everywhere {
        vault: Some(folder.clone()),
        keys: Some(folder),
        json: false,
        pin_file: None,
        insecure_files: false,
    };
    let mut context = Context::new(&options, Box::new(person)).ok().unwrap();
    context.courier = network.courier();
    context.browser = Box::new(Kept::default());
    let ended = Driver::new(&mut context, None, choices).drive(machine);
    (ended, seen.borrow().join("\n"), machine.answers.borrow().join(", "))
}

pub(super) fn kind(ended: Result<Ended, Failure>) -> String {
    ended.err().map(|failure| failure.to_json()["kind"].as_str().unwrap().to_owned()).unwrap_or_default()
}

pub(super) fn yes() -> Choices {
    Choices { yes: true, ..Choices::default() }
}

#[test]
fn a_person_sees_the_page_names_the_identity_and_agrees() {
    let machine = Played::from(|| consent("Bank: alice", None));
    let (ended, seen, heard) = drive(Scripted::typing(&["", "y"]), &Choices::default(), &machine);
    assert!(ended.is_ok());
    assert!(seen.contains("Activate Identity") && seen.contains("Name [Bank: alice]"), "{seen}");
    assert_eq!(heard, "consent Some(\"Bank: alice\")");
}

#[test]
fn a_no_declines_and_ends_with_consent_needed() {
    let machine = Played::from(|| consent("Bank", None));
    let (ended, _, heard) = drive(Scripted::typing(&["", "n"]), &Choices::default(), &machine);
    assert_eq!((kind(ended).as_str(), heard.as_str()), ("ConsentNeeded", "decline"));
}

#[test]
fn a_script_without_yes_is_refused_and_nothing_is_said_to_the_machine() {
    let machine = Played::from(|| consent("Bank", None));
    let (ended, _, heard) = drive(Scripted::nobody(), &Choices::default(), &machine);
    assert_eq!((kind(ended).as_str(), heard.as_str()), ("ConsentNeeded", ""));
}

#[test]
fn a_script_with_yes_takes_the_prefilled_name() {
    let machine = Played::from(|| consent("Bank", None));
    let (ended, _, heard) = drive(Scripted::nobody(), &yes(), &machine);
    assert!(ended.is_ok());
    assert_eq!(heard, "consent Some(\"Bank\")");
}

#[test]
fn a_clash_asks_a_person_again_with_a_free_name_and_asks_for_agreement_once() {
    let machine = Played::from(|| consent("Bank", None));
    let (ended, seen, heard) = drive(Scripted::typing(&["taken", "y", ""]), &Choices::default(), &machine);
    assert!(ended.is_ok());
    assert!(seen.contains(texts::NAME_TAKEN) && seen.contains("Name [taken 2]"), "{seen}");
    assert_eq!(seen.matches("[y/N]").count(), 1);
    assert_eq!(heard, "consent Some(\"taken\"), consent Some(\"taken 2\")");
}

#[test]
fn a_clash_ends_a_script_with_the_suggestion() {
    let machine = Played::from(|| consent("Bank", None));
    let choices = Choices { name: Some("taken".into()), ..yes() };
    let (ended, ..) = drive(Scripted::nobody(), &choices, &machine);
    let error = ended.err().unwrap().to_json();
    assert_eq!((&error["kind"], &error["suggestion"]), (&"NameTaken".into(), &"taken 2".into()));
}

#[test]
fn a_chosen_name_is_used_although_the_prefilled_one_is_taken() {
    let machine = Played::from(|| consent("Bank", Some("Bank 2")));
    let choices = Choices { name: Some("mine".into()), ..yes() };
    let (ended, _, heard) = drive(Scripted::nobody(), &choices, &machine);
    assert!(ended.is_ok());
    assert_eq!(heard, "consent Some(\"mine\")");
}

#[test]
fn a_malformed_name_is_asked_again_when_typed_and_an_error_when_given() {
    let machine = Played::from(|| consent("Bank", None));
    let typed = Scripted::typing(&["bad name", "y", "good"]);
    let (ended, seen, _) = drive(typed, &Choices::default(), &machine);
    assert!(ended.is_ok() && seen.contains("The name has a character"), "{seen}");

    let machine = Played::from(|| consent("Bank", None));
    let choices = Choices { name: Some("bad name".into()), ..yes() };
    let (ended, _, heard) = drive(Scripted::typing(&["good"]), &choices, &machine);
    assert_eq!((kind(ended).as_str(), heard.as_str()), ("NotUnderstood", "consent Some(\"bad name\")"));
}

#[test]
fn a_name_that_is_missing_is_asked_or_needed() {
    let machine = Played::from(|| consent("", None));
    let (ended, ..) = drive(Scripted::nobody(), &yes(), &machine);
    assert_eq!(ended.err().unwrap().to_json()["what"], "name");
    let (ended, ..) = drive(Scripted::typing(&["", "mine"]), &yes(), &machine);
    assert!(ended.is_ok());
}

#[test]
fn a_wrong_password_is_asked_again_with_the_tries_that_are_left() {
    let machine = Played::from(|| needs_password(false));
    let person = Scripted::typing(&["00000000", "54998317", "", "y"]);
    let (ended, seen, heard) = drive(person, &Choices::default(), &machine);
    assert!(ended.is_ok());
    assert!(seen.contains("8 digits") && seen.contains("4 tries are left"), "{seen}");
    assert!(heard.starts_with("password 00000000, password 54998317"), "{heard}");
}

#[test]
fn a_password_that_cannot_be_right_is_asked_again() {
    let machine = Played::from(|| needs_password(false));
    let person = Scripted::typing(&["549983", "54998317", "", "y"]);
    let (ended, seen, heard) = drive(person, &Choices::default(), &machine);
    assert!(ended.is_ok());
    assert!(seen.contains("The password is too short"), "{seen}");
    assert!(heard.starts_with("password 549983, password 54998317"), "{heard}");
}

#[test]
fn a_missing_password_is_needed() {
    let machine = Played::from(|| needs_password(false));
    let (ended, ..) = drive(Scripted::nobody(), &yes(), &machine);
    assert_eq!(ended.err().unwrap().to_json()["what"], "password");
}

#[test]
fn the_step_to_offline_is_asked_and_never_taken_by_a_script() {
    let offered = || failed(TokenError::NotYet { feature: Feature::OnlineActivation }, Retry::NowOrOffline);
    let machine = Played::from(offered);
    let (ended, _, heard) = drive(Scripted::nobody(), &yes(), &machine);
    let failure = ended.err().unwrap();
    assert!(failure.message().contains("--offline") && heard.is_empty());
    let (ended, seen, heard) = drive(Scripted::typing(&["y"]), &Choices::default(), &Played::from(offered));
    assert!(ended.is_ok() && seen.contains("without network"), "{seen}");
    assert_eq!(heard, "offline");
}
