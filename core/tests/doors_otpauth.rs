//! Links with a complete account: the shared table, and the types that it leaves out.

mod doors_support;

use doors_support::*;
use softtoken_core::activation::request::Warning;
use softtoken_core::otp::{CodeSpec, code_at};
use softtoken_core::time::UnixTime;

#[test]
fn every_row_of_the_table_is_accepted_or_refused_as_it_says() {
    let file = vectors("otpauth.json");
    for row in rows(&file, "accept") {
        let link = text(row, "uri");
        let (offer, expect) = (account(link), &row["expect"]);
        assert_eq!(offer.issuer, text(expect, "issuer"), "{link}");
        assert_eq!(offer.account, text(expect, "account"), "{link}");
        assert_eq!(secret_hex(&offer), text(expect, "secret_hex"), "{link}");
        let (kind, algorithm, digits, period) = rule(&offer.credential.spec);
        assert_eq!(kind, text(expect, "type"), "{link}");
        assert_eq!(algorithm, text(expect, "algorithm"), "{link}");
        assert_eq!(digits, number(&expect["digits"]), "{link}");
        assert_eq!(period, expect.get("period").map(number), "{link}");
        let counter = expect.get("counter").map_or(0, number);
        assert_eq!(offer.credential.counter, counter, "{link}");
        let extra = &expect["extra"];
        assert_eq!(offer.serial.as_deref(), extra["serial"].as_str(), "{link}");
        let locked = !extra["pin"].is_null() || !extra["app_force_unlock"].is_null();
        assert_eq!(offer.policy.verify_user, locked, "{link}");
        for expected in rows(row, "codes") {
            assert_eq!(code(&offer, expected), text(expected, "code"), "{link}");
        }
    }
    for row in rows(&file, "reject") {
        assert_ne!(refused(text(row, "uri")), "accepted", "{row}");
    }
    let count = rows(&file, "accept").len() + rows(&file, "reject").len();
    assert_eq!(count, 63);
    eprintln!("vectors: otpauth.json {count} rows");
}

#[test]
fn odd_but_accepted_links_carry_a_warning() {
    let warnings = |link: &str| account(link).warnings;
    let long = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    assert_eq!(warnings(&format!("otpauth://totp/a?secret={long}")), []);
    assert_eq!(warnings("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"), [Warning::ShortSecret]);
    assert_eq!(warnings(&format!("otpauth://totp/a?secret={long}J")), [Warning::LeftoverBits]);
    assert_eq!(warnings(&format!("otpauth://totp/a?secret={long}JA")), []);
    assert_eq!(warnings(&format!("otpauth://totp/a?digits=10&secret={long}")), [Warning::TenDigits]);
    assert_eq!(warnings(&format!("otpauth://hotp/a?secret={long}")), [Warning::CounterMissing]);
    assert_eq!(warnings(&format!("otpauth://hotp/a?counter=0&secret={long}")), []);
}

#[test]
fn the_day_password_changes_once_a_day_unless_the_link_says_otherwise() {
    let period = |link: &str| rule(&account(link).credential.spec).3;
    assert_eq!(period("otpauth://daypassword/a?secret=JBSWY3DPEHPK3PXP"), Some(86_400));
    assert_eq!(period("otpauth://daypassword/a?secret=JBSWY3DPEHPK3PXP&period=43200"), Some(43_200));
}

#[test]
fn apples_scheme_is_an_alias() {
    let offer = account("apple-otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP");
    assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("Example", "alice"));
}

#[test]
fn white_space_around_a_link_does_not_count() {
    assert_eq!(account(" otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP\r\n").account, "alice");
}

#[test]
fn an_empty_issuer_parameter_leaves_the_prefix_of_the_label() {
    let offer = account("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=");
    assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("Example", "alice"));
    let offer = account("otpauth://totp/:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example");
    assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("Example", "alice"));
}

#[test]
fn escapes_are_decoded_once() {
    assert_eq!(account("otpauth://totp/a%2541?secret=JBSWY3DPEHPK3PXP").account, "a%41");
}

