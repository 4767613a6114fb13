//! The facade's verbs on the PIN.
//!
//! Each runs a flow of `vault` (there is the order of the steps), behind the gate of `flows`.

use super::desk::Desk;
use super::{SoftToken, StatusView, TokenState};
use std::ops::RangeInclusive;

use crate::TokenError;
use crate::error::{Part, Problem};
use crate::identity::PinRules;
use crate::lock::Pin;
use crate::ports::{LogEvent, LogLevel};
use crate::vault;

impl SoftToken {
    /// What the token needs next. Needs no PIN.
    pub fn state(&self) -> Result<TokenState, TokenError> {
        let now = self.clock().elapsed().ok();
        self.desk()?.state(now)
    }

    /// State, number of identities, where the device keys live, and whom to ask for unlock codes. Needs no PIN.
    pub fn status(&self) -> Result<StatusView, TokenError> {
        let assurance = self.device_key().caps()?.level;
        let state = self.state()?;
        let desk = self.desk()?;
        let (identities, ask) = match state {
            TokenState::Locked { .. } | TokenState::Blocked { .. } | TokenState::Ready => {
                (desk.vault()?.count()?, desk.ask()?)
            }
            TokenState::Fresh | TokenState::Damaged { .. } | TokenState::DeviceKeyLost => (0, Vec::new()),
        };
        Ok(StatusView { state, identities, assurance, ask })
    }

    /// Makes the vault under a new PIN (digits; other scripts' digits count as theirs) and leaves it
    /// open. After a damaged vault was set aside this starts anew; a blocked vault that no code can open
    /// any more is set aside here.
    ///
    /// # Errors
    /// `PinRefused` with the reason; `VaultExists` when there is a vault already.
    pub fn set_pin(&self, pin: &[u8]) -> Result<(), TokenError> {
        let pin = Pin::new(pin)?;
        pin.check(&PinRules::default())?;
        let _entered = self.gate.enter()?;
        self.desk()?.set_aside_if_beyond_help()?;
        if matches!(self.state()?, TokenState::Damaged { .. }) {
            let fresh = Desk::open(&self.config.folder, self.device_key(), self.random.fork())?;
            *self.desk()? = fresh;
        }
        vault::create(self, &self.flow_device(), &pin, self.kdf)?;
        self.log(LogLevel::Info, LogEvent::PinSet);
        Ok(())
    }

    /// Opens the vault with its PIN. A wrong one that closes an open vault is the fifth.
    ///
    /// # Errors
    /// `WrongPin` with the number of tries left; the fifth, with 0, blocks the vault. `PinBlocked` then.
    pub fn unlock(&self, pin: &[u8]) -> Result<(), TokenError> {
        let _entered = self.gate.enter()?;
        self.try_pin(pin)?;
        self.log(LogLevel::Info, LogEvent::Unlocked);
        if self.settle_inside().is_err() {
            self.log(LogLevel::Warning, LogEvent::NotArmed);
        }
        Ok(())
    }

    /// Replaces the PIN of the open vault. The old one is asked again and counted like any try.
    ///
    /// # Errors
    /// `VaultLocked`, `WrongPin` for the old one, `PinRefused` for the new one (also by an issuer's rules).
    pub fn change_pin(&self, old: &[u8], new: &[u8]) -> Result<(), TokenError> {
        let new = Pin::new(new)?;
        new.check(&self.desk()?.strictest_policy()?.pin)?;
        let _entered = self.gate.enter()?;
        self.try_pin(old)?;
        vault::change_pin(self, &self.flow_device(), &new, self.kdf)?;
        self.log(LogLevel::Info, LogEvent::PinSet);
        Ok(())
    }

    /// Seconds without a touch, or in the background, after which an app locks: what the user chose, else
    /// [`AUTO_LOCK`]. The app does it; the core has no timer. Needs no PIN.
    pub fn auto_lock_after(&self) -> Result<u32, TokenError> {
        Ok(match self.state()? {
            TokenState::Fresh | TokenState::Damaged { .. } | TokenState::DeviceKeyLost => None,
            TokenState::Locked { .. } | TokenState::Blocked { .. } | TokenState::Ready => {
                self.desk()?.vault()?.auto_lock()?
            }
        }
        .unwrap_or(AUTO_LOCK))
    }

    /// Chooses another time, within [`AUTO_LOCK_LIMITS`].
    ///
    /// # Errors
    /// `NotUnderstood{Policy, OutOfRange}`; `VaultLocked`.
    pub fn set_auto_lock_after(&self, seconds: u32) -> Result<(), TokenError> {
        if !AUTO_LOCK_LIMITS.contains(&seconds) {
            let (part, problem) = (Part::Policy, Problem::OutOfRange);
            return Err(TokenError::NotUnderstood { part, problem, position: None });
        }
        Ok(self.desk()?.vault_mut()?.set_auto_lock(seconds)?)
    }

    /// Forgets all keys and records. Locking what is locked is fine, and it works after a panic inside, too.
    pub fn lock(&self) -> Result<(), TokenError> {
        match self.desk() {
            Ok(mut desk) => desk.lock(),
            Err(TokenError::Internal) => {
                self.desk.take_even_poisoned().forget();
                return Err(TokenError::Internal);
            }
            Err(other) => return Err(other),
        }
        self.log(LogLevel::Info, LogEvent::Locked);
        Ok(())
    }

    /// The right PIN or code opened rows that are not those of the last commit: the file is set aside.
    pub(super) fn keep_damaged(&self) {
        if let Ok(mut desk) = self.desk() {
            desk.set_aside();
        }
        self.log(LogLevel::Warning, LogEvent::VaultSetAside);
    }

    fn try_pin(&self, pin: &[u8]) -> Result<(), TokenError> {
        // What cannot be a PIN cannot be a guess: nothing is counted.
        let blocked = matches!(self.state()?, TokenState::Blocked { .. });
        let pin = Pin::new(pin).map_err(|problem| match blocked {
            true => TokenError::PinBlocked,
            false => TokenError::PinRefused { problem },
        })?;
        let now = self.clock().elapsed().ok();
        vault::unlock(self, &self.flow_device(), &pin, now).inspect_err(|error| match error {
            TokenError::VaultDamaged => self.keep_damaged(),
            TokenError::WrongPin { attempts_left: 0 } => {
                self.log(LogLevel::Warning, LogEvent::WrongPin);
                self.log(LogLevel::Warning, LogEvent::PinBlocked);
            }
            TokenError::WrongPin { .. } => self.log(LogLevel::Warning, LogEvent::WrongPin),
            _ => {}
        })
    }
}

/// Seconds without a touch after which an app locks, unless the user chose another time.
pub const AUTO_LOCK: u32 = 30;
/// What the user can choose, in seconds.
pub const AUTO_LOCK_LIMITS: RangeInclusive<u32> = 5..=600;
