//! The network against a TLS server on this machine, whose authority nobody else trusts (`tests/tls`).

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use softtoken_core::activation::driver::{HttpKind, HttpProblem, HttpRequest};
use ureq::tls::Certificate;

use super::https::{Https, Limits};
use super::{Reply, Transport};

/// Answers one connection over TLS and returns what it could decrypt.
fn server(version: &'static SupportedProtocolVersion) -> (u16, JoinHandle<Vec<u8>>) {
    let chain =
        vec![CertificateDer::from_pem_slice(include_bytes!("../../tests/tls/localhost.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../tests/tls/localhost.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
        let (mut sent, mut piece) = (Vec::new(), [0; 1024]);
        while !sent.ends_with(b"the bytes") {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return sent,
                Ok(read) => sent.extend_from_slice(&piece[..read]),
            }
        }
        let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let _gone = stream.flush();
        sent
    };
    (port, std::thread::spawn(serve))
}

fn ours() -> Vec<Certificate<'static>> {
    vec![Certificate::from_pem(include_bytes!("../../tests/tls/authority.pem")).unwrap()]
}

fn nobody() -> Vec<Certificate<'static>> {
    Vec::new()
}

/// What comes of a request to `host`, and what the server could decrypt.
fn send(
    host: &str,
    version: &'static SupportedProtocolVersion,
    trusted: fn() -> Vec<Certificate<'static>>,
) -> (Result<Reply, HttpProblem>, Vec<u8>) {
    let (port, served) = server(version);
    let url = format!("https://{host}:{port}/softtoken/2/open");
    let request = HttpRequest { kind: HttpKind::Open, url, body: b"the bytes".to_vec(), max_reply: 8192 };
    let limits = Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10) };
    (Https::trusting(limits, trusted).send(&request), served.join().unwrap())
}

#[test]
fn tls_1_2_and_1_3_are_spoken_with_a_server_whose_authority_is_trusted() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (reply, sent) = send("localhost", version, ours);
        assert_eq!(reply.map(|reply| (reply.status, reply.body)), Ok((200, b"ok".to_vec())));
        assert!(sent.starts_with(b"POST /softtoken/2/open HTTP/1.1\r\n"));
    }
}

#[test]
fn a_server_of_an_unknown_authority_gets_not_one_byte_of_the_request() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        assert_eq!(send("localhost", version, nobody), (Err(HttpProblem::Tls), Vec::new()));
    }
}

#[test]
fn a_certificate_for_another_name_gets_not_one_byte_of_the_request() {
    let (reply, sent) = send("127.0.0.1", &rustls::version::TLS13, ours);
    assert_eq!((reply, sent), (Err(HttpProblem::Tls), Vec::new()));
}
