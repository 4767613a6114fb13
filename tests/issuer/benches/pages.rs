//! Every page of the portal over HTTP on loopback: half and 99 of 100 GETs within, beside the style sheet of the same
//! server, which is a constant in memory, and so what the wire alone costs.
//!
//! The database is one of a year: users, tokens and a log that searches and lists have to get past. One caller asks
//! as an administrator with own tokens, and every page is built for each request.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::http::Connection;
use common::within;
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_e2e::portal::Visitor;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::portal::{self, Role};
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::tokens::NewUser;
use softtoken_issuer::{Issuer, Ports, server};

/// An issuer that is served, with an administrator who has signed in.
struct World {
    issuer: Arc<Issuer>,
    address: SocketAddr,
    cookie: String,
    user: String,
    /// Active, and in the middle of its activation.
    tokens: [String; 2],
}

/// One page as it was answered.
struct Measured {
    path: String,
    status: u16,
    bytes: usize,
    latencies: Vec<Duration>,
}

fn main() {
    if !common::is_asked_for() {
        return;
    }
    let folder = common::folder();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let mut pages = runtime.expect("a runtime").block_on(measure(folder.path()));
    pages.sort_by_key(|page| std::cmp::Reverse(page.latencies[page.latencies.len() * 99 / 100]));
    println!("{:44} {:>6} {:>7} {:>9} {:>9}", "GET", "status", "bytes", "p50 ms", "p99 ms");
    for Measured { path, status, bytes, latencies } in &pages {
        println!(
            "{path:44} {status:6} {bytes:7} {:9.2} {:9.2}",
            within(latencies, 50),
            within(latencies, 99)
        );
    }
    let slowest = pages.iter().map(|page| within(&page.latencies, 99)).fold(0.0, f64::max);
    println!(
        "{} pages, {GETS} GETs each: the slowest within {slowest:.2} ms for 99 of 100 (target <= 20 ms); load average {}",
        pages.len() - 1,
        common::load_average()
    );
}

async fn measure(folder: &Path) -> Vec<Measured> {
    let world = World::start(folder).await;
    let mut connection = Connection::open(world.address).await;
    let style = world.style(&mut connection).await;
    let mut measured = vec![world.page(&mut connection, style, "peer: the style sheet").await];
    for path in portal::paths() {
        let [active, begun] = &world.tokens;
        let id = match path {
            _ if path.ends_with("/complete") => begun,
            _ if path.contains("authenticators") || path.contains("unlock") || path.contains("tokens") => {
                active
            }
            _ => &world.user,
        };
        let mut asked = path.replace("{id}", id).replace("{link}", "none");
        // A file of any length, no page: that of one user.
        if path.ends_with(".csv") {
            asked.push_str("?user=user7");
        }
        let page = world.page(&mut connection, asked, path).await;
        // What is only sent has no page of its own.
        if page.status != 405 {
            measured.push(page);
        }
    }
    world.issuer.store.close().await;
    measured
}

