//! The dependency rule inside the core: a room uses rooms of its own level or below, never above.
//!
//! The checker reads tokens, not lines, so comments and doc links do not count, and grouped or
//! multi-line `use` does. A room that is in no level fails: place it before using it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the floor up. `testing` stands on the floor and is for everyone's tests.
const LEVELS: &[&[&str]] = &[
    &["codec", "secret", "time", "error", "random", "ports", "testing"],
    &["otp", "qr"],
    &["identity", "vault", "lock", "log"],
    &["activation", "verify", "transfer", "doctor"],
    &["token"],
];

/// `otp` is arithmetic: it takes no clock, no key and no log.
const FORBIDDEN: &[(&str, &str)] = &[("otp", "ports")];

/// The names that lib.rs lends to everyone, with their rooms.
const RE_EXPORTS: &[(&str, &str)] = &[("TokenError", "error")];

#[test]
fn no_room_of_the_core_uses_a_room_above_it() {
    let mut found = Vec::new();
    for path in crate::tracked() {
        let Some(inside) = path.strip_prefix("core/src/").filter(|path| path.ends_with(".rs")) else {
            continue;
        };
        if inside != "lib.rs" {
            let text = std::fs::read_to_string(crate::root().join(&path)).unwrap();
            found.extend(violations(inside, &text));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_bad_line_is_caught() {
    let bad = [
        ("otp/totp.rs", "use crate::vault::Vault;"),
        ("otp/totp.rs", "use crate::{\n    error::TokenError,\n    token::{self, SoftToken},\n};"),
        ("otp/totp.rs", "fn f() { crate::activation::begin(); }"),
        ("otp/totp.rs", "fn f() { vec![crate::identity::View::default()]; }"),
        ("otp/totp.rs", "use super::super::lock::Pin;"),
        ("otp/totp.rs", "use crate::ports::Clock;"),
        ("error.rs", "use super::otp::OtpError;"),
        ("vault/rows.rs", "use crate::SoftToken;"),
        ("cellar/mod.rs", "use crate::error::TokenError;"),
        ("token.rs", "use crate::cellar::Wine;"),
    ];
    for (file, text) in bad {
        assert_eq!(violations(file, text).len(), 1, "{file}: {text}");
    }
}

#[test]
fn good_lines_comments_and_texts_are_not_caught() {
    let good = [
        ("token.rs", "use crate::{activation::Activation, ports::Clock, TokenError};"),
        (
            "otp/totp.rs",
            "//! See [`crate::vault`].\n/// [`crate::token`]\n// crate::lock::x\nuse super::spec::Spec;",
        ),
        ("vault/rows.rs", "const A: &str = \"crate::token::x\"; mod tests { use super::super::keys; }"),
        ("vault/rows.rs", "pub(crate) fn f() {} use crate::identity::Identity;"),
    ];
    for (file, text) in good {
        assert_eq!(violations(file, text), [""; 0], "{file}: {text}");
    }
}

/// What `file` (relative to core/src) uses against the rule, one sentence each.
fn violations(file: &str, text: &str) -> Vec<String> {
    let room = file.split(['/', '.']).next().unwrap();
    let Some(level) = level(room) else {
        return vec![format!("{file}: the room {room} has no level")];
    };
    let depth = file.trim_end_matches("/mod.rs").matches('/').count() + 1;
    let tokens: TokenStream = text.parse().unwrap_or_else(|_| panic!("{file} is not Rust"));
    let mut used = Vec::new();
    collect(tokens, depth, &mut used);
    used.sort();
    used.dedup();
    let complaint = |name: &String| {
        let target = RE_EXPORTS.iter().find(|(export, _)| export == name).map_or(name.as_str(), |row| row.1);
        match self::level(target) {
            None => Some(format!("{file}: `crate::{name}` names no room with a level")),
            Some(above) if above > level => {
                Some(format!("{file}: {room} must not use {target}, which is above"))
            }
            Some(_) if FORBIDDEN.contains(&(room, target)) => {
                Some(format!("{file}: {room} must not use {target}"))
            }
            Some(_) => None,
        }
    };
    used.iter().filter_map(complaint).collect()
}

fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

/// Collects what follows `crate::`, and `super::` where that many steps up reach the crate.
fn collect(tokens: TokenStream, depth: usize, used: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect(group.stream(), depth, used),
            TokenTree::Ident(word) if word == "crate" => used.extend(names_after(&tokens[at + 1..])),
            TokenTree::Ident(word) if word == "super" && !continues_path(&tokens[..at]) => {
                let (ups, rest) = climb(&tokens[at..]);
                // One step more may leave an inline module; only a known room is meant then.
                let known = names_after(rest).into_iter().filter(|name| level(name).is_some());
                used.extend(known.filter(|_| ups >= depth));
            }
            _ => {}
        }
    }
}

/// The first segments of the path or group after `::`.
fn names_after(tokens: &[TokenTree]) -> Vec<String> {
    if !continues_path(tokens.get(..2).unwrap_or_default()) {
        return Vec::new();
    }
    match tokens.get(2) {
        Some(TokenTree::Ident(name)) => vec![name.to_string()],
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inner: Vec<_> = group.stream().into_iter().collect();
            let items = inner.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','));
            let first = items.filter_map(|item| item.first()).map(ToString::to_string);
            first.filter(|name| name != "self").collect()
        }
        _ => Vec::new(),
    }
}

/// How many `super`s the path begins with, and the tokens after the last.
fn climb(tokens: &[TokenTree]) -> (usize, &[TokenTree]) {
    let is_super = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "super");
    let ups = tokens.chunks(3).take_while(|step| is_super(&step[0])).count();
    (ups, tokens.get(ups * 3 - 2..).unwrap_or_default())
}

fn continues_path(before: &[TokenTree]) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':');
    before.len() >= 2 && before[before.len() - 2..].iter().all(colon)
}
