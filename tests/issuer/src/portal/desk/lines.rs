//! Lines of the audit log: what is looked for, and how a line reads.

use maud::{Markup, html};
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::error::Result;
use crate::portal::authenticators::serial;
use crate::portal::events;
use crate::portal::parts;
use crate::portal::texts::Lang;
use crate::portal::visit::Visit;

/// What is looked for; an empty field is no condition.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) event: String,
    pub(super) actor: String,
    /// A name, or the id of a user who may be gone.
    pub(super) user: String,
    /// A serial number, or the id of a token that may be gone.
    pub(super) token: String,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Older than this line.
    pub(super) before: Option<i64>,
}

/// A line with the names of what it names by id.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) event: String,
    pub(super) actor: Option<String>,
    pub(super) user: Option<(String, String)>,
    pub(super) token: Option<(String, String)>,
    pub(super) detail: Option<String>,
    /// Of a user or token that is gone.
    pub(super) gone: Option<String>,
}

impl Filter {
    pub(super) fn of_user(id: &str) -> Self {
        Self { user: id.to_owned(), ..Self::default() }
    }

    pub(super) fn of_token(id: &str) -> Self {
        Self { token: id.to_owned(), ..Self::default() }
    }

    /// All conditions but the user.
    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        if !self.event.is_empty() {
            query.push(" AND audit.event = ").push_bind(self.event.clone());
        }
        if !self.actor.is_empty() {
            query.push(" AND (audit.actor = ").push_bind(self.actor.clone());
            query.push(" OR audit.actor IN (SELECT id FROM users WHERE name = ");
            query.push_bind(self.actor.clone()).push("))");
        }
        if !self.token.is_empty() {
            let bare: String = self.token.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
            query.push(" AND audit.token_id IN (SELECT id FROM tokens WHERE serial = ");
            query.push_bind(self.token.clone()).push(" OR serial = ").push_bind(bare);
            query.push(" UNION SELECT ").push_bind(self.token.clone()).push(")");
        }
        for (condition, bound) in [
            (" AND audit.at >= ", self.from),
            (" AND audit.at < ", self.to),
            (" AND audit.number < ", self.before),
        ] {
            if let Some(bound) = bound {
                query.push(condition).push_bind(bound);
            }
        }
    }
}

/// The newest lines that fit. A user's are those about the user and those about a token of the user: the newest of
/// each are found by an index of their own, and only those are put together, however long the log is.
pub(super) async fn find(visit: &Visit, filter: &Filter, most: i64) -> Result<Vec<Line>> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(SELECT);
    if filter.user.is_empty() {
        filter.push(&mut query);
    } else {
        let ids = "SELECT id FROM users WHERE name = ? UNION SELECT ?";
        let ids = sqlx::query_scalar(ids).bind(&filter.user).bind(&filter.user);
        let ids: Vec<String> = ids.fetch_all(visit.issuer.store.read()).await?;
        let mut before = " AND audit.number IN (";
        for id in ids {
            for (about, end) in OF_USER {
                query.push(before).push(about).push_bind(id.clone()).push(end);
                filter.push(&mut query);
                query.push(" ORDER BY audit.number DESC LIMIT ").push_bind(most).push(")");
                before = " UNION ";
            }
        }
        query.push(")");
    }
    query.push(" ORDER BY audit.number DESC LIMIT ").push_bind(most);
    let rows = query.build().fetch_all(visit.issuer.store.read()).await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Line> {
    let both = |id: &str, name: &str| -> Result<Option<(String, String)>> {
        let (id, name): (Option<String>, Option<String>) = (row.try_get(id)?, row.try_get(name)?);
        Ok(id.zip(name))
    };
    let (user, token) = (both("holder_id", "holder")?, both("token_id", "serial")?);
    let gone = match (&user, &token) {
        (None, None) => row.try_get::<Option<String>, _>("user_id")?.or(row.try_get("token_id")?),
        _ => None,
    };
    Ok(Line {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        event: row.try_get("event")?,
        actor: row.try_get("actor")?,
        user,
        token,
        detail: row.try_get("detail")?,
        gone,
    })
}

/// Lines in a table that becomes a list on a phone.
pub(super) fn table(lang: Lang, lines: &[Line]) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (lang.t("desk-at")) }
                th scope="col" { (lang.t("desk-event")) }
                th scope="col" { (lang.t("desk-actor")) }
                th scope="col" { (lang.t("desk-about")) }
                th scope="col" { (lang.t("desk-detail")) }
            } }
            tbody { @for line in lines { tr {
                td data-label=(lang.t("desk-at")) { (parts::time(line.at)) }
                td { (events::words(lang, &line.event)) " " span.small.code { (line.event) } }
                td data-label=(lang.t("desk-actor")) { (line.actor.as_deref().unwrap_or("–")) }
                td data-label=(lang.t("desk-about")) { (about(line)) }
                td data-label=(lang.t("desk-detail")) { (line.detail.as_deref().unwrap_or("–")) }
            } } }
        }
    }
}

fn about(line: &Line) -> Markup {
    html! {
        @if let Some((id, name)) = &line.user { a href={"/desk/users/" (id)} { (name) } " " }
        @if let Some((id, digits)) = &line.token { a href={"/desk/tokens/" (id)} { (serial(digits)) } }
        @if let Some(id) = &line.gone { span.small { (id) } }
        @if line.user.is_none() && line.token.is_none() && line.gone.is_none() { "–" }
    }
}

/// A row's own holder, or that of its token.
const SELECT: &str = "SELECT audit.number, audit.at, audit.event, audit.detail, audit.user_id, audit.token_id, \
     COALESCE(actors.name, audit.actor) AS actor, COALESCE(users.id, holders.id) AS holder_id, \
     COALESCE(users.name, holders.name) AS holder, tokens.serial FROM audit \
     LEFT JOIN users AS actors ON actors.id = audit.actor LEFT JOIN users ON users.id = audit.user_id \
     LEFT JOIN tokens ON tokens.id = audit.token_id LEFT JOIN users AS holders ON holders.id = tokens.user_id \
     WHERE 1 = 1";
/// Lines about a user, and about the user's tokens; the id is between the two parts.
const OF_USER: [(&str, &str); 2] = [
    ("SELECT number FROM (SELECT audit.number FROM audit WHERE audit.user_id = ", ""),
    (
        "SELECT number FROM (SELECT audit.number FROM audit WHERE audit.token_id IN \
         (SELECT id FROM tokens WHERE user_id = ",
        ")",
    ),
];
