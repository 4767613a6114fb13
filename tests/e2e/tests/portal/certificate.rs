//! A certificate, chosen by Chromium itself from its own store and proven by mutual TLS.

use std::process::Child;

use softtoken_e2e::browser::{Authority, Pair};
use softtoken_e2e::token::{Ended, Token};
use tempfile::TempDir;

use super::browser::{Browser, Setup};
use super::certificates::{Desk, shown};
use super::looks::Looks;
use super::nss::{self, AUTHORITY, HOST};
use super::people::{before_activation, qr_code, sign_in_with, window_with};
use super::stage::{added, error, listed};

#[test]
fn in_the_browser_chromium_chooses_a_certificate_and_the_identity_is_active() {
    let Some(desk) = desk("in_the_browser_chromium_chooses_a_certificate_and_the_identity_is_active") else {
        return;
    };
    let phone = desk.stage.token("phone");
    let portal = before_activation(&desk.stage, "anna");
    let add = scanning(&portal, &phone);
    let (add, url, number) = at_the_page(add);

    let (_home, browser) = browser_of(&desk, Some(&person(&desk, "anna")));
    browser.open(&url);
    browser.says("Certificate verification");
    assert_eq!(browser.value("output.code"), number);
    browser.says("anna");
    portal.press("Complete");
    portal.says("The app has begun");
    browser.press("Yes, my app shows this");
    browser.says("Thank you. Go back to the app: it goes on by itself.");

    let ended = ended(add);
    assert_eq!((ended.code, &added(&ended.json)["state"]), (0, &"active".into()), "{}", ended.json);
    portal.press("Check again");
    portal.says("This authenticator is active.");
    portal.press("Sign out");
    sign_in_with(&portal, "anna", &phone, "Work");
}

#[test]
fn in_the_browser_a_wrong_certificate_is_refused_the_app_says_so_and_nothing_typed_is_lost() {
    let name = "in_the_browser_a_wrong_certificate_is_refused_the_app_says_so_and_nothing_typed_is_lost";
    let Some(desk) = desk(name) else { return };
    let mut looks = Looks::new();
    let phone = desk.stage.token("phone");
    let portal = before_activation(&desk.stage, "anna");
    let add = scanning(&portal, &phone);
    let (add, url, number) = at_the_page(add);

    // Of another authority with the same name: it is sent, and ends the handshake.
    let stranger = Authority::new(AUTHORITY).unwrap().person("anna", None).unwrap();
    let (_home, browser) = browser_of(&desk, Some(&stranger));
    let problem = browser.cannot_open(&url);
    assert!(problem.contains("ERR_") && !problem.contains("verification"), "{problem}");
    // Of nobody.
    let (_home, browser) = browser_of(&desk, None);
    browser.open(&url);
    browser.says("Your browser has sent no certificate.");
    assert!(!browser.text().contains(&number), "{}", browser.text());
    looks.at(&browser, "verify-certificate-none");
    // Somebody else's. Nothing has been decided until now.
    let (_home, browser) = browser_of(&desk, Some(&person(&desk, "sam")));
    browser.open(&url);
    browser.says("sam");
    browser.press("Yes, my app shows this");
    browser.says("This certificate is somebody else's.");
    looks.at(&browser, "verify-certificate-refused");
    browser.open(&url);
    browser.says("This link is not valid, or not any more.");
    looks.at(&browser, "verify-certificate-used");
    let ended = ended(add);
    assert_eq!(error(&ended, 8, "VerificationRefused")["reason"], "another_holder");
    assert_eq!(listed(&phone), [("Work".to_owned(), "pending".to_owned())]);

    // No password again, no name again, no new QR code.
    let resume = phone.spawn(["resume", "Work", "--no-browser"]).unwrap();
    let (resume, url, number) = at_the_page(resume);
    let (_home, browser) = browser_of(&desk, Some(&person(&desk, "anna")));
    browser.open(&url);
    assert_eq!(browser.value("output.code"), number);
    looks.at(&browser, "verify-certificate");
    browser.press("Yes, my app shows this");
    browser.says("Thank you.");
    looks.at(&browser, "verify-certificate-passed");
    assert_eq!(self::ended(resume).json["identity"]["state"], "active");
    portal.press("Complete");
    portal.says("This authenticator is active.");
    portal.press("Sign out");
    sign_in_with(&portal, "anna", &phone, "Work");
    looks.end();
}

/// An issuer whose certificates Chromium chooses by itself; `None` where that cannot be arranged, said loudly.
fn desk(test: &str) -> Option<Desk> {
    match nss::choose_silently() {
        Ok(()) => Some(Desk::new(HOST, AUTHORITY)),
        Err(why) => {
            println!("skipped: {test}: {why}");
            None
        }
    }
}

fn person(desk: &Desk, name: &str) -> Pair {
    desk.authority.person(name, None).unwrap()
}

/// A browser whose store has this certificate, and the store's home.
fn browser_of(desk: &Desk, own: Option<&Pair>) -> (TempDir, Browser) {
    let home = nss::home(&desk.authority.pem(), own);
    let setup = Setup { home: Some(home.path().to_owned()), ..Setup::default() };
    let browser = window_with(&desk.stage, setup);
    (home, browser)
}

/// The command scans the QR code of the portal's page, is given the password, and goes on by itself.
fn scanning(portal: &Browser, phone: &Token) -> Child {
    portal.press("Show QR code");
    let [picture, password] = qr_code(portal, phone);
    let add = ["add", "--qr", &picture, "--password-file", &password, "--yes", "--name", "Work"];
    phone.spawn([&add[..], &["--no-browser"]].concat()).unwrap()
}

/// The command when it waits for its user: with the page and the number that it shows.
fn at_the_page(mut command: Child) -> (Child, String, String) {
    let (url, said) = shown(&mut command);
    let number = said.split("the number ").nth(1).and_then(|rest| rest.get(..2)).unwrap().to_owned();
    (command, url, number)
}

fn ended(command: Child) -> Ended {
    Token::ended(&command.wait_with_output().unwrap()).unwrap()
}
