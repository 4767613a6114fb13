//! After the parts: where portal and help desk are, who signs in there, and what to try while everything stays up.

use std::path::Path;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use anyhow::Result;
use softtoken_e2e::mail::Mail;

use super::provider::Provider;
use super::{Stage, certificates, picture};

/// Shows addresses and people.
pub fn tell(stage: &Stage) -> Result<()> {
    print!("{}", told(stage.provider()?));
    Ok(())
}

/// Says what to try, and keeps mails as files, until Enter.
pub fn stay(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let (mails, own) = (stage.folder.join("mails"), picture::path(&provider.certificate)?);
    std::fs::create_dir_all(&mails)?;
    let [first, ..] = &provider.people[..] else { return Ok(()) };
    let home = stage.folder.join(first.name);
    let home = picture::path(&home)?;
    let shell = format!(
        "alias softtoken='{} --vault {home}/vault --keys {home}/keys'",
        picture::path(&stage.program)?
    );
    let port = provider.issuer.address();
    print!("{}", to_try(&shell, own, picture::path(&mails)?, port));
    let (ended, end) = channel();
    std::thread::spawn(move || {
        let _typed = std::io::stdin().read_line(&mut String::new());
        // Whoever waits for it may be gone already.
        let _gone = ended.send(());
    });
    let mut kept = 0;
    while matches!(end.try_recv(), Err(TryRecvError::Empty)) {
        if let Some(mail) = provider.mails.next_within(BREATH)? {
            kept += 1;
            keep(&mail, &mails, kept)?;
        }
    }
    Ok(())
}

fn told(provider: &Provider) -> String {
    let address = provider.issuer.address();
    let mut text = format!("\nportal     http://{address}/portal\nhelp desk  http://{address}/desk\n");
    for person in &provider.people {
        text += &format!("user {:6} password {}  role {}\n", person.name, person.password, person.role);
    }
    text
}

/// At most 25 lines.
fn to_try(shell: &str, certificate: &str, mails: &str, address: &str) -> String {
    format!(
        "
All of it stays up until Enter. Sign in at the portal as anna with Chromium, and in another terminal:
  {shell}
  softtoken init           once; it asks for a new PIN
In the portal: Add an authenticator, then one of
  1  Send Email            the mail is a file in {mails}; softtoken add - < FILE
  2  Show QR code          save the picture; softtoken add --qr FILE, and type the password below it
  3  Show the values       softtoken add --manual; type the registration code into the page
  4  the same, offline     softtoken add --manual --offline; then the first code as well
softtoken watch shows the codes. Sign out: signing in wants one now. And then:
  a name clash             activate a second authenticator under the same name
  an expired activation    as adam: Help desk, Rules, life of an activation = 5; activate, wait, use it
  five wrong PINs          Account, Questions and answers first; then softtoken list with wrong PINs; it shows a
                           PIN reset code: sign in, I have misplaced my token; or as dora: Users, anna, Unlock;
                           then softtoken unlock CODE
  a face check             as adam: Rules, Verifications = Face; activate: the browser opens; as dora: Face checks
  a certificate check      import {certificate}
                           into Chromium (Settings, Manage certificates; password {password}); as adam:
                           Rules, Verifications = Certificate; activate, and let the demo's own https pass
softtoken doctor {address} compares the clocks. Mails that arrive are named here:
",
        password = certificates::PASSWORD,
    )
}

fn keep(mail: &Mail, folder: &Path, number: u32) -> Result<()> {
    let file = folder.join(format!("{number}.eml"));
    std::fs::write(&file, mail.raw()?)?;
    println!("  {} to {}: {}", file.display(), mail.to()?, mail.subject()?);
    Ok(())
}

const BREATH: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_try_is_short_and_names_everything() {
        let text = to_try("alias softtoken='x'", "/demo/anna.p12", "/demo/mails", "127.0.0.1:1");
        assert!(text.trim().lines().count() <= 25, "{text}");
        for part in [
            "Email",
            "QR code",
            "values",
            "offline",
            "name clash",
            "expired",
            "wrong PINs",
            "face",
            "anna.p12",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
