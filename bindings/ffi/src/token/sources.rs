//! The verbs that begin something: activations from any front door, and contacts with issuers.

use std::sync::Arc;

use softtoken_core::qr::LumaFrame;
use softtoken_core::token::ScanResult as CoreResult;

use super::SoftToken;
use crate::activation::Activation;
use crate::contact::IssuerContact;
use crate::guard::guarded;
use crate::types::{ActivationOptions, ActivationSource, DeletionView, IdentityId, TokenError, Wish};

/// What was seen in a picture or camera frame.
#[derive(uniffi::Enum)]
pub enum ScanResult {
    /// No QR code.
    Nothing,
    /// Several different texts, and none was picked.
    Several {
        /// How many.
        count: u32,
    },
    /// An activation began with the text, which never leaves the library.
    Started {
        /// The activation.
        activation: Arc<Activation>,
    },
}

#[uniffi::export]
impl SoftToken {
    /// Starts an activation from any front door. Nothing is stored or sent before consent.
    ///
    /// Errors: what no door understands: `NotForThisApp`, `NotUnderstood`, `NotYet`, `Unsupported`.
    pub fn begin_activation(
        &self,
        source: ActivationSource,
        options: ActivationOptions,
    ) -> Result<Arc<Activation>, TokenError> {
        guarded(&self.core, || Ok(self.activation(self.core.begin_activation(source, options)?)))
    }

    /// Continues the activation of a pending identity.
    ///
    /// Errors: `UnknownIdentity` when nothing pending has this id.
    pub fn resume_activation(&self, id: IdentityId) -> Result<Arc<Activation>, TokenError> {
        guarded(&self.core, || Ok(self.activation(self.core.resume_activation(id)?)))
    }

    /// Looks for QR codes in one frame of a running camera (8-bit luma, `stride` bytes a line, borrowed) and
    /// starts an activation from the one there is, or from the one that `pick` names (from 0 in reading order).
    /// Made for many frames a second: a hard frame is left to the next one.
    ///
    /// Errors: `NotUnderstood` with `Picture` for sizes that do not fit; those of `begin_activation`.
    pub fn scan_frame(
        &self,
        width: u32,
        height: u32,
        stride: u32,
        luma: &[u8],
        pick: Option<u32>,
        options: ActivationOptions,
    ) -> Result<ScanResult, TokenError> {
        guarded(&self.core, || {
            let frame = LumaFrame::new(width, height, stride, luma)?;
            Ok(self.seen(self.core.scan_frame(&frame, pick, options)?))
        })
    }

    /// The same for a single picture, with every attempt the decoder knows.
    pub fn scan_picture(
        &self,
        width: u32,
        height: u32,
        stride: u32,
        luma: &[u8],
        pick: Option<u32>,
        options: ActivationOptions,
    ) -> Result<ScanResult, TokenError> {
        guarded(&self.core, || {
            let picture = LumaFrame::new(width, height, stride, luma)?;
            Ok(self.seen(self.core.scan_picture(&picture, pick, options)?))
        })
    }

    /// Begins a contact of an active identity with its issuer; nothing is sent. `device` is what the issuer calls
    /// this device. A refresh becomes a rekey where the protocol wants one, and a rekey waits for its refresh
    /// while an older seed still lives.
    ///
    /// Errors: `Unsupported` with `ForThisKind` without an issuer of the profile, and for `Delete`: that is what
    /// `remove` is for. `Stopped` when the issuer has ended it. `VaultLocked`, `UnknownIdentity`, `InputNeeded`
    /// with `UnlockCode`.
    pub fn begin_contact(
        &self,
        id: IdentityId,
        wish: Wish,
        device: Option<String>,
    ) -> Result<Arc<IssuerContact>, TokenError> {
        guarded(&self.core, || Ok(self.contact(self.core.begin_contact(id, wish, device.as_deref())?)))
    }

    /// Begins to tell an issuer of a deletion; `id` is that of the `DeletionView`.
    ///
    /// Errors: `UnknownIdentity` when nothing queued has this id; `VaultLocked`.
    pub fn begin_deletion(
        &self,
        id: IdentityId,
        device: Option<String>,
    ) -> Result<Arc<IssuerContact>, TokenError> {
        guarded(&self.core, || Ok(self.contact(self.core.begin_deletion(id, device.as_deref())?)))
    }

    /// Deletions that their issuers have not acknowledged, oldest first. They are dropped after 30 days, and by a
    /// lockout.
    ///
    /// Errors: `VaultLocked`.
    pub fn pending_deletions(&self) -> Result<Vec<DeletionView>, TokenError> {
        guarded(&self.core, || self.core.pending_deletions())
    }
}

impl SoftToken {
    fn activation(&self, activation: softtoken_core::token::Activation) -> Arc<Activation> {
        Arc::new(Activation::new(Arc::clone(&self.core), activation))
    }

    fn contact(&self, contact: softtoken_core::token::IssuerContact) -> Arc<IssuerContact> {
        Arc::new(IssuerContact::new(Arc::clone(&self.core), contact))
    }

    fn seen(&self, result: CoreResult) -> ScanResult {
        match result {
            CoreResult::Nothing => ScanResult::Nothing,
            CoreResult::Several { count } => ScanResult::Several { count },
            CoreResult::Started(activation) => {
                ScanResult::Started { activation: self.activation(activation) }
            }
        }
    }
}
