//! The certificate for https: every device refuses a wrong one, so it is looked at before they do.

use std::net::IpAddr;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::Finding;
use crate::settings::{Settings, Tls};

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
    let path = tls.certificate.display();
    let chain: Vec<CertificateDer<'_>> = match CertificateDer::pem_file_iter(&tls.certificate) {
        Ok(chain) => chain.filter_map(Result::ok).collect(),
        Err(error) => {
            let found = format!("{path}: {error}");
            return vec![Finding::error("certificate", found, "Let tls.certificate name a PEM file.")];
        }
    };
    let first = chain.first().map(|first| X509Certificate::from_der(first));
    let Some(Ok((_, certificate))) = first else {
        return vec![Finding::error(
            "certificate",
            format!("{path}: no certificate"),
            "Put the chain there, PEM.",
        )];
    };
    let hosts = [settings.address.host(), settings.link_host().host()];
    let mut findings = vec![dates(&certificate, now), names(&certificate, &hosts), key(tls, chain.clone())];
    findings.extend(authority(&certificate));
    findings
}

/// `openssl req -x509` makes an authority unless it is told otherwise. Browsers let that pass; devices do not.
fn authority(certificate: &X509Certificate<'_>) -> Option<Finding> {
    certificate.is_ca().then(|| {
        let fix = "Get one for a server: `basicConstraints=critical,CA:FALSE`.";
        Finding::error("certificate", "is that of an authority, which devices refuse from a server", fix)
    })
}

fn dates(certificate: &X509Certificate<'_>, now: u64) -> Finding {
    let valid = certificate.validity();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let left = valid.not_after.timestamp().saturating_sub(now) / DAY;
    let until = format!("valid until {}", valid.not_after);
    if now < valid.not_before.timestamp() {
        let fix = "Check the clock; wait, or install the right certificate.";
        return Finding::error("certificate", format!("not valid before {}", valid.not_before), fix);
    }
    match left {
        ..0 => Finding::error("certificate", format!("expired: {until}"), "Renew it and restart the issuer."),
        0..21 => Finding::warning(
            "certificate",
            format!("{until}, {left} days"),
            "Renew it and restart the issuer.",
        ),
        _ => Finding::ok("certificate", format!("{until}, {left} days")),
    }
}

fn names(certificate: &X509Certificate<'_>, hosts: &[&str]) -> Finding {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.clone()).unwrap_or_default();
    let has = |host: &&&str| names.iter().any(|name| fits(name, host));
    let mut missing: Vec<&str> = hosts.iter().filter(|host| !has(host)).copied().collect();
    missing.dedup();
    if missing.is_empty() {
        return Finding::ok("certificate", format!("names {}", hosts.first().unwrap_or(&"")));
    }
    let found = format!("does not name {}", missing.join(", "));
    Finding::error("certificate", found, "Get one whose subject alternative names have this host.")
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

fn key(tls: &Tls, chain: Vec<CertificateDer<'_>>) -> Finding {
    let path = tls.key.display();
    let fix = "Let tls.key name the private key of this certificate, PEM.";
    let Ok(key) = PrivateKeyDer::from_pem_file(&tls.key) else {
        return Finding::error("tls key", format!("{path}: no private key"), fix);
    };
    let chain = chain.into_iter().map(CertificateDer::into_owned).collect();
    let provider = rustls::crypto::ring::default_provider();
    match rustls::sign::CertifiedKey::from_der(chain, key, &provider) {
        Ok(_) => Finding::ok("tls key", format!("{path} fits")),
        Err(_) => Finding::error("tls key", format!("{path} is not of this certificate"), fix),
    }
}

const DAY: i64 = 24 * 60 * 60;
