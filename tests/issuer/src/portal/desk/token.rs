//! One token: how it stands, its orders, and the forms for what can be done with it.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use sqlx::Row;

use super::lines::{self, Filter};
use super::people::{Person, may_help, person};
use super::{Room, again, help, is_admin, show};
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::patterns;
use crate::portal::authenticators::serial;
use crate::portal::parts;
use crate::portal::session::Session;
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Staff, Visit};
use crate::tokens::{Token, TokenClass, TokenState};

/// A token as the help desk sees it; no secrets.
pub(super) struct Seen {
    pub(super) token: Token,
    pub(super) holder: Option<Person>,
    pub(super) rekey_wanted: bool,
    label: Option<String>,
    vendor: Option<String>,
    drift: i64,
    counter: i64,
    failures: i64,
    locked_at: Option<i64>,
    pub(super) orders: Vec<Made>,
}

/// An order as the help desk sees it.
pub(super) struct Made {
    state: String,
    created_at: i64,
    expires_at: i64,
    claimed_at: Option<i64>,
    device: Option<String>,
    over: bool,
}

impl Seen {
    /// The token of this id with its holder.
    pub(super) async fn load(visit: &Visit, id: &str) -> Result<Self> {
        if !patterns::is_id(id) {
            return Err(Error::NotFound);
        }
        let readers = visit.issuer.store.read();
        let row = sqlx::query("SELECT * FROM tokens WHERE id = ?").bind(id);
        let row = row.fetch_optional(readers).await?.ok_or(Error::NotFound)?;
        let token = Token::from_row(&row)?;
        let holder = match &token.user {
            Some(user) => Some(person(visit, user).await?),
            None => None,
        };
        let orders = "SELECT state, created_at, expires_at, claimed_at, device FROM orders \
                      WHERE token_id = ? ORDER BY created_at DESC, rowid DESC LIMIT ?";
        let orders = sqlx::query(orders).bind(id).bind(ORDERS).fetch_all(readers).await?;
        let now = seconds(visit.issuer.now());
        let wanted: Option<i64> = row.try_get("rekey_up_to")?;
        Ok(Self {
            holder,
            rekey_wanted: wanted >= Some(row.try_get("generation")?),
            label: row.try_get("label")?,
            vendor: row.try_get("vendor")?,
            drift: row.try_get("drift")?,
            counter: row.try_get("counter")?,
            failures: row.try_get("failures")?,
            locked_at: row.try_get("locked_at")?,
            orders: orders.iter().map(|row| Made::read(row, now)).collect::<Result<_>>()?,
            token,
        })
    }

    /// Whether a registration code or a first code can be taken.
    pub(super) fn can_be_completed(&self) -> bool {
        self.orders.first().is_some_and(|order| {
            !order.over && matches!(order.state.as_str(), "OPEN" | "AWAITED" | "DERIVED")
        })
    }

    pub(super) fn is_soft(&self) -> bool {
        self.token.class == TokenClass::Soft
    }

    pub(super) fn is(&self, state: TokenState) -> bool {
        self.token.state == state
    }
}

impl Made {
    fn read(row: &sqlx::sqlite::SqliteRow, now: i64) -> Result<Self> {
        let (claimed_at, expires_at) =
            (row.try_get::<Option<i64>, _>("claimed_at")?, row.try_get("expires_at")?);
        let end = claimed_at.map_or(expires_at, |at| at.saturating_add(crate::orders::CLAIMED_LIFE));
        Ok(Self {
            state: row.try_get("state")?,
            created_at: row.try_get("created_at")?,
            expires_at,
            claimed_at,
            device: row.try_get("device")?,
            over: now > end,
        })
    }

    fn badge(&self, lang: Lang) -> Markup {
        let (kind, key) = match (self.state.as_str(), self.over) {
            ("OPEN", true) => ("", "desk-order-expired"),
            ("OPEN", false) => ("warn", "desk-order-open"),
            ("CLAIMED", _) => ("warn", "desk-order-claimed"),
            ("AWAITED", _) => ("warn", "desk-order-awaited"),
            ("DERIVED", _) => ("warn", "desk-order-derived"),
            ("DONE", _) => ("good", "desk-order-done"),
            ("SUPERSEDED", _) => ("", "desk-order-superseded"),
            _ => ("bad", "desk-order-void"),
        };
        parts::badge(kind, &lang.t(key))
    }
}

/// The page.
pub async fn page(Staff(visit, session): Staff, Path(id): Path<String>) -> Answer {
    let seen = Seen::load(&visit, &id).await?;
    let content = content(&visit, &session, &seen, None).await?;
    Ok(show(&visit, Room::Users, &serial(&seen.token.serial), content))
}

/// The page again, with what went wrong above it.
pub(super) async fn wrong(visit: &Visit, session: &Session, seen: &Seen, code: &str) -> Result<Response> {
    let content = content(visit, session, seen, Some(code)).await?;
    Ok(again(visit, Room::Users, &serial(&seen.token.serial), content))
}

