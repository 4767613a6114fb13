//! The listener that asks for a client certificate: TLS by rustls, pages of [`super::certificate`] with their
//! style sheet, nothing else.
//!
//! A browser without a certificate gets a page that says so. One of another authority, expired or not for clients ends
//! the handshake: nothing behind it has seen the connection. Sessions are not resumed, so each connection proves anew.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{AddExtension, Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use softtoken_core::activation::address::Address;
use tokio::net::TcpStream;
use tower::Layer;
use tower_http::timeout::TimeoutLayer;

use super::certificate::{PeerCertificate, routes};
use super::gone;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::portal;
use crate::settings::Certificates;

/// Serves `listener` with the settings of `[certificates]` until the handle is shut down.
pub async fn serve(issuer: Arc<Issuer>, listener: TcpListener, handle: Handle<SocketAddr>) -> Result<()> {
    let settings = issuer.settings.certificates.as_ref();
    let settings = settings.ok_or(Error::Settings("there is no [certificates]".into()))?;
    listener.set_nonblocking(true)?;
    let tls = RustlsConfig::from_config(Arc::new(config(settings)?));
    let acceptor = Proven(RustlsAcceptor::new(tls).handshake_timeout(HANDSHAKE_TIME));
    let mut server = axum_server::from_tcp(listener)?.acceptor(acceptor).http1_only().handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HANDSHAKE_TIME);
    Ok(server.serve(router(issuer).into_make_service()).await?)
}

/// The pages of the listener, without TLS; a connection's certificate is an extension of its requests.
pub fn router(issuer: Arc<Issuer>) -> Router {
    routes()
        .merge(portal::files())
        .fallback(|headers: HeaderMap| async move { gone(portal::language(&headers)) })
        .layer(from_fn_with_state(Arc::clone(&issuer), check_host))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .with_state(issuer)
}

/// Only this listener's own name is answered.
async fn check_host(State(issuer): State<Arc<Issuer>>, request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let named = hosts.next().and_then(|host| host.to_str().ok()).and_then(|host| Address::parse(host).ok());
    let ours = issuer.settings.certificates.as_ref().map(|own| &own.address);
    if named.is_some() && named.as_ref() == ours && hosts.next().is_none() {
        next.run(request).await
    } else {
        Error::Misdirected.into_response()
    }
}

fn config(settings: &Certificates) -> Result<ServerConfig> {
    let unusable =
        |path: &Path, why: &dyn std::fmt::Display| Error::Settings(format!("{}: {why}", path.display()));
    let read = |path: &Path| -> Result<Vec<CertificateDer<'static>>> {
        let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error))?;
        let found: std::result::Result<Vec<_>, _> = found.collect();
        let found = found.map_err(|error| unusable(path, &error))?;
        if found.is_empty() { Err(unusable(path, &"no certificate")) } else { Ok(found) }
    };
    let mut authorities = RootCertStore::empty();
    for authority in read(&settings.client_ca)? {
        authorities.add(authority).map_err(|error| unusable(&settings.client_ca, &error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|error| unusable(&settings.client_ca, &error))?;
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| unusable(&settings.key, &error))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Internal("no version of TLS"))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(read(&settings.certificate)?, key)
        .map_err(|error| unusable(&settings.certificate, &error))?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Gives every request what its connection has proven.
#[derive(Clone)]
struct Proven(RustlsAcceptor);

type Accepted<S> = <RustlsAcceptor as Accept<TcpStream, S>>::Stream;

impl<S: Send + 'static> Accept<TcpStream, S> for Proven {
    type Stream = Accepted<S>;
    type Service = AddExtension<S, PeerCertificate>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let accepting = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            let chain = stream.get_ref().1.peer_certificates();
            let own = chain.and_then(<[_]>::first).map(|own| Arc::from(own.as_ref()));
            Ok((stream, Extension(PeerCertificate(own)).layer(service)))
        })
    }
}

const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const REQUEST_TIME: Duration = Duration::from_secs(30);
