//! What these tests share: questions of a device, and pages.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use softtoken_core::activation::exchange::{Asked, Exchange, Step, Verify};
use softtoken_e2e::browser::{multipart, split};
use tower::ServiceExt;

use crate::devices::World;

/// A device behind message 2 asks how far its verifications are.
pub(crate) async fn ask(world: &World, device: &mut Exchange) -> Step {
    device.verify_again(Asked::Again);
    world.step(device).await
}

/// The page that a device is told to open: address and number.
pub(crate) fn page(step: Step) -> (String, String) {
    match step {
        Step::Verify(Verify::Page { ticket, .. }) => (ticket.url, ticket.number),
        _ => panic!("no page is to be opened"),
    }
}

/// GET at the issuer's router, by a ticket's address.
pub(crate) async fn open(router: &Router, url: &str) -> (StatusCode, String) {
    let request = Request::get(url).body(Body::empty()).unwrap();
    answer(router, request).await
}

/// The same with one header more.
pub(crate) async fn open_with(router: &Router, url: &str, name: &str, value: &str) -> String {
    answer(router, Request::get(url).header(name, value).body(Body::empty()).unwrap()).await.1
}

/// The form of a face's page.
pub(crate) async fn send(router: &Router, url: &str, decision: &str, picture: &[u8]) -> (StatusCode, String) {
    let (origin, ticket) = split(url).unwrap();
    let fields = [("ticket", ticket), ("decision", decision)];
    post(router, Some(origin), &fields, picture).await
}

/// The same with everything chosen.
pub(crate) async fn post(
    router: &Router,
    origin: Option<&str>,
    fields: &[(&str, &str)],
    picture: &[u8],
) -> (StatusCode, String) {
    let (kind, body) = multipart(fields, picture);
    let mut request = Request::post("https://issuer.example/verify/face").header("content-type", kind);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    answer(router, request.body(Body::from(body)).unwrap()).await
}

async fn answer(router: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(response.headers()["referrer-policy"], "same-origin");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Begins with a PNG's first bytes.
pub(crate) fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(length.max(8), 7);
    bytes
}
