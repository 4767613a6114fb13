//! `serve`: the issuer with its mail room, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use softtoken_core::activation::address::Address;
use softtoken_issuer::clock::SystemClock;
use softtoken_issuer::mail::carrier::{self, Carrier};
use softtoken_issuer::mail::post::{CAPACITY, DELAYS, PostOffice, Postman};
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Error, Issuer, Result, server, verify};

use super::{Serve, demo, open};

pub(super) async fn run(file: &Path, serve: &Serve) -> Result<()> {
    let (mut settings, listener) = match serve.demo && !file.exists() {
        true => demo::settings(serve.listen)?,
        false => {
            let mut settings = Settings::read(file)?;
            settings.listen = serve.listen.unwrap_or(settings.listen);
            let listener = listen(settings.listen)?;
            (settings, listener)
        }
    };
    settings.listen = listener.local_addr()?;
    if let Some(address) = &serve.address {
        settings.address = Address::parse(address).map_err(|_| Error::BadValue("--address"))?;
    }
    if let Some(folder) = &serve.mail_dir {
        settings.mail.mail_dir = Some(folder.clone());
    }
    if settings.tls.is_none() && !settings.listen.ip().is_loopback() {
        return Err(Error::Settings("without [tls], listen must be a loopback address".into()));
    }
    let (office, backroom) = PostOffice::new(CAPACITY);
    let postman = (Carrier::new(&settings.mail)?, carrier::sender(&settings)?);
    let issuer = open(settings, office).await?;
    let postman = Postman {
        carrier: postman.0,
        sender: postman.1,
        delays: DELAYS,
        store: issuer.store.clone(),
        clock: Arc::new(SystemClock),
    };
    let lost = issuer.note_lost_mails().await?;
    if lost > 0 {
        eprintln!("softtoken-issuer: {lost} mails were never handed over: see mail.lost in the audit log");
    }
    let certificates = issuer.settings.certificates.as_ref().map(|own| listen(own.listen)).transpose()?;
    let mails = backroom.work(postman);
    if serve.demo {
        demo::fill(&issuer).await?;
    }
    let scheme = if issuer.settings.tls.is_some() { "https" } else { "http" };
    println!("serving {scheme}://{} on {}", issuer.settings.address.ascii(), issuer.settings.listen);
    until_stopped(issuer, listener, certificates).await?;
    // Letters that a mail server takes right away still go out.
    let _ = tokio::time::timeout(LAST_LETTERS, mails).await;
    Ok(())
}

async fn until_stopped(
    issuer: Arc<Issuer>,
    listener: TcpListener,
    certificates: Option<TcpListener>,
) -> Result<()> {
    let handle = axum_server::Handle::new();
    let stopper = handle.clone();
    let proofs = axum_server::Handle::new();
    let stop_proofs = proofs.clone();
    let serve = |listener| tokio::spawn(verify::serve(Arc::clone(&issuer), listener, proofs));
    let proving = certificates.map(serve);
    tokio::spawn(async move {
        if stop_signal().await.is_ok() {
            stop_proofs.graceful_shutdown(Some(LAST_REQUESTS));
            stopper.graceful_shutdown(Some(LAST_REQUESTS));
        }
    });
    match proving {
        // Both serve until they are stopped; whichever fails first ends the other by its error.
        Some(proving) => tokio::select! {
            served = server::serve(issuer, listener, handle) => served,
            failed = stopped_early(proving) => Err(failed),
        },
        None => server::serve(issuer, listener, handle).await,
    }
}

/// Returns only when the certificate listener has failed.
async fn stopped_early(proving: tokio::task::JoinHandle<Result<()>>) -> Error {
    match proving.await {
        Ok(Err(error)) => error,
        Err(_) => Error::Internal("the certificate listener has panicked"),
        Ok(Ok(())) => std::future::pending().await,
    }
}

async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

/// Opens the socket; the fault names it.
pub(super) fn listen(socket: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(socket).map_err(|error| Error::Settings(format!("{socket}: {error}")))
}

const LAST_REQUESTS: Duration = Duration::from_secs(5);
const LAST_LETTERS: Duration = Duration::from_secs(5);