impl World {
    async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("a port");
        let text =
            format!("address = '{address}'\nlisten = '{address}'\ndatabase = 'issuer.db'\nkeys = 'keys'\n");
        let settings = Settings::from_toml(&text, folder).expect("settings");
        let clock = Arc::new(ManualClock::at(UnixTime(NOW)));
        let ports = Ports { clock, random: Random::system(), outbox: Arc::new(NoMail) };
        let issuer = Issuer::open(settings, ports).await.expect("an issuer");
        let user = add_people(&issuer).await;
        tokio::spawn(server::serve(Arc::clone(&issuer), listener, axum_server::Handle::new()));
        let password = issuer.random_password().expect("a password");
        issuer.set_password("bench", &user, password.clone()).await.expect("a password");
        let base = format!("http://{address}");
        let signing_in = tokio::task::spawn_blocking(move || {
            let mut visitor = Visitor::new(&base);
            visitor.sign_in("adam", &password).expect("adam signs in");
            visitor.cookie().to_owned()
        });
        let cookie = signing_in.await.expect("a visitor");
        // Only now, because who has an active token is asked for a code.
        let active = add_active(&issuer, &user).await;
        let begun = issuer.create_token("bench", &user).await.expect("a token").id;
        issuer.create_order("bench", &begun, OrderRequest::default()).await.expect("an order");
        Self { issuer, address, cookie, user, tokens: [active, begun] }
    }

    /// Where the first page says that its style sheet is.
    async fn style(&self, connection: &mut Connection) -> String {
        let (_, page) = connection.get("/portal/sign-in", &self.headers()).await;
        let page = String::from_utf8(page).expect("a page");
        let link = page.split("rel=\"stylesheet\" href=\"").nth(1).expect("a style sheet");
        link.split('"').next().expect("its address").to_owned()
    }

    async fn page(&self, connection: &mut Connection, asked: String, name: &str) -> Measured {
        let headers = self.headers();
        let (status, body) = connection.get(&asked, &headers).await;
        let mut latencies = Vec::with_capacity(GETS);
        while status != 405 && latencies.len() < GETS {
            let start = Instant::now();
            let (again, _) = connection.get(&asked, &headers).await;
            latencies.push(start.elapsed());
            assert_eq!(again, status, "{asked}");
        }
        latencies.sort();
        Measured { path: name.to_owned(), status, bytes: body.len(), latencies }
    }

    fn headers(&self) -> String {
        format!("host: {}\r\ncookie: {}\r\n", self.address, self.cookie)
    }
}

/// Users, tokens of theirs, and lines of the log; the id of the administrator.
async fn add_people(issuer: &Arc<Issuer>) -> String {
    let new = NewUser { name: "adam".into(), email: Some("adam@example.com".into()), phone: None };
    let adam = issuer.create_user("bench", new).await.expect("a user").id;
    issuer.set_role("bench", &adam, Role::Admin).await.expect("a role");
    let own = adam.clone();
    let fill = issuer.store.write(move |tx| {
        Box::pin(async move {
            for (table, count) in [(PEOPLE, USERS), (TOKENS, USERS), (LOG, LINES)] {
                sqlx::query(table).bind(count).bind(own.clone()).execute(&mut *tx).await?;
            }
            Ok(())
        })
    });
    fill.await.expect("rows");
    adam
}

async fn add_active(issuer: &Arc<Issuer>, user: &str) -> String {
    let token = issuer.create_token("bench", user).await.expect("a token").id;
    let seal = |purpose| {
        issuer.secrets.seal(purpose, token.as_bytes(), &[7; 32], &issuer.ports.random).expect("sealed")
    };
    let (seed, recovery, id) = (seal(Purpose::Seed), seal(Purpose::Recovery), token.clone());
    let activate =
        "UPDATE tokens SET state = 'ACTIVE', seed = ?, recovery = ?, activated_at = 1 WHERE id = ?";
    let active = issuer.store.write(move |tx| {
        Box::pin(async move {
            sqlx::query(activate).bind(seed).bind(recovery).bind(id).execute(tx).await?;
            Ok(())
        })
    });
    active.await.expect("a token");
    token
}

/// GETs of each page.
const GETS: usize = 400;
const NOW: u64 = 1_800_000_000;
const USERS: i64 = 5_000;
const LINES: i64 = 100_000;
const PEOPLE: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
    INSERT INTO users (id, name, email, holder, created_at) \
    SELECT printf('%032x', i), 'user' || i, 'user' || i || '@example.com', randomblob(16), 1799000000 + i FROM n \
    WHERE ? IS NOT NULL";
const TOKENS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
    INSERT INTO tokens (id, serial, user_id, class, state, kind, algorithm, digits, period, created_at) \
    SELECT printf('%032x', i), printf('%010d', i), printf('%032x', i), 'SOFT', 'NEW', 'TOTP', 'SHA256', 8, 30, \
    1799000000 + i FROM n WHERE ? IS NOT NULL";
/// A tenth of the lines is the administrator's.
const LOG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) \
    INSERT INTO audit (at, event, actor, user_id, token_id) \
    SELECT 1799000000 + i, 'code.accepted', 'bench', \
    CASE WHEN i % 10 = 0 THEN ? ELSE printf('%032x', 1 + i % 5000) END, printf('%032x', 1 + i % 5000) FROM n";
