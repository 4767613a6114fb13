//! One request over TLS, or over plain HTTP to this machine.
//!
//! The connection is put together here instead of taken ready-made: without proxies, and with a note of the
//! moment from which bytes of the request may leave.

use std::io::Read;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use rustls::crypto::ring;
use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use softtoken_core::time::UnixTime;
use ureq::config::Config;
use ureq::http::header::{CONTENT_TYPE, DATE};
use ureq::http::{HeaderMap, Request, Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, RustlsConnector, TcpConnector, Transport as Connection,
};
use ureq::{Agent, Body, Error};

use super::{Reply, Transport};

/// The network.
pub struct Https {
    limits: Limits,
    trusted: fn() -> Vec<Certificate<'static>>,
}

/// How long one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// To find the address, connect and shake hands, each.
    pub connect: Duration,
    /// In all.
    pub whole: Duration,
}

impl Https {
    /// With the limits of every request.
    pub fn new() -> Self {
        Self::with(Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(10) })
    }

    /// With other limits.
    pub fn with(limits: Limits) -> Self {
        Self::trusting(limits, system_authorities)
    }

    /// With other limits, and other authorities than the system's.
    pub fn trusting(limits: Limits, trusted: fn() -> Vec<Certificate<'static>>) -> Self {
        Self { limits, trusted }
    }

    fn config(&self, plain: bool) -> Config {
        // Nothing shakes hands on a plain connection, so the list of authorities is not read for it.
        let roots = if plain { Vec::new() } else { (self.trusted)() };
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        Agent::config_builder()
            .https_only(!plain)
            .tls_config(tls)
            .proxy(None)
            .user_agent(USER_AGENT)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .max_response_header_size(MAX_HEADERS)
            .timeout_resolve(Some(self.limits.connect))
            .timeout_connect(Some(self.limits.connect))
            .timeout_global(Some(self.limits.whole))
            .build()
    }
}

impl Transport for Https {
    fn send(&self, request: &HttpRequest) -> Result<Reply, HttpProblem> {
        let connected = Arc::new(AtomicBool::new(false));
        let config = self.config(may_be_plain(&request.url));
        let connector =
            ().chain(TcpConnector::default())
                .chain(RustlsConnector::default())
                .chain(Note(connected.clone()));
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        let judged = |error: &Error| problem(error, connected.load(Ordering::Relaxed));
        let mut message = Request::builder().method(request.kind.method()).uri(&request.url);
        if let Some(content_type) = request.kind.content_type() {
            message = message.header(CONTENT_TYPE, content_type);
        }
        let answer = match request.kind.content_type() {
            Some(_) => message.body(request.body.as_slice()).map_err(Error::from).and_then(|m| agent.run(m)),
            None => message.body(()).map_err(Error::from).and_then(|m| agent.run(m)),
        };
        read(answer.map_err(|error| judged(&error))?, request.max_reply)
    }
}

fn read(answer: Response<Body>, max_reply: usize) -> Result<Reply, HttpProblem> {
    let (status, date) = (answer.status().as_u16(), date(answer.headers()));
    let limit = max_reply.min(MAX_REPLY);
    let mut body = Vec::new();
    let reader = answer.into_body().into_reader();
    reader.take(limit as u64 + 1).read_to_end(&mut body).map_err(|_| HttpProblem::Timeout)?;
    if body.len() > limit { Err(HttpProblem::TooLarge) } else { Ok(Reply { status, date, body }) }
}

fn date(headers: &HeaderMap) -> Option<UnixTime> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(UnixTime(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

/// The authorities that this system trusts, those that its administrator added included. An unreadable
/// list is an empty one: then nobody is trusted.
fn system_authorities() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
}

/// Plain HTTP never leaves this machine.
fn may_be_plain(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    here && uri.scheme_str() == Some("http")
}

fn problem(error: &Error, connected: bool) -> HttpProblem {
    match error {
        Error::LargeResponseHeader(..) => HttpProblem::TooLarge,
        _ if connected => HttpProblem::Timeout,
        Error::Rustls(_) | Error::Tls(_) | Error::TlsRequired => HttpProblem::Tls,
        Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            HttpProblem::Tls
        }
        _ => HttpProblem::NoNetwork,
    }
}

/// Notes that the connection stands, its handshake included.
#[derive(Debug)]
struct Note(Arc<AtomicBool>);

impl<In: Connection> Connector<In> for Note {
    type Out = In;

    fn connect(&self, _: &ConnectionDetails, connection: Option<In>) -> Result<Option<In>, Error> {
        self.0.store(connection.is_some(), Ordering::Relaxed);
        Ok(connection)
    }
}

const USER_AGENT: &str = concat!("softtoken/", env!("CARGO_PKG_VERSION"));
/// The most that is ever read of an answer, whatever a request allows.
const MAX_REPLY: usize = 64 * 1024;
const MAX_HEADERS: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for url in ["http://localhost:8080/x", "http://a.localhost/x", "http://127.0.0.9/", "http://[::1]:1/"]
        {
            assert!(may_be_plain(url), "{url}");
        }
        for url in [
            "https://localhost/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "http://notlocalhost/",
            "http://[2001:db8::1]/",
            "http://user@example.org/",
            "localhost",
            "",
        ] {
            assert!(!may_be_plain(url), "{url}");
        }
    }

    #[test]
    fn an_error_is_judged_by_how_far_the_connection_had_come() {
        let broken = || Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(problem(&broken(), false), HttpProblem::NoNetwork);
        assert_eq!(problem(&broken(), true), HttpProblem::Timeout);
        assert_eq!(problem(&Error::HostNotFound, false), HttpProblem::NoNetwork);
        let bad = || rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let wrapped = std::io::Error::new(std::io::ErrorKind::InvalidData, bad());
        assert_eq!(problem(&Error::Io(wrapped), false), HttpProblem::Tls);
        assert_eq!(problem(&Error::Rustls(bad()), false), HttpProblem::Tls);
        assert_eq!(problem(&Error::LargeResponseHeader(2, 1), true), HttpProblem::TooLarge);
    }
}
