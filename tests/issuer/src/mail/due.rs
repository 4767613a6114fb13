//! Mails of orders that were promised and not handed over: a crash or a full queue between the two loses them, because
//! what they say is nowhere else. They are not sent later, but somebody is told.
//!
//! | Line of the audit log | Written |
//! |---|---|
//! | `mail.due` | in the transaction of the order |
//! | `mail.sent`, `mail.failed` | when the mail server has taken the letter, or will not |
//! | `mail.lost` | when the issuer starts and finds none of the two |
//!
//! The detail of each is the order's id, but for `mail.failed`, which says why. The check-up tells, too, until a day
//! after the order has expired.

use softtoken_core::time::UnixTime;
use sqlx::{Executor, Row, Sqlite};

use crate::audit::{self, Entry, seconds};
use crate::error::Result;
use crate::issuer::Issuer;
use crate::store::Tx;

/// Says that the mail of an order is on its way.
pub(crate) async fn due(tx: &mut Tx, now: UnixTime, actor: &str, token: &str, order: &str) -> Result<()> {
    let entry = Entry { event: "mail.due", actor, user: None, token: Some(token), detail: Some(order) };
    audit::write(tx, now, entry).await
}

/// Serial numbers of orders that no device has claimed, whose mail was due `longest` seconds ago or earlier and was not
/// sent; until a day after they have expired.
pub(crate) async fn overdue<'c>(
    database: impl Executor<'c, Database = Sqlite>,
    now: UnixTime,
    longest: u64,
) -> Result<Vec<String>> {
    let query = "SELECT tokens.serial FROM orders JOIN tokens ON tokens.id = orders.token_id \
                 JOIN audit AS due ON due.token_id = orders.token_id AND due.detail = orders.id \
                 WHERE due.event = 'mail.due' AND due.at <= ? AND orders.state = 'OPEN' AND orders.expires_at >= ? \
                 AND NOT EXISTS (SELECT 1 FROM audit AS sent WHERE sent.token_id = due.token_id \
                 AND sent.event = 'mail.sent' AND sent.detail = due.detail) ORDER BY due.number";
    let rows = sqlx::query_scalar(query).bind(seconds(UnixTime(now.0.saturating_sub(longest))));
    Ok(rows.bind(seconds(UnixTime(now.0.saturating_sub(DAY)))).fetch_all(database).await?)
}

impl Issuer {
    /// Writes `mail.lost` for every mail that an issuer before this one has promised and not handed over, and returns
    /// how many. Only for the issuer that serves, before it does: mails that are on their way would be counted.
    pub async fn note_lost_mails(&self) -> Result<usize> {
        let now = self.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let query = "SELECT token_id, detail FROM audit AS due WHERE event = 'mail.due' AND NOT EXISTS \
                                 (SELECT 1 FROM audit AS end WHERE end.token_id = due.token_id \
                                 AND end.number > due.number \
                                 AND (end.event IN ('mail.sent', 'mail.lost') AND end.detail = due.detail \
                                 OR end.event = 'mail.failed'))";
                    let lost = sqlx::query(query).fetch_all(&mut *tx).await?;
                    for row in &lost {
                        let (token, order) = (row.try_get("token_id")?, row.try_get("detail")?);
                        let entry = Entry { event: "mail.lost", actor: "mail", user: None, token, detail: order };
                        audit::write(&mut *tx, now, entry).await?;
                    }
                    Ok(lost.len())
                })
            })
            .await
    }
}

const DAY: u64 = 86_400;
