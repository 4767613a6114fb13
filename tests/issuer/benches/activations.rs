//! Activations a second and sign-ins a second over HTTP on loopback, beside the fdatasyncs of the same disk.
//!
//! An activation is messages 1 to 3 with both answers, by links and QR codes by turns; the orders are made
//! beforehand, and the device's half (one handshake with its key agreements) runs on the same processors. Once as
//! many as there can be, and once 150 a second, each measured from the moment at which it was due. A sign-in is a
//! request of a portal with its API key.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::http::Connection;
use common::within;
use softtoken_core::activation::exchange::{Exchange, OnlineOrder, Step};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::otp::{Algorithm, Digits, hotp};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::{Activation, NoMail};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Issuer, Ports, server};

/// An issuer that is served, and what its callers need.
struct World {
    issuer: Arc<Issuer>,
    clock: Arc<ManualClock>,
    address: SocketAddr,
    key: String,
}

/// One user's order.
struct Ordered {
    user: String,
    made: Activation,
}

/// One user's token, active.
struct Device {
    user: String,
    seed: Vec<u8>,
}

/// One measurement.
struct Run {
    latencies: Vec<Duration>,
    took: Duration,
    processor: Duration,
}

fn main() {
    if !common::is_asked_for() {
        return;
    }
    let folder = common::folder();
    let before = common::syncs_a_second(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let [most, paced, sign_ins] = runtime.expect("a runtime").block_on(measure(folder.path()));
    let syncs = (before + common::syncs_a_second(folder.path())) / 2.0;
    most.tell(&format!("activations by {ACTIVATING} devices at once (target >= 150)"), None);
    paced.tell(&format!("activations at {PACE} a second (target < 150 ms)"), None);
    sign_ins.tell(&format!("durable sign-ins over REST by {SIGNING_IN} callers"), Some(syncs));
}

impl Run {
    fn since(start: Instant, worked: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort();
        let processor = common::processor_time().saturating_sub(worked);
        Self { latencies, took: start.elapsed(), processor }
    }

    fn tell(&self, what: &str, syncs: Option<f64>) {
        let count = self.latencies.len() as f64;
        let rate = count / self.took.as_secs_f64();
        let peer = syncs.map(|syncs| {
            format!("peer: fdatasync of the same disk {syncs:.0}/s, {:.1} for each; ", rate / syncs)
        });
        println!(
            "{what}: {rate:.0}/s, half within {:.1} ms, 99 of 100 within {:.1} ms; {}{:.0} us of processor time each, \
             both sides; load average {}",
            within(&self.latencies, 50),
            within(&self.latencies, 99),
            peer.unwrap_or_default(),
            self.processor.as_secs_f64() * 1e6 / count,
            common::load_average(),
        );
    }
}

async fn measure(folder: &Path) -> [Run; 3] {
    let world = Arc::new(World::start(folder).await);
    let mut orders = world.orders(MOST + PACED).await;
    let (most, devices) = world.at_once(orders.split_off(PACED)).await;
    let paced = world.paced(orders).await;
    let sign_ins = world.sign_ins(devices).await;
    world.issuer.store.close().await;
    [most, paced, sign_ins]
}

impl World {
    async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let text = format!(
            "address = 'issuer.example'\nlisten = '{address}'\ndatabase = 'issuer.db'\nkeys = 'keys'\n"
        );
        let settings = Settings::from_toml(&text, folder).expect("settings");
        let clock = Arc::new(ManualClock::at(UnixTime(START)));
        let ports =
            Ports { clock: Arc::clone(&clock) as _, random: Random::system(), outbox: Arc::new(NoMail) };
        let issuer = Issuer::open(settings, ports).await.expect("an issuer");
        let key = issuer.create_api_key("test", "portal", Role::Signin).await.expect("a key").to_string();
        tokio::spawn(server::serve(Arc::clone(&issuer), listener, axum_server::Handle::new()));
        Self { issuer, clock, address, key }
    }

    async fn orders(&self, count: usize) -> Vec<Ordered> {
        let tasks = (0..MAKING).map(|first| {
            let issuer = Arc::clone(&self.issuer);
            tokio::spawn(async move {
                let mut orders = Vec::new();
                for number in (first..count).step_by(MAKING) {
                    orders.push(order(&issuer, number).await);
                }
                orders
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut orders = Vec::new();
        for task in tasks {
            orders.extend(task.await.expect("orders"));
        }
        orders
    }

    /// As many at once as there are connections; each begins the next when one has ended.
    async fn at_once(&self, orders: Vec<Ordered>) -> (Run, Vec<Device>) {
        let (start, worked) = (Instant::now(), common::processor_time());
        let open = Arc::new(Mutex::new(orders));
        let tasks = (0..ACTIVATING).map(|_| {
            let (open, address) = (Arc::clone(&open), self.address);
            tokio::spawn(async move {
                let (mut connection, mut done) = (Connection::open(address).await, Vec::new());
                loop {
                    let next = open.lock().expect("a list").pop();
                    let Some(order) = next else { return done };
                    let begun = Instant::now();
                    let device = activate(&mut connection, &order).await;
                    done.push((begun.elapsed(), device));
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut done = Vec::new();
        for task in tasks {
            done.extend(task.await.expect("a device"));
        }
        let (latencies, devices) = done.into_iter().unzip();
        (Run::since(start, worked, latencies), devices)
    }

    /// One when it is due, however the others are.
    async fn paced(&self, orders: Vec<Ordered>) -> Run {
        let (start, worked) = (Instant::now(), common::processor_time());
        let idle = Arc::new(Mutex::new(Vec::<Connection>::new()));
        let mut tasks = Vec::new();
        for (number, order) in orders.into_iter().enumerate() {
            let due = start + Duration::from_secs_f64(number as f64 / PACE);
            tokio::time::sleep_until(due.into()).await;
            let (idle, address) = (Arc::clone(&idle), self.address);
            tasks.push(tokio::spawn(async move {
                let kept = idle.lock().expect("a list").pop();
                let mut connection = match kept {
                    Some(connection) => connection,
                    None => Connection::open(address).await,
                };
                activate(&mut connection, &order).await;
                idle.lock().expect("a list").push(connection);
                due.elapsed()
            }));
        }
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.push(task.await.expect("a device"));
        }
        Run::since(start, worked, latencies)
    }

    /// Each device once in every step.
    async fn sign_ins(&self, devices: Vec<Device>) -> Run {
        let (start, worked) = (Instant::now(), common::processor_time());
        let devices = Arc::new(devices);
        let mut latencies = Vec::new();
        for step in (START / PERIOD + 1..).take(STEPS) {
            self.clock.pass(PERIOD);
            let tasks = (0..SIGNING_IN).map(|first| {
                let (devices, address) = (Arc::clone(&devices), self.address);
                let headers = format!("authorization: {}\r\ncontent-type: application/json\r\n", self.key);
                tokio::spawn(async move {
                    let (mut connection, mut latencies) = (Connection::open(address).await, Vec::new());
                    for device in devices.iter().skip(first).step_by(SIGNING_IN) {
                        let code = hotp(&device.seed, step, Algorithm::Sha256, Digits::EIGHT);
                        let body =
                            format!("{{\"userId\":\"{}\",\"response\":\"{}\"}}", device.user, code.as_str());
                        let begun = Instant::now();
                        let (status, _) = connection.post(SIGN_IN, &headers, body.as_bytes()).await;
                        assert_eq!(status, 200);
                        latencies.push(begun.elapsed());
                    }
                    latencies
                })
            });
            let tasks: Vec<_> = tasks.collect();
            for task in tasks {
                latencies.extend(task.await.expect("a caller"));
            }
        }
        Run::since(start, worked, latencies)
    }
}

async fn order(issuer: &Arc<Issuer>, number: usize) -> Ordered {
    let user = format!("user{number}");
    let new = NewUser { name: user.clone(), email: None, phone: None };
    let id = issuer.create_user("bench", new).await.expect("a user").id;
    let token = issuer.create_token("bench", &id).await.expect("a token").id;
    let link = number.is_multiple_of(2);
    let request = OrderRequest { link, qr_code: !link, typed: false, ..OrderRequest::default() };
    Ordered { user, made: issuer.create_order("bench", &token, request).await.expect("an order") }
}

/// Messages 1 to 3.
async fn activate(connection: &mut Connection, order: &Ordered) -> Device {
    let Activation { link_https, qr_text, password, .. } = &order.made;
    let text = link_https.as_ref().or(qr_text.as_ref()).expect("a door");
    let payload = LinkPayload::parse(text).expect("a payload");
    let door = match password {
        Some(password) => OnlineOrder::from_qr_code(&payload, password.as_bytes()),
        None => OnlineOrder::from_link(&payload),
    };
    let random = Random::system();
    let mut device = Exchange::begin(door.expect("an order"), "bench", None, &random).expect("a device");
    while matches!(device.step(), Step::Send) {
        let request = device.request(&random).expect("a request");
        let (status, answer) = connection.post(request.kind.path(), "", &request.body).await;
        assert_eq!(status, 200);
        device.take(&answer).expect("an answer");
    }
    assert!(matches!(device.step(), Step::Active));
    let seed = device.agreement().expect("keys").keys.seed.expose().to_vec();
    Device { user: order.user.clone(), seed }
}

const SIGN_IN: &str = "/api/v1/authentication/users/authenticate/TOKEN/complete";
const START: u64 = 1_800_000_000;
const PERIOD: u64 = 30;
/// Tasks that make orders.
const MAKING: usize = 64;
/// Devices that activate at once, and how many in all.
const ACTIVATING: usize = 16;
const MOST: usize = 3_000;
/// Activations that are due in a second, and how many in all.
const PACE: f64 = 150.0;
const PACED: usize = 1_500;
/// Callers that sign in at once, and how often each device signs in.
const SIGNING_IN: usize = 64;
const STEPS: usize = 5;
