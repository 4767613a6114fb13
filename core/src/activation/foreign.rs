//! Texts that no door takes, and why: a later version, another program, or no format at all.
//!
//! A scanned QR code can be anything, so the answer must help: "use the vendor's app", "not yet",
//! "this is for another program", "this says nothing to me".

use super::request::Refusal;
use super::uri::{Link, scheme_of};
use crate::error::{Feature, Part, Problem, Unsupported};
use crate::otp::mobilepass::is_mobilepass_plus;

/// Why no door takes `text`. To be asked last: it does not look for what the doors read.
pub fn refusal(text: &str) -> Refusal {
    let text = text.trim();
    if text.is_empty() {
        return Refusal::part(Part::Text, Problem::Empty);
    }
    if text.len() > MAX_TEXT {
        return Refusal::part(Part::Text, Problem::TooLong);
    }
    if let Some(link) = Link::split(text) {
        return feature(&link).map_or(Refusal::NotForThisApp, Refusal::NotYet);
    }
    match scheme_of(text) {
        // Ours, but without `//`.
        Some(scheme) if is_known(scheme) => Refusal::part(Part::Text, Problem::BadEncoding),
        Some(_) => Refusal::NotForThisApp,
        None if is_mobilepass_plus(text) => Refusal::Unsupported(Unsupported::MobilePassPlus),
        None => Refusal::part(Part::Text, Problem::Unknown),
    }
}

/// What a later version will do with `link`.
fn feature(link: &Link) -> Option<Feature> {
    let (host, path) = link.host_and_path();
    let has = |name| link.query.raw(name).is_some();
    match link.scheme.to_ascii_lowercase().as_str() {
        "otpauth" | "pia" if host.eq_ignore_ascii_case("pipush") => Some(Feature::Push),
        "pia" if host.eq_ignore_ascii_case("container") => Some(Feature::Container),
        "tiqrenroll" | "tiqrauth" => Some(Feature::Tiqr),
        // The same two as universal links, under any app's host.
        "https" if path.trim_end_matches('/') == "tiqrenroll" && has("metadata") => Some(Feature::Tiqr),
        "https" if path.trim_end_matches('/') == "tiqrauth" && has("s") && has("q") => Some(Feature::Tiqr),
        _ => None,
    }
}

fn is_known(scheme: &str) -> bool {
    KNOWN_SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Longest text that is looked at, in bytes.
pub const MAX_TEXT: usize = 2048;

const KNOWN_SCHEMES: [&str; 9] = [
    "otpauth",
    "apple-otpauth",
    "otpauth-migration",
    "motp",
    "steam",
    "oathtoken",
    "pia",
    "tiqrenroll",
    "tiqrauth",
];
