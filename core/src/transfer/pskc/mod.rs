//! PSKC (RFC 6030): seed files of token makers and servers, plain or encrypted.
//!
//! Two steps, so that a password is asked for only when there is something to open:
//! [`PskcFile::parse`] reads the XML, [`PskcFile::open`] decrypts and offers.
//!
//! | Module | Holds |
//! |---|---|
//! | `document` | the XML: limits, elements, texts, Base64 |
//! | `entries` | one `KeyPackage`: who, what kind of code, which values |
//! | `encryption` | what protects the values: key, MAC, decryption |
//!
//! A fault of one entry refuses that entry only. A fault of what protects all of them (no MAC, an
//! unknown key derivation, a wrong password) refuses the file. An encrypted value is never used
//! before its MAC was checked. XML signatures are not checked; every offer of a signed file says so.

mod document;
mod encryption;
mod entries;

use self::encryption::{Keys, MAC_MISMATCH, Protection};
use self::entries::Entry;
use crate::activation::request::{Offer, Offers, Refusal, RefusedEntry};
use crate::error::{Part, Problem};

/// A PSKC file that was read and not yet opened. No `Debug`: it holds secrets when it is a plain one.
pub struct PskcFile {
    /// One for each `KeyPackage`, in the order of the file.
    entries: Vec<Result<Entry, Refusal>>,
    /// `None` when no entry needs it.
    protection: Option<Protection>,
}

/// What [`PskcFile::open`] wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: the file is plain, or nothing in it can be opened.
    Nothing,
    /// The password the keys are derived from.
    Password,
    /// The pre-shared key, as hexadecimal text.
    PreSharedKey,
}

impl PskcFile {
    /// Reads the file; the caller wipes `xml`.
    ///
    /// Refused: what is no XML or has a DTD ([`Part::Xml`]), is no `KeyContainer`
    /// ([`Refusal::NotForThisApp`]), has another version than 1.0, exceeds a limit, or is encrypted
    /// in a way that is unsafe (AES-CBC without MAC) or unknown.
    pub fn parse(xml: &str) -> Result<Self, Refusal> {
        let xml = document::read(xml)?;
        let container = document::container(&xml)?;
        let packages = || container.children().filter(|node| node.tag_name().name() == "KeyPackage");
        if packages().nth(MAX_ENTRIES).is_some() {
            return Err(Refusal::part(Part::Entry, Problem::TooLong));
        }
        let signed = document::child(container, "Signature")?.is_some();
        let entries: Vec<_> = packages().map(|package| Entry::read(package, signed)).collect();
        if entries.is_empty() {
            return Err(Refusal::part(Part::Entry, Problem::Missing));
        }
        let sealed = entries.iter().flatten().any(Entry::is_sealed);
        let protection = sealed.then(|| Protection::read(container)).transpose()?;
        Ok(Self { entries, protection })
    }

    /// What the user must supply.
    pub fn needs(&self) -> Needs {
        match &self.protection {
            None => Needs::Nothing,
            Some(protection) if protection.has_password() => Needs::Password,
            Some(_) => Needs::PreSharedKey,
        }
    }

    /// Opens the file with the password, or with the pre-shared key in hexadecimal; `secret` is
    /// ignored when the file needs none.
    ///
    /// [`Refusal::WrongPassword`] when nothing that is encrypted opens. A wrong password cannot be
    /// told from a damaged file.
    pub fn open(self, secret: Option<&[u8]>) -> Result<Offers, Refusal> {
        let keys = self.protection.map(|protection| {
            Keys::unlock(protection, secret.ok_or(Refusal::part(Part::Password, Problem::Missing))?)
        });
        let keys = keys.transpose()?;
        let mut any_opened = keys.is_none();
        let mut offers = Offers { offers: Vec::new(), refused: Vec::new(), page: None };
        for (place, entry) in (1..).zip(self.entries) {
            let offer = entry.and_then(|entry| {
                let sealed = entry.is_sealed();
                let offer = entry.open(keys.as_ref());
                any_opened |= sealed && !matches!(&offer, Err(why) if *why == MAC_MISMATCH);
                offer
            });
            sort(&mut offers, place, offer);
        }
        if any_opened { Ok(offers) } else { Err(Refusal::WrongPassword) }
    }
}

fn sort(offers: &mut Offers, entry: u32, offer: Result<Offer, Refusal>) {
    match offer {
        Ok(offer) => offers.offers.push(offer),
        Err(why) => offers.refused.push(RefusedEntry { entry, why }),
    }
}

/// Most `KeyPackage` elements of one file.
pub const MAX_ENTRIES: usize = 10_000;

pub use self::document::{MAX_BYTES, MAX_DEPTH, MAX_NODES};
pub use self::encryption::MAX_ITERATIONS;
