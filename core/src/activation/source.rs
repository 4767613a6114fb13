//! Which door a source came through, and what it still needs before consent can be asked.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::entrust_v1::sealed::SealedQr;
use super::link::{LinkPayload, Mode};
use super::otpauth::Parsed;
use super::plan::Plan;
use super::request::{Offers, Refusal};
use super::restore::Restore;
use super::state::{ActivationOptions, ActivationSource, PasswordOf, TypedFields};
use super::typed::TypedKeyOptions;
use super::{foreign, list, mail, migration, otpauth, typed};
use crate::error::{Part, Problem};
use crate::otp::CodeSpec;
use crate::secret::{SecretBytes, sha256};
use crate::transfer::backup::{self, SealedBackup};
use crate::transfer::pskc::{Needs, PskcFile};

/// A source that a door understood.
pub(crate) struct Opening {
    /// What it asks for.
    pub(crate) request: Request,
    /// SHA-256 of the source, to recognise the same one when it comes again.
    pub(crate) digest: [u8; 32],
}

/// What a source asks for.
#[derive(Clone)]
pub(crate) enum Request {
    /// Consent.
    Ready(Arc<Plan>),
    /// A password first.
    Sealed(Arc<Sealed>),
    /// Typed values, which may be incomplete.
    Typed {
        /// Entrust v1 instead of the open profile.
        v1: bool,
        /// What was typed so far.
        fields: TypedFields,
    },
}

/// Something that a password opens. No `Debug`.
pub(crate) enum Sealed {
    /// An Entrust v1 QR code.
    EntrustV1(SealedQr),
    /// A v2 QR code: nothing in it is encrypted, the password is an input of the derivation.
    QrCode(LinkPayload),
    /// An mOTP or Yandex account without its PIN.
    OtpPin(Offers),
    /// An encrypted PSKC file: its text, and whether it wants a key instead of a password.
    File { xml: Zeroizing<String>, key: bool },
    /// An encrypted backup.
    Backup(SealedBackup),
}

impl Opening {
    pub(crate) fn of(source: ActivationSource, options: &ActivationOptions) -> Result<Self, Refusal> {
        let source = out_of_a_mail(source);
        let digest = digest(&source);
        let request = match source {
            ActivationSource::Text(text) => from_text(text.trim(), options)?,
            ActivationSource::Typed(fields) => Request::Typed { v1: false, fields },
            ActivationSource::TypedV1(fields) => Request::Typed { v1: true, fields },
            ActivationSource::Key(key) => {
                let options = TypedKeyOptions {
                    digits: key.digits,
                    period: key.period,
                    algorithm: key.algorithm.as_deref(),
                    counter: key.counter,
                };
                accounts(Offers::one(typed::typed_key(&key.key, &key.issuer, &key.account, options)?))?
            }
            ActivationSource::MobilePass { code, policy } => {
                accounts(Offers::one(typed::mobilepass_code(&code, &policy)?))?
            }
            ActivationSource::File(bytes) => from_file(bytes, options)?,
        };
        Ok(Self { request, digest })
    }
}

impl Request {
    /// True for a link or QR code of the open profile.
    pub(crate) fn is_link(&self) -> bool {
        match self {
            Self::Ready(plan) => matches!(**plan, Plan::Order(_)),
            Self::Sealed(sealed) => matches!(**sealed, Sealed::QrCode(_)),
            Self::Typed { .. } => false,
        }
    }
}

impl Sealed {
    /// Whose password it is.
    pub(crate) fn password_of(&self) -> PasswordOf {
        match self {
            Self::EntrustV1(_) | Self::QrCode(_) => PasswordOf::QrCode,
            Self::OtpPin(_) => PasswordOf::OtpPin,
            Self::File { key: false, .. } | Self::Backup(_) => PasswordOf::File,
            Self::File { key: true, .. } => PasswordOf::FileKey,
        }
    }

    /// How many wrong passwords are taken; `None` where nothing can be wrong here.
    pub(crate) fn tries(&self) -> Option<u32> {
        match self {
            Self::EntrustV1(_) | Self::File { .. } | Self::Backup(_) => Some(LOCAL_TRIES),
            Self::QrCode(_) | Self::OtpPin(_) => None,
        }
    }

    /// What lies behind the password.
    pub(crate) fn open(&self, password: &[u8], options: &ActivationOptions) -> Result<Plan, Refusal> {
        match self {
            Self::EntrustV1(qr) => Plan::entrust_v1(qr.open(password)?.details, options),
            Self::QrCode(payload) => Plan::qr_code(payload, password),
            Self::OtpPin(offers) => Ok(Plan::Accounts(with_pin(offers, password)?)),
            Self::File { xml, .. } => Ok(Plan::Accounts(PskcFile::parse(xml)?.open(Some(password))?)),
            Self::Backup(backup) => Ok(Plan::Backup(Restore::of(backup.open(password)?)?)),
        }
    }
}

