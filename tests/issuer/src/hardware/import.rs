//! Seed files into tokens that nobody has.

use std::sync::Arc;

use softtoken_core::activation::request::{Offer, Refusal};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits};
use softtoken_core::transfer::pskc::PskcFile;
use sqlx::sqlite::SqliteQueryResult;
use zeroize::Zeroizing;

use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;

/// What became of a seed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Serial numbers of the new tokens.
    pub serials: Vec<String>,
    /// What was left out.
    pub left_out: Vec<(u32, NotImported)>,
}

/// Why an entry of a seed file became no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotImported {
    /// It is malformed or does not open.
    #[error("not understood")]
    NotUnderstood,
    /// It has no serial number, and nobody could name it.
    #[error("no serial number")]
    NoSerial,
    /// A token has this serial number already.
    #[error("the serial number exists already")]
    Exists,
    /// Codes of another kind, a start of time that is not 1970, or a suite with PIN or session information.
    #[error("codes of a kind that is not supported")]
    Unsupported,
}

/// A token as it will be stored. No `Debug`: a seed.
struct New {
    entry: u32,
    id: String,
    serial: String,
    vendor: Option<String>,
    columns: Columns,
    sealed: Vec<u8>,
    counter: i64,
}

struct Columns {
    kind: &'static str,
    suite: Option<String>,
    algorithm: Algorithm,
    digits: u8,
    period: i64,
}

impl Issuer {
    /// Reads a PSKC file and adds its tokens as UNASSIGNED. `secret` is its password, or its pre-shared key
    /// in hexadecimal. Entries that cannot be used are left out; a file that cannot be read or opened is
    /// [`Error::BadValue`].
    pub async fn import_hardware(
        self: &Arc<Self>,
        actor: &str,
        xml: Zeroizing<String>,
        secret: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Imported> {
        // A password's derivation may take seconds.
        let open = move || PskcFile::parse(&xml)?.open(secret.as_deref().map(Vec::as_slice));
        let opened = self.slow(open).await?;
        let opened = opened.map_err(|why| match why {
            Refusal::WrongPassword => Error::BadValue("The password of the seed file"),
            _ => Error::BadValue("The seed file"),
        })?;
        let mut imported = Imported { serials: Vec::new(), left_out: Vec::new() };
        let refused = opened.refused.iter().map(|one| (one.entry, NotImported::NotUnderstood));
        imported.left_out.extend(refused);
        let mut new = Vec::new();
        let refused: Vec<u32> = opened.refused.iter().map(|one| one.entry).collect();
        let places = (1..).filter(|entry| refused.binary_search(entry).is_err());
        for (entry, offer) in places.zip(opened.offers) {
            match self.new_hardware(entry, offer)? {
                Ok(token) => new.push(token),
                Err(why) => imported.left_out.push((entry, why)),
            }
        }
        while !new.is_empty() {
            let group = new.drain(..new.len().min(AT_ONCE)).collect();
            self.add_hardware(actor, group, &mut imported).await?;
        }
        imported.left_out.sort_by_key(|(entry, _)| *entry);
        Ok(imported)
    }

    fn new_hardware(&self, entry: u32, offer: Offer) -> Result<std::result::Result<New, NotImported>> {
        let Some(serial) = offer.serial else { return Ok(Err(NotImported::NoSerial)) };
        let (Some(columns), Ok(counter)) =
            (columns(&offer.credential.spec), i64::try_from(offer.credential.counter))
        else {
            return Ok(Err(NotImported::Unsupported));
        };
        let (id, random) = (self.new_id()?, &self.ports.random);
        let secret = offer.credential.secret.expose();
        let sealed = self.secrets.seal(Purpose::Seed, id.as_bytes(), secret, random)?;
        let vendor = Some(offer.issuer).filter(|vendor| !vendor.is_empty());
        Ok(Ok(New { entry, id, serial, vendor, columns, sealed, counter }))
    }

    /// Adds a group of tokens in one change.
    async fn add_hardware(&self, actor: &str, group: Vec<New>, imported: &mut Imported) -> Result<()> {
        let (now, actor) = (self.now(), actor.to_owned());
        let added = self.store.write(move |tx| {
            Box::pin(async move {
                let mut added = Vec::new();
                for new in group {
                    let (entry, serial, id) = (new.entry, new.serial.clone(), new.id.clone());
                    let is_new = insert(tx, new, seconds(now)).await?.rows_affected() == 1;
                    if is_new {
                        let (event, token) = ("hardware.imported", Some(&*id));
                        let log = Entry { event, actor: &actor, token, detail: Some(&serial), user: None };
                        audit::write(tx, now, log).await?;
                    }
                    added.push((entry, serial, is_new));
                }
                Ok(added)
            })
        });
        for (entry, serial, is_new) in added.await? {
            if is_new {
                imported.serials.push(serial);
            } else {
                imported.left_out.push((entry, NotImported::Exists));
            }
        }
        Ok(())
    }
}

async fn insert(tx: &mut Tx, new: New, now: i64) -> Result<SqliteQueryResult> {
    let query = sqlx::query(INSERT)
        .bind(new.id)
        .bind(new.serial)
        .bind(new.vendor)
        .bind(new.columns.kind)
        .bind(new.columns.suite)
        .bind(new.columns.algorithm.name())
        .bind(i64::from(new.columns.digits))
        .bind(new.columns.period)
        .bind(new.sealed)
        .bind(new.counter)
        .bind(now);
    Ok(query.execute(tx).await?)
}

/// `None` for what the issuer cannot verify.
fn columns(spec: &CodeSpec) -> Option<Columns> {
    let of = |kind, algorithm, digits: Digits, period| Columns {
        kind,
        suite: None,
        algorithm,
        digits: digits.get(),
        period,
    };
    match spec {
        CodeSpec::Totp { algorithm, digits, period, t0: 0 } => {
            Some(of("TOTP", *algorithm, *digits, i64::from(period.seconds())))
        }
        CodeSpec::Hotp { algorithm, digits } => Some(of("HOTP", *algorithm, *digits, 0)),
        CodeSpec::Ocra { suite } if !suite.needs_pin() && !suite.needs_session() => {
            let period = suite.time_step().map_or(0, |period| i64::from(period.seconds()));
            // The suite says how many digits a response has; the column only has to be a number of digits.
            let columns = of("OCRA", suite.algorithm(), Digits::SIX, period);
            Some(Columns { suite: Some(suite.as_str().to_owned()), ..columns })
        }
        _ => None,
    }
}

const INSERT: &str = "INSERT INTO tokens (id, serial, class, vendor, state, kind, suite, algorithm, digits, period, seed, \
                      counter, created_at) VALUES (?, ?, 'HARDWARE', ?, 'UNASSIGNED', ?, ?, ?, ?, ?, ?, ?, ?) \
                      ON CONFLICT (serial) DO NOTHING";
/// Tokens that one change adds: other changes wait for it.
const AT_ONCE: usize = 100;
