//! The network against a server on this machine that answers prepared bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use softtoken_core::activation::driver::{HttpKind, HttpProblem, HttpRequest};
use softtoken_core::time::UnixTime;

use super::https::{Https, Limits};
use super::{Reply, Transport};

/// Answers one connection with `answer`, holds it until the other side closes, and returns what it was sent.
fn server(answer: Vec<u8>) -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut sent = head_and_body(&mut stream);
        let _gone = stream.write_all(&answer);
        let _gone = stream.read_to_end(&mut sent);
        sent
    };
    (port, std::thread::spawn(serve))
}

/// Reads as far as the length in the head says.
fn head_and_body(stream: &mut TcpStream) -> Vec<u8> {
    let (mut sent, mut piece) = (Vec::new(), [0; 1024]);
    loop {
        let text = String::from_utf8_lossy(&sent).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if sent.len() >= head.len() + 4 + length {
                return sent;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return sent,
            Ok(read) => sent.extend_from_slice(&piece[..read]),
        }
    }
}

fn post(port: u16) -> HttpRequest {
    let url = format!("http://127.0.0.1:{port}/softtoken/2/open");
    HttpRequest { kind: HttpKind::Open, url, body: b"the bytes".to_vec(), max_reply: 8192 }
}

/// What comes of `answer`, and what was sent.
fn exchange(answer: impl Into<Vec<u8>>) -> (Result<Reply, HttpProblem>, String) {
    let (port, served) = server(answer.into());
    let limits = Limits { connect: Duration::from_secs(5), whole: Duration::from_millis(300) };
    let result = Https::with(limits).send(&post(port));
    (result, String::from_utf8(served.join().unwrap()).unwrap())
}

#[test]
fn a_request_says_who_it_is_from_and_no_more() {
    let (reply, sent) = exchange(
        "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok",
    );
    let date = Some(UnixTime(1_795_348_800));
    assert_eq!(reply, Ok(Reply { status: 200, date, body: b"ok".to_vec() }));
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "the bytes");
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /softtoken/2/open HTTP/1.1"));
    let mut names: Vec<_> = lines.map(|line| line.split_once(':').unwrap().0.to_lowercase()).collect();
    names.sort();
    assert_eq!(names, ["accept", "content-length", "content-type", "host", "user-agent"]);
    assert!(head.contains(&format!("softtoken/{}\r", env!("CARGO_PKG_VERSION"))), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/octet-stream"), "{head}");
}

#[test]
fn an_answer_is_read_to_its_limit_and_no_further() {
    let whole =
        |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
    assert_eq!(exchange(whole(8192)).0.map(|reply| reply.body.len()), Ok(8192));
    assert_eq!(exchange(whole(8193)).0, Err(HttpProblem::TooLarge));
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000)).repeat(20);
    let endless = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    assert_eq!(exchange(endless).0, Err(HttpProblem::TooLarge));
    let head = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(100_000));
    assert_eq!(exchange(head).0, Err(HttpProblem::TooLarge));
}

#[test]
fn no_redirect_is_followed() {
    let (reply, _) = exchange("HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(reply.map(|reply| reply.status), Ok(307));
    let (reply, _) = exchange("HTTP/1.1 301 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(reply.map(|reply| reply.status), Ok(301));
}

#[test]
fn every_status_is_an_answer_that_the_core_judges() {
    for status in [400, 404, 409, 429, 500, 503] {
        let (reply, _) = exchange(format!("HTTP/1.1 {status} X\r\nContent-Length: 1\r\n\r\n!"));
        assert_eq!(reply, Ok(Reply { status, date: None, body: b"!".to_vec() }));
    }
}

#[test]
fn silence_half_an_answer_and_nonsense_leave_open_whether_the_request_arrived() {
    for answer in
        ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200", "SSH-2.0-x\r\n\r\n"]
    {
        assert_eq!(exchange(answer).0, Err(HttpProblem::Timeout), "{answer:?}");
    }
}

#[test]
fn a_closed_port_and_a_name_that_nobody_has_are_no_network() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(Https::new().send(&post(port)), Err(HttpProblem::NoNetwork));
    let nowhere = HttpRequest { url: "http://nowhere.localhost.:1/".into(), ..post(port) };
    assert_eq!(Https::new().send(&nowhere), Err(HttpProblem::NoNetwork));
}

#[test]
fn plain_http_to_another_machine_sends_nothing() {
    let plain = HttpRequest { url: "http://192.0.2.1/softtoken/2/open".into(), ..post(1) };
    assert_eq!(Https::new().send(&plain), Err(HttpProblem::NoNetwork));
}

#[test]
fn a_server_without_tls_is_no_partner_for_https() {
    let (port, served) = server(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec());
    let secure = HttpRequest { url: format!("https://127.0.0.1:{port}/"), ..post(port) };
    let limits = Limits { connect: Duration::from_millis(300), whole: Duration::from_millis(300) };
    let result = Https::with(limits).send(&secure);
    assert!(matches!(result, Err(HttpProblem::Tls | HttpProblem::NoNetwork)), "{result:?}");
    let sent = served.join().unwrap();
    assert!(!sent.windows(9).any(|bytes| bytes == b"the bytes"), "nothing may leave in clear");
}
