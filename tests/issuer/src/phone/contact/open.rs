//! The handshake of a contact: the door is the token, the key is made of its seed.

use std::sync::Arc;

use softtoken_core::activation::contact::DELETED;
use softtoken_core::activation::contact::answer::{KEYS, NoAnswer, Opened};
use softtoken_core::activation::exchange::noise::HandshakeError;
use softtoken_core::activation::exchange::{Header, Refused, SessionKeys};
use softtoken_core::secret::{Key, SecretBytes};
use softtoken_core::time::UnixTime;
use sqlx::Row;

use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;
use crate::tokens::{Seeds, dead_psks};

/// What is said to who has a key.
enum Said {
    /// A seed that lives, or did when it was looked at.
    Seed(Seed),
    /// A dead one.
    Refused(Refused),
}

#[derive(Clone)]
struct Seed {
    token: String,
    generation: u64,
    holder: [u8; 16],
}

/// A message 1 under the key of a seed. No `Debug`: secrets.
struct Called {
    header: Header,
    opened: Opened,
    seed: Seed,
    /// SHA-256 of the body.
    hash: Vec<u8>,
}

impl Issuer {
    /// Message 1 of a contact in, message 2 out. The same bytes get the same answer as long as the session lives.
    pub(in crate::phone) async fn open_contact(
        self: &Arc<Self>,
        header: Header,
        message: &[u8],
        hash: Vec<u8>,
    ) -> Result<Vec<u8>> {
        let now = self.now();
        let (psks, said) = self.contact_keys(&header, now).await?;
        let ours = self.keys.for_handshake(&header.issuer_key);
        // Whoever names another key or address does not learn by the time that it takes which tokens there are.
        let (private, psks) = match ours.filter(|_| header.address == self.settings.address) {
            Some((private, _)) => (private, psks.as_slice()),
            None => {
                (self.keys.for_handshake(&self.keys.public()).ok_or(Error::Internal("no key"))?.0, &[][..])
            }
        };
        let opened =
            Opened::read(header.clone(), message, private, psks, &self.ports.random).map_err(error)?;
        match said.into_iter().nth(opened.which).ok_or(Error::Internal("no such key"))? {
            Said::Refused(refused) => opened.refuse(refused).map_err(error),
            Said::Seed(seed) => {
                let (issuer, called) = (Arc::clone(self), Called { header, opened, seed, hash });
                let work = self
                    .store
                    .write(move |tx| Box::pin(async move { issuer.accept_contact(tx, now, called).await }));
                work.await
            }
        }
    }

    /// The keys to try, and what is said under each.
    async fn contact_keys(&self, header: &Header, now: UnixTime) -> Result<(Vec<Key<32>>, Vec<Said>)> {
        let id = header.activation_id;
        let query = "SELECT tokens.id, psk, former_psk, generation, former_generation, former_until, holder \
                     FROM tokens JOIN users ON users.id = tokens.user_id \
                     WHERE contact_id = ? AND seed IS NOT NULL AND class = 'SOFT'";
        let row = sqlx::query(query).bind(id.to_vec()).fetch_optional(self.store.read()).await?;
        let mut sealed: Vec<(Vec<u8>, Said)> = Vec::new();
        if let Some(row) = row {
            let holder: &[u8] = row.try_get("holder")?;
            let holder = holder.try_into().map_err(|_| Error::Internal("a holder id has not 16 bytes"))?;
            let seed = |generation: Option<i64>| {
                let generation = generation.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
                Ok::<_, Error>(Said::Seed(Seed { token: row.try_get("id")?, generation, holder }))
            };
            if let Some(psk) = row.try_get("psk")? {
                sealed.push((psk, seed(row.try_get("generation")?)?));
            }
            if let Some(psk) = row.try_get("former_psk")? {
                let until: Option<i64> = row.try_get("former_until")?;
                let said = match until {
                    Some(until) if until < seconds(now) => Said::Refused(Refused::Superseded),
                    _ => seed(row.try_get("former_generation")?)?,
                };
                sealed.push((psk, said));
            }
        }
        let left = KEYS.saturating_sub(sealed.len());
        let dead = dead_psks(self.store.read(), &id, left).await?;
        sealed.extend(dead.into_iter().map(|(psk, refused)| (psk, Said::Refused(refused))));
        let (mut psks, mut said) = (Vec::new(), Vec::new());
        for (psk, what) in sealed {
            // A key file that does not fit is the operator's affair, and no serial number's.
            let Ok(psk) = self.secrets.open_key(Purpose::Psk, &id, &psk) else { continue };
            psks.push(psk);
            said.push(what);
        }
        Ok((psks, said))
    }

