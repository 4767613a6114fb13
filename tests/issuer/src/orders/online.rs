//! An order that was claimed over the network becomes an active token.

use softtoken_core::activation::exchange::Header;
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::{Order, OrderState};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;
use crate::tokens::{Activated, activate};

impl Order {
    /// Makes the token active with the secrets of `session`, and takes them out of the session: what is left
    /// there only answers the device.
    pub(crate) async fn activate_session(
        &self,
        issuer: &Issuer,
        tx: &mut Tx,
        now: UnixTime,
        session: &[u8],
    ) -> Result<()> {
        let header: Vec<u8> = sqlx::query_scalar("SELECT header FROM doors WHERE order_id = ? AND mode = ?")
            .bind(self.id.clone())
            .bind(self.mode)
            .fetch_one(&mut *tx)
            .await?;
        let header = Header::from_bytes(&header).map_err(|_| Error::Internal("a door's row is damaged"))?;
        let row = sqlx::query("SELECT seed, recovery FROM sessions WHERE id = ?")
            .bind(session.to_vec())
            .fetch_one(&mut *tx)
            .await?;
        let new = Activated {
            token: self.token.clone(),
            seed: issuer.secrets.open_key(Purpose::Seed, session, row.try_get("seed")?)?,
            recovery: issuer.secrets.open_key(Purpose::Recovery, session, row.try_get("recovery")?)?,
            profile: header.profile,
            device: self.device.clone(),
            drift: 0,
            last_step: None,
        };
        activate(issuer, tx, now, new).await?;
        sqlx::query("UPDATE sessions SET seed = NULL, recovery = NULL, sas = NULL WHERE id = ?")
            .bind(session.to_vec())
            .execute(&mut *tx)
            .await?;
        self.set_state(tx, OrderState::Done).await
    }
}
