//! Forms for what the other languages have no type for.
//!
//! | Here | In the core | Crosses as |
//! |---|---|---|
//! | [`SecretText`] | `Zeroizing<String>` | string, in a class that prints nothing (`uniffi.toml`) |
//! | [`SecretBytes`] | `Zeroizing<Vec<u8>>` | bytes |
//! | [`IdentityId`], [`PendingId`] | 16 bytes | 32 hexadecimal digits |
//! | [`UnixTime`], [`Ticket`] | number in a newtype | number |
//! | [`BiometricInput`] | 32 bytes | bytes |
//! | [`FilePath`], [`CallbackLink`], [`ByteCount`] | path, constant, size | string, string, number |
//! | [`PageNumber`], [`LearnedOffset`] | pairs | records with names for both |
//!
//! What cannot be read back is a [`TokenError`]: any other error type would panic on the way in.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{IdentityId, Part, Problem, Ticket, TokenError, UnixTime};

/// A text that must not be printed.
pub type SecretText = Zeroizing<String>;
/// Bytes that are wiped here when they are done with.
pub type SecretBytes = Zeroizing<Vec<u8>>;
/// The id of a pending identity inside an error.
pub type PendingId = [u8; 16];
/// What a biometric key is to be evaluated on.
pub type BiometricInput = [u8; 32];
/// A path of the file system.
pub type FilePath = PathBuf;
/// How a link begins that brings the user back.
pub type CallbackLink = &'static str;
/// A number of bytes.
pub type ByteCount = usize;
/// Which page of how many.
pub type PageNumber = (u32, u32);
/// An identity and what was learned of its issuer's clock.
pub type LearnedOffset = (IdentityId, i64);

/// Which page of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Page {
    /// Which one, from 0.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

/// What was learned of an issuer's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct ClockOffset {
    /// Which identity.
    pub id: IdentityId,
    /// Seconds that its issuer's clock is ahead of this device's.
    pub seconds: i64,
}

uniffi::custom_type!(
    /// A text that must not be printed: a code, a link, a typed secret. A class of its own in both languages,
    /// whose description says nothing of the text.
    SecretText, String, {
        remote,
        lower: |text| std::mem::take(&mut *Zeroizing::new(text)),
        try_lift: |text| Ok(Zeroizing::new(text)),
    }
);

uniffi::custom_type!(
    /// Bytes of a file that holds secrets, encrypted or not.
    SecretBytes, Vec<u8>, {
        remote,
        lower: |bytes| std::mem::take(&mut *Zeroizing::new(bytes)),
        try_lift: |bytes| Ok(Zeroizing::new(bytes)),
    }
);

uniffi::custom_type!(
    /// Names an identity in this vault: 32 hexadecimal digits that carry nothing about it.
    IdentityId, String, {
        remote,
        lower: |id| id.to_hex(),
        try_lift: |text| Ok(IdentityId::from_hex(&text).ok_or(TokenError::UnknownIdentity)?),
    }
);

uniffi::custom_type!(
    /// The [`IdentityId`] of a pending identity, inside an error.
    PendingId, String, {
        remote,
        lower: |id| IdentityId(id).to_hex(),
        try_lift: |text| Ok(IdentityId::from_hex(&text).ok_or(TokenError::UnknownIdentity)?.0),
    }
);

uniffi::custom_type!(
    /// Seconds since 1970-01-01T00:00:00Z.
    UnixTime, u64, { remote, lower: |time| time.0, try_lift: |seconds| Ok(UnixTime(seconds)) }
);

uniffi::custom_type!(
    /// Names one state of one activation or contact; the answer to that state must carry it.
    Ticket, u64, { remote, lower: |ticket| ticket.0, try_lift: |number| Ok(Ticket(number)) }
);

uniffi::custom_type!(
    /// 32 bytes, the input of a biometric device key; no secret.
    BiometricInput, Vec<u8>, {
        remote,
        lower: |input| input.to_vec(),
        try_lift: |bytes| Ok(BiometricInput::try_from(bytes).map_err(|_| WRONG_LENGTH)?),
    }
);

uniffi::custom_type!(
    /// A path of the file system.
    FilePath, String, {
        remote,
        lower: |path| path.to_string_lossy().into_owned(),
        try_lift: |text| Ok(PathBuf::from(text)),
    }
);

uniffi::custom_type!(
    /// How a link begins that brings the user back from the browser; what is behind it means nothing.
    CallbackLink, String, {
        remote,
        lower: |link| link.to_owned(),
        try_lift: |_text| Err(TokenError::StaleInput.into()),
    }
);

uniffi::custom_type!(
    /// A number of bytes.
    ByteCount, u32, {
        remote,
        lower: |count| u32::try_from(count).unwrap_or(u32::MAX),
        try_lift: |count| Ok(usize::try_from(count)?),
    }
);

uniffi::custom_type!(
    /// Which page of how many.
    PageNumber, Page, {
        remote,
        lower: |page| Page { index: page.0, count: page.1 },
        try_lift: |page| Ok((page.index, page.count)),
    }
);

uniffi::custom_type!(
    /// What was learned of an issuer's clock.
    LearnedOffset, ClockOffset, {
        remote,
        lower: |offset| ClockOffset { id: offset.0, seconds: offset.1 },
        try_lift: |offset| Ok((offset.id, offset.seconds)),
    }
);

const WRONG_LENGTH: TokenError =
    TokenError::NotUnderstood { part: Part::Payload, problem: Problem::OutOfRange, position: None };
