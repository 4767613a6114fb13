//! `list`, `rename`, `move`, `remove`, `policy`, and identities by name or id.

mod support;

use support::Place;

fn three() -> Place {
    let place = Place::with_vault();
    for name in ["one", "two", "three"] {
        place.add_rfc6238(name);
    }
    place
}

#[test]
fn an_empty_list_is_an_empty_list() {
    let place = Place::with_vault();
    assert_eq!(place.ok(&["list"]), serde_json::json!({"identities": []}));
    assert!(place.text(&["list"]).contains("No identities yet"));
}

#[test]
fn names_are_found_however_they_are_written_and_ids_too() {
    let place = three();
    let id = place.ok(&["list"])["identities"][1]["id"].as_str().unwrap().to_owned();
    for name in ["two", " TWO ", id.as_str()] {
        assert_eq!(place.ok(&["codes", name, "--at", "59"])["codes"][0]["name"], "two", "{name}");
    }
    place.fails(&["codes", "four"], 1, "UnknownIdentity");
}

#[test]
fn rename_keeps_everything_else() {
    let place = three();
    let before = place.ok(&["list"])["identities"][1].clone();
    let mut after = place.ok(&["rename", "two", "zwei"])["identity"].clone();
    assert_eq!(after["name"], "zwei");
    after["name"] = before["name"].clone();
    assert_eq!(after, before);
    assert_eq!(place.names(), ["one", "zwei", "three"]);
}

#[test]
fn rename_to_a_taken_or_malformed_name_changes_nothing() {
    let place = three();
    let error = place.fails(&["rename", "two", "ONE"], 4, "NameTaken");
    assert!(error["suggestion"].as_str().unwrap().starts_with("ONE"), "{error}");
    assert_eq!(place.fails(&["rename", "two", "  "], 3, "NotUnderstood")["part"], "name");
    assert_eq!(place.names(), ["one", "two", "three"]);
    place.ok(&["rename", "two", "TWO"]);
    assert_eq!(place.names(), ["one", "TWO", "three"]);
}

#[test]
fn move_counts_from_one_and_stops_at_the_end() {
    let place = three();
    assert_eq!(place.ok(&["move", "three", "1"])["identity"]["name"], "three");
    assert_eq!(place.names(), ["three", "one", "two"]);
    place.ok(&["move", "three", "99"]);
    assert_eq!(place.names(), ["one", "two", "three"]);
    assert_eq!(place.run(&["move", "three", "0"]).code, 2);
}

#[test]
fn remove_needs_a_yes() {
    let place = three();
    place.fails(&["remove", "two"], 11, "ConsentNeeded");
    assert_eq!(place.names().len(), 3);
    let removed = place.ok(&["remove", "two", "--yes"]);
    assert_eq!((&removed["ok"], &removed["identity"]["name"]), (&true.into(), &"two".into()));
    assert_eq!(place.names(), ["one", "three"]);
    place.fails(&["remove", "two", "--yes"], 1, "UnknownIdentity");
}

#[test]
fn a_removed_name_is_free_again() {
    let place = three();
    place.ok(&["remove", "two", "--yes"]);
    place.add_rfc6238("Two");
    assert_eq!(place.names(), ["one", "three", "Two"]);
}

#[test]
fn policy_shows_what_is_demanded() {
    let place = three();
    let all = place.ok(&["policy"]);
    assert_eq!(all["policies"].as_array().unwrap().len(), 3);
    let one = &place.ok(&["policy", "one"])["policies"];
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!((&one[0]["name"], &one[0]["min_pin_digits"]), (&"one".into(), &4.into()));
    assert_eq!(one[0]["forbid_backup"], false);
}

#[test]
fn status_counts_identities_without_the_pin() {
    let place = three();
    assert_eq!(place.run_without_pin(&["status"]).json()["identities"], 3);
}
