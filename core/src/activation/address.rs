//! The issuer's address: `host[:port]` in one canonical spelling, so that it can be compared and hashed.
//!
//! | Piece | Canonical form |
//! |---|---|
//! | domain name | lower-case A-labels (UTS #46, non-transitional, STD3 rules), no final dot |
//! | IPv4 | four decimal numbers |
//! | IPv6 | RFC 5952 in brackets; forms that embed an IPv4 address are refused |
//! | port | decimal without leading zeros; 443 is left out |
//!
//! 1 to 64 ASCII characters. The scheme is no part of it: an issuer is spoken to over https, and over
//! plain http only where [`Address::is_loopback`]. Normative text: `core/PROTOCOL.md` section 2.

use std::net::{Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::state::FieldProblem;
use crate::error::{Part, Problem};

/// An issuer's address in its canonical spelling. Not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    text: String,
    host_len: usize,
}

impl Address {
    /// The most characters of a canonical address.
    pub const MAX_LEN: usize = 64;

    /// Reads an address as people write it: any letter case, Unicode, white space around it,
    /// `https://` before and one `/` behind. `http://` is accepted before a loopback host only.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        if text.len() > MAX_TYPED_BYTES {
            return Err(whole(Problem::TooLong));
        }
        let (plain_http, rest) = without_scheme(text.trim())?;
        let offset = text.trim_end().chars().count().saturating_sub(rest.chars().count());
        let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest), offset)?;
        let host = canonical_host(host, offset)?;
        let port = match (port, plain_http) {
            (Some(port), _) => port,
            (None, true) => HTTP_PORT,
            (None, false) => HTTPS_PORT,
        };
        let host_len = host.len();
        let text = if port == HTTPS_PORT { host } else { format!("{host}:{port}") };
        let address = Self { text, host_len };
        match address {
            _ if plain_http && !address.is_loopback() => Err(whole(Problem::Mismatch)),
            _ if address.text.len() > Self::MAX_LEN => Err(whole(Problem::TooLong)),
            _ => Ok(address),
        }
    }

    /// Reads an address that must be in its canonical spelling already.
    pub fn from_canonical(text: &str) -> Result<Self, FieldProblem> {
        if let Some(at) = text.chars().position(|c| !c.is_ascii_graphic() || c.is_ascii_uppercase()) {
            return Err(bad_character(at));
        }
        match Self::parse(text)? {
            address if address.text == text => Ok(address),
            _ => Err(whole(Problem::BadEncoding)),
        }
    }

    /// The canonical text: what is stored, sent and hashed.
    pub fn ascii(&self) -> &str {
        &self.text
    }

    /// The text with domain labels in Unicode, to be shown beside [`Self::ascii`], never alone.
    pub fn unicode(&self) -> String {
        let (host, port) = self.text.split_at_checked(self.host_len).unwrap_or((&self.text, ""));
        match idna::domain_to_unicode(host) {
            (shown, Ok(())) => shown + port,
            _ => self.text.clone(),
        }
    }

    /// The host without port; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        self.text.get(..self.host_len).unwrap_or(&self.text)
    }

    /// The port, 443 when the text has none.
    pub fn port(&self) -> u16 {
        let port = self.text.get(self.host_len..).and_then(|port| port.strip_prefix(':'));
        port.and_then(|port| port.parse().ok()).unwrap_or(HTTPS_PORT)
    }

    /// True for `localhost` and names under it, 127.0.0.0/8 and `[::1]`: plain http is allowed there.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "[::1]"
            || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// Whether the text began with `http://`, and what follows the scheme.
fn without_scheme(text: &str) -> Result<(bool, &str), FieldProblem> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return match text {
            "" => Err(whole(Problem::Empty)),
            _ => Ok((false, text)),
        };
    };
    let plain_http = scheme.eq_ignore_ascii_case("http");
    if !plain_http && !scheme.eq_ignore_ascii_case("https") {
        return Err(whole(Problem::Unknown));
    }
    if rest.is_empty() { Err(whole(Problem::Empty)) } else { Ok((plain_http, rest)) }
}

/// Host and port of `text`, which begins `offset` characters into what the user typed.
fn split_port(text: &str, offset: usize) -> Result<(&str, Option<u16>), FieldProblem> {
    let host_end = match text.strip_prefix('[') {
        Some(_) => text.find(']').map_or(text.len(), |at| at.saturating_add(1)),
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at_checked(host_end).unwrap_or((text, ""));
    if rest.is_empty() {
        return Ok((host, None));
    }
    let host_chars = offset.saturating_add(host.chars().count());
    let Some(digits) = rest.strip_prefix(':') else { return Err(bad_character(host_chars)) };
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_digit()) {
        return Err(bad_character(host_chars.saturating_add(1).saturating_add(at)));
    }
    match digits.parse::<u16>() {
        _ if digits.is_empty() => Err(whole(Problem::Truncated)),
        Ok(port) if port > 0 && !digits.starts_with('0') => Ok((host, Some(port))),
        _ => Err(whole(Problem::OutOfRange)),
    }
}

fn canonical_host(host: &str, offset: usize) -> Result<String, FieldProblem> {
    if host.is_empty() {
        return Err(whole(Problem::Empty));
    }
    if let Some(inside) = host.strip_prefix('[') {
        let ip = inside.strip_suffix(']').and_then(|ip| ip.parse::<Ipv6Addr>().ok());
        let ip = ip.ok_or(whole(Problem::BadEncoding))?.to_string();
        return if ip.contains('.') { Err(whole(Problem::OutOfRange)) } else { Ok(format!("[{ip}]")) };
    }
    if let Some(at) =
        host.chars().position(|c| c.is_ascii() && !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.'))
    {
        return Err(bad_character(offset.saturating_add(at)));
    }
    let name = Uts46::new()
        .to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| whole(Problem::BadEncoding))?
        .into_owned();
    // A name that ends in a number is an IPv4 address to every resolver, in spellings that differ.
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|b| b.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if number && name.parse::<Ipv4Addr>().is_err() {
        return Err(whole(Problem::BadEncoding));
    }
    Ok(name)
}

fn whole(problem: Problem) -> FieldProblem {
    FieldProblem::whole(Part::Address, problem)
}

fn bad_character(at: usize) -> FieldProblem {
    FieldProblem::at(Part::Address, Problem::BadCharacter, u32::try_from(at).unwrap_or(u32::MAX))
}

const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;
/// Nothing longer is looked at.
const MAX_TYPED_BYTES: usize = 512;
