//! Making an order: one serial number, up to three doors, each with an id and a secret of its own.

use std::num::NonZeroU32;
use std::sync::Arc;

use softtoken_core::activation::exchange::OnlineOrder;
use softtoken_core::activation::link::{Flags, LinkPayload, Mode};
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::{ActivationCode, SerialNumber};
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use zeroize::Zeroizing;

use super::{LINK, QR_CODE, TYPED, door_row};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::mail::Activation;
use crate::mail::due::due;
use crate::secrets::Purpose;
use crate::store::Tx;
use crate::tokens::{Token, TokenClass, TokenState};

/// What is asked for. At least one door.
#[derive(Debug, Clone, Copy)]
pub struct OrderRequest {
    /// A link.
    pub link: bool,
    /// A QR code with its password.
    pub qr_code: bool,
    /// Typed values. Costs a run of the slow function.
    pub typed: bool,
    /// The registration code is demanded of every door; the policy's rule when missing. Typed values
    /// always demand it.
    pub confirm: Option<bool>,
    /// May be completed without network; the policy's rule when missing.
    pub offline: Option<bool>,
    /// Seconds that it may be claimed; the policy's rule when missing.
    pub lifetime: Option<u64>,
    /// It will be mailed: the log says that a mail is due.
    pub mailed: bool,
    /// Verifications before the token is given to a device, a bit each (`VerificationKind::bit`); the policy's rule
    /// when missing. With one the order cannot be completed without network.
    pub verifications: Option<u64>,
}

impl OrderRequest {
    /// No door, and the policy's rules: what a request for some doors is made from.
    pub const NOTHING: Self = Self {
        link: false,
        qr_code: false,
        typed: false,
        confirm: None,
        offline: None,
        lifetime: None,
        mailed: false,
        verifications: None,
    };
}

impl Default for OrderRequest {
    fn default() -> Self {
        Self { link: true, qr_code: true, typed: true, ..Self::NOTHING }
    }
}

/// One door on its way into the database. No `Debug`: secrets.
struct Door {
    mode: i64,
    activation_id: Vec<u8>,
    header: Vec<u8>,
    psk: Vec<u8>,
    password: Option<Vec<u8>>,
    secret: Option<Vec<u8>>,
}

/// What all doors of an order share.
struct Common {
    order: String,
    mailed: bool,
    serial: SerialNumber,
    flags: Flags,
    expiry: NonZeroU32,
    profile: Profile,
    verifications: u64,
}

impl Issuer {
    /// Makes an order for a soft token and supersedes the one before. The answer holds all secrets: they go to
    /// the holder and are not kept in a readable form.
    pub async fn create_order(
        self: &Arc<Self>,
        actor: &str,
        token: &str,
        request: OrderRequest,
    ) -> Result<Activation> {
        let token = self.token(token).await?;
        may_be_ordered(&token)?;
        let (common, mut doors) = (self.common(&token, request)?, Vec::new());
        let mut made = Activation {
            order: common.order.clone(),
            token: token.id.clone(),
            activation_address: self.settings.address.ascii().to_owned(),
            serial_number: token.serial.clone(),
            activation_code: None,
            link_https: None,
            link_app: None,
            qr_text: None,
            password: None,
            expires_at: u64::from(common.expiry.get()),
        };
        if request.link {
            let payload = self.payload(&common, Mode::Link)?;
            let order = OnlineOrder::from_link(&payload).map_err(|_| NO_DOOR)?;
            doors.push(self.door(&common, LINK, &order, None, None)?);
            made.link_https = Some(payload.to_https(self.settings.link_host()));
            made.link_app = common.flags.confirm_in_portal.then(|| payload.to_app());
        }
        if request.qr_code {
            let payload = self.payload(&common, Mode::QrCode)?;
            let password = Zeroizing::new(format!("{:08}", self.ports.random.below(PASSWORDS)?));
            let order = OnlineOrder::from_qr_code(&payload, password.as_bytes()).map_err(|_| NO_DOOR)?;
            let secret = common.flags.offline_allowed.then(|| SecretBytes::copy_of(payload.secret.expose()));
            doors.push(self.door(&common, QR_CODE, &order, Some(password.as_bytes()), secret)?);
            made.qr_text = Some(payload.to_https(self.settings.link_host()));
            made.password = Some(password);
        }
        if request.typed {
            let (code, door) = self.typed_door(&common).await?;
            doors.push(door);
            made.activation_code = Some(code);
        }
        if doors.is_empty() {
            return Err(Error::BadValue("type"));
        }
        self.store_order(actor, &token.id, common, doors).await?;
        // The order is made, whatever becomes of old ones.
        self.forget_orders().await.unwrap_or_else(|error| error.report());
        Ok(made)
    }

    fn common(&self, token: &Token, request: OrderRequest) -> Result<Common> {
        let policy = &self.policy();
        let life = request.lifetime.unwrap_or(policy.activation_lifetime);
        let expiry = u32::try_from(self.now().plus(life).0).ok().and_then(NonZeroU32::new);
        let verifications = request.verifications.unwrap_or_else(|| policy.verification_bits());
        self.can_verify(verifications)?;
        let offline = request.offline.unwrap_or(policy.offline_allowed) && verifications == 0;
        Ok(Common {
            order: self.new_id()?,
            mailed: request.mailed,
            serial: SerialNumber::parse(&token.serial).map_err(|_| Error::WrongState)?,
            flags: Flags {
                offline_allowed: offline,
                confirm_in_portal: request.confirm.unwrap_or(policy.confirm_in_portal),
            },
            expiry: expiry.ok_or(Error::BadValue("lifetime"))?,
            profile: policy.profile()?,
            verifications,
        })
    }

