//! `add` with complete accounts: consent, names, keys, and what is refused.

mod support;

use support::{LINK, Place, RFC_KEY};

#[test]
fn a_link_becomes_an_identity_with_the_default_name() {
    let place = Place::with_vault();
    let answer = place.ok(&["add", LINK, "--yes"]);
    assert!(answer["refused"].as_array().unwrap().is_empty());
    let added = &answer["added"][0];
    for (field, value) in [
        ("name", "Example: alice"),
        ("issuer", "Example"),
        ("account", "alice"),
        ("kind", "totp"),
        ("algorithm", "SHA1"),
        ("state", "active"),
    ] {
        assert_eq!(added[field], value, "{field}");
    }
    assert_eq!((&added["digits"], &added["period"]), (&6.into(), &30.into()));
    assert!(added["badge"].is_null() && added["registration_code"].is_null());
    assert_eq!(added["id"].as_str().unwrap().len(), 32);
    assert_eq!(place.ok(&["list"])["identities"][0], *added);
}

#[test]
fn a_text_may_come_from_standard_input() {
    let place = Place::with_vault();
    let ended = place.run_with_input(&["add", "-", "--yes"], format!("  {LINK}\n").as_bytes());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(place.names(), ["Example: alice"]);
}

#[test]
fn without_a_yes_nothing_is_added() {
    let place = Place::with_vault();
    place.fails(&["add", LINK], 11, "ConsentNeeded");
    assert!(place.names().is_empty());
}

#[test]
fn a_taken_name_ends_with_a_suggestion_and_keeps_nothing() {
    let place = Place::with_vault();
    place.ok(&["add", LINK, "--yes"]);
    let error = place.fails(&["add", "--key", RFC_KEY, "--name", " EXAMPLE: Alice", "--yes"], 4, "NameTaken");
    assert_eq!(
        error["message"].as_str().unwrap().split(" Try").next(),
        Some("An identity with the specified name already exists.")
    );
    let suggestion = error["suggestion"].as_str().unwrap();
    assert_eq!(place.names(), ["Example: alice"]);
    place.ok(&["add", "--key", RFC_KEY, "--name", suggestion, "--yes"]);
    assert_eq!(place.names(), ["Example: alice", suggestion]);
}

#[test]
fn a_taken_default_name_is_no_obstacle_to_a_chosen_one() {
    let place = Place::with_vault();
    place.ok(&["add", LINK, "--yes"]);
    let other = LINK.replace("GEZD", "MEZD");
    place.fails(&["add", &other, "--yes"], 4, "NameTaken");
    place.ok(&["add", &other, "--name", "mine", "--yes"]);
    assert_eq!(place.names(), ["Example: alice", "mine"]);
}

#[test]
fn a_key_makes_the_codes_of_rfc_6238() {
    let place = Place::with_vault();
    place.add_rfc6238("rfc");
    for (at, code) in [("59", "94287082"), ("1111111109", "07081804"), ("20000000000", "65353130")] {
        let sheet = place.ok(&["codes", "rfc", "--at", at]);
        assert_eq!(sheet["at"].to_string(), at);
        assert_eq!(sheet["codes"][0]["code"], code);
    }
}

#[test]
fn a_key_may_come_from_standard_input_with_blanks_and_small_letters() {
    let place = Place::with_vault();
    let args = ["add", "--key", "-", "--issuer", "GitHub", "--account", "alice", "--yes"];
    let ended = place.run_with_input(&args, b"gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(place.names(), ["GitHub: alice"]);
}

#[test]
fn a_bad_key_gets_the_promised_text_and_the_position() {
    let place = Place::with_vault();
    let error = place.fails(&["add", "--key", "GEZD8NBV", "--name", "x", "--yes"], 3, "NotUnderstood");
    assert_eq!((&error["part"], &error["problem"]), (&"secret".into(), &"bad_character".into()));
    assert_eq!(error["position"], 4);
    let promised = "Invalid key - The key sequence of numbers and letters is invalid.";
    assert!(error["message"].as_str().unwrap().starts_with(promised));
    assert!(!error.to_string().contains("GEZD"), "no error repeats a key");
}

#[test]
fn a_key_without_a_name_needs_one() {
    let place = Place::with_vault();
    assert_eq!(place.fails(&["add", "--key", RFC_KEY, "--yes"], 11, "InputNeeded")["what"], "name");
}

#[test]
fn what_is_no_activation_is_refused_with_its_kind() {
    let place = Place::with_vault();
    for text in ["https://example.com/hello", "mailto:someone@example.com"] {
        place.fails(&["add", text, "--yes"], 3, "NotForThisApp");
    }
    let error = place.fails(&["add", "otpauth://totp/x?digits=6", "--yes"], 3, "NotUnderstood");
    assert_eq!((&error["part"], &error["problem"]), (&"secret".into(), &"missing".into()));
    let md5 = format!("{LINK}&algorithm=MD5");
    assert_eq!(place.fails(&["add", &md5, "--yes"], 8, "Unsupported")["what"], "md5");
    place.fails(&["add", &LINK.replace("totp", "unknown"), "--yes"], 3, "NotUnderstood");
    assert!(place.names().is_empty());
}

#[test]
fn a_refused_text_is_never_repeated() {
    let place = Place::with_vault();
    let ended = place.run(&["add", "otpauth://totp/x?secret=CANARYCANARY8CANARY", "--yes"]);
    assert_eq!(ended.code, 3);
    assert!(!ended.stdout.contains("CANARY") && !ended.stderr.contains("CANARY"));
}

#[test]
fn the_name_option_fits_one_identity_only() {
    let place = Place::with_vault();
    let migration = "otpauth-migration://offline?data=Ch4KC2Yk6WxR3xW8Rde7EglGYWtlIEdBIDEgASgBMAIKIgoPA10zkjJ0tijvit4MRqKSEglGYWtlIEdBIDIgASgBMAIQARgBIAAoz5a69vj%2F%2F%2F%2F%2FAQ%3D%3D";
    place.fails(&["add", migration, "--name", "x", "--yes"], 2, "Usage");
    place.ok(&["add", migration, "--yes"]);
    assert_eq!(place.names(), ["Fake GA 1", "Fake GA 2"]);
}

#[test]
fn a_list_takes_free_names_by_itself() {
    let place = Place::with_vault();
    place.ok(&["add", "--key", RFC_KEY, "--name", "fake ga 1", "--yes"]);
    let migration = "otpauth-migration://offline?data=Ch4KC2Yk6WxR3xW8Rde7EglGYWtlIEdBIDEgASgBMAIKIgoPA10zkjJ0tijvit4MRqKSEglGYWtlIEdBIDIgASgBMAIQARgBIAAoz5a69vj%2F%2F%2F%2F%2FAQ%3D%3D";
    let added = place.ok(&["add", migration, "--yes"]);
    assert_eq!(added["added"].as_array().unwrap().len(), 2);
    assert_eq!(place.names().len(), 3);
}

#[test]
fn the_page_for_people_tells_what_was_added() {
    let place = Place::with_vault();
    let text = place.text(&["add", LINK, "--yes"]);
    assert!(text.contains("Added:") && text.contains("Example: alice") && text.contains("TOTP"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
}
