//! A credential: code rule, secret, OTP PIN, counter.

use super::{EncodingError, Fields, MapWriter};
use crate::identity::Credential;
use crate::otp::{Algorithm, CodeSpec, Digits, OcraSuite, Period};
use crate::secret::SecretBytes;

/// The CBOR map of a credential, not padded; reused by whoever keeps a credential for a while (a draft).
pub fn encode_credential(credential: &Credential) -> Result<SecretBytes, EncodingError> {
    let spec_entries = match &credential.spec {
        CodeSpec::Totp { .. } => 4,
        CodeSpec::Hotp { .. } => 2,
        CodeSpec::Ocra { .. } => 1,
        CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex | CodeSpec::MobilePass => 0,
    };
    let mut map = MapWriter::new(spec_entries + 3 + u64::from(credential.otp_pin.is_some()));
    match &credential.spec {
        CodeSpec::Totp { algorithm, digits, period, t0 } => {
            map.number(KIND, TOTP)
                .number(ALGORITHM, number_of(*algorithm))
                .number(DIGITS, digits.get().into());
            map.number(PERIOD, period.seconds().into()).number(T0, *t0);
        }
        CodeSpec::Hotp { algorithm, digits } => {
            map.number(KIND, HOTP)
                .number(ALGORITHM, number_of(*algorithm))
                .number(DIGITS, digits.get().into());
        }
        CodeSpec::Ocra { suite } => {
            map.number(KIND, OCRA).text(SUITE, suite.as_str());
        }
        CodeSpec::Steam => _ = map.number(KIND, STEAM),
        CodeSpec::Motp => _ = map.number(KIND, MOTP),
        CodeSpec::Yandex => _ = map.number(KIND, YANDEX),
        CodeSpec::MobilePass => _ = map.number(KIND, MOBILEPASS),
    }
    map.bytes(SECRET, credential.secret.expose());
    if let Some(pin) = &credential.otp_pin {
        map.bytes(OTP_PIN, pin.expose());
    }
    map.number(COUNTER, credential.counter);
    map.finish()
}

/// Reads what [`encode_credential`] wrote.
pub fn decode_credential(bytes: &[u8]) -> Result<Credential, EncodingError> {
    let fields = Fields::read(bytes, &KEYS)?;
    let spec = match fields.number(KIND)? {
        TOTP => CodeSpec::Totp {
            algorithm: algorithm(&fields)?,
            digits: digits(&fields)?,
            period: Period::new(fields.small(PERIOD)?).ok_or(EncodingError::BadValue(PERIOD))?,
            t0: fields.number(T0)?,
        },
        HOTP => CodeSpec::Hotp { algorithm: algorithm(&fields)?, digits: digits(&fields)? },
        OCRA => CodeSpec::Ocra {
            suite: OcraSuite::parse(fields.text(SUITE)?).map_err(|_| EncodingError::BadValue(SUITE))?,
        },
        STEAM => CodeSpec::Steam,
        MOTP => CodeSpec::Motp,
        YANDEX => CodeSpec::Yandex,
        MOBILEPASS => CodeSpec::MobilePass,
        _ => return Err(EncodingError::BadValue(KIND)),
    };
    Ok(Credential {
        spec,
        secret: SecretBytes::copy_of(fields.bytes(SECRET)?),
        otp_pin: fields.optional_bytes(OTP_PIN)?.map(SecretBytes::copy_of),
        counter: fields.number(COUNTER)?,
    })
}

fn algorithm(fields: &Fields<'_>) -> Result<Algorithm, EncodingError> {
    match fields.number(ALGORITHM)? {
        1 => Ok(Algorithm::Sha1),
        2 => Ok(Algorithm::Sha256),
        3 => Ok(Algorithm::Sha512),
        _ => Err(EncodingError::BadValue(ALGORITHM)),
    }
}

fn number_of(algorithm: Algorithm) -> u64 {
    match algorithm {
        Algorithm::Sha1 => 1,
        Algorithm::Sha256 => 2,
        Algorithm::Sha512 => 3,
    }
}

fn digits(fields: &Fields<'_>) -> Result<Digits, EncodingError> {
    Digits::new(fields.small(DIGITS)?).ok_or(EncodingError::BadValue(DIGITS))
}

const KIND: u32 = 1;
const ALGORITHM: u32 = 2;
const DIGITS: u32 = 3;
const PERIOD: u32 = 4;
const T0: u32 = 5;
const SUITE: u32 = 6;
const SECRET: u32 = 7;
const OTP_PIN: u32 = 8;
const COUNTER: u32 = 9;
const KEYS: [u32; 9] = [KIND, ALGORITHM, DIGITS, PERIOD, T0, SUITE, SECRET, OTP_PIN, COUNTER];

const TOTP: u64 = 1;
const HOTP: u64 = 2;
const OCRA: u64 = 3;
const STEAM: u64 = 4;
const MOTP: u64 = 5;
const YANDEX: u64 = 6;
const MOBILEPASS: u64 = 7;