#[test]
fn yandex_motp_and_steam_links_make_the_codes_of_the_table() {
    let file = vectors("steam_motp_yandex.json");
    for row in rows(&file, "yandex") {
        let link = format!("otpauth://yaotp/alice?secret={}", text(row, "secret_base32"));
        let credential = account(&link).credential;
        assert!(matches!(credential.spec, CodeSpec::Yandex));
        assert!(credential.otp_pin.is_none());
        assert!(credential.secret.ct_eq(&hex_bytes(text(row, "secret16_hex"))));
        let pin = Some(text(row, "pin").as_bytes());
        let made = code_at(&credential.spec, credential.secret.expose(), pin, UnixTime(number(&row["time"])));
        assert_eq!(made.ok().unwrap().code.as_str(), text(row, "code"));
    }
    for row in rows(&file, "motp") {
        let link = format!("motp://privacyidea:label?secret={}", text(row, "secret_hex"));
        let offer = account(&link);
        assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("privacyidea", "label"));
        let (spec, secret) = (&offer.credential.spec, offer.credential.secret.expose());
        let pin = Some(text(row, "pin").as_bytes());
        let made = code_at(spec, secret, pin, UnixTime(number(&row["time"])));
        assert_eq!(made.ok().unwrap().code.as_str(), text(row, "code"));
    }
    let secret = text(&file["steam"], "secret_base32");
    for row in rows(&file["steam"], "vectors") {
        assert_eq!(code(&account(&format!("steam://{secret}")), row), text(row, "code"));
        let link = format!("otpauth://steam/gabe?digits=5&algorithm=SHA1&period=30&secret={secret}");
        assert_eq!(code(&account(&link), row), text(row, "code"));
    }
    let count = rows(&file, "yandex").len() + rows(&file, "motp").len();
    eprintln!("vectors: steam_motp_yandex.json {} rows", count + rows(&file["steam"], "vectors").len());
}

fn hex_bytes(text: &str) -> Vec<u8> {
    softtoken_core::codec::hex::decode(text).ok().unwrap().expose().to_vec()
}

#[test]
fn steams_own_links_are_not_keys() {
    assert_eq!(refused("steam://rungameid/440"), "NotForThisApp");
    assert_eq!(refused("steam://run/JBSWY3DPEHPK3PXP"), "NotForThisApp");
    assert_eq!(secret_hex(&account("steam://jbswy3dpehpk3pxp/")), "48656c6c6f21deadbeef");
}

#[test]
fn an_oath_token_link_counts_unless_it_says_time() {
    let key = "e0d5d4909065b1ba925f2583c66fd305b9816b07";
    let offer = account(&format!("oathtoken:///addToken?name=OATH%200003&lockdown=true&key={key}"));
    assert_eq!(offer.account, "OATH 0003");
    assert_eq!(rule(&offer.credential.spec), ("hotp", "SHA1", 6, None));
    assert_eq!((offer.credential.counter, secret_hex(&offer).as_str()), (0, key));
    let link = format!("oathtoken:///addToken?name=a&key={key}&timeBased=true&interval=60&numDigits=8");
    assert_eq!(rule(&account(&link).credential.spec), ("totp", "SHA1", 8, Some(60)));
    let link = format!("oathtoken:///addToken?name=a&key={key}&counter=7");
    assert_eq!(account(&link).credential.counter, 7);
}

#[test]
fn an_app_lock_holds_unless_it_says_no() {
    let locked = |extra: &str| {
        account(&format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&{extra}")).policy.verify_user
    };
    for yes in ["pin=True", "pin=true", "pin=1", "app_force_unlock=pin", "app_force_unlock=newer"] {
        assert!(locked(yes), "{yes}");
    }
    for no in ["", "pin=False", "pin=", "app_force_unlock=", "app_force_unlock=none"] {
        assert!(!locked(no), "{no}");
    }
}

#[test]
fn the_longest_link_is_read_and_the_next_is_not() {
    let link = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&image=";
    let longest = format!("{link}{}", "x".repeat(2048 - link.len()));
    assert_eq!(account(&longest).account, "a");
    assert_eq!(refused(&format!("{longest}x")), "NotUnderstood Text TooLong");
}
