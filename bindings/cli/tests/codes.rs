//! `codes`, `next`, `respond`, `resync`.

mod support;

use support::{Place, RFC_KEY};

fn hotp(place: &Place, name: &str) {
    place.ok(&["add", "--key", RFC_KEY, "--hotp", "0", "--name", name, "--yes"]);
}

#[test]
fn a_sheet_has_all_codes_with_their_windows() {
    let place = Place::with_vault();
    place.add_rfc6238("a");
    hotp(&place, "b");
    let sheet = place.ok(&["codes", "--at", "59"]);
    assert_eq!((&sheet["at"], &sheet["next_change"]), (&59.into(), &60.into()));
    let a = &sheet["codes"][0];
    assert_eq!((&a["name"], &a["code"]), (&"a".into(), &"94287082".into()));
    assert_eq!((&a["valid_from"], &a["valid_until"]), (&30.into(), &60.into()));
    assert_eq!(a["next"], "37359152");
    let b = &sheet["codes"][1];
    assert_eq!(b["name"], "b");
    assert!(b["code"].is_null() && b["valid_until"].is_null() && b["next"].is_null());
}

#[test]
fn codes_now_are_those_of_the_clock() {
    let place = Place::with_vault();
    place.add_rfc6238("a");
    let sheet = place.ok(&["codes"]);
    let at = sheet["at"].as_u64().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(at) < 30);
    let (from, until) = (
        sheet["codes"][0]["valid_from"].as_u64().unwrap(),
        sheet["codes"][0]["valid_until"].as_u64().unwrap(),
    );
    assert!(from <= at && at < until && until - from == 30);
    let again = place.ok(&["codes", "--at", &at.to_string()]);
    assert_eq!(again["codes"], sheet["codes"]);
}

#[test]
fn codes_for_people_are_grouped_and_say_when_they_are_for_another_time() {
    let place = Place::with_vault();
    place.add_rfc6238("Bank");
    assert_eq!(
        place.text(&["codes", "--at", "59"]),
        "For Unix time 59, not for now:\nBank  9428 7082  1 s\n"
    );
    assert!(!place.text(&["codes"]).contains("not for now"));
}

#[test]
fn next_counts_and_never_shows_a_code_twice() {
    let place = Place::with_vault();
    hotp(&place, "VPN");
    // RFC 4226, appendix D.
    for (counter, code) in ["755224", "287082", "359152"].iter().enumerate() {
        let row = place.ok(&["next", "VPN"]);
        assert_eq!((&row["code"], &row["counter"]), (&(*code).into(), &counter.into()));
        assert_eq!(row["name"], "VPN");
    }
}

#[test]
fn next_is_for_event_based_identities_only() {
    let place = Place::with_vault();
    place.add_rfc6238("Bank");
    assert_eq!(place.fails(&["next", "Bank"], 8, "Unsupported")["what"], "for_this_kind");
    assert_eq!(place.fails(&["respond", "Bank", "12345678"], 8, "Unsupported")["what"], "for_this_kind");
}

#[test]
fn resync_shows_two_codes_with_their_numbers_and_uses_them_up() {
    let place = Place::with_vault();
    hotp(&place, "VPN");
    let view = place.ok(&["resync", "VPN"]);
    assert_eq!(view["identity"]["name"], "VPN");
    assert_eq!((&view["current"]["number"], &view["current"]["code"]), (&0.into(), &"755224".into()));
    assert_eq!((&view["following"]["number"], &view["following"]["code"]), (&1.into(), &"287082".into()));
    assert_eq!(place.ok(&["next", "VPN"])["counter"], 2);
}

#[test]
fn resync_of_a_timed_identity_shows_two_steps_in_a_row() {
    let place = Place::with_vault();
    place.add_rfc6238("Bank");
    let view = place.ok(&["resync", "Bank"]);
    let number = |field: &str| view[field]["number"].as_u64().unwrap();
    assert_eq!(number("current") + 1, number("following"));
}
