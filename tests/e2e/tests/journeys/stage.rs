//! An issuer in this process, so that a journey can move its clock, with everything else real: HTTP on
//! loopback, the command as a program, mails by SMTP.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_e2e::mail::MailServer;
use softtoken_e2e::rest::{Answer, Rest};
use softtoken_e2e::token::{Ended, Token};
use softtoken_e2e::{program, text};
use softtoken_issuer::clock::{Clock, SystemClock};
use softtoken_issuer::mail::post::{CAPACITY, DELAYS, PostOffice, Postman};
use softtoken_issuer::mail::{NoMail, Outbox, carrier};
use softtoken_issuer::orders::OrderRequest;
use softtoken_issuer::portal::Role as PortalRole;
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports, server, verify};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Of everybody in the portal.
#[allow(dead_code, reason = "journeys without a browser need no portal")]
pub const PASSWORD: &str = "correct horse battery";

/// One issuer, and a folder for everything.
pub struct Stage {
    pub rest: Rest,
    pub address: String,
    pub issuer: Arc<Issuer>,
    clock: Arc<MovedClock>,
    mails: Option<MailServer>,
    runtime: Runtime,
    folder: TempDir,
}

/// The computer's clock, moved.
struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> UnixTime {
        UnixTime(SystemClock.now().0.saturating_add_signed(self.0.load(Ordering::SeqCst)))
    }
}

impl Stage {
    /// With the defaults of an issuer and no mail.
    pub fn new() -> Self {
        Self::with("", false)
    }

