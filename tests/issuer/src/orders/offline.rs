//! Activation without network at the issuer's side: from a registration code to seeds, from a first code to one.
//!
//! A registration code does not say through which door the device came. Both doors that allow it are
//! derived, and the first code tells them apart.

use softtoken_core::activation::exchange::Header;
use softtoken_core::activation::link::{LinkPayload, Mode};
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::{Completion, OfflineInput, OfflineResult, argon2id};
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::{ActivationCode, RegistrationCode};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{QR_CODE, door_row};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;

/// What one door derives. No `Debug`: secrets.
pub(super) struct Derived {
    pub(super) mode: i64,
    pub(super) profile: Profile,
    pub(super) result: OfflineResult,
}

/// The doors of an order that may be completed without network.
pub(super) const DOORS: &str = "SELECT * FROM doors WHERE order_id = ? AND secret IS NOT NULL ORDER BY mode";

impl Issuer {
    /// Runs section 5 for every door that allows it.
    pub(super) async fn derive(
        &self,
        order: &str,
        doors: &[SqliteRow],
        code: &RegistrationCode,
    ) -> Result<Vec<Derived>> {
        let mut all = Vec::new();
        for door in doors {
            let (mode, header) = mode_and_header(door)?;
            let input = self.offline_input(order, mode, &header, door)?;
            let code =
                RegistrationCode::from_value(code.value()).ok_or(Error::BadValue("registrationCode"))?;
            let result = self.slow(move || input.derive(code, &argon2id)).await?;
            let result = result.map_err(|_| Error::Internal("no memory for the registration code"))?;
            all.push(Derived { mode, profile: header.profile, result });
        }
        Ok(all)
    }

    /// Keeps what was derived until the first code comes.
    pub(super) async fn keep_derived(&self, tx: &mut Tx, order: &str, all: &[Derived]) -> Result<()> {
        let random = &self.ports.random;
        for one in all {
            let row = door_row(order, one.mode);
            let seed = self.secrets.seal(Purpose::Seed, &row, one.result.seed.expose(), random)?;
            let recovery =
                self.secrets.seal(Purpose::Recovery, &row, one.result.recovery_key.expose(), random)?;
            sqlx::query("UPDATE doors SET seed = ?, recovery = ? WHERE order_id = ? AND mode = ?")
                .bind(seed)
                .bind(recovery)
                .bind(order.to_owned())
                .bind(one.mode)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }

    /// Reads what [`keep_derived`](Self::keep_derived) kept.
    pub(super) async fn derived(
        &self,
        tx: &mut Tx,
        order: &str,
        code: &RegistrationCode,
    ) -> Result<Vec<Derived>> {
        let doors = sqlx::query(DOORS).bind(order.to_owned()).fetch_all(tx).await?;
        let mut all = Vec::new();
        for door in &doors {
            let (mode, header) = mode_and_header(door)?;
            let (seed, recovery) = (
                door.try_get::<Option<Vec<u8>>, _>("seed")?,
                door.try_get::<Option<Vec<u8>>, _>("recovery")?,
            );
            let (Some(seed), Some(recovery)) = (seed, recovery) else { continue };
            let row = door_row(order, mode);
            let result = OfflineResult {
                seed: self.secrets.open_key(Purpose::Seed, &row, &seed)?,
                recovery_key: self.secrets.open_key(Purpose::Recovery, &row, &recovery)?,
                registration_code: RegistrationCode::from_value(code.value())
                    .ok_or(Error::BadValue("registrationCode"))?,
                spec: header.profile.spec(),
            };
            all.push(Derived { mode, profile: header.profile, result });
        }
        Ok(all)
    }

    fn offline_input(
        &self,
        order: &str,
        mode: i64,
        header: &Header,
        door: &SqliteRow,
    ) -> Result<OfflineInput> {
        let row = door_row(order, mode);
        let secret = self.secrets.open(Purpose::DoorSecret, &row, door.try_get("secret")?)?;
        if mode != QR_CODE {
            let digits = std::str::from_utf8(secret.expose()).map_err(|_| DAMAGED)?;
            return Ok(OfflineInput::from_typed(&TypedDetails {
                address: header.address.clone(),
                serial: header.serial.clone(),
                activation_code: ActivationCode::parse(digits).map_err(|_| DAMAGED)?,
            }));
        }
        let password = self.secrets.open(Purpose::Password, &row, door.try_get("password")?)?;
        let payload = LinkPayload {
            mode: Mode::QrCode,
            flags: header.flags,
            activation_id: header.activation_id,
            secret: Key::from_slice(secret.expose()).ok_or(DAMAGED)?,
            issuer_key: header.issuer_key,
            serial: header.serial.clone(),
            profile: header.profile,
            expiry: header.expiry.try_into().map_err(|_| DAMAGED)?,
            address: header.address.clone(),
        };
        OfflineInput::from_link(&payload, password.expose()).map_err(|_| DAMAGED)
    }
}

/// The door that makes this code, and where it was found.
pub(super) fn find(all: Vec<Derived>, code: &str, now: UnixTime) -> Option<(Derived, Completion)> {
    all.into_iter().find_map(|one| {
        let completion = one.result.complete(code, now)?;
        Some((one, completion))
    })
}

fn mode_and_header(door: &SqliteRow) -> Result<(i64, Header)> {
    let header = Header::from_bytes(door.try_get("header")?).map_err(|_| DAMAGED)?;
    Ok((door.try_get("mode")?, header))
}

const DAMAGED: Error = Error::Internal("a door's row is damaged");
