//! An issuer with many users, and the comparison of its database with what devices know.

use std::sync::Arc;

use axum::Router;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::{Clock, ManualClock};
use softtoken_issuer::mail::{Activation, NoMail};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Issuer, Ports, server};
use sqlx::Row;

use crate::activations::TASKS;

/// An issuer in a folder, at a time of its own.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) key: String,
    pub(crate) devices: Vec<Device>,
    issuer: Arc<Issuer>,
    orders: u64,
    folder: tempfile::TempDir,
}

/// An order on its way to a device.
pub(crate) struct Ordered {
    pub(crate) made: Activation,
    pub(crate) user: String,
    pub(crate) holder: Vec<u8>,
    /// Where the device's randomness starts.
    pub(crate) seed: u64,
}

/// A device that is active.
pub(crate) struct Device {
    pub(crate) token: String,
    pub(crate) order: String,
    pub(crate) user: String,
    pub(crate) label: String,
    pub(crate) key: Vec<u8>,
    pub(crate) recovery: Vec<u8>,
    /// Steps that its clock is ahead, as far as the issuer's window goes.
    pub(crate) ahead: i64,
    /// The step of its last accepted code.
    pub(crate) last: u64,
    pub(crate) random: Random,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(UnixTime(START)));
        let issuer = open(&folder, &clock).await;
        let key = issuer.create_api_key("test", "portal", Role::Signin).await.unwrap().to_string();
        Self { clock, key, devices: Vec::new(), issuer, orders: 0, folder }
    }

    pub(crate) fn router(&self) -> Router {
        server::router(Arc::clone(&self.issuer))
    }

    /// So many users with a token and an order each.
    pub(crate) async fn orders(&mut self, count: u64, seed: u64) -> Vec<Ordered> {
        let numbers: Vec<u64> = (self.orders..self.orders + count).collect();
        self.orders += count;
        let share = numbers.len().div_ceil(TASKS);
        let tasks = numbers.chunks(share).map(|share| {
            let (issuer, share) = (Arc::clone(&self.issuer), share.to_vec());
            tokio::spawn(async move {
                let mut orders = Vec::new();
                for number in share {
                    orders.push(
                        order(&issuer, number, seed.wrapping_mul(1_000_003).wrapping_add(number)).await,
                    );
                }
                orders
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut orders = Vec::new();
        for task in tasks {
            orders.extend(task.await.unwrap());
        }
        orders
    }

    /// Stops the issuer and starts it again with what is on its disk.
    pub(crate) async fn restart(&mut self) {
        self.issuer.store.close().await;
        self.issuer = open(&self.folder, &self.clock).await;
    }

    /// The database says of every device what the device knows, and nothing more.
    pub(crate) async fn check(&self, sign_ins: u64) {
        let count = i64::try_from(self.devices.len()).unwrap();
        assert_eq!(self.number("SELECT count(*) FROM tokens").await, count);
        assert_eq!(self.number("SELECT count(*) FROM orders WHERE state = 'DONE'").await, count);
        let query = "SELECT tokens.state, seed, recovery, last_step, failures, locked_at, orders.id, orders.device, \
                     (SELECT count(*) FROM audit WHERE token_id = tokens.id AND event = 'token.activated') AS activated, \
                     (SELECT count(*) FROM audit WHERE token_id = tokens.id AND event = 'code.accepted') AS accepted, \
                     (SELECT count(*) FROM audit WHERE token_id = tokens.id AND event = 'code.wrong') AS wrong \
                     FROM tokens JOIN orders ON orders.token_id = tokens.id WHERE tokens.id = ?";
        for device in &self.devices {
            let row =
                sqlx::query(query).bind(&device.token).fetch_one(self.issuer.store.read()).await.unwrap();
            let text = |column: &str| row.get::<String, _>(column);
            let number = |column: &str| row.get::<i64, _>(column);
            assert_eq!(
                (text("state").as_str(), text("id"), text("device")),
                ("ACTIVE", device.order.clone(), device.label.clone())
            );
            assert!(
                self.holds(&row, "seed", Purpose::Seed, device)
                    && self.holds(&row, "recovery", Purpose::Recovery, device)
            );
            assert_eq!(
                (number("activated"), number("accepted")),
                (1, i64::try_from(sign_ins).unwrap()),
                "{}",
                device.user
            );
            assert_eq!(
                (number("failures"), number("wrong"), row.get::<Option<i64>, _>("locked_at")),
                (0, 0, None)
            );
            assert_eq!(number("last_step"), i64::try_from(device.last).unwrap());
        }
    }

    fn holds(&self, row: &sqlx::sqlite::SqliteRow, column: &str, purpose: Purpose, device: &Device) -> bool {
        let opened = self.issuer.secrets.open(purpose, device.token.as_bytes(), row.get(column)).unwrap();
        opened.expose() == if column == "seed" { &device.key } else { &device.recovery }
    }

    async fn number(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.issuer.store.read()).await.unwrap()
    }
}

/// The issuer's time.
pub(crate) fn now(clock: &ManualClock) -> u64 {
    clock.now().0
}

async fn order(issuer: &Arc<Issuer>, number: u64, seed: u64) -> Ordered {
    let name = format!("user{number}");
    let user =
        issuer.create_user("test", NewUser { name: name.clone(), email: None, phone: None }).await.unwrap();
    let token = issuer.create_token("test", &user.id).await.unwrap();
    let link = number.is_multiple_of(2);
    let request = OrderRequest {
        link,
        qr_code: !link,
        typed: false,
        lifetime: Some(86_400),
        ..OrderRequest::default()
    };
    let made = issuer.create_order("test", &token.id, request).await.unwrap();
    Ordered { made, user: name, holder: user.holder.to_vec(), seed }
}

async fn open(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Arc<Issuer> {
    let text = "address = 'issuer.example'\nlisten = '127.0.0.1:0'\ndatabase = 'issuer.db'\nkeys = 'keys'\n";
    let settings = Settings::from_toml(text, folder.path()).unwrap();
    let ports = Ports { clock: Arc::clone(clock) as _, random: Random::system(), outbox: Arc::new(NoMail) };
    Issuer::open(settings, ports).await.unwrap()
}

const START: u64 = 1_800_000_000;
/// Seconds of a step.
pub(crate) const PERIOD: u64 = 30;
