//! The network between devices and the issuer's router, with what goes wrong on it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, StatusCode};
use softtoken_core::random::Random;
use tower::ServiceExt;

/// The issuer's router, an API key, and what was counted.
pub(crate) struct Wire {
    router: std::sync::Mutex<Option<Router>>,
    key: String,
    requests: AtomicU64,
    lost: AtomicU64,
    cut: AtomicU64,
    doubled: AtomicU64,
    replayed: AtomicU64,
    errors: AtomicU64,
}

/// What was counted.
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) lost: u64,
    pub(crate) cut: u64,
    pub(crate) doubled: u64,
    pub(crate) replayed: u64,
    pub(crate) errors: u64,
}

/// A request that can be sent more than once.
#[derive(Clone)]
pub(crate) struct Parcel {
    path: &'static str,
    body: Bytes,
    json: bool,
}

/// An answer.
pub(crate) type Answer = (StatusCode, Bytes);

/// What became of a request.
pub(crate) enum Delivery {
    /// One answer, or two of the same request sent twice at once.
    Answered(Answer, Option<Answer>),
    /// The issuer has answered, and nobody has heard it.
    Lost,
    /// The connection broke: nobody knows how far it was.
    Cut,
}

impl Parcel {
    /// What a device sends.
    pub(crate) fn device(path: &'static str, body: Vec<u8>) -> Self {
        Self { path, body: body.into(), json: false }
    }

    /// What a portal sends.
    pub(crate) fn portal(path: &'static str, document: &serde_json::Value) -> Self {
        Self { path, body: document.to_string().into(), json: true }
    }
}

impl Wire {
    pub(crate) fn new(router: Router, key: &str) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            router: std::sync::Mutex::new(Some(router)),
            key: key.to_owned(),
            requests: zero(),
            lost: zero(),
            cut: zero(),
            doubled: zero(),
            replayed: zero(),
            errors: zero(),
        }
    }

    /// Sends a request once, twice at once, or so that its answer or the request itself is cut off.
    pub(crate) async fn send(&self, parcel: &Parcel, random: &Random) -> Delivery {
        match random.below(1000).unwrap() {
            // Two in a hundred come twice.
            0..20 => {
                add(&self.doubled);
                let (one, two) = tokio::join!(self.plain(parcel), self.plain(parcel));
                Delivery::Answered(one, Some(two))
            }
            // Five in a hundred are not answered.
            20..45 => {
                add(&self.lost);
                self.plain(parcel).await;
                Delivery::Lost
            }
            45..70 => {
                let patience = Duration::from_micros(random.below(CUT).unwrap());
                // What is cut off has been sent, mostly: a router is polled before its time is up.
                match tokio::time::timeout(patience, self.plain(parcel)).await {
                    Ok(answer) => Delivery::Answered(answer, None),
                    Err(_) => {
                        add(&self.cut);
                        Delivery::Cut
                    }
                }
            }
            _ => Delivery::Answered(self.plain(parcel).await, None),
        }
    }

    /// Sends what was sent before.
    pub(crate) async fn replay(&self, parcel: &Parcel) -> Answer {
        add(&self.replayed);
        self.plain(parcel).await
    }

    /// Sends a request over a network that works.
    pub(crate) async fn plain(&self, parcel: &Parcel) -> Answer {
        add(&self.requests);
        let mut request = Request::post(parcel.path);
        if parcel.json {
            request = request.header("authorization", &self.key).header("content-type", "application/json");
        }
        let request = request.body(Body::from(parcel.body.clone())).unwrap();
        let router = self.router.lock().unwrap().clone().unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        if status.is_server_error() {
            add(&self.errors);
        }
        (status, to_bytes(response.into_body(), usize::MAX).await.unwrap())
    }

    /// Takes the router away: nothing more is sent.
    pub(crate) fn router(&self) -> Option<Router> {
        self.router.lock().unwrap().take()
    }

    pub(crate) fn counts(&self) -> Counts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            requests: of(&self.requests),
            lost: of(&self.lost),
            cut: of(&self.cut),
            doubled: of(&self.doubled),
            replayed: of(&self.replayed),
            errors: of(&self.errors),
        }
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

/// Microseconds after which a connection may break.
const CUT: u64 = 5_000;
