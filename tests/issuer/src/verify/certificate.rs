//! Certificates: whose one is, and the page that asks before it counts.
//!
//! The TLS handshake has checked the chain, its time, that it is for clients, and that the browser has the key. What is
//! left is whether the holder is the user of the ticket.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::language::{self, Chosen};
use super::ticket::{Found, use_up};
use super::verdict::Verdict;
use super::{failed, gone, is_own, page, pages};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::portal::{self, Lang};
use crate::settings::CertificateHolder;

/// What a connection has proven: a certificate in DER, or nothing.
#[derive(Clone)]
pub struct PeerCertificate(pub Option<Arc<[u8]>>);

/// What a certificate says of its holder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// The subject's common name, if there is exactly one.
    pub common_name: Option<String>,
    /// Mail addresses of the subject's alternative names.
    pub mails: Vec<String>,
}

/// What the page sends.
#[derive(Deserialize)]
struct Decision {
    ticket: String,
    decision: String,
}

/// The pages of the certificate listener.
pub fn routes() -> Router<Arc<Issuer>> {
    Router::new()
        .route("/verify/{ticket}", get(show))
        .route("/verify/language", post(choose))
        .route("/verify/certificate", post(decide))
}

impl Holder {
    /// Reads a certificate; `None` for bytes that are none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let mut names = certificate.subject().iter_common_name();
        let common_name = match (names.next(), names.next()) {
            (Some(one), None) => one.as_str().ok().map(str::to_owned),
            _ => None,
        };
        let mut mails = Vec::new();
        if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
            for name in &alternatives.value.general_names {
                if let GeneralName::RFC822Name(mail) = name {
                    mails.push((*mail).to_owned());
                }
            }
        }
        Some(Self { common_name, mails })
    }

    /// True when it is this user's by the rule.
    pub fn is(&self, rule: CertificateHolder, user: &str, email: Option<&str>) -> bool {
        let common = |name: &str| self.common_name.as_deref() == Some(name);
        let mail = || email.is_some_and(|own| self.mails.iter().any(|mail| mail.eq_ignore_ascii_case(own)));
        let named = || self.mails.iter().any(|mail| mail == user);
        let common_mail = || {
            let own = self.common_name.as_deref().zip(email);
            own.is_some_and(|(name, email)| name.eq_ignore_ascii_case(email))
        };
        match rule {
            CertificateHolder::NameOrMail => common(user) || common_mail() || mail() || named(),
            CertificateHolder::CommonName => common(user),
            CertificateHolder::Mail => mail(),
            CertificateHolder::Any => true,
        }
    }
}

impl Issuer {
    /// Decides with a living ticket: `yes` of the user with this certificate, or the user's no. Gives what became of it.
    pub async fn decide_certificate(
        self: &Arc<Self>,
        found: Found,
        holder: &Holder,
        yes: bool,
    ) -> Result<Option<VerificationRefusal>> {
        let rule = self.settings.certificates.as_ref().ok_or(Error::NotFound)?.holder;
        let refused = match (yes, holder.is(rule, &found.user, found.email.as_deref())) {
            (false, _) => Some(VerificationRefusal::ByUser),
            (true, false) => Some(VerificationRefusal::AnotherHolder),
            (true, true) => None,
        };
        let now = self.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let order = use_up(&mut *tx, now, &found).await?;
                    let kind = VerificationKind::Certificate;
                    let verdict = Verdict { kind, refused, actor: "browser", user: &found.user_id };
                    verdict.write(tx, now, &order).await
                })
            })
            .await?;
        Ok(refused)
    }
}

async fn choose(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, choice: Chosen) -> Response {
    language::choose(&issuer, VerificationKind::Certificate, &headers, choice)
}

async fn show(
    State(issuer): State<Arc<Issuer>>,
    Extension(peer): Extension<PeerCertificate>,
    headers: HeaderMap,
    Path(ticket): Path<String>,
) -> Response {
    let lang = portal::language(&headers);
    let holder = match holder(lang, &peer) {
        Ok(holder) => holder,
        Err(missing) => return *missing,
    };
    match issuer.ticket(VerificationKind::Certificate, &ticket).await {
        Ok(found) => {
            let facts = pages::Facts::of(&found);
            page(StatusCode::OK, pages::certificate(lang, &facts, shown(&holder), &ticket))
        }
        Err(error) => failed(lang, &error),
    }
}

async fn decide(
    State(issuer): State<Arc<Issuer>>,
    Extension(peer): Extension<PeerCertificate>,
    headers: HeaderMap,
    form: std::result::Result<Form<Decision>, axum::extract::rejection::FormRejection>,
) -> Response {
    let lang = portal::language(&headers);
    let Ok(Form(Decision { ticket, decision })) = form else { return gone(lang) };
    if !is_own(&issuer.settings, VerificationKind::Certificate, &headers) {
        return gone(lang);
    }
    let holder = match holder(lang, &peer) {
        Ok(holder) => holder,
        Err(missing) => return *missing,
    };
    let yes = match decision.as_str() {
        "yes" => true,
        "no" => false,
        _ => return gone(lang),
    };
    let decided = match issuer.ticket(VerificationKind::Certificate, &ticket).await {
        Ok(found) => issuer.decide_certificate(found, &holder, yes).await,
        Err(error) => Err(error),
    };
    match decided {
        Ok(None) => page(StatusCode::OK, pages::passed(lang)),
        Ok(Some(reason)) => page(StatusCode::OK, pages::refused(lang, reason)),
        Err(error) => failed(lang, &error),
    }
}

fn holder(lang: Lang, peer: &PeerCertificate) -> std::result::Result<Holder, Box<Response>> {
    let holder = peer.0.as_deref().and_then(Holder::read);
    let missing = || page(StatusCode::FORBIDDEN, pages::no_certificate(lang));
    holder.ok_or_else(|| Box::new(missing()))
}

/// How the page names the certificate.
fn shown(holder: &Holder) -> Option<&str> {
    holder.common_name.iter().chain(&holder.mails).next().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_the_users_by_the_rule_and_by_nothing_else() {
        let holder = |name: &str, mails: &[&str]| Holder {
            common_name: Some(name.to_owned()),
            mails: mails.iter().map(|mail| (*mail).to_owned()).collect(),
        };
        use CertificateHolder::{Any, CommonName, Mail, NameOrMail};
        let mail = Some("alex@example.com");
        for (holder, rule, fits) in [
            (holder("alex", &[]), NameOrMail, true),
            (holder("Alex", &[]), NameOrMail, false),
            (holder("ALEX@example.com", &[]), NameOrMail, true),
            (holder("sam", &["Alex@Example.com"]), NameOrMail, true),
            (holder("sam", &["alex"]), NameOrMail, true),
            (holder("sam", &["sam@example.com"]), NameOrMail, false),
            (holder("alex", &["alex@example.com"]), CommonName, true),
            (holder("sam", &["alex@example.com"]), CommonName, false),
            (holder("alex", &[]), Mail, false),
            (holder("sam", &["alex@example.com"]), Mail, true),
            (holder("sam", &[]), Any, true),
        ] {
            assert_eq!(holder.is(rule, "alex", mail), fits, "{holder:?} {rule:?}");
        }
        assert!(!Holder::default().is(NameOrMail, "alex", None), "nothing is nobody's");
        assert!(Holder::read(b"no certificate").is_none());
    }
}
