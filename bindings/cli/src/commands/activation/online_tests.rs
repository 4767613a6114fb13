use softtoken_core::TokenError;
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::activation::state::{ActivationInput, ActivationState, ActivationStep, Retry};
use softtoken_core::error::{Unsupported, Untrusted};
use softtoken_core::identity::IdentityId;

use super::tests::{Played, consent, done, drive, drive_over, failed, kind, needs_password, yes};
use super::{Choices, Ended, Machine};
use crate::ask::Scripted;
use crate::failure::Failure;
use crate::net::scripted::{Played as Network, request, status};
use crate::texts;

impl Played {
    /// What the core does with the inputs of an exchange: 200 is the end, 202 waits for the registration code.
    pub(super) fn online(&self, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        match input {
            ActivationInput::Http { status, body } => {
                self.said(&format!("http {status} {}", body.len()));
                match status {
                    200 => self.goes_to(done),
                    202 => self.goes_to(|| registration(true)),
                    403 => self.goes_to(|| needs_password(true)),
                    _ => self.goes_to(|| failed(TokenError::ServerRefused { status: 404 }, Retry::Now)),
                }
            }
            ActivationInput::HttpProblem { problem: HttpProblem::NoNetwork } => {
                self.said("no network");
                self.goes_to(|| failed(TokenError::NoNetwork, Retry::NowOrOffline));
            }
            ActivationInput::HttpProblem { problem } => {
                self.said(&format!("{problem:?}"));
                let what = Untrusted::Connection;
                self.goes_to(move || failed(TokenError::Untrusted { what }, Retry::Now));
            }
            ActivationInput::Retry => {
                self.said("retry");
                self.goes_to(exchange);
            }
            ActivationInput::Confirmed => {
                self.said("confirmed");
                self.goes_to(exchange);
            }
            _ => return Err(TokenError::StaleInput),
        }
        self.step()
    }
}

fn exchange() -> ActivationState {
    ActivationState::Exchange { request: request() }
}

fn registration(awaited: bool) -> ActivationState {
    let code = "12211-49352".to_owned().into();
    let id = IdentityId([1; 16]);
    ActivationState::ShowRegistrationCode { id, code, live_code: None, expires_at: None, awaited }
}

fn unreachable() -> Network {
    Network::answering([const { Err(HttpProblem::NoNetwork) }; 4])
}

#[test]
fn requests_are_carried_until_the_end_and_a_script_is_told_nothing() {
    let network = Network::answering([status(200)]);
    let (ended, seen, heard) = drive_over(&network, Scripted::nobody(), &yes(), &Played::from(exchange));
    assert!(matches!(ended, Ok(Ended::Added { .. })));
    assert_eq!((seen.as_str(), heard.as_str()), ("", "http 200 0"));
    assert_eq!(*network.sent.borrow(), [request()]);
}

#[test]
fn a_person_sees_whom_is_asked_and_that_it_is_tried_again() {
    let network = Network::answering([Err(HttpProblem::Timeout), status(503), status(200)]);
    let (ended, seen, heard) = drive_over(&network, Scripted::typing(&[]), &yes(), &Played::from(exchange));
    assert!(ended.is_ok() && heard == "http 200 0");
    assert!(seen.contains("Asking idp.example.org …"), "{seen}");
    assert!(seen.contains("Trying again (1 of 3)") && seen.contains("Trying again (2 of 3)"), "{seen}");
}

#[test]
fn nothing_is_sent_before_consent() {
    let network = Network::default();
    let machine = Played::from(|| consent("Bank", None));
    let (ended, ..) = drive_over(&network, Scripted::nobody(), &Choices::default(), &machine);
    assert_eq!(kind(ended), "ConsentNeeded");
    assert!(network.sent.borrow().is_empty());
}

#[test]
fn without_network_a_person_is_asked_whether_to_go_on_offline_or_to_try_again() {
    let answers = [("y", "", "no network, offline"), ("n", "y", "no network, retry, http 200 0")];
    for (offline, again, expected) in answers {
        let mut network = vec![const { Err(HttpProblem::NoNetwork) }; 4];
        network.push(status(200));
        let person = Scripted::typing(if again.is_empty() { &["y"] } else { &["n", "y"] });
        let machine = Played::from(exchange);
        let (ended, seen, heard) =
            drive_over(&Network::answering(network), person, &Choices::default(), &machine);
        assert!(ended.is_ok() && seen.contains("Continue without network?"), "{offline}: {seen}");
        assert_eq!(heard, expected);
    }
    let (ended, ..) =
        drive_over(&unreachable(), Scripted::typing(&["n", "n"]), &yes(), &Played::from(exchange));
    assert_eq!(ended.err().unwrap().code(), 9);
}

#[test]
fn offline_chosen_in_advance_sends_nothing_and_asks_nobody() {
    let offline = || Choices { offline: true, ..yes() };
    let network = Network::default();
    let (ended, seen, heard) =
        drive_over(&network, Scripted::typing(&[]), &offline(), &Played::from(exchange));
    assert!(ended.is_ok() && seen.is_empty(), "{seen}");
    assert_eq!(heard, "no network, offline");

    let asked_before = Played::from(|| failed(TokenError::NoNetwork, Retry::Now));
    let (ended, ..) = drive_over(&network, Scripted::nobody(), &offline(), &asked_before);
    let failure = ended.err().unwrap();
    assert!(failure.code() == 9 && failure.message().contains("over the network"), "{}", failure.message());
    assert!(network.sent.borrow().is_empty());
}