    /// Inside the writer: stores the session before message 2 leaves.
    async fn accept_contact(&self, tx: &mut Tx, now: UnixTime, called: Called) -> Result<Vec<u8>> {
        let Called { header, opened, seed, hash } = called;
        let id = header.activation_id.to_vec();
        let same = sqlx::query_scalar("SELECT message FROM contacts WHERE contact_id = ? AND opening = ?");
        if let Some(message) = same.bind(id.clone()).bind(hash.clone()).fetch_optional(&mut *tx).await? {
            return Ok(message);
        }
        match Seeds::load(&mut *tx, now, &seed.token).await? {
            None => return opened.refuse(DELETED).map_err(error),
            Some(seeds) if seeds.get(seed.generation).is_none() => {
                return opened.refuse(Refused::Superseded).map_err(error);
            }
            Some(_) => {}
        }
        let device = opened.call.device.clone();
        let (message, keys) = opened.accept(self.accepted(now, &header, seed.holder, 0)?).map_err(error)?;
        let insert = "INSERT INTO contacts (id, contact_id, token_id, generation, transport, seed, recovery, device, \
                      opening, message, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let seal =
            |purpose, plain: &[u8]| self.secrets.seal(purpose, &keys.session, plain, &self.ports.random);
        sqlx::query(insert)
            .bind(keys.session.to_vec())
            .bind(id.clone())
            .bind(seed.token)
            .bind(i64::try_from(seed.generation).unwrap_or(i64::MAX))
            .bind(seal(Purpose::Transport, transport(&keys).expose())?)
            .bind(seal(Purpose::Seed, keys.seed.expose())?)
            .bind(seal(Purpose::Recovery, keys.recovery.expose())?)
            .bind(device)
            .bind(hash)
            .bind(message.clone())
            .bind(seconds(now))
            .execute(&mut *tx)
            .await?;
        forget_old(tx, now, id).await?;
        Ok(message)
    }
}

/// Sessions that no device comes back to.
async fn forget_old(tx: &mut Tx, now: UnixTime, id: Vec<u8>) -> Result<()> {
    sqlx::query("DELETE FROM contacts WHERE created_at <= ?")
        .bind(seconds(now).saturating_sub(SESSION_LIFE))
        .execute(&mut *tx)
        .await?;
    let most = "DELETE FROM contacts WHERE contact_id = ? AND id NOT IN \
                (SELECT id FROM contacts WHERE contact_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ?)";
    sqlx::query(most).bind(id.clone()).bind(id).bind(MOST_SESSIONS).execute(tx).await?;
    Ok(())
}

fn transport(keys: &SessionKeys) -> SecretBytes {
    let both = [keys.to_issuer.expose().as_slice(), keys.to_device.expose()].concat();
    SecretBytes::new(both)
}

/// What a stranger sends is the stranger's fault.
fn error(error: NoAnswer) -> Error {
    match error {
        NoAnswer::Unknown => Error::NotFound,
        NoAnswer::Malformed(_)
        | NoAnswer::Handshake(HandshakeError::TooLong | HandshakeError::NotAuthentic) => Error::Unreadable,
        NoAnswer::Handshake(HandshakeError::NoRandom(_)) => Error::Internal("no random bytes"),
    }
}

/// Seconds.
const SESSION_LIFE: i64 = 86_400;
const MOST_SESSIONS: i64 = 6;
