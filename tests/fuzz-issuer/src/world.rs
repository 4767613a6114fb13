//! An issuer with users and tokens in every state, its router, and what is true of every answer.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request as HttpRequest, StatusCode};
use serde_json::{Value, json};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports, server};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::request::Request;

/// One issuer in a folder of its own.
pub struct World {
    runtime: Runtime,
    issuer: Arc<Issuer>,
    router: Router,
    clock: Arc<ManualClock>,
    keys: [String; 4],
    /// For the ids in paths: users, soft and hardware tokens, and what is nobody's.
    ids: [String; 8],
    inputs: u32,
    deleted: Cell<u32>,
    _folder: tempfile::TempDir,
}

/// Runs one input in this thread's world, which is made anew now and then: what inputs leave behind shall not grow
/// for ever.
pub fn with(input: impl FnOnce(&World)) {
    thread_local!(static WORLD: RefCell<Option<World>> = const { RefCell::new(None) });
    WORLD.with_borrow_mut(|world| {
        if world.as_ref().is_some_and(|world| world.inputs >= INPUTS)
            && let Some(old) = world.take()
        {
            old.runtime.block_on(old.issuer.store.close());
        }
        let world = world.get_or_insert_with(World::new);
        world.inputs += 1;
        input(world);
    });
}

impl World {
    fn new() -> Self {
        // Memory where there is some that looks like a folder: nothing here shall survive.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
            .expect("a folder");
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let issuer = runtime.block_on(issuer(folder.path(), &clock));
        let router = server::router(Arc::clone(&issuer));
        let roles = [Role::Admin, Role::Helpdesk, Role::Signin];
        let mut keys = [const { String::new() }; 4];
        for (key, role) in keys.iter_mut().zip(roles) {
            *key =
                runtime.block_on(issuer.create_api_key("fuzz", "program", role)).expect("a key").to_string();
        }
        let ids = [const { String::new() }; 8];
        let mut world = Self {
            runtime,
            issuer,
            router,
            clock,
            keys,
            ids,
            inputs: 0,
            deleted: Cell::new(0),
            _folder: folder,
        };
        world.fill();
        world
    }

    /// Users anna and ben; tokens that are new, ordered, disabled, and hardware.
    fn fill(&mut self) {
        let mut users = Vec::new();
        for name in ["anna", "ben"] {
            let user = json!({ "userId": name, "email": format!("{name}@example.test") });
            users.push(id(&self.post("/api/web/v1/users", &user)));
        }
        let new = format!("/api/web/v1/users/{}/tokens/SOFT_TOKEN", users[0]);
        let tokens: Vec<String> = (0..3).map(|_| id(&self.post(&new, &json!({})))).collect();
        let order = json!({ "type": "ONLINE", "confirmInPortal": true });
        self.post(&format!("/api/web/v1/tokens/{}/activation", tokens[1]), &order);
        let hardware = PSKC.replace('\n', "");
        let imported = self.post("/api/web/v1/tokens/pskc", &json!({ "file": hardware }));
        assert_eq!(imported["serialNumbers"], json!(["HW-1"]), "{imported}");
        let given = json!({ "serialNumber": "HW-1" });
        self.ask("PUT", &format!("/api/web/v1/users/{}/tokens/assign", users[0]), &given);
        let hardware = self.runtime.block_on(self.issuer.token_by_serial("HW-1")).expect("the token").id;
        let path = format!("/api/web/v1/tokens/{}/changestate", tokens[2]);
        self.ask("PUT", &path, &json!({ "state": "INACTIVE" }));
        let nobody = "0123456789abcdef0123456789abcdef".to_owned();
        let [new, ordered, disabled] = <[String; 3]>::try_from(tokens).expect("three tokens");
        let [anna, ben] = <[String; 2]>::try_from(users).expect("two users");
        self.ids = [new, ordered, anna, ben, disabled, hardware, nobody, "no id".replace(' ', "%20")];
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = HttpRequest::builder().method(method).uri(path);
        let request =
            request.header("authorization", &self.keys[0]).header("content-type", "application/json");
        let (status, answer) = self.answer(request.body(Body::from(body.to_string())).expect("a request"));
        assert!(status.is_success(), "{method} {path}: {status}");
        serde_json::from_slice(&answer).unwrap_or(Value::Null)
    }

