//! A browser for verification pages: it opens one, with or without a client certificate, and sends its form. And the
//! certificate authority of an organisation, made afresh.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType,
};
use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

/// An authority that signs servers and people.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, PEM.
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// A browser. It follows no redirect and keeps nothing.
pub struct Browser(Agent);

/// Status and page.
pub type Page = (u16, String);

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Result<Self> {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, name);
        Ok(Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?))
    }

    /// Its own certificate, PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Of a server.
    pub fn server(&self, host: &str) -> Result<Pair> {
        let parameters = CertificateParams::new(vec![host.to_owned()])?;
        self.sign(parameters, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Of a person.
    pub fn person(&self, name: &str, mail: Option<&str>) -> Result<Pair> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        if let Some(mail) = mail {
            parameters.subject_alt_names.push(SanType::Rfc822Name(mail.try_into()?));
        }
        self.sign(parameters, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(&self, mut parameters: CertificateParams, purpose: ExtendedKeyUsagePurpose) -> Result<Pair> {
        parameters.extended_key_usages.push(purpose);
        let key = KeyPair::generate()?;
        Ok(Pair { certificate: parameters.signed_by(&key, &self.0)?.pem(), key: key.serialize_pem() })
    }
}

impl Browser {
    /// One that trusts this authority (PEM) and has this certificate, or none.
    pub fn new(trusted: &str, own: Option<&Pair>) -> Result<Self> {
        let trusted = Certificate::from_pem(trusted.as_bytes())?;
        let own = match own {
            Some(own) => {
                let chain = [Certificate::from_pem(own.certificate.as_bytes())?];
                Some(ClientCert::new_with_certs(&chain, PrivateKey::from_pem(own.key.as_bytes())?))
            }
            None => None,
        };
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[trusted]))
            .client_cert(own)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_global(Some(PATIENCE));
        Ok(Self(config.build().into()))
    }

    /// Opens a page.
    pub fn open(&self, url: &str) -> Result<Page> {
        page(self.0.get(url).call())
    }

    /// Sends the form of a certificate's page to `action`, as a page of `origin` does.
    pub fn send(&self, action: &str, origin: Option<&str>, fields: &[(&str, &str)]) -> Result<Page> {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.0.post(action).header("Content-Type", "application/x-www-form-urlencoded");
        page(with_origin(request, origin).send(body.join("&")))
    }

    /// Sends the form of a face's page.
    pub fn send_picture(
        &self,
        action: &str,
        origin: Option<&str>,
        fields: &[(&str, &str)],
        picture: &[u8],
    ) -> Result<Page> {
        let (kind, body) = multipart(fields, picture);
        page(with_origin(self.0.post(action).header("Content-Type", kind), origin).send(&body))
    }

    /// Opens a certificate's page and says yes, or no.
    pub fn prove(&self, url: &str, decision: &str) -> Result<Page> {
        let (origin, ticket) = split(url)?;
        let fields = [("ticket", ticket), ("decision", decision)];
        self.send(&format!("{origin}/verify/certificate"), Some(origin), &fields)
    }
}

/// The body of a form with a picture, and its media type.
pub fn multipart(fields: &[(&str, &str)], picture: &[u8]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "Content-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\nContent-Type: image/png";
    body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
    body.extend_from_slice(picture);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Origin and ticket of a page's address.
pub fn split(url: &str) -> Result<(&str, &str)> {
    url.split_once("/verify/").context("no address of a verification page")
}

fn with_origin<B>(request: ureq::RequestBuilder<B>, origin: Option<&str>) -> ureq::RequestBuilder<B> {
    match origin {
        Some(origin) => request.header("Origin", origin),
        None => request,
    }
}

fn page(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Page> {
    let mut answer = answer?;
    let status = answer.status().as_u16();
    Ok((status, answer.body_mut().read_to_string()?))
}

const BOUNDARY: &str = "a-boundary-of-a-form";
const PATIENCE: Duration = Duration::from_secs(30);
