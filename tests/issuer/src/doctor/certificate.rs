//! The certificate for https: every device refuses a wrong one, so it is looked at before they do. And those with
//! which browsers prove certificates: the listener's own, and the authorities of the holders.

use std::net::IpAddr;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::Finding;
use crate::settings::Settings;

/// Dates, names, key, and that it is a server's.
pub(super) fn examine(settings: &Settings, now: u64) -> Vec<Finding> {
    let Some(tls) = &settings.tls else {
        let found = "plain http, on a loopback address only";
        return vec![Finding::warning(
            "certificate",
            found,
            "Add [tls] to the settings, or a proxy that has it.",
        )];
    };
    let hosts = [settings.address.host(), settings.link_host().host()];
    server(["certificate", "tls key"], &tls.certificate, &tls.key, &hosts, now)
}

/// The listener that asks for client certificates, and the authorities that it believes.
pub(super) fn examine_clients(settings: &Settings, now: u64) -> Vec<Finding> {
    let Some(own) = &settings.certificates else { return Vec::new() };
    let hosts = [own.address.host()];
    let mut findings = server(["proof listener", "proof key"], &own.certificate, &own.key, &hosts, now);
    findings.extend(authorities(&own.client_ca, now));
    findings
}

/// Certificate and key of a listener; the names of the two checks.
fn server(
    [check, key_check]: [&'static str; 2],
    chain: &Path,
    key_file: &Path,
    hosts: &[&str],
    now: u64,
) -> Vec<Finding> {
    let path = chain.display();
    let chain = match read(chain) {
        Ok(chain) => chain,
        Err(error) => {
            let fix = "Let the settings name a PEM file that the issuer may read.";
            return vec![Finding::error(check, format!("{path}: {error}"), fix)];
        }
    };
    let first = chain.first().map(|first| X509Certificate::from_der(first));
    let Some(Ok((_, certificate))) = first else {
        let found = format!("{path}: no certificate");
        return vec![Finding::error(check, found, "Put the chain there, PEM.")];
    };
    let mut findings = vec![
        dates(check, &certificate, now, "Renew it and restart the issuer."),
        names(check, &certificate, hosts),
        key(key_check, key_file, chain.clone()),
    ];
    findings.extend(authority(check, &certificate));
    findings
}

/// Each authority in the file whose certificates count.
fn authorities(file: &Path, now: u64) -> Vec<Finding> {
    let (check, path) = ("proof authority", file.display());
    let wrong = |why: &dyn std::fmt::Display| {
        let fix = "Let certificates.client_ca name the authority of the holders, PEM.";
        vec![Finding::error(check, format!("{path}: {why}"), fix)]
    };
    let found = match read(file) {
        Ok(found) if found.is_empty() => return wrong(&"no certificate"),
        Ok(found) => found,
        Err(error) => return wrong(&error),
    };
    let mut findings = Vec::new();
    for authority in &found {
        let Ok((_, authority)) = X509Certificate::from_der(authority) else {
            return wrong(&"no certificate");
        };
        if !authority.is_ca() {
            return wrong(&format!("{} is not that of an authority", authority.subject()));
        }
        findings.push(dates(check, &authority, now, "Add the authority's next one, and restart the issuer."));
    }
    findings
}

/// All certificates of a file; one that is no PEM is an error, too.
fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, rustls::pki_types::pem::Error> {
    CertificateDer::pem_file_iter(file)?.collect()
}

/// `openssl req -x509` makes an authority unless it is told otherwise. Browsers let that pass; devices do not.
fn authority(check: &'static str, certificate: &X509Certificate<'_>) -> Option<Finding> {
    certificate.is_ca().then(|| {
        let fix = "Get one for a server: `basicConstraints=critical,CA:FALSE`.";
        Finding::error(check, "is that of an authority, which devices refuse from a server", fix)
    })
}

fn dates(check: &'static str, certificate: &X509Certificate<'_>, now: u64, renew: &str) -> Finding {
    let valid = certificate.validity();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let left = valid.not_after.timestamp().saturating_sub(now).div_euclid(DAY);
    let until = format!("valid until {}", valid.not_after);
    if now < valid.not_before.timestamp() {
        let fix = "Check the clock; wait, or install the right certificate.";
        return Finding::error(check, format!("not valid before {}", valid.not_before), fix);
    }
    match left {
        ..0 => Finding::error(check, format!("expired: {until}"), renew),
        0..SOON => Finding::warning(check, format!("{until}, {left} days"), renew),
        _ => Finding::ok(check, format!("{until}, {left} days")),
    }
}

fn names(check: &'static str, certificate: &X509Certificate<'_>, hosts: &[&str]) -> Finding {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.clone()).unwrap_or_default();
    let has = |host: &&&str| names.iter().any(|name| fits(name, host));
    let mut missing: Vec<&str> = hosts.iter().filter(|host| !has(host)).copied().collect();
    missing.dedup();
    if missing.is_empty() {
        return Finding::ok(check, format!("names {}", hosts.first().unwrap_or(&"")));
    }
    let found = format!("does not name {}", missing.join(", "));
    Finding::error(check, found, "Get one whose subject alternative names have this host.")
}

fn fits(name: &GeneralName<'_>, host: &str) -> bool {
    match name {
        GeneralName::DNSName(name) => {
            let wild = name.strip_prefix("*.").zip(host.split_once('.'));
            name.eq_ignore_ascii_case(host)
                || wild.is_some_and(|(name, (_, parent))| name.eq_ignore_ascii_case(parent))
        }
        GeneralName::IPAddress(bytes) => match host.trim_matches(['[', ']']).parse() {
            Ok(IpAddr::V4(ip)) => *bytes == ip.octets(),
            Ok(IpAddr::V6(ip)) => *bytes == ip.octets(),
            Err(_) => false,
        },
        _ => false,
    }
}

fn key(check: &'static str, file: &Path, chain: Vec<CertificateDer<'_>>) -> Finding {
    let path = file.display();
    let fix = "Let the settings name the private key of this certificate, PEM.";
    let Ok(key) = PrivateKeyDer::from_pem_file(file) else {
        return Finding::error(check, format!("{path}: no private key"), fix);
    };
    let chain = chain.into_iter().map(CertificateDer::into_owned).collect();
    let provider = rustls::crypto::ring::default_provider();
    match rustls::sign::CertifiedKey::from_der(chain, key, &provider) {
        Ok(_) => Finding::ok(check, format!("{path} fits")),
        Err(_) => Finding::error(check, format!("{path} is not of this certificate"), fix),
    }
}

/// Days of warning.
const SOON: i64 = 21;
const DAY: i64 = 24 * 60 * 60;
