//! The runner's two connections: to the stand, and from a device to whatever address a request names.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use ureq::Agent;

/// The running stand. It ends with this value.
pub struct Stand {
    child: Child,
    url: String,
    agent: Agent,
}

impl Stand {
    /// Starts it and waits for its address.
    pub fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_softtoken-stand"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("stand ").expect("the stand says where it is").to_owned();
        Self { child, url, agent: agent() }
    }

    /// One control call.
    pub fn call(&self, call: &Value) -> Result<Value, String> {
        let mut answer =
            self.agent.post(format!("{}/control", self.url)).send_json(call).map_err(|e| e.to_string())?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(|e| e.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        if status == 200 { Ok(value) } else { Err(format!("the stand: {}", value["error"])) }
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.wait();
    }
}

/// Carries one request of a device.
pub fn carry(request: &HttpRequest) -> Result<(u16, Vec<u8>), HttpProblem> {
    let agent = agent();
    let sent = match request.kind.content_type() {
        None => agent.get(&request.url).call(),
        Some(kind) => agent.post(&request.url).header("Content-Type", kind).send(&request.body),
    };
    let mut answer = sent.map_err(|error| match error {
        ureq::Error::ConnectionFailed => HttpProblem::NoNetwork,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            HttpProblem::NoNetwork
        }
        _ => HttpProblem::Timeout,
    })?;
    let mut body = Vec::new();
    let limit = u64::try_from(request.max_reply).unwrap() + 1;
    answer.body_mut().as_reader().take(limit).read_to_end(&mut body).map_err(|_| HttpProblem::Timeout)?;
    if body.len() > request.max_reply {
        return Err(HttpProblem::TooLarge);
    }
    Ok((answer.status().as_u16(), body))
}

fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.timeout_global(Some(Duration::from_secs(60))).build().into()
}
