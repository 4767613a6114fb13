//! Mails with several activation links: which one is the user's choice, by number. What a link holds is not shown.

use serde_json::{Value, json};
use softtoken_core::activation::link::{LinkPayload, Mode};
use softtoken_core::activation::mail::{self, FoundLink};
use softtoken_core::error::Needed;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::texts::printable;

/// The link that a person picks among several; every other text as it is.
pub fn choose(context: &mut Context, text: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    let links = mail::links(&text);
    if links.len() < 2 {
        return Ok(text);
    }
    let list: Vec<String> = (1..).zip(&links).map(|(n, link)| format!("  {n}. {}", words(link))).collect();
    let needed = || {
        let text = format!("There are {} activation links in the text. Give one of them alone.", links.len());
        let rows = links.iter().map(|link| row(&link.payload)).collect::<Vec<_>>();
        Failure::needs(Needed::Choice).with("count", links.len()).with("links", rows).saying(text)
    };
    if !context.ask.is_person() {
        return Err(needed());
    }
    context.ask.say(&format!("There are {} activation links in the text:\n{}", links.len(), list.join("\n")));
    let line = context.ask.line(&format!("Which one (1 to {})? ", links.len())).ok_or_else(needed)?;
    let chosen = line.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    chosen.and_then(|index| links.get(index)).map(|link| link.text.clone()).ok_or_else(needed)
}

fn words(link: &FoundLink) -> String {
    let payload = &link.payload;
    let door = match payload.mode {
        Mode::Link => "link",
        Mode::QrCode => "QR code, with a password",
    };
    format!(
        "{}, serial number {} ({door})",
        printable(&payload.address.unicode()),
        payload.serial.grouped().as_str()
    )
}

fn row(payload: &LinkPayload) -> Value {
    let door = match payload.mode {
        Mode::Link => "link",
        Mode::QrCode => "qr_code",
    };
    json!({"address": payload.address.ascii(), "serial": payload.serial.digits(), "door": door})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Everywhere;
    use crate::ask::Scripted;

    fn sample(row: usize) -> String {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/activation_v2.json");
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        vectors["links"][row]["https"].as_str().unwrap().to_owned()
    }

    fn chosen(person: Scripted, text: &str) -> Result<String, Failure> {
        let folder = Some(std::path::PathBuf::from("nowhere"));
        let options = Everywhere {
            vault: folder.clone(),
            keys: folder,
            json: false,
            pin_file: None,
            insecure_files: false,
        };
        let mut context = Context::new(&options, Box::new(person))?;
        choose(&mut context, Zeroizing::new(text.to_owned())).map(|text| text.to_string())
    }

    #[test]
    fn several_links_are_listed_without_their_secrets_and_a_person_picks_one() {
        let (first, second) = (sample(0), sample(1));
        let person = Scripted::typing(&["2"]);
        let seen = person.seen.clone();
        let mail = format!("Hello\n{first}\nor\n{second}\n");
        assert_eq!(chosen(person, &mail).ok().unwrap(), second);
        let seen = seen.borrow().join("\n");
        assert!(seen.contains("1. idp.example.test, serial number 48244-13456 (link)"), "{seen}");
        assert!(!seen.contains("#2."), "{seen}");
        for wrong in ["0", "3", "", "x"] {
            assert!(chosen(Scripted::typing(&[wrong]), &mail).is_err());
        }
    }

    #[test]
    fn a_script_hears_what_there_is_to_choose_from() {
        let error = chosen(Scripted::nobody(), &format!("{}\n{}", sample(0), sample(1))).err().unwrap();
        let json = error.to_json();
        assert_eq!((error.code(), &json["what"], &json["count"]), (11, &"choice".into(), &2.into()));
        assert_eq!(json["links"][0]["serial"], "4824413456");
        assert!(!json.to_string().contains("#2."));
    }

    #[test]
    fn one_link_and_no_link_are_left_to_the_core() {
        for text in [format!("Hello {}", sample(0)), sample(0), "Hello".to_owned()] {
            assert_eq!(chosen(Scripted::nobody(), &text).ok().unwrap(), text);
        }
    }
}
