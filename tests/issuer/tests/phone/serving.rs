use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use softtoken_core::activation::exchange::{Exchange, IssuerCard, Step};
use softtoken_core::random::Random;
use softtoken_issuer::server;

use crate::devices::*;

/// One request on a connection of its own; the body of the answer when it has status 200.
fn http(mut stream: impl Read + Write, method: &str, path: &str, body: &[u8]) -> Option<Vec<u8>> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: issuer.example\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    answer.starts_with(b"HTTP/1.1 200 ").then(|| answer[end + 4..].to_vec())
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).unwrap()
}

fn step(address: SocketAddr, device: &mut Exchange) -> Step {
    let request = device.request(&Random::system()).unwrap();
    device.take(&http(connect(address), "POST", request.kind.path(), &request.body).unwrap()).unwrap();
    device.step()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_activates_over_a_socket_and_the_server_stops_when_told() {
    let world = World::new().await;
    let order = world.order(LINK).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let serving = tokio::spawn(server::serve(world.issuer.clone(), listener, handle.clone()));
    let device = tokio::task::spawn_blocking(move || {
        let card = http(connect(address), "GET", IssuerCard::PATH, b"").unwrap();
        assert!(IssuerCard::decode(&card).is_ok());
        assert!(http(connect(address), "POST", sealed_path(), b"nothing").is_none());
        let mut device = begin(by_link(&order));
        assert!(matches!(step(address, &mut device), Step::Send));
        assert!(matches!(step(address, &mut device), Step::Active));
    });
    device.await.unwrap();
    handle.graceful_shutdown(Some(Duration::from_secs(5)));
    serving.await.unwrap().unwrap();
    assert!(world.issuer.create_token("test", &world.user.id).await.is_err(), "the store is closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_certificate_it_speaks_tls_only() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["issuer.example".to_owned()]).unwrap();
    std::fs::write(folder.path().join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let shown = folder.path().display();
    let world =
        World::with(&format!("[tls]\ncertificate = '{shown}/chain.pem'\nkey = '{shown}/key.pem'")).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handle = Handle::new();
    let serving = tokio::spawn(server::serve(world.issuer.clone(), listener, handle.clone()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let asked = tokio::task::spawn_blocking(move || {
        let name = "issuer.example".try_into().unwrap();
        let client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let card = http(rustls::StreamOwned::new(client, connect(address)), "GET", IssuerCard::PATH, b"");
        let mut plain = connect(address);
        plain.write_all(b"GET / HTTP/1.1\r\nHost: issuer.example\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let _ = plain.read_to_end(&mut answer);
        (card.unwrap(), answer)
    });
    let (card, plain) = asked.await.unwrap();
    assert_eq!(card, world.issuer.card().unwrap());
    assert!(!plain.starts_with(b"HTTP"), "plain http is not answered");
    handle.shutdown();
    serving.await.unwrap().unwrap();
}
