//! The front of the help desk: search, and what waits for somebody.

use axum::extract::Query;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use sqlx::Row;

use super::people::{self, Person};
use super::{Room, is_admin, show, token};
use crate::error::Result;
use crate::portal::authenticators::serial;
use crate::portal::look;
use crate::portal::parts::{self, Field};
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Staff, Visit};
use crate::tokens::Token;

/// What is looked for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    show: String,
}

/// Search, counts, and what was found.
pub async fn page(Staff(visit, session): Staff, Query(search): Query<Search>) -> Answer {
    let (lang, typed) = (visit.lang, search.q.trim());
    if let Some(found) = by_serial(&visit, typed).await? {
        return Ok(found);
    }
    let people = if typed.is_empty() { Vec::new() } else { by_prefix(&visit, typed).await? };
    let listed = match search.show.as_str() {
        "waiting" => Some(("desk-waiting", tokens(&visit, WAITING).await?)),
        "locked" => Some(("desk-locked", tokens(&visit, LOCKED).await?)),
        _ => None,
    };
    let title = lang.t("desk-title");
    let content = html! {
        h1 { (title) }
        form.card method="get" action="/desk" role="search" {
            (Field { name: "q", label: lang.t("desk-search"), value: typed, hint: Some(lang.t("desk-search-hint")), kind: "search", first: true, ..Field::default() })
            button { (lang.t("desk-search-do")) }
        }
        @if !typed.is_empty() {
            section.card {
                h2 { (lang.t("desk-found")) }
                @if people.is_empty() { p { (lang.t("desk-found-none")) } } @else { (people::table(lang, &people)) }
                @if people.len() >= MOST { p.small { (lang.t("desk-found-more")) } }
            }
        }
        (counts(&visit).await?)
        @if let Some((key, found)) = listed { (list(lang, key, &found)) }
        @if is_admin(&session) {
            section.card {
                h2 { (lang.t("desk-administration")) }
                div.row {
                    (parts::link("/desk/users/add", &lang.t("desk-user-add"), "second"))
                    (parts::link("/desk/policy", &lang.t("desk-policy"), "second"))
                    (parts::link("/desk/hardware", &lang.t("desk-hardware"), "second"))
                    (parts::link("/desk/keys", &lang.t("desk-keys"), "second"))
                }
            }
        }
    };
    Ok(show(&visit, Room::Front, &title, content))
}

async fn by_serial(visit: &Visit, typed: &str) -> Result<Option<Response>> {
    let bare: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let query = "SELECT id FROM tokens WHERE serial = ? OR serial = ?";
    let found: Option<String> =
        sqlx::query_scalar(query).bind(typed).bind(bare).fetch_optional(visit.issuer.store.read()).await?;
    Ok(found.map(|id| look::go(&format!("/desk/tokens/{id}"), None)))
}

async fn by_prefix(visit: &Visit, typed: &str) -> Result<Vec<Person>> {
    let mut pattern = String::with_capacity(typed.len());
    for c in typed.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    let query = "SELECT id, name, email, role, created_at FROM users \
                 WHERE name LIKE ? ESCAPE '\\' OR email LIKE ? ESCAPE '\\' ORDER BY name LIMIT ?";
    let most = i64::try_from(MOST).unwrap_or(0);
    let query = sqlx::query(query).bind(&pattern).bind(&pattern).bind(most);
    query.fetch_all(visit.issuer.store.read()).await?.iter().map(people::read).collect()
}

/// A token, and who has it.
struct Held {
    token: Token,
    holder: Option<String>,
}

async fn tokens(visit: &Visit, which: &str) -> Result<Vec<Held>> {
    let query = format!(
        "SELECT tokens.*, users.name AS holder FROM tokens LEFT JOIN users ON users.id = tokens.user_id \
         WHERE {which} ORDER BY tokens.created_at DESC, tokens.id LIMIT {MOST}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(visit.issuer.store.read()).await?;
    rows.iter().map(|row| Ok(Held { token: Token::from_row(row)?, holder: row.try_get("holder")? })).collect()
}

fn list(lang: Lang, key: &str, found: &[Held]) -> Markup {
    html! {
        section.card {
            h2 { (lang.t(key)) }
            @if found.is_empty() { p { (lang.t("desk-nothing-waits")) } } @else {
                table.stack {
                    thead { tr {
                        th scope="col" { (lang.t("serial-number")) }
                        th scope="col" { (lang.t("user-name")) }
                        th scope="col" { (lang.t("desk-state")) }
                    } }
                    tbody { @for Held { token, holder } in found { tr {
                        td { a href={"/desk/tokens/" (token.id)} { (serial(&token.serial)) } }
                        td data-label=(lang.t("user-name")) { (holder.as_deref().unwrap_or("–")) }
                        td data-label=(lang.t("desk-state")) { (token::state(lang, token)) }
                    } } }
                }
            }
        }
    }
}

async fn counts(visit: &Visit) -> Result<Markup> {
    let lang = visit.lang;
    let query = format!(
        "SELECT (SELECT count(*) FROM tokens WHERE {WAITING}), (SELECT count(*) FROM tokens WHERE {LOCKED})"
    );
    let (waiting, locked): (i64, i64) =
        sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_one(visit.issuer.store.read()).await?;
    let faces = i64::try_from(visit.issuer.waiting_reviews().await?.len()).unwrap_or(i64::MAX);
    let count = |key: &str, number: i64, to: &str| {
        html! {
            div.card.count {
                p.number { (number) }
                p { a href=(to) { (lang.t(key)) } }
            }
        }
    };
    Ok(html! {
        div.columns {
            (count("desk-waiting", waiting, "/desk?show=waiting"))
            (count("desk-locked", locked, "/desk?show=locked"))
            (count("desk-faces", faces, "/desk/reviews"))
        }
    })
}

/// A registration code or a first code is awaited.
const WAITING: &str = "EXISTS (SELECT 1 FROM orders WHERE orders.token_id = tokens.id \
                       AND orders.state IN ('AWAITED', 'DERIVED'))";
const LOCKED: &str = "tokens.locked_at IS NOT NULL";
/// Rows of a list.
const MOST: usize = 50;
