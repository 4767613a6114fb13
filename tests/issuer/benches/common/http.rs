//! HTTP over loopback, one connection that stays open, as little of it as a bench needs.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the issuer listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, read: Vec::new() }
    }

    /// Asks for a page with `headers`, the host's among them, each with its line end; status and body of the answer.
    pub async fn get(&mut self, path: &str, headers: &str) -> (u16, Vec<u8>) {
        self.ask(format!("GET {path} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await
    }

    /// Sends a request with further `headers`, each with its line end; status and body of the answer.
    pub async fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: issuer.example\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        self.ask(&[head.as_bytes(), body].concat()).await
    }

    async fn ask(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        self.stream.write_all(request).await.expect("the issuer reads");
        self.read.clear();
        loop {
            let more = self.stream.read_buf(&mut self.read).await.expect("the issuer answers");
            assert!(more > 0, "the issuer has closed the connection");
            if let Some((status, begins, length)) = head_of(&self.read)
                && self.read.len() >= begins + length
            {
                return (status, self.read[begins..begins + length].to_vec());
            }
        }
    }
}

/// Status, place and length of the body, once the head is complete.
fn head_of(read: &[u8]) -> Option<(u16, usize, usize)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&read[..end]).expect("a head of ASCII");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a length"))
    });
    Some((status, end + 4, length.expect("an answer with its length")))
}
