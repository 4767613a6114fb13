//! The dependency rule between crates: the core stands alone and small, a binding uses only the core.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// What the core must not be built from, directly or through others: foreign-function layers, async
/// runtimes, sockets and TLS, thread pools, command lines.
const NOT_IN_CORE: &[&str] = &[
    "async-std",
    "clap",
    "crossbeam-channel",
    "futures-executor",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "rayon",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "uniffi",
    "uniffi_core",
    "ureq",
];
const CORE: &str = "softtoken-core";

#[test]
fn the_core_stands_alone_and_bindings_use_only_the_core() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(crate::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata = serde_json::from_slice(&output.stdout).unwrap();
    assert!(reached(&metadata, CORE).contains("sha2"), "the core's dependencies were not read");
    assert_eq!(violations(&metadata), [""; 0]);
}

#[test]
fn a_forbidden_crate_under_the_core_is_caught_through_another_crate() {
    let metadata = world(&[(CORE, "core", &["helper"]), ("helper", "", &["tokio"]), ("tokio", "", &[])]);
    assert_eq!(violations(&metadata), ["the core is built from tokio"]);
}

#[test]
fn a_binding_that_uses_a_test_crate_and_a_core_that_uses_a_binding_are_caught() {
    let cli = ("softtoken-cli", "bindings/cli", &[CORE, "softtoken-issuer"][..]);
    let issuer = ("softtoken-issuer", "tests/issuer", &[CORE][..]);
    let metadata = world(&[cli, issuer, (CORE, "core", &[])]);
    assert_eq!(violations(&metadata), ["softtoken-cli must not use softtoken-issuer"]);
    let metadata = world(&[(CORE, "core", &["softtoken-ffi"]), ("softtoken-ffi", "bindings/ffi", &[])]);
    assert_eq!(violations(&metadata), ["softtoken-core must not use softtoken-ffi"]);
}

#[test]
fn development_dependencies_do_not_count() {
    let mut metadata = world(&[(CORE, "core", &["tokio"]), ("tokio", "", &[])]);
    metadata["resolve"]["nodes"][0]["deps"][0]["dep_kinds"][0]["kind"] = json!("dev");
    assert_eq!(violations(&metadata), [""; 0]);
}

fn violations(metadata: &Value) -> Vec<String> {
    let members: Vec<&Value> = list(&metadata["workspace_members"])
        .iter()
        .map(|id| list(&metadata["packages"]).iter().find(|package| package["id"] == *id).unwrap())
        .collect();
    let is_member = |name: &str| members.iter().any(|member| member["name"] == name);
    let in_core = reached(metadata, CORE);
    let mut found: Vec<_> = NOT_IN_CORE
        .iter()
        .filter(|name| in_core.contains(**name))
        .map(|name| format!("the core is built from {name}"))
        .collect();
    for member in &members {
        let name = text(&member["name"]);
        let binding = text(&member["manifest_path"]).contains("/bindings/");
        for used in uses(metadata, name).into_iter().filter(|used| is_member(used)) {
            if name == CORE || (binding && used != CORE) {
                found.push(format!("{name} must not use {used}"));
            }
        }
    }
    found
}

/// The names of all packages that `name` is built from.
fn reached<'a>(metadata: &'a Value, name: &str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut open = uses(metadata, name);
    while let Some(next) = open.pop() {
        if all.insert(next) {
            open.extend(uses(metadata, next));
        }
    }
    all
}

/// The packages that `name` uses directly when it is built, not when it is tested.
fn uses<'a>(metadata: &'a Value, name: &str) -> Vec<&'a str> {
    let packages = list(&metadata["packages"]);
    let name_of =
        |id: &Value| packages.iter().find(|package| package["id"] == *id).map(|found| text(&found["name"]));
    let built = |dependency: &&Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
    list(&metadata["resolve"]["nodes"])
        .iter()
        .filter(|node| name_of(&node["id"]) == Some(name))
        .flat_map(|node| list(&node["deps"]).iter().filter(built))
        .filter_map(|dependency| name_of(&dependency["pkg"]))
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Made-up metadata: name, folder (empty: not in the workspace) and dependencies of each package.
fn world(packages: &[(&str, &str, &[&str])]) -> Value {
    let package = |(name, folder, _): &(&str, &str, &[&str])| {
        let manifest = format!("/house/{folder}/Cargo.toml");
        json!({ "id": name, "name": name, "manifest_path": manifest })
    };
    let node = |(name, _, uses): &(&str, &str, &[&str])| {
        let dependency = |used: &&str| json!({ "pkg": used, "dep_kinds": [{ "kind": null }] });
        json!({ "id": name, "deps": uses.iter().map(dependency).collect::<Vec<_>>() })
    };
    json!({
        "workspace_members": packages.iter().filter(|row| !row.1.is_empty()).map(|row| row.0).collect::<Vec<_>>(),
        "packages": packages.iter().map(package).collect::<Vec<_>>(),
        "resolve": { "nodes": packages.iter().map(node).collect::<Vec<_>>() },
    })
}
