//! `doctor ADDRESS` against a server on this machine.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;

use support::Place;

/// Answers one question with `head` and an empty body; returns the address.
fn server(head: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut question, mut piece) = (Vec::new(), [0; 1024]);
        while !question.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut piece).unwrap();
            question.extend_from_slice(&piece[..read]);
        }
        assert!(question.starts_with(b"GET /.well-known/softtoken HTTP/1.1\r\n"));
        stream.write_all(format!("{head}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
    });
    address
}

#[test]
fn the_clocks_are_compared_and_nothing_is_set() {
    let place = Place::fresh();
    let address = server("HTTP/1.1 404 Not Found\r\nDate: Sun, 22 Nov 2020 12:00:00 GMT");
    let report = place.ok(&["doctor", &address]);
    assert_eq!(report["findings"], serde_json::json!(["issuer_unknown", "clock_differs"]));
    let issuer = &report["issuer"];
    assert_eq!((&issuer["address"], &issuer["reached"]), (&address.into(), &true.into()));
    assert!(issuer["ahead"].as_i64().unwrap() < -180_000_000, "{issuer}");
    assert!(!place.path("vault").exists(), "looking makes no folder");
}

#[test]
fn an_issuer_that_is_not_there_is_a_finding_and_no_failure() {
    let place = Place::with_vault();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let report = place.ok(&["doctor", &format!("127.0.0.1:{port}")]);
    assert_eq!(report["findings"], serde_json::json!(["issuer_unreachable"]));
    assert_eq!((&report["ok"], &report["vault"]["state"]), (&false.into(), &"locked".into()));
}

#[test]
fn without_an_address_nothing_is_asked_and_a_malformed_one_is_refused() {
    let place = Place::fresh();
    assert!(place.ok(&["doctor"])["issuer"].is_null());
    let error = place.fails(&["doctor", "http://idp.example.org"], 3, "NotUnderstood");
    assert_eq!(error["part"], "address");
}
