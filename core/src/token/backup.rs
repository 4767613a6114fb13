//! The facade's verb on backups. Restoring is an activation like any other: `begin_activation` takes
//! the file as [`ActivationSource::File`](crate::activation::state::ActivationSource::File).

use zeroize::Zeroizing;

use super::SoftToken;
use super::desk::Desk;
use crate::TokenError;
use crate::identity::{IdentityId, IdentityState, IdentityView};
use crate::ports::{LogEvent, LogLevel};
use crate::transfer::backup;
use crate::vault::{Event, Group, GroupChoice, NewIdentity, Vault};

/// A finished backup, which was restored into memory and compared before it was handed out.
pub struct BackupFile {
    /// The file's content; the usual extension is `.softtoken`.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Identities that are not in it, in the order of the list.
    pub left_out: Vec<LeftOutView>,
    /// Number of identities in it.
    pub identities: u32,
}

/// An identity that a backup does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutView {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why an identity is not in the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOutReason {
    /// Its issuer forbids backups.
    Forbidden,
    /// Its issuer has not confirmed it yet. One activation belongs to one device: a copy could be
    /// completed a second time, with a registration code that only one of the two devices ever had.
    Pending,
    /// It waits for its unlock code, so its secret cannot be read.
    NeedsUnlockCode,
    /// A restore would refuse it.
    NotRestorable,
}

impl LeftOutReason {
    /// The stable name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Pending => "pending",
            Self::NeedsUnlockCode => "needs_unlock_code",
            Self::NotRestorable => "not_restorable",
        }
    }
}

impl SoftToken {
    /// All active identities in one encrypted file under `password`: UTF-8, at least 8 characters; the
    /// caller wipes its own copy. The file is opened again and compared field by field before this returns.
    ///
    /// Takes about a quarter of a second. Identities that are left out are listed, and are no error.
    ///
    /// # Errors
    /// `NotUnderstood{Password}` with the reason; `VaultLocked`; `NotUnderstood{Backup, TooLong}` above
    /// [`MAX_BYTES`](backup::MAX_BYTES).
    pub fn export_backup(&self, password: &[u8]) -> Result<BackupFile, TokenError> {
        backup::Password::new(password)?;
        let (identities, left_out) = gather(&mut *self.desk()?)?;
        let bytes = backup::make(&identities, password, self.kdf, &self.random)?;
        let identities = u32::try_from(identities.len()).map_err(|_| TokenError::Internal)?;
        // Seeds leave the vault: never without a word in its log.
        self.desk()?.vault_mut()?.note(Event::BackupMade(identities))?;
        self.log(LogLevel::Info, LogEvent::BackupMade { identities });
        Ok(BackupFile { bytes, left_out, identities })
    }
}

fn gather(desk: &mut Desk) -> Result<(Vec<NewIdentity>, Vec<LeftOutView>), TokenError> {
    let views = desk.views()?;
    let vault = desk.vault()?;
    let (mut identities, mut left_out) = (Vec::with_capacity(views.len()), Vec::new());
    for view in views {
        match read(vault, &view)? {
            Ok(identity) => identities.push(identity),
            Err(reason) => left_out.push(LeftOutView { id: view.id, name: view.name, reason }),
        }
    }
    Ok((identities, left_out))
}

