//! The answer to a PIN reset code: the unlock code (`core/PROTOCOL.md` section 10).

use softtoken_core::codec::decimal::ResetCode;
use softtoken_core::lock::UnlockCode;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use zeroize::Zeroizing;

use super::TokenState;
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;

/// What the holder types into the app. No `Debug`: secrets.
pub struct UnlockCodes {
    /// Of the newest secrets that the device is known to have.
    pub code: Zeroizing<String>,
    /// Of those before, as long as another device may still have them.
    pub former: Option<Zeroizing<String>>,
}

impl Issuer {
    /// Answers the PIN reset code of an active token. The holder must have been proven again before.
    /// [`Error::TooManyTries`] when the token was given `maxUnlocksPerHour` codes in the last hour.
    pub async fn unlock(&self, actor: &str, token: &str, reset_code: &str) -> Result<UnlockCodes> {
        self.unlock_because(actor, token, reset_code, None).await
    }

    /// The same with a reason for the log.
    pub async fn unlock_because(
        &self,
        actor: &str,
        token: &str,
        reset_code: &str,
        reason: Option<&str>,
    ) -> Result<UnlockCodes> {
        let reset_code = ResetCode::parse(reset_code).map_err(|_| Error::BadValue("unlockChallenge"))?;
        let now = self.now();
        let query = sqlx::query(
            "SELECT state, serial, recovery, former_recovery, former_until FROM tokens WHERE id = ?",
        );
        let row = query.bind(token).fetch_optional(self.store.read()).await?.ok_or(Error::NotFound)?;
        if TokenState::read(row.try_get("state")?)? != TokenState::Active {
            return Err(Error::WrongState);
        }
        let serial: String = row.try_get("serial")?;
        let answer = |sealed: Vec<u8>| {
            let key = self.secrets.open_key(Purpose::Recovery, token.as_bytes(), &sealed)?;
            let code = UnlockCode::answer(&key, &reset_code, self.settings.address.ascii(), &serial);
            Ok::<_, Error>(code.map_err(|_| Error::Internal("no unlock code"))?.shown())
        };
        let newest = row.try_get::<Option<_>, _>("recovery")?.ok_or(Error::WrongState)?;
        let (newest, former) = match (
            row.try_get::<Option<_>, _>("former_recovery")?,
            row.try_get::<Option<i64>, _>("former_until")?,
        ) {
            // A device that has not shown the new secrets yet keeps both; one that has not even got them has these.
            (Some(before), None) => (before, None),
            (former, until) => (newest, former.filter(|_| until >= Some(seconds(now)))),
        };
        let (code, former) = (answer(newest)?, former.map(answer).transpose()?);
        self.count_unlock(actor, token, reason, now).await?;
        Ok(UnlockCodes { code, former })
    }

    /// Writes the line of the log that counts against the limit, before the code is shown.
    async fn count_unlock(
        &self,
        actor: &str,
        token: &str,
        reason: Option<&str>,
        now: UnixTime,
    ) -> Result<()> {
        let (token, actor, reason) = (token.to_owned(), actor.to_owned(), reason.map(str::to_owned));
        let most = i64::try_from(self.policy().max_unlocks_per_hour).unwrap_or(i64::MAX);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let given = "SELECT count(*) FROM audit WHERE token_id = ? AND event = ? AND at > ?";
                    let given: i64 = sqlx::query_scalar(given)
                        .bind(token.clone())
                        .bind(EVENT)
                        .bind(seconds(now).saturating_sub(HOUR))
                        .fetch_one(&mut *tx)
                        .await?;
                    if given >= most {
                        return Err(Error::TooManyTries);
                    }
                    let (token, detail) = (Some(&*token), reason.as_deref());
                    let entry = Entry { event: EVENT, actor: &actor, user: None, token, detail };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }
}

const EVENT: &str = "token.unlock_code";
const HOUR: i64 = 3600;