    fn payload(&self, common: &Common, mode: Mode) -> Result<LinkPayload> {
        Ok(LinkPayload {
            mode,
            flags: common.flags,
            activation_id: self.ports.random.array()?,
            secret: self.ports.random.key()?,
            issuer_key: self.keys.public(),
            serial: common.serial.clone(),
            profile: common.profile,
            expiry: common.expiry,
            address: self.settings.address.clone(),
        })
    }

    /// The activation code, and its door. The slow function runs on a thread of its own, a few at a time.
    async fn typed_door(&self, common: &Common) -> Result<(Zeroizing<String>, Door)> {
        let code = ActivationCode::from_value(self.ports.random.below(ACTIVATION_CODES)?).ok_or(NO_DOOR)?;
        let (shown, digits) =
            (Zeroizing::new(code.digits().to_owned()), SecretBytes::copy_of(code.digits().as_bytes()));
        let details = TypedDetails {
            address: self.settings.address.clone(),
            serial: common.serial.clone(),
            activation_code: code,
        };
        let key = self.keys.public();
        let order = self.slow(move || OnlineOrder::from_typed(&details, key, &argon2id)).await?;
        let order = order.map_err(|_| Error::Internal("no memory for the activation code"))?;
        // Completion without network needs the code itself; without it the pre-shared key is enough.
        let secret = common.flags.offline_allowed.then_some(digits);
        Ok((shown, self.door(common, TYPED, &order, None, secret)?))
    }

    fn door(
        &self,
        common: &Common,
        mode: i64,
        order: &OnlineOrder,
        password: Option<&[u8]>,
        secret: Option<SecretBytes>,
    ) -> Result<Door> {
        let row = door_row(&common.order, mode);
        let seal = |purpose, plain: &[u8]| self.secrets.seal(purpose, &row, plain, &self.ports.random);
        Ok(Door {
            mode,
            activation_id: order.header().activation_id.to_vec(),
            header: order.header().to_bytes(),
            psk: seal(Purpose::Psk, order.psk().expose())?,
            password: password.map(|password| seal(Purpose::Password, password)).transpose()?,
            secret: secret.map(|secret| seal(Purpose::DoorSecret, secret.expose())).transpose()?,
        })
    }

    async fn store_order(&self, actor: &str, token: &str, common: Common, doors: Vec<Door>) -> Result<()> {
        let (token, actor, now) = (token.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let query = sqlx::query("SELECT * FROM tokens WHERE id = ?").bind(token.clone());
                    let row = query.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
                    may_be_ordered(&Token::from_row(&row)?)?;
                    supersede(tx, &token).await?;
                    insert(tx, now, &token, &common, doors).await?;
                    if common.mailed {
                        due(tx, now, &actor, &token, &common.order).await?;
                    }
                    sqlx::query("UPDATE tokens SET state = 'ACTIVATING' WHERE id = ? AND state = 'NEW'")
                        .bind(token.clone())
                        .execute(&mut *tx)
                        .await?;
                    let user = row.try_get::<Option<String>, _>("user_id")?;
                    let (user, token) = (user.as_deref(), Some(&*token));
                    audit::write(
                        tx,
                        now,
                        Entry { event: "order.made", actor: &actor, user, token, detail: None },
                    )
                    .await
                })
            })
            .await
    }
}

fn may_be_ordered(token: &Token) -> Result<()> {
    let state = matches!(token.state, TokenState::New | TokenState::Activating | TokenState::Active);
    if token.class == TokenClass::Soft && state { Ok(()) } else { Err(Error::WrongState) }
}

async fn supersede(tx: &mut Tx, token: &str) -> Result<()> {
    let older = "UPDATE orders SET state = 'SUPERSEDED' WHERE token_id = ? \
                 AND state IN ('OPEN', 'CLAIMED', 'AWAITED', 'DERIVED')";
    sqlx::query(older).bind(token.to_owned()).execute(tx).await?;
    Ok(())
}

async fn insert(tx: &mut Tx, now: UnixTime, token: &str, common: &Common, doors: Vec<Door>) -> Result<()> {
    let last =
        "SELECT max(doors.number) FROM doors JOIN orders ON orders.id = doors.order_id WHERE token_id = ?";
    let last: Option<i64> = sqlx::query_scalar(last).bind(token.to_owned()).fetch_one(&mut *tx).await?;
    let order = "INSERT INTO orders (id, token_id, state, confirm, created_at, expires_at, verifications) \
                 VALUES (?, ?, 'OPEN', ?, ?, ?, ?)";
    sqlx::query(order)
        .bind(common.order.clone())
        .bind(token.to_owned())
        .bind(i64::from(common.flags.confirm_in_portal))
        .bind(seconds(now))
        .bind(i64::from(common.expiry.get()))
        .bind(i64::try_from(common.verifications).unwrap_or_default())
        .execute(&mut *tx)
        .await?;
    let insert = "INSERT INTO doors (order_id, mode, activation_id, header, psk, password, secret, number) \
                  VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    for door in doors {
        sqlx::query(insert)
            .bind(common.order.clone())
            .bind(door.mode)
            .bind(door.activation_id)
            .bind(door.header)
            .bind(door.psk)
            .bind(door.password)
            .bind(door.secret)
            .bind(last.unwrap_or(0).saturating_add(1))
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

const NO_DOOR: Error = Error::Internal("a door of an order cannot be made");
/// Eight digits.
const PASSWORDS: u64 = 100_000_000;
/// Fifteen digits before the check digit.
const ACTIVATION_CODES: u64 = 1_000_000_000_000_000;
