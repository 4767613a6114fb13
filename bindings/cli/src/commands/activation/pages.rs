//! The pages of an activation, as text: *Activate Identity* and the registration code.

use softtoken_core::activation::state::{ConsentSummary, Door, EntrySummary, PasswordOf};
use softtoken_core::identity::{CodeKind, IdentityId, IdentityView};
use softtoken_core::ports::Clock;
use softtoken_core::time::UnixTime;
use zeroize::Zeroizing;

use crate::clock::SystemClock;
use crate::commands::identities::{badge_words, kind_words};
use crate::device_name;
use crate::layout::{duration, grouped, table};
use crate::texts::{self, printable};
use crate::words;

/// What the portal asks for.
pub struct RegistrationPage {
    /// The pending identity.
    pub id: IdentityId,
    /// As it is shown.
    pub code: Zeroizing<String>,
    /// What to type there next.
    pub live_code: Option<Zeroizing<String>>,
    /// By the issuer's word.
    pub expires_at: Option<UnixTime>,
}

/// What is about to be added.
pub fn consent(summary: &ConsentSummary) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = format!("\n{bold}Activate Identity{bold:#}\n");
    if let Some((index, size)) = summary.page {
        text.push_str(&format!(
            "  Page {} of {size} of an export; add the others too.\n",
            u64::from(index) + 1
        ));
    }
    let mut rows = match summary.entries.as_slice() {
        [entry] => single(entry, summary.address.as_deref()),
        entries => entries.iter().map(listed).collect(),
    };
    let mut row = |label: &str, value: Option<String>| {
        rows.extend(value.map(|value| vec![format!("  {label}"), value]));
    };
    row("Address", summary.address.as_deref().map(printable));
    row("Serial number", summary.serial.as_deref().map(texts::serial));
    row("Expires", summary.expires_at.map(expiry));
    row("This device", told_name(summary).map(|name| printable(&name)));
    row("Kind", door_words(summary.door, summary.offline).map(str::to_owned));
    text.push_str(&table(&rows));
    for warning in summary.entries.iter().flat_map(|entry| &entry.warnings).collect::<Vec<_>>() {
        let line = format!("  ! {}\n", words::warning(*warning));
        if !text.contains(&line) {
            text.push_str(&line);
        }
    }
    for refused in &summary.refused {
        let why = texts::sentence(&refused.error);
        text.push_str(&format!("  ! Entry {} cannot be added: {why}\n", refused.entry));
    }
    text
}

/// The question below the page.
pub fn question(summary: &ConsentSummary) -> &'static str {
    if summary.entries.len() == 1 { "Activate this identity?" } else { "Add these identities?" }
}

/// The registration code, and what to do with it.
pub fn registration(page: &RegistrationPage, view: &IdentityView) -> String {
    let bold = anstyle::Style::new().bold();
    let name = printable(&view.name);
    let mut text = format!(
        "{bold}{name}{bold:#} waits for the portal.\n\n  Registration code   {bold}{}{bold:#}\n",
        page.code.as_str()
    );
    if let Some(code) = &page.live_code {
        text.push_str(&format!("  Code now            {bold}{}{bold:#}\n", grouped(code)));
    }
    text.push_str("\n1. Type the registration code at the portal, on its Complete page.\n");
    let mut number = 2;
    if page.live_code.is_some() {
        text.push_str(&format!(
            "{number}. Where it asks for a code: `softtoken codes {name:?}` shows the current one.\n"
        ));
        number += 1;
    }
    text.push_str(&format!("{number}. When the portal has accepted it: `softtoken complete {name:?}`.\n"));
    if let Some(at) = page.expires_at {
        text.push_str(&format!("The activation expires {}.\n", expiry(at)));
    }
    text
}

/// What a password prompt says.
pub fn password_prompt(of: PasswordOf) -> &'static str {
    match of {
        PasswordOf::QrCode => "Password of the QR code (8 digits, from the mail or the portal): ",
        PasswordOf::OtpPin => "PIN of this identity (not the PIN of the vault): ",
        PasswordOf::File => "Password of the file: ",
        PasswordOf::FileKey => "Pre-shared key of the file (hex digits): ",
    }
}

fn single(entry: &EntrySummary, address: Option<&str>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = |label: &str, value: String| {
        if !value.is_empty() {
            rows.push(vec![format!("  {label}"), value]);
        }
    };
    if address != Some(entry.issuer.as_str()) {
        row("Issuer", printable(&entry.issuer));
    }
    row("Account", printable(&entry.account));
    row("Codes", codes_words(entry));
    row("Badge", entry.badge.map(badge_words).unwrap_or_default().to_owned());
    rows
}

fn listed(entry: &EntrySummary) -> Vec<String> {
    let badge = entry.badge.map(badge_words).unwrap_or_default().to_owned();
    let names = [printable(&entry.issuer), printable(&entry.account)];
    let name = match entry.taken.as_ref().or(entry.name.as_ref()) {
        Some(name) => printable(name),
        None => names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(": "),
    };
    vec![format!("  {name}"), codes_words(entry), badge]
}

fn codes_words(entry: &EntrySummary) -> String {
    let words = kind_words(entry.kind, entry.digits, entry.period);
    match (entry.kind, entry.algorithm) {
        (CodeKind::Totp | CodeKind::Hotp, Some(algorithm)) => format!("{words}, {}", algorithm.name()),
        _ => words,
    }
}

fn door_words(door: Door, offline: bool) -> Option<&'static str> {
    match (door, offline) {
        (Door::Account, _) => None,
        (Door::Backup, _) => Some("from a backup"),
        (Door::EntrustV1, _) => Some("Entrust v1, without network"),
        (Door::TwoStep, _) => Some("two steps: the portal asks for a code of this app"),
        (Door::Link | Door::QrCode | Door::Typed, true) => Some("without network: nothing is sent"),
        (Door::Link | Door::QrCode | Door::Typed, false) => Some("over the network"),
    }
}

/// What the issuer will call this computer, where it is told at all.
fn told_name(summary: &ConsentSummary) -> Option<String> {
    let online = matches!(summary.door, Door::Link | Door::QrCode | Door::Typed) && !summary.offline;
    online.then(device_name::of_this_computer).flatten()
}

fn expiry(at: UnixTime) -> String {
    match SystemClock.now() {
        Ok(now) if at > now => format!("in {}", duration(at.since(now))),
        Ok(now) => format!("{} ago by this computer's clock", duration(now.since(at))),
        Err(_) => format!("at Unix time {}", at.0),
    }
}
