//! Names and keys for contacts of tokens that were activated before the database had them.

use std::sync::Arc;

use softtoken_core::activation::contact::contact_psk;
use softtoken_core::activation::exchange::order::contact_id;
use softtoken_core::codec::decimal::SerialNumber;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::error::Result;
use crate::issuer::Issuer;
use crate::secrets::Purpose;

/// What such a row gets.
struct Filled {
    token: String,
    contact_id: Vec<u8>,
    psk: Vec<u8>,
    former: Option<Vec<u8>>,
}

impl Issuer {
    /// Gives them to all soft tokens that lack them. A row whose seed does not open is left as it is: the check-up
    /// tells of it.
    pub(crate) async fn fill_contacts(self: &Arc<Self>) -> Result<()> {
        let query = "SELECT id, serial, seed, former_seed FROM tokens \
                     WHERE class = 'SOFT' AND seed IS NOT NULL AND psk IS NULL";
        let rows = sqlx::query(query).fetch_all(self.store.read()).await?;
        let mut filled = Vec::new();
        for row in &rows {
            filled.extend(self.fill(row)?);
        }
        if filled.is_empty() {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    for row in filled {
                        let set = "UPDATE tokens SET contact_id = ?, psk = ?, former_psk = ? WHERE id = ?";
                        sqlx::query(set)
                            .bind(row.contact_id)
                            .bind(row.psk)
                            .bind(row.former)
                            .bind(row.token)
                            .execute(&mut *tx)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    fn fill(&self, row: &SqliteRow) -> Result<Option<Filled>> {
        let (token, serial): (String, &str) = (row.try_get("id")?, row.try_get("serial")?);
        let Ok(serial) = SerialNumber::parse(serial) else { return Ok(None) };
        let id = contact_id(&serial);
        let psk = |sealed: &[u8]| {
            let Ok(seed) = self.secrets.open(Purpose::Seed, token.as_bytes(), sealed) else {
                return Ok(None);
            };
            let psk = contact_psk(seed.expose(), &serial);
            self.secrets.seal(Purpose::Psk, &id, psk.expose(), &self.ports.random).map(Some)
        };
        let Some(present) = psk(row.try_get("seed")?)? else { return Ok(None) };
        let former: Option<&[u8]> = row.try_get("former_seed")?;
        let former = former.map(psk).transpose()?.flatten();
        Ok(Some(Filled { token, contact_id: id.to_vec(), psk: present, former }))
    }
}
