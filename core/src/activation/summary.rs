//! The *Activate Identity* page: what is about to be activated, without its secrets.

use super::plan::Plan;
use super::request::{Offer, Warning};
use super::state::{ConsentSummary, Door, EntrySummary, RefusedView};
use crate::identity::{Badge, Facts, IdentityName, WEAK_SECRET_BELOW};
use crate::otp::{Algorithm, CodeSpec, Digits, Period};
use crate::time::UnixTime;

impl Plan {
    /// What the consent page shows at `now`; `offline` is the user's choice, `names` are those of
    /// [`names`](Self::names).
    pub(crate) fn summary(&self, offline: bool, now: UnixTime, names: &[IdentityName]) -> ConsentSummary {
        match self {
            Self::Accounts(offers) => ConsentSummary {
                entries: offers.offers.iter().map(entry).collect(),
                refused: RefusedView::of(&offers.refused),
                page: offers.page.map(|page| (page.index, page.size)),
                serial: match offers.offers.as_slice() {
                    [only] => only.serial.clone(),
                    _ => None,
                },
                ..empty(Door::Account)
            },
            Self::TwoStep(two_step) => ConsentSummary {
                serial: two_step.offer().serial.clone(),
                entries: vec![entry(two_step.offer())],
                ..empty(Door::TwoStep)
            },
            Self::EntrustV1 { details, registration_code, digits } => {
                let mut warnings = vec![Warning::Legacy];
                if registration_code.is_none() {
                    warnings.push(Warning::VendorMayRefuse);
                }
                let spec = CodeSpec::Totp {
                    algorithm: Algorithm::Sha256,
                    digits: digits.unwrap_or(Digits::SIX),
                    period: Period::THIRTY,
                    t0: 0,
                };
                let entry = described(&spec, &details.issuer, "", Some(Badge::Legacy), warnings);
                let serial = Some(details.serial.grouped());
                ConsentSummary { serial, entries: vec![entry], ..empty(Door::EntrustV1) }
            }
            Self::Backup(restore) => ConsentSummary {
                entries: restore.summaries(names),
                refused: RefusedView::of(restore.refused()),
                ..empty(Door::Backup)
            },
            Self::Order(order) => {
                let expired = order.expires_at.is_some_and(|expires_at| now >= expires_at);
                let warnings = if expired { vec![Warning::LooksExpired] } else { Vec::new() };
                let spec = order.profile.spec();
                ConsentSummary {
                    address: Some(order.address.ascii().to_owned()),
                    serial: Some(order.serial.digits().to_owned()),
                    expires_at: order.expires_at,
                    offline,
                    entries: vec![described(&spec, &order.address.unicode(), "", None, warnings)],
                    ..empty(order.door())
                }
            }
        }
    }
}

fn empty(door: Door) -> ConsentSummary {
    ConsentSummary {
        door,
        address: None,
        serial: None,
        expires_at: None,
        offline: true,
        entries: Vec::new(),
        refused: Vec::new(),
        page: None,
    }
}

fn entry(offer: &Offer) -> EntrySummary {
    let weak = offer.credential.secret.len() < WEAK_SECRET_BELOW;
    let badge = weak.then_some(Badge::Weak);
    described(&offer.credential.spec, &offer.issuer, &offer.account, badge, offer.warnings.clone())
}

pub(super) fn described(
    spec: &CodeSpec,
    issuer: &str,
    account: &str,
    badge: Option<Badge>,
    warnings: Vec<Warning>,
) -> EntrySummary {
    let Facts { kind, algorithm, digits, period } = Facts::of(spec);
    EntrySummary {
        name: None,
        taken: None,
        issuer: issuer.to_owned(),
        account: account.to_owned(),
        kind,
        algorithm,
        digits,
        period,
        badge,
        warnings,
    }
}
