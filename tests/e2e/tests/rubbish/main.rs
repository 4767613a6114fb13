//! Requests that no device and no portal sends: the issuer answers each with a clear 4xx, and its memory stays flat.

use std::io::{Read, Write};
use std::net::TcpStream;

use softtoken_e2e::process::Issuer;
use softtoken_e2e::program;

/// Rounds before memory is looked at for the first time: pools and caches fill.
const WARM: usize = 150;
/// Rounds after it.
const MORE: usize = 600;
/// What the second part may add, in KiB: less than a hundred bytes for each request.
const GROWTH: u64 = 6 * 1024;

/// Method, path, further header lines, body.
type Rubbish = (&'static str, &'static str, &'static str, Vec<u8>);

fn rubbish(round: usize) -> Vec<Rubbish> {
    let json = "Content-Type: application/json\r\n";
    let noise: Vec<u8> =
        (0..300_usize).map(|at| (at.wrapping_mul(31).wrapping_add(round) % 251) as u8).collect();
    vec![
        ("GET", "/softtoken/2/open", "", Vec::new()),
        ("DELETE", "/.well-known/softtoken", "", Vec::new()),
        ("POST", "/softtoken/2/open", "", noise.clone()),
        ("POST", "/softtoken/2/open", "", vec![0xff; 5_000]),
        ("POST", "/softtoken/2/sealed", "", noise.clone()),
        ("POST", "/softtoken/2/sealed", "", Vec::new()),
        ("POST", "/api/web/v1/users", json, noise),
        ("POST", "/api/web/v1/users", json, b"{\"userId\": [[[[[[".to_vec()),
        ("POST", "/api/web/v1/users", "Content-Type: text/plain\r\n", b"{}".to_vec()),
        ("PUT", "/api/web/v1/tokens/00000000000000000000000000000000/unlock", json, b"{}".to_vec()),
        ("GET", "/api/web/v1/tokens/%2e%2e%2f%2e%2e", "", Vec::new()),
        ("GET", "/nothing/here", "", Vec::new()),
        ("GET", "/.well-known/softtoken", "Host: elsewhere.example\r\n", Vec::new()),
    ]
}

#[test]
fn rubbish_gets_a_clear_answer_and_leaves_no_memory_behind() {
    let folder = tempfile::tempdir().unwrap();
    let issuer =
        Issuer::start(&program("softtoken-issuer").unwrap(), &folder.path().join("issuer"), "").unwrap();
    let key = issuer.say(&["api-key", "create", "rubbish"]).unwrap();
    let mut warm = 0;
    let mut sent = 0;
    for round in 0..WARM + MORE {
        if round == WARM {
            warm = issuer.resident_kib().unwrap();
        }
        for (method, path, headers, body) in rubbish(round) {
            // Every other request of the REST interface has a key that is good.
            let signed =
                if round % 2 == 0 { format!("Authorization: {}\r\n", key.trim()) } else { String::new() };
            let host = if headers.contains("Host:") {
                String::new()
            } else {
                format!("Host: {}\r\n", issuer.address())
            };
            let status = send(issuer.address(), method, path, &format!("{host}{signed}{headers}"), &body);
            assert!((400..500).contains(&status), "{method} {path}, round {round}: {status}");
            sent += 1;
        }
    }
    let grown = issuer.resident_kib().unwrap().saturating_sub(warm);
    println!("{sent} requests, {grown} KiB more than the {warm} KiB after the first {WARM} rounds");
    assert!(grown < GROWTH, "{grown} KiB more after {MORE} rounds");
}

/// One request on a connection of its own; its status.
fn send(address: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A body that is refused early may meet a closed connection; the answer is there all the same.
    let _gone = stream.write_all(body);
    let mut answer = Vec::new();
    let _gone = stream.read_to_end(&mut answer);
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    line.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("{method} {path}: {line}"))
}
