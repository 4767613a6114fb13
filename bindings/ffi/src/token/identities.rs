//! The verbs on identities, their codes, and their backup.

use super::{SoftToken, optional};
use crate::guard::guarded;
use crate::types::{
    BackupFile, CodeSheet, CodeView, IdentityId, IdentityView, PolicyView, ResyncView, TokenError, UnixTime,
};

#[uniffi::export]
impl SoftToken {
    /// Active identities in the user's order, then pending ones.
    pub fn identities(&self) -> Result<Vec<IdentityView>, TokenError> {
        guarded(&self.core, || self.core.identities())
    }

    /// The identity with this id (32 hexadecimal digits) or name, however the name is written.
    ///
    /// Errors: `UnknownIdentity`.
    pub fn find(&self, name_or_id: &str) -> Result<IdentityView, TokenError> {
        guarded(&self.core, || self.core.find(name_or_id))
    }

    /// All codes in one call: now (each identity's learned clock offset applied), or at a time the user named.
    /// Read again at `next_change`, and animate in between without a call. None of those that are stopped.
    ///
    /// Errors: `VaultLocked`.
    pub fn codes(&self, at: Option<UnixTime>) -> Result<CodeSheet, TokenError> {
        guarded(&self.core, || self.core.codes(at))
    }

    /// The next code of an event-based identity. The counter is saved before the code is returned, so a code is
    /// never shown twice.
    ///
    /// Errors: `Unsupported` with `ForThisKind` for other kinds; `Stopped`.
    pub fn next_code(&self, id: IdentityId) -> Result<CodeView, TokenError> {
        guarded(&self.core, || self.core.next_code(id))
    }

    /// The two codes an issuer asks for after a drift: the current and the following one, with their numbers. An
    /// event-based identity uses up both counters before they are returned.
    ///
    /// Errors: `Unsupported` with `ForThisKind` for challenge-based identities; `Stopped`.
    pub fn resync_codes(&self, id: IdentityId) -> Result<ResyncView, TokenError> {
        guarded(&self.core, || self.core.resync_codes(id))
    }

    /// The response of a challenge-based identity (RFC 6287). A suite with a counter uses it up before the
    /// response is returned; a suite with a PIN takes `otp_pin`, or, when it is empty, the one stored.
    ///
    /// Errors: `Unsupported` with `ForThisKind` for other kinds; `NotUnderstood` with `Challenge`; `InputNeeded`
    /// with `OtpPin`; `Stopped`.
    pub fn respond(
        &self,
        id: IdentityId,
        challenge: &str,
        otp_pin: &[u8],
        at: Option<UnixTime>,
    ) -> Result<CodeView, TokenError> {
        guarded(&self.core, || self.core.respond(id, challenge, optional(otp_pin), at))
    }

    /// Gives an identity another name.
    ///
    /// Errors: `NameTaken` with a free name, `NotUnderstood` with `Name`.
    pub fn rename(&self, id: IdentityId, name: &str) -> Result<IdentityView, TokenError> {
        guarded(&self.core, || self.core.rename(id, name))
    }

    /// Moves an identity to `position` (counted from 0) among the active ones; too large means last.
    pub fn reorder(&self, id: IdentityId, position: u32) -> Result<IdentityView, TokenError> {
        guarded(&self.core, || self.core.reorder(id, position))
    }

    /// Removes an identity, active or pending, for good. What its issuer is to be told stays in
    /// `pending_deletions` until it was.
    pub fn remove(&self, id: IdentityId) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.remove(id))
    }

    /// What the issuers demand: of one identity, or of all.
    pub fn policy_view(&self, id: Option<IdentityId>) -> Result<Vec<PolicyView>, TokenError> {
        guarded(&self.core, || self.core.policy_view(id))
    }

    /// All active identities in one encrypted file under `password`: UTF-8, at least 8 characters. The file is
    /// opened again and compared field by field before this returns. Takes about a quarter of a second.
    /// Identities that are left out are listed, and are no error. A restore is an activation from `File`.
    ///
    /// Errors: `NotUnderstood` with `Password` and the reason; `VaultLocked`.
    pub fn export_backup(&self, password: &[u8]) -> Result<BackupFile, TokenError> {
        guarded(&self.core, || self.core.export_backup(password))
    }
}