#[test]
fn without_network_a_script_ends_with_nine_and_both_ways_out() {
    let (ended, _, heard) = drive_over(&unreachable(), Scripted::nobody(), &yes(), &Played::from(exchange));
    let failure = ended.err().unwrap();
    assert_eq!((failure.code(), failure.to_json()["kind"].as_str()), (9, Some("NoNetwork")));
    for way in ["--offline", "softtoken resume"] {
        assert!(failure.message().contains(way), "{}", failure.message());
    }
    assert_eq!(heard, "no network");
}

#[test]
fn offline_is_offered_only_where_the_core_offers_it() {
    let network = Network::answering([Err(HttpProblem::Tls)]);
    let (ended, seen, heard) =
        drive_over(&network, Scripted::typing(&["n"]), &yes(), &Played::from(exchange));
    assert_eq!((kind(ended).as_str(), heard.as_str()), ("Untrusted", "Tls"));
    assert!(!seen.contains("without network") && seen.contains("Try again?"), "{seen}");
}

#[test]
fn a_wrong_password_is_counted_by_the_issuer_and_asked_again() {
    let network = Network::answering([status(403), status(200)]);
    let machine = Played::from(exchange);
    let person = Scripted::typing(&["54998317", "", "y"]);
    let (ended, seen, heard) = drive_over(&network, person, &Choices::default(), &machine);
    assert!(ended.is_ok() && seen.contains("4 tries are left"), "{seen}");
    assert!(heard.starts_with("http 403 0, password 54998317"), "{heard}");
}

#[test]
fn a_password_file_is_used_once_although_the_last_password_was_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = |content: &str| {
        let path = folder.path().join(content);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        Choices { password_file: Some(path), ..yes() }
    };
    let right = drive(Scripted::nobody(), &file("54998317"), &Played::from(|| needs_password(true)));
    assert!(right.0.is_ok());
    let wrong = drive(Scripted::nobody(), &file("00000000"), &Played::from(|| needs_password(true)));
    let error = wrong.0.err().unwrap();
    assert_eq!((error.code(), &error.to_json()["tries_left"]), (6, &4.into()));
}

#[test]
fn the_registration_code_page_is_the_end_unless_the_portal_has_accepted_it() {
    let page = || registration(false);
    let (ended, _, heard) = drive(Scripted::nobody(), &yes(), &Played::from(page));
    assert!(matches!(ended, Ok(Ended::Pending(_))) && heard.is_empty());

    let confirmed = Choices { confirmed: true, ..Choices::default() };
    let network = Network::answering([status(200)]);
    let (ended, _, heard) = drive_over(&network, Scripted::nobody(), &confirmed, &Played::from(page));
    assert!(matches!(ended, Ok(Ended::Added { .. })));
    assert_eq!(heard, "confirmed, http 200 0");

    let network = Network::answering([status(202)]);
    let (ended, _, heard) = drive_over(&network, Scripted::nobody(), &confirmed, &Played::from(page));
    assert!(matches!(ended, Ok(Ended::Pending(_))), "the issuer is asked once, and waits");
    assert_eq!(heard, "confirmed, http 202 0");
}

#[test]
fn every_end_of_an_activation_has_its_exit_code_its_kind_and_its_own_text() {
    let what = Unsupported::ActivationType;
    let ends = [
        (TokenError::Expired, 5, "Expired"),
        (TokenError::AlreadyUsed, 5, "AlreadyUsed"),
        (TokenError::Superseded, 5, "Superseded"),
        (TokenError::Void, 5, "Void"),
        (TokenError::WrongPassword { tries_left: Some(1) }, 6, "WrongPassword"),
        (TokenError::ServerRefused { status: 503 }, 8, "ServerRefused"),
        (TokenError::Unsupported { what }, 8, "Unsupported"),
        (TokenError::Declined, 8, "Declined"),
        (TokenError::Untrusted { what: Untrusted::Connection }, 8, "Untrusted"),
        (TokenError::Untrusted { what: Untrusted::Issuer }, 8, "Untrusted"),
        (TokenError::Untrusted { what: Untrusted::Reply }, 8, "Untrusted"),
        (TokenError::ActivationPending { id: [1; 16] }, 8, "ActivationPending"),
        (TokenError::NoNetwork, 9, "NoNetwork"),
    ];
    let mut texts = std::collections::BTreeSet::new();
    for (error, code, kind) in ends {
        let why = error.clone();
        let machine = Played::from(move || failed(why.clone(), Retry::Never));
        let failure: Failure = drive(Scripted::nobody(), &yes(), &machine).0.err().unwrap();
        assert_eq!((failure.code(), &failure.to_json()["kind"]), (code, &kind.into()));
        assert_eq!(failure.message(), texts::sentence(&error));
        assert!(texts.insert(failure.message().to_owned()), "two ends share {}", failure.message());
    }
}

#[test]
fn an_expired_activation_says_the_promised_words() {
    let machine = Played::from(|| failed(TokenError::Expired, Retry::Never));
    let failure = drive(Scripted::nobody(), &yes(), &machine).0.err().unwrap();
    assert_eq!(
        failure.message(),
        "The soft token could not be activated because the activation code has expired. Return to your identity \
         provider and attempt the action again."
    );
}
