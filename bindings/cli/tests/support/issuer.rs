//! The core's issuer in memory, behind HTTP on this machine.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use softtoken_core::activation::address::Address;
use softtoken_core::activation::contact::issuer::TestToken;
use softtoken_core::activation::exchange::OnlineOrder;
use softtoken_core::activation::exchange::issuer::{Status, TestIssuer};
use softtoken_core::activation::link::{Flags, LinkPayload, Mode};
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

/// A running issuer.
pub struct Portal {
    inner: Arc<Mutex<Inner>>,
}

/// The issuer, and what it was asked.
pub struct Inner {
    pub issuer: TestIssuer,
    /// Path and body of every request.
    pub requests: Vec<(String, Vec<u8>)>,
    /// How many answers are worked out and then lost.
    pub lose: usize,
    /// Answers of somebody else, the last one first: status and body.
    pub strange: Vec<(u16, &'static str)>,
    /// The active token that takes contacts.
    pub token: Option<TestToken>,
}

impl Portal {
    /// Listens on a free port.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::from_canonical(&listener.local_addr().unwrap().to_string()).unwrap();
        let issuer = TestIssuer::new(address, now(), Random::seeded(7)).unwrap();
        let (requests, strange) = (Vec::new(), Vec::new());
        let inner = Arc::new(Mutex::new(Inner { issuer, requests, lose: 0, strange, token: None }));
        let behind = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A device that goes away is no fault of the issuer.
                let _gone = serve(stream.unwrap(), &mut behind.lock().unwrap());
            }
        });
        Self { inner }
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// An order for a link, as the mail has it.
    pub fn link(&self, confirm_in_portal: bool) -> String {
        let payload = self.payload(Mode::Link, confirm_in_portal);
        let mut inner = self.lock();
        inner.issuer.add(&OnlineOrder::from_link(&payload).unwrap(), later());
        payload.to_https(&Address::from_canonical("go.example.test").unwrap()).to_string()
    }

    /// An order for a QR code with this password.
    pub fn qr_code(&self, password: &str) -> String {
        let payload = self.payload(Mode::QrCode, false);
        let order = OnlineOrder::from_qr_code(&payload, password.as_bytes()).unwrap();
        self.lock().issuer.add(&order, later());
        payload.to_app().to_string()
    }

    /// An order for typed values.
    pub fn typed(&self, details: &TypedDetails) {
        let mut inner = self.lock();
        let key = inner.issuer.issuer_key().unwrap();
        inner.issuer.add(&OnlineOrder::from_typed(details, key, &argon2id).unwrap(), later());
    }

    pub fn address(&self) -> String {
        self.lock().issuer.address.ascii().to_owned()
    }

    /// From now on the token of the first order takes contacts.
    pub fn take_contacts(&self) {
        let mut inner = self.lock();
        let order = &inner.issuer.orders[0];
        let keys = &order.sessions[0].keys;
        let (seed, recovery) = (keys.seed.duplicate(), keys.recovery.duplicate());
        let mut token = TestToken::new(order.header.serial.clone(), seed, recovery);
        token.holder = order.holder;
        inner.token = Some(token);
    }

    fn payload(&self, mode: Mode, confirm_in_portal: bool) -> LinkPayload {
        let inner = self.lock();
        LinkPayload {
            mode,
            flags: Flags { offline_allowed: true, confirm_in_portal },
            activation_id: [9; 16],
            secret: Key::new([5; 16]),
            issuer_key: inner.issuer.issuer_key().unwrap(),
            serial: SerialNumber::parse("4824413456").unwrap(),
            profile: Profile::from_bytes([2, 8, 0, 30]).unwrap(),
            expiry: NonZeroU32::new(u32::try_from(later().0).unwrap()).unwrap(),
            address: inner.issuer.address.clone(),
        }
    }
}

fn serve(mut stream: TcpStream, inner: &mut Inner) -> std::io::Result<()> {
    let (path, body) = request(&mut stream)?;
    inner.requests.push((path.clone(), body.clone()));
    if let Some((status, body)) = inner.strange.pop() {
        return answer_with(&mut stream, status, body.as_bytes());
    }
    let answer = match path.as_str() {
        "/.well-known/softtoken" => Ok(inner.issuer.card().unwrap().encode().unwrap().expose().to_vec()),
        "/softtoken/2/open" => match &mut inner.token {
            Some(token) => token.open(&inner.issuer, &body),
            None => inner.issuer.open(&body),
        },
        "/softtoken/2/sealed" => match &mut inner.token {
            Some(token) => token.sealed(&inner.issuer, &body),
            None => inner.issuer.sealed(&body),
        },
        _ => Err(Status(404)),
    };
    if inner.lose > 0 {
        inner.lose -= 1;
        return Ok(());
    }
    let (status, body) = answer.map_or_else(|status| (status.0, Vec::new()), |body| (200, body));
    answer_with(&mut stream, status, &body)
}

fn answer_with(stream: &mut TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn request(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let (mut sent, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = sent.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&sent[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse().unwrap());
            if sent.len() >= whole {
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                return Ok((path, sent[end + 4..whole].to_vec()));
            }
        }
        match stream.read(&mut piece)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => sent.extend_from_slice(&piece[..read]),
        }
    }
}

fn now() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

fn later() -> UnixTime {
    UnixTime(now().0 + 300)
}
