//! The HTTP server: one router, limits for everything that a stranger can make long, TLS by rustls.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tower_http::timeout::TimeoutLayer;

use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::phone;
use crate::settings::Tls;

/// Everything that the issuer answers.
pub fn router(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .merge(phone::routes())
        .merge(crate::rest::routes())
        .merge(crate::pages::routes())
        .merge(crate::portal::routes(&issuer))
        .merge(crate::verify::routes())
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::Method })
        .layer(from_fn_with_state(Arc::clone(&issuer), crate::host::check))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .with_state(issuer)
}

/// Serves `listener` until [`Handle::graceful_shutdown`] or [`Handle::shutdown`]; then the store is closed.
pub async fn serve(issuer: Arc<Issuer>, listener: TcpListener, handle: Handle<SocketAddr>) -> Result<()> {
    listener.set_nonblocking(true)?;
    let app = router(Arc::clone(&issuer)).into_make_service_with_connect_info::<SocketAddr>();
    match &issuer.settings.tls {
        Some(tls) => {
            let tls = tls_config(tls).await?;
            let mut server = axum_server::from_tcp_rustls(listener, tls)?.http1_only().handle(handle);
            limit_headers(server.http_builder());
            server.serve(app).await?;
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?.http1_only().handle(handle);
            limit_headers(server.http_builder());
            server.serve(app).await?;
        }
    }
    issuer.store.close().await;
    Ok(())
}

async fn tls_config(tls: &Tls) -> Result<RustlsConfig> {
    // Whoever came first in this process has installed a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let unusable = |error| Error::Settings(format!("{}: {error}", tls.certificate.display()));
    RustlsConfig::from_pem_chain_file(&tls.certificate, &tls.key).await.map_err(unusable)
}

/// A client that sends its headers slowly must not keep a connection.
fn limit_headers(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
}

/// The largest body of any request; the phone's have a smaller limit of their own.
pub const MAX_BODY: usize = 1024 * 1024;
const HEADER_TIME: Duration = Duration::from_secs(10);
const REQUEST_TIME: Duration = Duration::from_secs(30);
