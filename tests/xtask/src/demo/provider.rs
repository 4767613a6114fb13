//! The parts of the demo with an identity provider: a mail goes out, tokens activate from it, a code signs in.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use softtoken_e2e::mail::{Mail, MailServer};
use softtoken_e2e::process::Issuer;
use softtoken_e2e::rest::{Rest, well};
use softtoken_e2e::text;
use softtoken_e2e::token::Token;

use super::{Part, Stage, picture};

/// In the order they are shown.
pub const ALL: &[Part] = &[
    Part { title: "A link in a mail becomes an identity, and its code signs in", play: link },
    Part { title: "A QR code and its password, from the same mail", play: qr_code },
    Part { title: "Typed values, confirmed with the registration code", play: typed },
    Part { title: "Five wrong PINs, an unlock code, a new PIN", play: unlock },
];

/// An issuer with its mail server, and one user with a soft token and a mail in the post.
pub struct Provider {
    pub issuer: Issuer,
    mails: MailServer,
}

impl Provider {
    /// Starts both on loopback.
    pub fn start(stage: &Stage) -> Result<Self> {
        let mails = MailServer::start(Some(&stage.python))?;
        let mail = format!("[mail]\nfrom = 'Portal <portal@demo.example>'\nsmtp = '{}'\n", mails.url());
        let issuer = Issuer::start(&stage.issuer, &stage.folder.join("issuer"), &mail)?;
        println!("the issuer serves http://{}, and mails leave by SMTP", issuer.address());
        Ok(Self { issuer, mails })
    }

    /// The mail with which a new user activates a new soft token.
    pub fn order(&self, user: &str) -> Result<Mail> {
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
    let (id, mail) = provider.token_and_mail("anna")?;
    let phone = stage.token("anna")?;
    let ended = phone.try_run(["add", "-", "--yes", "--name", "Work"], mail.text()?)?;
    ensure!(ended.code == 0, "{}", ended.json["error"]);
    ensure!(provider.issuer.rest().state(&id)? == "ACTIVE", "the issuer does not know it");
    sign_in(&provider.issuer.rest(), "anna", &phone)
}

fn qr_code(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let mail = provider.order("ben")?;
    let phone = stage.token("ben")?;
    let image = phone.path("code.png");
    std::fs::write(&image, mail.picture()?)?;
    let password = phone.secret_file("password", mail.value("Password")?)?;
    let (image, password) = (picture::path(&image)?, picture::path(&password)?);
    phone.run(["add", "--qr", image, "--password-file", password, "--yes", "--name", "Work"])?;
    sign_in(&provider.issuer.rest(), "ben", &phone)
}

fn typed(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (id, mail) = provider.token_and_mail("chris")?;
    let desktop = stage.token("chris")?;
    let [address, serial, code] =
        ["Address", "Serial number", "Activation code"].map(|label| mail.value(label));
    let added = desktop.add_typed("Work", [address?, serial?, code?], &[])?;
    let registration = text(&added["added"][0], "registration_code")?;
    println!("   the token shows {registration}, which is typed at the portal");
    well(provider.issuer.rest().complete(&id, registration, None)?)?;
    desktop.run(["complete", "Work"])?;
    sign_in(&provider.issuer.rest(), "chris", &desktop)
}

fn unlock(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (id, mail) = provider.token_and_mail("dora")?;
    let phone = stage.token("dora")?;
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
    sign_in(&provider.issuer.rest(), "dora", &phone)
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
