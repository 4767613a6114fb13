use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use axum_server::Handle;
use softtoken_core::activation::exchange::{Exchange, IssuerCard, Step};
use softtoken_core::random::Random;
use softtoken_issuer::server;

use crate::devices::*;

/// One request on a connection of its own; the body of the answer when it has status 200.
fn http(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    answer.starts_with(b"HTTP/1.1 200 ").then(|| answer[end + 4..].to_vec())
}

fn step(address: SocketAddr, device: &mut Exchange) -> Step {
    let request = device.request(&Random::system()).unwrap();
    device.take(&http(address, "POST", request.kind.path(), &request.body).unwrap()).unwrap();
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
        let card = http(address, "GET", IssuerCard::PATH, b"").unwrap();
        assert!(IssuerCard::decode(&card).is_ok());
        assert!(http(address, "POST", sealed_path(), b"nothing").is_none());
        let mut device = begin(by_link(&order));
        assert!(matches!(step(address, &mut device), Step::Send));
        assert!(matches!(step(address, &mut device), Step::Active));
    });
    device.await.unwrap();
    handle.graceful_shutdown(Some(Duration::from_secs(5)));
    serving.await.unwrap().unwrap();
    assert!(world.issuer.create_token("test", &world.user.id).await.is_err(), "the store is closed");
}
