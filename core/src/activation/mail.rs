//! The activation links in the text of a mail, as people paste or save it.
//!
//! A mail is plain text, HTML, or a whole message with parts in quoted-printable or base64; a gateway may have
//! wrapped its links in others. Every such spelling is undone and searched. What is found has been parsed: half a
//! link (a line was broken in it) is none. Total: any text gives a list, of [`MAX_LINKS`] links at most.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::link::LinkPayload;

/// A link in a mail. It holds the order's secret: no `Debug`.
pub struct FoundLink {
    /// As it stands there, ready for [`ActivationSource::Text`](super::state::ActivationSource::Text).
    pub text: Zeroizing<String>,
    /// What it says.
    pub payload: LinkPayload,
}

/// The activation links in `text`, in its order. The two forms of one link (https and the app's own scheme) are
/// one link: the first counts. A text that is no mail, a bare link above all, has none: the doors judge it whole.
pub fn links(text: &str) -> Vec<FoundLink> {
    let text = text.trim();
    let mut found = Vec::new();
    if text.len() <= MAX_TEXT && text.contains(|c: char| c.is_whitespace() || c == '<') {
        search_all(text, &mut found);
        for block in base64_blocks(text) {
            search_all(&block, &mut found);
        }
    }
    found
}

/// A text and its spellings.
fn search_all(text: &str, found: &mut Vec<FoundLink>) {
    search_wrapped(text, found);
    if text.contains("=\n") || text.contains("=\r\n") || text.contains("=3D") || text.contains("=23") {
        search_wrapped(&without_quoted_printable(text), found);
    }
}

/// A text, and what is percent-encoded in it: links inside the links of a gateway.
fn search_wrapped(text: &str, found: &mut Vec<FoundLink>) {
    search(text, found);
    if text.contains(MARK_ENCODED) {
        let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
        search(&Zeroizing::new(decoded), found);
    }
}

fn search(text: &str, found: &mut Vec<FoundLink>) {
    for (at, _) in text.match_indices(MARK) {
        if found.len() >= MAX_LINKS {
            return;
        }
        let Some(link) = link_around(text, at) else { continue };
        let Ok(payload) = LinkPayload::parse(link) else { continue };
        if !found.iter().any(|other| other.payload.to_bytes() == payload.to_bytes()) {
            found.push(FoundLink { text: Zeroizing::new(link.to_owned()), payload });
        }
    }
}

/// The whole link around the mark at `at`; `None` where there is none, or where a line break cuts it.
fn link_around(text: &str, at: usize) -> Option<&str> {
    let (before, rest) = text.split_at_checked(at)?;
    let start = SCHEMES.iter().filter_map(|scheme| rfind_ignoring_case(before, scheme)).max()?;
    let behind = rest.get(MARK.len()..)?;
    let payload = behind.find(|c| !is_base64url(c)).unwrap_or(behind.len());
    let after = behind.get(payload..)?;
    let cut = after.starts_with("=\n") || after.starts_with("=\r\n");
    let link = text.get(start..at.checked_add(MARK.len())?.checked_add(payload)?)?;
    (!cut && !link.contains(char::is_whitespace)).then_some(link)
}

/// The last place of `scheme` within reach of the end.
fn rfind_ignoring_case(text: &str, scheme: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let from = bytes.len().saturating_sub(LONGEST_HEAD);
    let near = bytes.get(from..)?;
    let at = near.windows(scheme.len()).rposition(|w| w.eq_ignore_ascii_case(scheme.as_bytes()))?;
    from.checked_add(at)
}

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// RFC 2045 section 6.7, leniently: what is no escape stays as it is.
fn without_quoted_printable(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'=', [b'\n', after @ ..] | [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(*first),
            },
            _ => out.push(*first),
        }
    }
    Zeroizing::new(String::from_utf8_lossy(&out).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The texts in base64: lines that hold nothing else, the first of them a long one (RFC 2045 section 6.8).
fn base64_blocks(text: &str) -> Vec<Zeroizing<String>> {
    let mut blocks = Vec::new();
    let mut block = Zeroizing::new(String::with_capacity(text.len()));
    for line in text.lines().map(str::trim_end).chain([""]) {
        let belongs = !line.is_empty() && line.bytes().all(is_base64);
        if belongs && (!block.is_empty() || line.len() >= LONG_LINE) {
            block.push_str(line);
            continue;
        }
        if let Ok(bytes) = STANDARD.decode(block.as_bytes()) {
            let bytes = Zeroizing::new(bytes);
            blocks.extend(std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned())));
        }
        block.clear();
    }
    blocks
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Longest text that is searched, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Most links that are found.
pub const MAX_LINKS: usize = 16;
const MARK: &str = "#2.";
const MARK_ENCODED: &str = "%232.";
const SCHEMES: [&str; 2] = ["https://", "softtoken://"];
/// Scheme, host and path of a link.
const LONGEST_HEAD: usize = 300;
const LONG_LINE: usize = 60;

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
