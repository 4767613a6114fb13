//! The network between devices and an issuer: it can be away, and it can lose, double and spoil what it carries.
//!
//! A fault is for the next request of a device (`/softtoken/…`, `/.well-known/…`); everything else passes.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};

use super::wire::{self, Request};

/// What happens to a request.
#[derive(Clone, Copy)]
pub enum Fault {
    /// It never arrives: the connection ends without an answer.
    LoseRequest,
    /// It arrives, and its answer does not.
    LoseReply,
    /// It arrives twice; the second answer is given.
    Twice,
    /// Somebody on the way answers with this status and an empty body.
    Status(u16),
    /// Somebody on the way answers 200 with bytes that nobody has sealed.
    Rubbish,
    /// Somebody on the way answers 200 with more than any issuer says.
    TooLarge,
}

impl Fault {
    /// Its name in a control call.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "lose_request" => Self::LoseRequest,
            "lose_reply" => Self::LoseReply,
            "twice" => Self::Twice,
            "status_500" => Self::Status(500),
            "rubbish" => Self::Rubbish,
            "too_large" => Self::TooLarge,
            _ => return None,
        })
    }
}

/// One network. It ends with this value.
pub struct Proxy {
    outside: SocketAddr,
    inside: SocketAddr,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    running: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Proxy {
    /// A network from a new port to `inside`.
    pub fn open(inside: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let outside = listener.local_addr()?;
        let mut proxy = Self { outside, inside, faults: Arc::default(), running: None };
        proxy.run(listener);
        Ok(proxy)
    }

    /// Where devices reach the issuer.
    pub fn outside(&self) -> SocketAddr {
        self.outside
    }

    /// The next request of a device meets this fault; several are met in their order.
    pub fn plan(&self, fault: Fault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    /// No connection can be made any more.
    pub fn down(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.store(true, Ordering::SeqCst);
            // Wakes the one that waits for connections.
            drop(TcpStream::connect(self.outside));
            let _ended = thread.join();
        }
    }

    /// The network is back at the same address.
    pub fn up(&mut self) -> Result<()> {
        if self.running.is_none() {
            self.run(TcpListener::bind(self.outside).context("the port was taken by somebody else")?);
        }
        Ok(())
    }

    fn run(&mut self, listener: TcpListener) {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, inside, faults) = (Arc::clone(&stop), self.inside, Arc::clone(&self.faults));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let faults = Arc::clone(&faults);
                std::thread::spawn(move || carry(&stream, inside, &faults));
            }
        });
        self.running = Some((stop, thread));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.down();
    }
}

fn carry(mut device: &TcpStream, inside: SocketAddr, faults: &Mutex<VecDeque<Fault>>) -> Result<()> {
    let request = wire::read(device)?;
    let of_device = ["/softtoken/", "/.well-known/"].iter().any(|path| request.path().starts_with(path));
    let fault = match of_device {
        true => faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front(),
        false => None,
    };
    let octets = "application/octet-stream";
    match fault {
        None => Ok(device.write_all(&ask(&request, inside)?)?),
        Some(Fault::LoseRequest) => Ok(()),
        Some(Fault::LoseReply) => ask(&request, inside).map(drop),
        Some(Fault::Twice) => {
            ask(&request, inside)?;
            Ok(device.write_all(&ask(&request, inside)?)?)
        }
        Some(Fault::Status(status)) => wire::write(device, status, octets, &[]),
        Some(Fault::Rubbish) => wire::write(device, 200, octets, &[0x5a; 200]),
        Some(Fault::TooLarge) => wire::write(device, 200, octets, &[0; 20_000]),
    }
}

fn ask(request: &Request, inside: SocketAddr) -> Result<Vec<u8>> {
    let mut issuer = TcpStream::connect(inside)?;
    issuer.write_all(request.head.as_bytes())?;
    issuer.write_all(b"Connection: close\r\n\r\n")?;
    issuer.write_all(&request.body)?;
    let mut answer = Vec::new();
    issuer.read_to_end(&mut answer)?;
    Ok(answer)
}
