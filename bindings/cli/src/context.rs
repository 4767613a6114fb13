//! What every command works with: the folders, the person, the secrets, and the way to an open vault.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use softtoken_core::error::Needed;
use softtoken_core::ports::AssuranceLevel;
use softtoken_core::token::{OpenConfig, StatusView, TokenState};
use softtoken_core::{SoftToken, TokenError};
use zeroize::Zeroizing;

use crate::args::Everywhere;
use crate::ask::Ask;
use crate::browser::{Pages, SystemBrowser};
use crate::device_keys::Home;
use crate::failure::Failure;
use crate::folders::Folders;
use crate::hooks;
use crate::net::Courier;
use crate::private_folder;
use crate::secrets::Secrets;
use crate::texts;

/// The surroundings of one command.
pub struct Context {
    /// The person, or nobody.
    pub ask: Box<dyn Ask>,
    /// Secrets from files and standard input.
    pub secrets: Secrets,
    /// Answers are for a script.
    pub json: bool,
    /// The file named with `--pin-file`.
    pub pin_file: Option<PathBuf>,
    /// The way to an issuer.
    pub courier: Courier,
    /// Opens an issuer's pages.
    pub browser: Box<dyn Pages>,
    /// Where the device keys of a new vault are put.
    pub new_vaults: Home,
    folders: Folders,
}

impl Context {
    /// From the options that every command has.
    pub fn new(options: &Everywhere, ask: Box<dyn Ask>) -> Result<Self, Failure> {
        Ok(Self {
            ask,
            secrets: Secrets::new(options.insecure_files),
            json: options.json,
            pin_file: options.pin_file.clone(),
            courier: Courier::new(),
            browser: Box::new(SystemBrowser),
            new_vaults: Home::Files,
            folders: Folders::of(options.vault.clone(), options.keys.clone())?,
        })
    }

    /// The folder of the vault.
    pub fn vault_folder(&self) -> &Path {
        &self.folders.vault
    }

    /// The token in its folder, which is made where it is missing.
    pub fn open(&self) -> Result<Arc<SoftToken>, Failure> {
        private_folder::make(&self.folders.vault)
            .map_err(|error| Failure::file(&self.folders.vault, error.into()))?;
        let config = OpenConfig { folder: self.folders.vault.clone() };
        Ok(SoftToken::open(config, hooks::hooks(self.folders.keys.clone(), self.new_vaults))?)
    }

    /// The token, in whatever state it is; `None` without a folder, so that looking makes none.
    pub fn look(&self) -> Result<Option<Arc<SoftToken>>, Failure> {
        if self.folders.vault.exists() { self.open().map(Some) } else { Ok(None) }
    }

    /// State, number of identities and assurance. A vault that was set aside is damaged until there is
    /// a new one, not only for the command that found it so.
    pub fn status(&self) -> Result<StatusView, Failure> {
        let nothing = || StatusView {
            state: TokenState::Fresh,
            identities: 0,
            assurance: AssuranceLevel::Software,
            ask: Vec::new(),
        };
        let mut view = self.look()?.map_or_else(|| Ok(nothing()), |token| token.status())?;
        if view.state == TokenState::Fresh
            && let Some(kept) = self.set_aside()
        {
            view.state = TokenState::Damaged { kept_at: Some(kept) };
        }
        Ok(view)
    }

    /// The token, if it has a vault that a PIN can open.
    pub fn existing(&self) -> Result<Arc<SoftToken>, Failure> {
        let token = self.look()?.ok_or_else(|| Failure::needs(Needed::Vault))?;
        match token.state()? {
            TokenState::Blocked { .. } => Err(TokenError::PinBlocked.into()),
            TokenState::Locked { .. } | TokenState::Ready => Ok(token),
            TokenState::Fresh => match self.set_aside() {
                Some(kept) => Err(damaged(Some(&kept))),
                None => Err(Failure::needs(Needed::Vault)),
            },
            TokenState::DeviceKeyLost => Err(TokenError::DeviceKeyLost.into()),
            TokenState::Damaged { kept_at } => Err(damaged(kept_at.as_deref())),
        }
    }

    /// The token, open.
    pub fn unlocked(&mut self) -> Result<Arc<SoftToken>, Failure> {
        let token = self.existing()?;
        self.unlock(&token)?;
        Ok(token)
    }

    /// A pasted secret: the argument itself, or for `-` standard input or a prompt without echo.
    pub fn pasted(&mut self, argument: &str, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        if argument != "-" {
            return Ok(Zeroizing::new(argument.to_owned()));
        }
        if !Secrets::stdin_is_a_person() || !self.ask.is_person() {
            return self.secrets.pasted();
        }
        let pasted = self.ask.secret(&format!("{prompt} (not shown): "));
        let pasted = pasted.ok_or_else(|| Failure::needs(Needed::Details))?;
        Ok(Zeroizing::new(pasted.trim().to_owned()))
    }

    /// The newest vault that was set aside as damaged.
    fn set_aside(&self) -> Option<PathBuf> {
        let entries = std::fs::read_dir(&self.folders.vault).ok()?;
        let numbered = |path: &Path| {
            let name = path.file_name()?.to_str()?;
            name.strip_prefix("vault.db.damaged-")?.parse::<u32>().ok()
        };
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .max_by_key(|path| numbered(path))
            .filter(|path| numbered(path).is_some())
    }
}

/// A vault that was set aside, and where it is.
pub fn damaged(kept_at: Option<&Path>) -> Failure {
    let Some(path) = kept_at.map(Path::to_string_lossy) else {
        return TokenError::VaultDamaged.into();
    };
    let text = format!(
        "The vault was damaged. It is kept as {}; `softtoken init` starts a new one, and a backup can be \
         restored into it.",
        texts::printable(&path)
    );
    Failure::from(TokenError::VaultDamaged).with("kept_at", path).saying(text)
}
