//! The facade's verbs on the PIN.
//!
//! Every one goes in the same steps: read from the vault under the mutex, stretch the PIN and call the
//! device key without it, then finish under the mutex. `Vault` refuses to finish what is out of date.

use super::desk::Desk;
use super::{SoftToken, StatusView, TokenState};
use crate::TokenError;
use crate::identity::{PinRules, Policy};
use crate::lock::Pin;
use crate::ports::{LogEvent, LogLevel};

impl SoftToken {
    /// What the token needs next. Needs no PIN.
    pub fn state(&self) -> Result<TokenState, TokenError> {
        self.desk()?.state()
    }

    /// State, number of identities, and where the device keys live. Needs no PIN.
    pub fn status(&self) -> Result<StatusView, TokenError> {
        let assurance = self.device_key().caps()?.level;
        let desk = self.desk()?;
        let state = desk.state()?;
        let identities = match state {
            TokenState::Locked { .. } | TokenState::Blocked { .. } | TokenState::Ready => {
                desk.vault()?.count()?
            }
            TokenState::Fresh | TokenState::Damaged { .. } | TokenState::DeviceKeyLost => 0,
        };
        Ok(StatusView { state, identities, assurance })
    }

    /// Makes the vault under a new PIN (digits; other scripts' digits count as theirs) and leaves it
    /// open. After a damaged vault was set aside this starts anew.
    ///
    /// # Errors
    /// `PinRefused` with the reason; `VaultExists` when there is a vault already.
    pub fn set_pin(&self, pin: &[u8]) -> Result<(), TokenError> {
        let pin = Pin::new(pin)?;
        pin.check(&PinRules::default())?;
        if matches!(self.state()?, TokenState::Damaged { .. }) {
            let fresh = Desk::open(&self.config.folder, self.device_key(), self.random.fork())?;
            *self.desk()? = fresh;
        }
        let new = self.desk()?.vault()?.begin_create(self.kdf)?;
        let stretched = new.stretch(&pin)?;
        let answers = new.make_keys(self.device_key(), &stretched)?;
        let aliases = new.aliases();
        let made = self.desk()?.vault_mut()?.finish_create(new, stretched, answers);
        if let Err(error) = made {
            // Keys of a vault that does not exist serve nobody; failing to delete them harms nobody.
            for alias in aliases {
                let _ = self.device_key().delete(&alias);
            }
            return Err(error.into());
        }
        self.log(LogLevel::Info, LogEvent::PinSet);
        Ok(())
    }

    /// Opens the vault with its PIN.
    ///
    /// # Errors
    /// `WrongPin` with the number of tries left.
    pub fn unlock(&self, pin: &[u8]) -> Result<(), TokenError> {
        self.try_pin(pin)?;
        self.log(LogLevel::Info, LogEvent::Unlocked);
        Ok(())
    }

    /// Replaces the PIN of the open vault. The old one is asked again and counted like any try.
    ///
    /// # Errors
    /// `VaultLocked`, `WrongPin` for the old one, `PinRefused` for the new one (also by an issuer's rules).
    pub fn change_pin(&self, old: &[u8], new: &[u8]) -> Result<(), TokenError> {
        let new = Pin::new(new)?;
        let policies: Vec<Policy> = self.desk()?.rows()?.map(|row| row.record.policy).collect();
        new.check(&Policy::strictest(policies).pin)?;
        self.try_pin(old)?;
        let change = self.desk()?.vault()?.begin_change(self.kdf)?;
        let stretched = change.stretch(&new)?;
        let answer = change.make_keys(self.device_key(), &stretched)?;
        let old_alias = self.desk()?.vault_mut()?.finish_change(change, stretched, answer)?;
        // Opening the vault sweeps what is left over, so a failure here costs nothing.
        let _ = self.device_key().delete(&old_alias);
        self.log(LogLevel::Info, LogEvent::PinSet);
        Ok(())
    }

    /// Forgets all keys and records. Locking what is locked is fine.
    pub fn lock(&self) -> Result<(), TokenError> {
        self.desk()?.lock();
        self.log(LogLevel::Info, LogEvent::Locked);
        Ok(())
    }

    fn try_pin(&self, pin: &[u8]) -> Result<(), TokenError> {
        let ask = self.desk()?.vault()?.ask_pin()?;
        // What cannot be a PIN cannot be a guess: nothing is counted.
        let stretched = ask.stretch(&Pin::new(pin)?)?;
        let this = self.desk()?.vault_mut()?.begin_try(&ask)?;
        let answer = this.ask(self.device_key(), &stretched)?;
        let opened = self.desk()?.vault_mut()?.finish_try(this, stretched, answer);
        if let Err(crate::vault::VaultError::WrongPin { .. }) = opened {
            self.log(LogLevel::Warning, LogEvent::WrongPin);
        }
        Ok(opened?)
    }
}
