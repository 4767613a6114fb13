//! The parts of the demo with an identity provider: a mail goes out, tokens activate from it, a code signs in.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use softtoken_e2e::mail::{Mail, MailServer};
use softtoken_e2e::portal::Visitor;
use softtoken_e2e::process::Issuer;
use softtoken_e2e::rest::{Rest, well};
use softtoken_e2e::text;
use softtoken_e2e::token::Token;

use super::certificates::Certificates;
use super::{Part, Stage, picture};

/// In the order they are shown.
pub const ALL: &[Part] = &[
    Part { title: "A link in a mail becomes an identity, and its code signs in", play: link },
    Part { title: "A QR code and its password, from the same mail", play: qr_code },
    Part { title: "Typed values, confirmed with the registration code", play: typed },
    Part { title: "Five wrong PINs, an unlock code, a new PIN", play: unlock },
    Part { title: "Portal and help desk answer", play: pages },
];

/// An issuer with its mail server, and people who sign in at its portal.
pub struct Provider {
    pub issuer: Issuer,
    pub mails: MailServer,
    pub people: Vec<Person>,
    /// Certificate and key of the first of them, for a browser.
    pub certificate: PathBuf,
}

/// Somebody with a password at the portal.
pub struct Person {
    pub name: &'static str,
    pub role: &'static str,
    pub password: String,
}

impl Provider {
    /// Starts both on loopback.
    pub fn start(stage: &Stage) -> Result<Self> {
        let mails = MailServer::start(Some(&stage.python))?;
        let mail = format!("[mail]\nfrom = 'Portal <portal@demo.example>'\nsmtp = '{}'\n", mails.url());
        let [(first, _), ..] = PEOPLE;
        let Certificates { settings, own } =
            Certificates::make(&stage.folder.join(first), first, &address_of(first))?;
        let issuer =
            Issuer::start(&stage.issuer, &stage.folder.join("issuer"), &format!("{mail}{settings}"))?;
        println!("the issuer serves http://{}, and mails leave by SMTP", issuer.address());
        let people = PEOPLE.into_iter().map(|(name, role)| {
            issuer.say(&["user", "add", name, "--email", &address_of(name), "--role", role])?;
            let password = issuer.say(&["user", "password", name])?.trim().to_owned();
            Ok(Person { name, role, password })
        });
        let people = people.collect::<Result<_>>()?;
        Ok(Self { issuer, mails, people, certificate: own })
    }

    /// The mail with which a new user activates a new soft token.
    fn order(&self, user: &str) -> Result<Mail> {
        Ok(self.token_and_mail(user)?.1)
    }

    fn token_and_mail(&self, user: &str) -> Result<(String, Mail)> {
        let rest = self.issuer.rest();
        let token = rest.soft_token(&rest.user(user)?)?;
        rest.order(&token, &json!({ "deliverActivationEmail": true }))?;
        let mail = self.mails.next_activation()?;
        println!("   a mail to {}: {}", mail.to()?, mail.subject()?);
        Ok((token, mail))
    }
}

fn link(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (id, mail) = provider.token_and_mail("lena")?;
    let phone = stage.token("lena")?;
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], mail.text()?)?;
    ensure!(ended.code == 0, "{}", ended.json["error"]);
    ensure!(provider.issuer.rest().state(&id)? == "ACTIVE", "the issuer does not know it");
    sign_in(&provider.issuer.rest(), "lena", &phone)
}

fn qr_code(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let mail = provider.order("quinn")?;
    let phone = stage.token("quinn")?;
    let image = phone.path("code.png");
    std::fs::write(&image, mail.picture()?)?;
    let password = phone.secret_file("password", mail.value("Password")?)?;
    let (image, password) = (picture::path(&image)?, picture::path(&password)?);
    phone.run(["add", "--qr", image, "--password-file", password, "--yes", "--name", "Work"])?;
    sign_in(&provider.issuer.rest(), "quinn", &phone)
}

fn typed(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (id, mail) = provider.token_and_mail("tom")?;
    let desktop = stage.token("tom")?;
    let [address, serial, code] =
        ["Address", "Serial number", "Activation code"].map(|label| mail.value(label));
    let added = desktop.add_typed("Work", [address?, serial?, code?], &[])?;
    let registration = text(&added["added"][0], "registration_code")?;
    println!("   the token shows {registration}, which is typed at the portal");
    well(provider.issuer.rest().complete(&id, registration, None)?)?;
    desktop.run(["complete", "Work"])?;
    sign_in(&provider.issuer.rest(), "tom", &desktop)
}

fn unlock(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (id, mail) = provider.token_and_mail("petra")?;
    let phone = stage.token("petra")?;
    phone.try_run(["add", "-", "--yes", "--name", "Work"], mail.text()?)?;
    phone.secret_file("pin", "9405")?;
    for _ in 0..5 {
        let ended = phone.try_run(["list"], "")?;
        ensure!(ended.code == 6, "a wrong PIN was not refused: {}", ended.json);
    }
    let status = phone.run(["status"])?;
    let reset = text(&status["ask"][0], "reset_code").context("no PIN reset code")?;
    let code = provider.issuer.rest().unlock(&id, reset)?;
    println!("   blocked: the token shows {reset}, the help desk answers {code}");
    let new = phone.secret_file("new-pin", "7264")?;
    phone.run(["unlock", &code, "--new-pin-file", picture::path(&new)?])?;
    phone.secret_file("pin", "7264")?;
    sign_in(&provider.issuer.rest(), "petra", &phone)
}

fn pages(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let base = format!("http://{}", provider.issuer.address());
    for person in &provider.people {
        let mut visitor = Visitor::new(&base);
        let page = visitor.sign_in(person.name, &person.password)?;
        ensure!(page.contains("<h1>Authenticators</h1>"), "{} sees no authenticators", person.name);
        let desk = visitor.open("/desk").is_ok();
        ensure!(
            desk == (person.role != "user"),
            "{} ({}) at the help desk: {desk}",
            person.name,
            person.role
        );
        let also = if desk { ", and the help desk's pages" } else { "" };
        println!("   {} ({}) signs in and sees Authenticators{also}", person.name, person.role);
    }
    Ok(())
}

/// The code that is shown now opens the door, and opens it once.
fn sign_in(rest: &Rest, user: &str, token: &Token) -> Result<()> {
    let sheet: Value = token.run(["codes", "Work"])?;
    let code = text(&sheet["codes"][0], "code")?;
    well(rest.sign_in(user, code)?)?;
    let (status, again) = rest.sign_in(user, code)?;
    ensure!(status != 200, "the same code was accepted twice");
    println!("   {user} signs in with {code}  (a second time: {})", text(&again, "errorMessage")?);
    Ok(())
}

fn address_of(name: &str) -> String {
    format!("{name}@demo.example")
}

/// Who has a password, and what they may; the first has a certificate, too.
const PEOPLE: [(&str, &str); 5] =
    [("anna", "user"), ("ben", "user"), ("chris", "user"), ("dora", "help-desk"), ("adam", "admin")];
