//! Lists of links: line ends, limits, and bad lines among good ones.

mod doors_support;

use doors_support::*;
use softtoken_core::activation::request::Refusal;
use softtoken_core::activation::{list, migration, otpauth};

const GOOD: &str = "otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP";
const MIGRATION: &str = "otpauth-migration://offline?data=ChQKCjEyMzQ1Njc4OTASBmxlZ2FjeRABGAE%3D";

fn refusal<T>(result: Result<T, Refusal>) -> String {
    result.err().map_or("accepted".into(), |refusal| describe(&refusal))
}

#[test]
fn a_list_may_come_from_any_system_and_its_bad_lines_are_numbered() {
    let no_entry = "otpauth-migration://offline?data=CgoSCG5vc2VjcmV0";
    let text = format!(
        "\u{feff}# export\r\n\r\n  {GOOD}  \r\nhello\r\n{MIGRATION}\r\n{no_entry}\r\n{GOOD}&digits=5"
    );
    assert!(list::is_list(&text));
    let offers = list::parse_bytes(text.as_bytes()).ok().unwrap();
    let accounts: Vec<_> = offers.offers.iter().map(|offer| offer.account.as_str()).collect();
    assert_eq!(accounts, ["alice", "legacy"]);
    assert_eq!(
        refused_entries(&offers),
        [
            "4: NotUnderstood Text Unknown",
            "6: NotUnderstood Secret Missing",
            "7: NotUnderstood Digits OutOfRange",
        ]
    );
}

#[test]
fn a_two_step_link_needs_its_own_activation() {
    let offers = list::parse(&format!("{GOOD}\n{GOOD}&2step_salt=8\n")).ok().unwrap();
    assert_eq!(offers.offers.len(), 1);
    assert_eq!(refused_entries(&offers), ["2: Unsupported TokenKind"]);
}

#[test]
fn a_list_has_limits() {
    assert_eq!(refusal(list::parse(&"\n".repeat(10_001))), "NotUnderstood Text TooLong");
    assert_eq!(refusal(list::parse(&"\n".repeat(10_000))), "NotUnderstood Text Empty");
    let long = "#".repeat(1024 * 1024);
    assert_eq!(refusal(list::parse(&long)), "NotUnderstood Text Empty");
    assert_eq!(refusal(list::parse(&format!("{long}#"))), "NotUnderstood Text TooLong");
    assert_eq!(refusal(list::parse_bytes(b"\xff\xfe")), "NotUnderstood Text BadEncoding");
}

#[test]
fn pages_in_a_list_count_towards_its_entries() {
    // 500 entries of two bytes' secret on each line.
    let payload = b"\x0a\x04\x0a\x02xy".repeat(500);
    let line = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, payload);
    let line = format!("otpauth-migration://offline?data={line}\n");
    assert_eq!(list::parse(&line.repeat(20)).ok().unwrap().offers.len(), 10_000);
    assert_eq!(refusal(list::parse(&line.repeat(21))), "NotUnderstood Text TooLong");
}

#[test]
fn only_several_lines_with_a_link_are_a_list() {
    assert!(list::is_list(&format!("Your accounts:\n{GOOD}\n")));
    assert!(list::is_list(&format!("{MIGRATION}\n{MIGRATION}")));
    assert!(list::is_list(&format!("\u{feff}{GOOD}\n# end")));
    assert!(!list::is_list(&format!("{GOOD}\n")));
    assert!(!list::is_list("two\nlines"));
}

#[test]
fn doors_know_their_own_schemes() {
    assert!(otpauth::is_ours(" OTPAUTH://"));
    assert!(otpauth::is_ours("motp://x"));
    assert!(!otpauth::is_ours(MIGRATION));
    assert!(migration::is_ours(MIGRATION));
    assert!(!migration::is_ours(GOOD));
}
