//! Just enough HTTP/1.1 for a control connection and for a proxy that loses things: one request a connection.

use std::io::{BufRead, BufReader, Read, Write};

use anyhow::{Context, Result, ensure};

/// A request as it came.
pub struct Request {
    /// Request line and headers without those about the connection; no empty line.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The path with its query.
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or("")
    }
}

/// Reads one request.
pub fn read(stream: impl Read) -> Result<Request> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        ensure!(reader.read_line(&mut line)? > 0, "a request ends in its head");
        let name = line.split(':').next().unwrap_or("").to_ascii_lowercase();
        match name.as_str() {
            "\r\n" => break,
            // What comes behind this request is another connection.
            "connection" | "upgrade" | "http2-settings" | "expect" => continue,
            "content-length" => {
                length = line.split(':').nth(1).context("no length")?.trim().parse()?;
            }
            _ => {}
        }
        head.push_str(&line);
        ensure!(head.len() < MOST_HEAD, "the head is too long");
    }
    ensure!(length < MOST_BODY, "the body is too long");
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { head, body })
}

/// Writes one answer and says that it is the last.
pub fn write(mut stream: impl Write, status: u16, kind: &str, body: &[u8]) -> Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(body)?;
    Ok(stream.flush()?)
}

const MOST_HEAD: usize = 64 * 1024;
const MOST_BODY: usize = 4 * 1024 * 1024;