    /// With further settings, and mails if there shall be some.
    pub fn with(more: &str, mailing: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mails = mailing.then(|| MailServer::start(None).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mail = mails.as_ref().map_or(String::new(), |mails| {
            format!("[mail]\nfrom = 'Portal <portal@example.test>'\nsmtp = '{}'\n", mails.url())
        });
        let text = format!(
            "address = '{address}'\nlisten = '{address}'\ndatabase = 'issuer.db'\nkeys = 'keys'\n{mail}{more}"
        );
        let settings = Settings::from_toml(&text, folder.path()).unwrap();
        let clock = Arc::new(MovedClock(AtomicI64::new(0)));
        let runtime = Runtime::new().unwrap();
        let (rest, issuer) = runtime.block_on(serve(settings, listener, Arc::clone(&clock) as _, mailing));
        Self { rest, address, issuer, clock, mails, runtime, folder }
    }

    /// Moves the issuer's clock.
    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The issuer's time, Unix seconds.
    pub fn now(&self) -> u64 {
        self.clock.now().0
    }

    /// The person at the issuer who looks at the only picture that waits.
    pub fn review(&self, approve: bool) {
        let [review] = self.runtime.block_on(self.issuer.waiting_reviews()).unwrap().try_into().unwrap();
        self.runtime.block_on(self.issuer.decide_review("Ada", &review.id, approve)).unwrap();
    }

    /// The mail server's side.
    pub fn mails(&self) -> &MailServer {
        self.mails.as_ref().unwrap()
    }

    /// A path in the stage's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The token of this name.
    pub fn token(&self, name: &str) -> Token {
        Token::open(&program("softtoken").unwrap(), &self.path(name)).unwrap()
    }

    /// A user with a new soft token: the token's id.
    pub fn soft_token(&self, user: &str) -> String {
        self.rest.soft_token(&self.rest.user(user).unwrap()).unwrap()
    }

    /// A user who can sign in to the portal with [`PASSWORD`]: the user's id.
    #[allow(dead_code, reason = "journeys without a browser need no portal")]
    pub fn person(&self, user: &str, role: PortalRole) -> String {
        let id = self.rest.user(user).unwrap();
        self.runtime.block_on(async {
            self.issuer.set_role("stage", &id, role).await.unwrap();
            self.issuer.set_password("stage", &id, PASSWORD.to_owned().into()).await.unwrap();
        });
        id
    }

    /// A new order of the public interface's type.
    pub fn order(&self, token: &str, kind: &str) -> Value {
        self.rest.order(token, &json!({ "type": kind })).unwrap()
    }

    /// The link of a new order that asks for a face, whatever the policy says.
    #[allow(dead_code, reason = "journeys without a browser have a policy")]
    pub fn face_link(&self, token: &str) -> String {
        let request = OrderRequest { link: true, verifications: Some(2), ..OrderRequest::NOTHING };
        let order = self.runtime.block_on(self.issuer.create_order("stage", token, request)).unwrap();
        order.link_https.unwrap().to_string()
    }

    /// What the issuer answers to a code of a user who signs in.
    pub fn sign_in(&self, user: &str, code: &str) -> Answer {
        self.rest.sign_in(user, code).unwrap()
    }

    /// The code that a token shows now opens the door, once.
    pub fn signs_in(&self, user: &str, token: &Token, name: &str) {
        let shown = code(token, name);
        let (status, answer) = self.sign_in(user, &shown);
        assert_eq!(status, 200, "{answer}");
        let (status, answer) = self.sign_in(user, &shown);
        assert_ne!(status, 200, "the same code a second time: {answer}");
    }
}

async fn serve(
    settings: Settings,
    listener: TcpListener,
    clock: Arc<dyn Clock>,
    mailing: bool,
) -> (Rest, Arc<Issuer>) {
    let base = format!("http://{}", settings.address.ascii());
    let (office, backroom) = PostOffice::new(CAPACITY);
    let outbox: Arc<dyn Outbox> = if mailing { office } else { Arc::new(NoMail) };
    let postman = mailing
        .then(|| (carrier::Carrier::new(&settings.mail).unwrap(), carrier::sender(&settings).unwrap()));
    let ports = Ports { clock: Arc::clone(&clock), random: Random::system(), outbox };
    let issuer = Issuer::open(settings, ports).await.unwrap();
    if let Some((carrier, sender)) = postman {
        let store = issuer.store.clone();
        drop(backroom.work(Postman { carrier, sender, delays: DELAYS, store, clock }));
    }
    let key = issuer.create_api_key("test", "journeys", Role::Admin).await.unwrap();
    let handle = axum_server::Handle::<SocketAddr>::new();
    let served = server::serve(Arc::clone(&issuer), listener, handle.clone());
    tokio::spawn(async move { served.await.unwrap() });
    handle.listening().await.unwrap();
    if let Some(own) = &issuer.settings.certificates {
        let (listener, handle) = (TcpListener::bind(own.listen).unwrap(), axum_server::Handle::new());
        let served = verify::serve(Arc::clone(&issuer), listener, handle.clone());
        tokio::spawn(async move { served.await.unwrap() });
        handle.listening().await.unwrap();
    }
    (Rest::new(&base, &key), issuer)
}

/// The values of an order that are typed.
pub fn typed(order: &Value) -> [&str; 3] {
    ["activationAddress", "serialNumber", "activationCode"].map(|field| text(order, field).unwrap())
}

/// The code that a token shows now.
pub fn code(token: &Token, name: &str) -> String {
    let sheet = token.run(["codes", name]).unwrap();
    text(&sheet["codes"][0], "code").unwrap().to_owned()
}

/// The one identity that a command has added.
pub fn added(document: &Value) -> &Value {
    assert_eq!(document["added"].as_array().map(Vec::len), Some(1), "{document}");
    &document["added"][0]
}

/// The error of a command that must fail with this exit code and kind.
pub fn error(ended: &Ended, code: i32, kind: &str) -> Value {
    assert_eq!((ended.code, ended.json["error"]["kind"].as_str()), (code, Some(kind)), "{}", ended.json);
    ended.json["error"].clone()
}

/// Names and states of all identities.
pub fn listed(token: &Token) -> Vec<(String, String)> {
    let list = token.run(["list"]).unwrap();
    let identities = list["identities"].as_array().unwrap();
    let field = |identity: &Value, field: &str| text(identity, field).unwrap().to_owned();
    identities.iter().map(|identity| (field(identity, "name"), field(identity, "state"))).collect()
}