fn read(vault: &Vault, view: &IdentityView) -> Result<Result<NewIdentity, LeftOutReason>, TokenError> {
    match view.state {
        IdentityState::Active => {}
        IdentityState::Pending => return Ok(Err(LeftOutReason::Pending)),
        IdentityState::NeedsUnlockCode => return Ok(Err(LeftOutReason::NeedsUnlockCode)),
    }
    let record = vault.record(view.id)?;
    if record.policy.forbid_backup {
        return Ok(Err(LeftOutReason::Forbidden));
    }
    let group = match vault.group_of(view.id)? {
        Group::Local => GroupChoice::Local,
        Group::Single { address, claimed_key } => GroupChoice::Single { address, claimed_key },
        // Its proof does not travel: the restored identity joins the group again by its next handshake.
        Group::Issuer { address, .. } => GroupChoice::Single { address, claimed_key: None },
    };
    let identity = NewIdentity { label: vault.label(view.id)?, record, group };
    Ok(backup::check(&identity).map(|()| identity).map_err(|_| LeftOutReason::NotRestorable))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::Part;
    use crate::identity::{Credential, IdentityName, Label, Origin, Policy, Record};
    use crate::lock::KdfProfile;
    use crate::otp::CodeSpec;
    use crate::random::Random;
    use crate::secret::{Key, SecretBytes};
    use crate::testing::Fakes;
    use crate::time::UnixTime;
    use crate::token::OpenConfig;
    use crate::transfer::backup::SealedBackup;

    fn identity(name: &str) -> NewIdentity {
        let text = |text: &str| Some(text.to_owned());
        NewIdentity {
            label: Label {
                name: IdentityName::new(name).unwrap(),
                issuer: "Example".to_owned(),
                account: String::new(),
                address: text("id.example"),
                serial: text("4824413456"),
            },
            record: Record {
                credential: Credential::new(CodeSpec::Steam, SecretBytes::copy_of(&[1; 20])),
                recovery_key: Some(Key::new([2; 32])),
                policy: Policy::default(),
                origin: Origin::Offline,
                clock_offset: 90,
                added_at: UnixTime(1_700_000_000),
                stopped: None,
            },
            group: GroupChoice::Single { address: "id.example".to_owned(), claimed_key: Some([3; 32]) },
        }
    }

    fn token(folder: &tempfile::TempDir, identities: Vec<NewIdentity>) -> Arc<SoftToken> {
        let config = OpenConfig { folder: folder.path().to_owned() };
        let hooks = Fakes::new(1).hooks();
        let token = SoftToken::open_for_tests(config, hooks, KdfProfile::cheap(), Random::seeded(2)).unwrap();
        token.set_pin(b"7294").unwrap();
        token.desk().unwrap().vault_mut().unwrap().add(identities).unwrap();
        token
    }

    #[test]
    fn what_may_not_or_cannot_be_backed_up_is_listed_and_the_rest_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut forbidden = identity("Forbidden");
        forbidden.record.policy.forbid_backup = true;
        let mut broken = identity("Broken");
        broken.record.credential.spec = CodeSpec::Motp;
        let token = token(&folder, vec![forbidden, identity("First"), broken, identity("Second")]);
        let file = token.export_backup(b"correct horse").unwrap();
        let left_out: Vec<_> =
            file.left_out.iter().map(|one| (one.name.as_str(), one.reason.name())).collect();
        assert_eq!(left_out, [("Forbidden", "forbidden"), ("Broken", "not_restorable")]);
        assert_eq!(file.identities, 2);
        let found = SealedBackup::parse(file.bytes).unwrap().open(b"correct horse").unwrap();
        let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
        let names: Vec<_> = found.iter().map(|one| one.label.name.as_str()).collect();
        assert_eq!(names, ["First", "Second"]);
        assert_eq!(found[0].record.recovery_key.as_ref().map(|key| *key.expose()), Some([2; 32]));
        assert_eq!(found[0].record.clock_offset, 90);
        assert_eq!(found[0].group, identity("First").group);
    }

    #[test]
    fn a_backup_needs_a_password_of_eight_characters_and_the_open_vault() {
        let folder = tempfile::tempdir().unwrap();
        let token = token(&folder, vec![identity("Only")]);
        let short = token.export_backup(b"1234567").err();
        assert!(matches!(short, Some(TokenError::NotUnderstood { part: Part::Password, .. })));
        token.lock().unwrap();
        assert_eq!(token.export_backup(b"12345678").err(), Some(TokenError::VaultLocked));
    }
}
