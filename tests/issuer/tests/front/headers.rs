//! Names with line breaks and marks, from where they come in to the letter in a folder, read by Python's mail parser:
//! every letter has the headers that it should have and one recipient.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::carrier::{Carrier, sender};
use softtoken_issuer::mail::post::{PostOffice, Postman};
use softtoken_issuer::mail::{Mail, MailKind, Notice, Outbox};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;

use crate::world::World;

/// Each wants a header of its own, another recipient, or to be read otherwise than it is.
fn names() -> Vec<String> {
    let bad = ["\r\n", "\r", "\n", "\u{2028}", "\u{85}", "\u{b}", "\0\r\n", "\r\n "];
    let mut names: Vec<String> =
        bad.iter().map(|end| format!("anna{end}Bcc: eve@evil.example{end}X-Evil: 1{end}{end}body")).collect();
    names.extend(
        ["=?utf-8?q?a=0d=0aBcc:_eve@evil.example?=", "=?utf-8?b?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?="]
            .map(str::to_owned),
    );
    names.extend(
        ["\u{202e}anna\u{2066}", "eve@evil.example, anna", "\"<eve@evil.example>"].map(str::to_owned),
    );
    names.extend(["a".repeat(300), "\u{e4}\u{1f600}".repeat(150), "a ".repeat(150)]);
    names
}

/// Puts mails into a folder as the issuer does, and reads them with Python.
async fn carried(world: &World, from: lettre::message::Mailbox, mails: Vec<Mail>) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let (office, backroom) = PostOffice::new(1_000);
    let working = backroom.work(Postman {
        carrier: Carrier::Folder(folder.path().to_owned()),
        sender: from,
        delays: &[],
        store: world.issuer.store.clone(),
        clock: Arc::new(ManualClock::at(UnixTime(1_800_000_000))),
    });
    mails.into_iter().for_each(|mail| office.send(mail));
    drop(office);
    working.await.unwrap();
    read(folder.path())
}

fn read(folder: &Path) -> Vec<Value> {
    let python = std::env::var_os("SOFTTOKEN_PYTHON").unwrap_or("python3".into());
    let output = Command::new(python).args(["-c", READER]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Fails unless the letter has exactly the headers of a letter, from the help desk to `to`.
#[track_caller]
fn is_plain(letter: &Value, to: &str) {
    let expected =
        ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"];
    assert_eq!(letter["headers"], json!(expected), "{letter}");
    assert_eq!((&letter["to"], &letter["from"]), (&json!([to]), &json!(["help@example.com"])), "{letter}");
    assert_eq!((&letter["defects"], &letter["evil"]), (&json!([]), &json!(false)), "{letter}");
}

#[tokio::test]
async fn names_with_line_breaks_and_marks_reach_no_header_and_no_other_recipient() {
    let world = World::new().await;
    let from: lettre::message::Mailbox = "Help <help@example.com>".parse().unwrap();
    let mut expected = 0;
    for (number, name) in names().into_iter().enumerate() {
        // Programs cannot make such a user, nor one with such an address.
        for user in
            [json!({ "userId": name }), json!({ "userId": "a", "email": format!("{name}@example.com") })]
        {
            let (status, _) = world.admin("POST", "/api/web/v1/users", Some(user)).await;
            assert_eq!(status, 400, "{name:?}");
        }
        // Who fills the database in another way can, as far as names may be so; their mails are as plain.
        let email = format!("anna{number}@example.com");
        let new = NewUser { name: name.clone(), email: Some(email.clone()), phone: None };
        if let Ok(user) = world.issuer.create_user("test", new).await {
            let token = world.issuer.create_token("test", &user.id).await.unwrap();
            let order = world.issuer.create_order("test", &token.id, OrderRequest::default()).await.unwrap();
            let mails = vec![Mail {
                to: email.clone(),
                user: name.clone(),
                kind: MailKind::Activation(Box::new(order)),
            }];
            let letters = carried(&world, from.clone(), mails).await;
            assert_eq!(letters.len(), 1, "{name:?}");
            is_plain(&letters[0], &email);
            expected += 1;
        }
        // What a device calls itself, the user, and the serial number that a notice names.
        let kinds = [
            MailKind::Activated { serial: name.clone(), device: name.clone() },
            MailKind::AlreadyUsed { serial: name.clone() },
            MailKind::Notice(Notice::UnlockCodeByDesk(name.clone())),
        ];
        let mails =
            kinds.into_iter().map(|kind| Mail { to: "anna@example.com".into(), user: name.clone(), kind });
        let letters = carried(&world, from.clone(), mails.collect()).await;
        assert_eq!(letters.len(), 3, "{name:?}");
        letters.iter().for_each(|letter| is_plain(letter, "anna@example.com"));
        // As an address it gets no letter, or one to nobody else.
        let to = [
            format!("{name}@example.com"),
            format!("{name} <anna@example.com>"),
            format!("\"{name}\" <anna@example.com>"),
        ];
        let mails = to.into_iter().map(|to| Mail {
            to,
            user: "anna".into(),
            kind: MailKind::Notice(Notice::PasswordChanged),
        });
        for letter in carried(&world, from.clone(), mails.collect()).await {
            assert_eq!(letter["to"].as_array().map(Vec::len), Some(1), "{name:?} {letter}");
            assert!(!letter["to"][0].as_str().unwrap().contains("evil"), "{name:?} {letter}");
            assert_eq!(letter["evil"], false, "{name:?} {letter}");
        }
    }
    assert!(expected > 3, "{expected} names were let in");
}

#[tokio::test]
async fn the_senders_name_is_one_header_or_the_settings_are_refused() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut taken = 0;
    for name in names() {
        let from = toml::Value::String(format!("\"{}\" <help@example.com>", name.replace('"', "")));
        let text = format!(
            "address = 'issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'a.db'\nkeys = 'k'\n[mail]\nfrom = {from}\n"
        );
        let Ok(from) = sender(&Settings::from_toml(&text, folder.path()).unwrap()) else { continue };
        let kind = MailKind::Notice(Notice::PasswordChanged);
        let mails = vec![Mail { to: "anna@example.com".into(), user: "anna".into(), kind }];
        let letters = carried(&world, from, mails).await;
        assert_eq!(letters.len(), 1, "{name:?}");
        is_plain(&letters[0], "anna@example.com");
        taken += 1;
    }
    assert!(taken > 0);
}

/// Headers, addresses and what is wrong with each letter of a folder, oldest first.
const READER: &str = r#"
import email, email.policy, email.utils, json, pathlib, sys
found = []
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    raw = path.read_bytes()
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    def addresses(name):
        try:
            return [one.addr_spec for header in letter.get_all(name, []) for one in header.addresses]
        except Exception:
            # Its newer parser falls over some odd addresses; the older one reads them.
            lines = email.message_from_bytes(raw).get_all(name, [])
            return [address for _, address in email.utils.getaddresses(["".join(line.splitlines()) for line in lines])]
    names = sorted(name.lower() for name in letter.keys())
    found.append({
        "headers": names,
        "to": addresses("to") + addresses("cc") + addresses("bcc"),
        "from": addresses("from"),
        "defects": [repr(defect) for defect in letter.defects],
        "evil": any(name in ("bcc", "cc", "x-evil") for part in letter.walk() for name in map(str.lower, part.keys())),
    })
print(json.dumps(found))
"#;