/// The activation link of a pasted mail, so that the same link is recognised however it comes. With several the
/// text stays as it is: which of them is the user's choice ([`mail::links`]).
fn out_of_a_mail(source: ActivationSource) -> ActivationSource {
    let ActivationSource::Text(text) = &source else { return source };
    match mail::links(text).as_mut_slice() {
        [only] if !list::is_list(text) => ActivationSource::Text(std::mem::take(&mut only.text)),
        _ => source,
    }
}

fn from_text(text: &str, options: &ActivationOptions) -> Result<Request, Refusal> {
    if LinkPayload::looks_like(text) {
        let payload = LinkPayload::parse(text)?;
        return Ok(match payload.mode {
            Mode::Link => Request::Ready(Arc::new(Plan::link(payload)?)),
            Mode::QrCode => Request::Sealed(Arc::new(Sealed::QrCode(payload))),
        });
    }
    if SealedQr::looks_like(text) {
        // A wrong registration code is better refused before the password is asked.
        Plan::check_v1_options(options)?;
        return Ok(Request::Sealed(Arc::new(Sealed::EntrustV1(SealedQr::parse(text)?))));
    }
    if list::is_list(text) {
        return accounts(list::parse(text)?);
    }
    if migration::is_ours(text) {
        return accounts(migration::parse(text)?);
    }
    if otpauth::is_ours(text) {
        return Ok(match otpauth::parse(text)? {
            Parsed::Account(offer) => accounts(Offers::one(offer))?,
            Parsed::TwoStep(two_step) => Request::Ready(Arc::new(Plan::TwoStep(two_step))),
        });
    }
    Err(foreign::refusal(text))
}

fn from_file(bytes: Zeroizing<Vec<u8>>, options: &ActivationOptions) -> Result<Request, Refusal> {
    if backup::looks_like(&bytes) {
        return Ok(Request::Sealed(Arc::new(Sealed::Backup(SealedBackup::parse(bytes)?))));
    }
    if bytes.len() > MAX_FILE {
        return Err(Refusal::part(Part::Text, Problem::TooLong));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::part(Part::Text, Problem::BadEncoding))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('<') {
        return from_text(text, options);
    }
    let file = PskcFile::parse(text)?;
    let key = match file.needs() {
        Needs::Nothing => return accounts(file.open(None)?),
        Needs::Password => false,
        Needs::PreSharedKey => true,
    };
    Ok(Request::Sealed(Arc::new(Sealed::File { xml: Zeroizing::new(text.to_owned()), key })))
}

fn accounts(offers: Offers) -> Result<Request, Refusal> {
    if let ([], [only]) = (offers.offers.as_slice(), offers.refused.as_slice()) {
        return Err(only.why.clone());
    }
    Ok(match offers.offers.as_slice() {
        [only] if needs_pin(&only.credential.spec) && only.credential.otp_pin.is_none() => {
            Request::Sealed(Arc::new(Sealed::OtpPin(offers)))
        }
        _ => Request::Ready(Arc::new(Plan::Accounts(offers))),
    })
}

/// True for the kinds that mix a PIN into every code.
pub(super) fn needs_pin(spec: &CodeSpec) -> bool {
    matches!(spec, CodeSpec::Motp | CodeSpec::Yandex)
}

fn with_pin(offers: &Offers, pin: &[u8]) -> Result<Offers, Refusal> {
    if let Some(position) = pin.iter().position(|byte| !byte.is_ascii_digit()) {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        return Err(Refusal::at(Part::OtpPin, Problem::BadCharacter, position));
    }
    match pin.len() {
        0 => return Err(Refusal::part(Part::OtpPin, Problem::Empty)),
        1..=MAX_OTP_PIN => {}
        _ => return Err(Refusal::part(Part::OtpPin, Problem::TooLong)),
    }
    let mut offers = offers.duplicate();
    for offer in &mut offers.offers {
        offer.credential.otp_pin = Some(SecretBytes::copy_of(pin));
    }
    Ok(offers)
}

fn digest(source: &ActivationSource) -> [u8; 32] {
    let typed = |kind: &[u8], fields: &TypedFields| {
        let address = fields.address.trim().to_ascii_lowercase();
        let (serial, code) = (only_digits(&fields.serial_number), only_digits(&fields.activation_code));
        sha256(&[kind, address.as_bytes(), &[0], &serial, &[0], &code])
    };
    let hash = match source {
        ActivationSource::Text(text) => sha256(&[b"text", text.trim().as_bytes()]),
        ActivationSource::Typed(fields) => typed(b"typed", fields),
        ActivationSource::TypedV1(fields) => typed(b"v1", fields),
        // These never become drafts.
        ActivationSource::Key(_) | ActivationSource::MobilePass { .. } | ActivationSource::File(_) => {
            sha256(&[])
        }
    };
    *hash.expose()
}

fn only_digits(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.bytes().filter(u8::is_ascii_digit).collect())
}

/// Wrong passwords of something that only this device checks. There is nothing to protect by refusing
/// more: the limit ends a loop of typing errors with the advice to get a new mail.
const LOCAL_TRIES: u32 = 5;
/// The longest file that is read; a backup has a limit of its own.
pub const MAX_FILE: usize = 4 << 20;
/// The longest PIN of an mOTP or Yandex identity.
const MAX_OTP_PIN: usize = 16;
