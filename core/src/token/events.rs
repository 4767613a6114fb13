//! The facade's verb on the event log.

use super::SoftToken;
use crate::TokenError;
use crate::identity::IdentityId;
use crate::time::UnixTime;
use crate::vault::Event;

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView {
    /// The device's clock then; `None` when it could not be read.
    pub at: Option<UnixTime>,
    /// What happened.
    pub event: Event,
    /// The present name of the identity that it was about; `None` when that is gone, or there was none.
    pub name: Option<String>,
}

impl SoftToken {
    /// What happened to the vault, oldest first, at most [`MAX_EVENTS`](crate::vault::MAX_EVENTS). Needs the
    /// open vault: unlocking has checked that nobody without the PIN changed or dropped an event that was
    /// there when the vault was open last.
    ///
    /// # Errors
    /// `VaultLocked`.
    pub fn event_log(&self) -> Result<Vec<EventView>, TokenError> {
        let mut desk = self.desk()?;
        let names: Vec<(IdentityId, String)> =
            desk.views()?.into_iter().map(|view| (view.id, view.name)).collect();
        let name = |id| names.iter().find(|(other, _)| *other == id).map(|(_, name)| name.clone());
        let events = desk.vault()?.events()?;
        Ok(events
            .into_iter()
            .map(|one| EventView { at: one.at, event: one.event, name: one.event.identity().and_then(name) })
            .collect())
    }
}