async fn content(visit: &Visit, session: &Session, seen: &Seen, wrong: Option<&str>) -> Result<Markup> {
    let lang = visit.lang;
    let lines = lines::find(visit, &Filter::of_token(&seen.token.id), LATELY).await?;
    let may = may_help(session, seen.holder.as_ref());
    let is_staff = seen.holder.is_some() && !may;
    Ok(html! {
        div.head { h1.code { (serial(&seen.token.serial)) } (state(lang, &seen.token)) }
        @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
        @if is_staff { (parts::info(lang.t("desk-is-staff"))) }
        section.card { h2 { (lang.t("desk-state")) } (facts(lang, seen)) }
        @if may { (help::forms(visit, is_admin(session), seen)) }
        @if seen.is_soft() { section.card { h2 { (lang.t("desk-orders")) } (orders(lang, &seen.orders)) } }
        section.card {
            h2 { (lang.t("desk-lately")) }
            @if lines.is_empty() { p { (lang.t("desk-audit-none")) } } @else { (lines::table(lang, &lines)) }
        }
    })
}

fn facts(lang: Lang, seen: &Seen) -> Markup {
    let token = &seen.token;
    html! {
        dl.facts {
            dt { (lang.t("desk-holder")) }
            dd { @match &seen.holder {
                Some(holder) => a href={"/desk/users/" (holder.id)} { (holder.name) },
                None => (lang.t("desk-nobody")),
            } }
            dt { (lang.t("kind")) } dd { (kind(lang, token)) }
            dt { (lang.t("desk-codes")) }
            dd { (lang.with("desk-codes-are", [("kind", token.kind.as_str().into()), ("algorithm", token.algorithm.as_str().into()), ("digits", token.digits.into()), ("period", token.period.into())])) }
            @if let Some(label) = &seen.label { dt { (lang.t("desk-label")) } dd { (label) } }
            @if let Some(device) = &token.device { dt { (lang.t("device")) } dd { (device) } }
            @if let Some(vendor) = &seen.vendor { dt { (lang.t("desk-vendor")) } dd { (vendor) } }
            dt { (lang.t("desk-created-at")) } dd { (parts::time(token.created_at)) }
            @if let Some(at) = token.activated_at { dt { (lang.t("activated-at")) } dd { (parts::time(at)) } }
            @if token.kind == "TOTP" {
                dt { (lang.t("desk-drift")) }
                dd { (lang.with("desk-drift-is", [("seconds", seen.drift.saturating_mul(token.period).into())])) }
            } @else {
                dt { (lang.t("desk-counter")) } dd { (seen.counter) }
            }
            dt { (lang.t("desk-failures")) } dd { (seen.failures) }
            @if let Some(at) = seen.locked_at { dt { (lang.t("desk-locked-at")) } dd { (parts::time(at)) } }
            @if seen.rekey_wanted { dt { (lang.t("desk-rekey")) } dd { (lang.t("desk-rekey-wanted")) } }
        }
    }
}

fn orders(lang: Lang, orders: &[Made]) -> Markup {
    html! {
        @if orders.is_empty() { p { (lang.t("desk-orders-none")) } } @else {
            table.stack {
                thead { tr {
                    th scope="col" { (lang.t("desk-order-made")) }
                    th scope="col" { (lang.t("desk-state")) }
                    th scope="col" { (lang.t("desk-order-expires")) }
                    th scope="col" { (lang.t("desk-order-taken")) }
                    th scope="col" { (lang.t("device")) }
                } }
                tbody { @for order in orders { tr {
                    td data-label=(lang.t("desk-order-made")) { (parts::time(order.created_at)) }
                    td data-label=(lang.t("desk-state")) { (order.badge(lang)) }
                    td data-label=(lang.t("desk-order-expires")) { (parts::time(order.expires_at)) }
                    td data-label=(lang.t("desk-order-taken")) { @if let Some(at) = order.claimed_at { (parts::time(at)) } @else { "–" } }
                    td data-label=(lang.t("device")) { (order.device.as_deref().unwrap_or("–")) }
                } } }
            }
        }
    }
}

/// The state as a badge.
pub(super) fn state(lang: Lang, token: &Token) -> Markup {
    if token.locked {
        return parts::badge("bad", &lang.t("state-locked"));
    }
    let (kind, key) = match token.state {
        TokenState::Unassigned => ("", "state-unassigned"),
        TokenState::New => ("", "state-new"),
        TokenState::Activating => ("warn", "state-activating"),
        TokenState::Active => ("good", "state-active"),
        TokenState::Inactive => ("bad", "state-inactive"),
    };
    parts::badge(kind, &lang.t(key))
}

pub(super) fn kind(lang: Lang, token: &Token) -> String {
    lang.t(match token.class {
        TokenClass::Soft => "kind-soft",
        TokenClass::Hardware => "kind-hardware",
    })
}

/// Orders and lines of the log on the page.
const ORDERS: i64 = 10;
const LATELY: i64 = 10;
