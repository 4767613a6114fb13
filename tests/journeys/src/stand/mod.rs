//! One process that plays every issuer of a journey, on loopback and by a clock that the journey moves.
//!
//! `POST /control` takes `{"do": "…", …}` and answers JSON. What an issuer refuses is an answer (`status`, `error`); what
//! the stand does not understand is HTTP 400 with a sentence, and ends the journey. Calls are done one after another.

mod actions;
mod certificates;
mod desk;
mod orders;
mod proxy;
mod wire;

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::{Clock, ManualClock};
use tokio::runtime::Runtime;

use self::desk::Desk;

/// The listener for runners.
pub struct Control {
    listener: TcpListener,
    url: String,
}

/// Everything of the journey that is played now.
struct Stand {
    runtime: Runtime,
    clock: Arc<ManualClock>,
    desks: BTreeMap<String, Desk>,
}

impl Control {
    /// Listens on a free port of this machine.
    pub fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, url })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers until the process ends.
    pub fn serve(self) -> Result<()> {
        let clock = Arc::new(ManualClock::at(UnixTime(0)));
        let mut stand = Stand { runtime: Runtime::new()?, clock, desks: BTreeMap::new() };
        for stream in self.listener.incoming() {
            // A runner that goes away in the middle is not the next one's problem.
            let _gone = stream.map_err(Into::into).and_then(|stream| stand.answer(&stream));
        }
        Ok(())
    }
}

impl Stand {
    fn answer(&mut self, mut stream: &TcpStream) -> Result<()> {
        let request = wire::read(stream)?;
        let done = serde_json::from_slice(&request.body)
            .context("the body is no JSON")
            .and_then(|call: Map<String, Value>| self.call(&call));
        let (status, answer) = match done {
            Ok(answer) => (200, answer),
            Err(error) => (400, json!({ "error": format!("{error:#}") })),
        };
        wire::write(&mut stream, status, "application/json", answer.to_string().as_bytes())
    }

    fn call(&mut self, call: &Map<String, Value>) -> Result<Value> {
        let text = |name: &str| call.get(name).and_then(Value::as_str);
        let number = |name: &str| call.get(name).and_then(Value::as_u64);
        match text("do").context("do is missing")? {
            "reset" => {
                self.desks.clear();
                self.clock.set(UnixTime(number("clock").context("clock is missing")?));
                let issuers = call.get("issuers").and_then(Value::as_object).context("issuers is missing")?;
                let mut addresses = Map::new();
                for (name, policy) in issuers {
                    let desk = Desk::open(&self.runtime, Arc::clone(&self.clock) as _, policy)?;
                    addresses.insert(name.clone(), json!(desk.address()));
                    self.desks.insert(name.clone(), desk);
                }
                Ok(Value::Object(addresses))
            }
            "pass" => {
                self.clock.pass(number("seconds").context("seconds is missing")?);
                Ok(json!({ "clock": self.clock.now().0 }))
            }
            verb => {
                let name = text("issuer").unwrap_or("main");
                let desk = self.desks.get_mut(name).with_context(|| format!("no issuer {name}"))?;
                actions::act(&self.runtime, desk, verb, call)
            }
        }
    }
}
