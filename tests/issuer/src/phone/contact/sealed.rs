//! Sealed requests of a contact: each answered once, and then with the same bytes.

use std::sync::Arc;

use softtoken_core::activation::contact::messages::Ask;
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::ask::Session;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::phone::sealed::Opened;
use crate::store::Tx;

impl Issuer {
    /// A sealed request of a contact in, its sealed answer out. [`Error::Unreadable`], [`Error::NotFound`] and
    /// [`Error::OutOfTurn`] change nothing.
    pub(in crate::phone) async fn answer_contact(self: &Arc<Self>, body: &[u8]) -> Result<Vec<u8>> {
        let of_contact = "SELECT transport FROM contacts WHERE id = ?";
        let opened = self.open_sealed(of_contact, body, Ask::decode).await?;
        let (issuer, now) = (Arc::clone(self), self.now());
        self.store
            .write(move |tx| Box::pin(async move { issuer.answer_contact_once(tx, now, opened).await }))
            .await
    }

    /// Inside the writer: the answer is stored with what it says, and given again to the same request.
    async fn answer_contact_once(&self, tx: &mut Tx, now: UnixTime, opened: Opened<Ask>) -> Result<Vec<u8>> {
        let query = sqlx::query("SELECT * FROM contacts WHERE id = ?").bind(opened.session.to_vec());
        let row = query.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
        if let Some(answer) = opened.answered(&row)? {
            return Ok(answer);
        }
        // The first request of a session ends all others.
        sqlx::query("DELETE FROM contacts WHERE contact_id = ? AND id <> ?")
            .bind(row.try_get::<Vec<u8>, _>("contact_id")?)
            .bind(opened.session.to_vec())
            .execute(&mut *tx)
            .await?;
        let session = Session::of_row(&row)?;
        let answer = self.decide_contact(&mut *tx, now, &session, opened.ask).await?;
        let plain = answer.encode().map_err(|_| Error::Internal("no answer"))?;
        let keep = "UPDATE contacts SET last_number = ?, request = ?, answer = ? WHERE id = ?";
        opened.answer(tx, keep, plain.expose()).await
    }
}