    fn answer(&self, request: HttpRequest<Body>) -> (StatusCode, Vec<u8>) {
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
            let status = answer.status();
            (status, to_bytes(answer.into_body(), usize::MAX).await.expect("a whole body").to_vec())
        })
    }

    /// Sends a request, unless HTTP itself has no words for it, looks at the answer, and returns its status.
    pub fn send(&self, request: &Request<'_>) -> Option<StatusCode> {
        if request.an_hour_passes {
            self.clock.pass(3_600);
        }
        let (own_path, sent) = self.build(request)?;
        let shown = format!("{} {} {}", sent.method(), sent.uri(), request.body.escape_ascii());
        let (method, is_rest) = (sent.method().clone(), sent.uri().path().starts_with("/api/"));
        let (status, body) = self.answer(sent);
        let said = body.escape_ascii();
        assert!(!status.is_server_error(), "{status} {said}: {shown}");
        if !is_rest || method == Method::HEAD {
            return Some(status);
        }
        if own_path && method == *request.operation.method && !request.operation.statuses.is_empty() {
            assert!(request.operation.statuses.contains(&status.as_u16()), "undocumented {status}: {shown}");
        }
        if status == StatusCode::NO_CONTENT {
            assert!(body.is_empty(), "{said}: {shown}");
            return Some(status);
        }
        let answer: Value =
            serde_json::from_slice(&body).unwrap_or_else(|_| panic!("no JSON {said}: {shown}"));
        let words = |field: &str| answer[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(status.is_success() || status.is_client_error(), "{status}: {shown}");
        assert!(status.is_success() || (words("errorCode") && words("errorMessage")), "{said}: {shown}");
        Some(status)
    }

    /// The request, and whether its path is the operation's.
    fn build(&self, request: &Request<'_>) -> Option<(bool, HttpRequest<Body>)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let types = ["{type}", "{authenticator}"];
        let method = request.other_method.unwrap_or(&request.operation.method);
        let id = match (method, &self.ids[request.id]) {
            // Whom the others are about stays.
            ("DELETE", known) if self.ids[..STAY].contains(known) => self.somebody(&request.operation.path),
            (_, id) => id.clone(),
        };
        let own = request.operation.path.replace("{id}", &id);
        let own = types
            .iter()
            .zip(["SOFT_TOKEN", KINDS[request.id % 2]])
            .fold(own, |path, (name, value)| path.replace(name, value));
        let mut uri = request.path.map_or(own, |path| format!("/{}", text(path)));
        if let Some(query) = request.query {
            uri = format!("{uri}?{}", text(query));
        }
        let mut builder = HttpRequest::builder().method(method).uri(uri);
        if !self.keys[request.key].is_empty() {
            builder = builder.header("authorization", &self.keys[request.key]);
        }
        if let Some(kind) = request.content_type {
            builder = builder.header("content-type", kind.as_bytes());
        }
        if request.other_host {
            builder = builder.header("host", "idp.example.org");
        }
        Some((request.path.is_none(), builder.body(Body::from(request.body.to_vec())).ok()?))
    }

    /// The id of a user or token to be deleted.
    fn somebody(&self, path: &str) -> String {
        if path.contains("/users/") {
            self.deleted.set(self.deleted.get() + 1);
            return id(
                &self.post("/api/web/v1/users", &json!({ "userId": format!("gone-{}", self.deleted.get()) }))
            );
        }
        id(&self.post(&format!("/api/web/v1/users/{}/tokens/SOFT_TOKEN", self.ids[ANNA]), &json!({})))
    }
}

async fn issuer(folder: &std::path::Path, clock: &Arc<ManualClock>) -> Arc<Issuer> {
    let text =
        "address = 'issuer.example'\nlisten = '127.0.0.1:8443'\ndatabase = 'issuer.db'\nkeys = 'keys'\n";
    let settings = Settings::from_toml(text, folder).expect("good settings");
    let ports = Ports { clock: Arc::clone(clock) as _, random: Random::seeded(5), outbox: Arc::new(NoMail) };
    Issuer::open(settings, ports).await.expect("an issuer")
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

const KINDS: [&str; 2] = ["TOKEN", "TOKENCR"];
/// So many of the ids are of somebody; this one is of anna.
const STAY: usize = 6;
const ANNA: usize = 2;
/// Inputs of one world.
const INPUTS: u32 = 1_000;
/// One hardware token.
pub const PSKC: &str = r#"<?xml version="1.0"?>
<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0"><KeyPackage>
<DeviceInfo><Manufacturer>oath.VE</Manufacturer><SerialNo>HW-1</SerialNo></DeviceInfo>
<Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"><Issuer>Test</Issuer>
<AlgorithmParameters><ResponseFormat Encoding="DECIMAL" Length="6"/></AlgorithmParameters>
<Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
<Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data>
</Key></KeyPackage></KeyContainer>"#;
