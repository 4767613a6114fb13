//! The audit log: search, the newest lines first, and as CSV.

use axum::extract::Query;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use super::dates::{iso, start_of};
use super::lines::{self, Filter, Line};
use super::people::address;
use super::{Room, again, is_admin, show};
use crate::error::Error;
use crate::portal::events;
use crate::portal::parts::{self, Field};
use crate::portal::texts::Lang;
use crate::portal::visit::{Administrator, Answer, Staff};

/// What is looked for, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Search {
    event: String,
    actor: String,
    user: String,
    serial: String,
    from: String,
    to: String,
    before: String,
}

impl Search {
    /// `Err` is the field that is no date or number.
    fn filter(&self) -> std::result::Result<Filter, &'static str> {
        let date = |text: &str, field| {
            let date = Some(text.trim()).filter(|text| !text.is_empty());
            date.map(|date| start_of(date).ok_or(field)).transpose()
        };
        let before = Some(self.before.trim()).filter(|text| !text.is_empty());
        Ok(Filter {
            event: self.event.trim().to_owned(),
            actor: self.actor.trim().to_owned(),
            user: self.user.trim().to_owned(),
            token: self.serial.trim().to_owned(),
            from: date(&self.from, "from")?,
            // The day that is named counts.
            to: date(&self.to, "to")?.map(|start| start.saturating_add(86_400)),
            before: before.map(|text| text.parse().map_err(|_| "before")).transpose()?,
        })
    }

    fn address(&self, path: &str, before: &str) -> String {
        let (event, actor, user) = (self.event.trim(), self.actor.trim(), self.user.trim());
        let (serial, from, to) = (self.serial.trim(), self.from.trim(), self.to.trim());
        let query = [("event", event), ("actor", actor), ("user", user), ("serial", serial), ("from", from)];
        address(path, &[&query[..], &[("to", to), ("before", before)]].concat())
    }
}

/// The page.
pub async fn page(Staff(visit, session): Staff, Query(search): Query<Search>) -> Answer {
    let (lang, title) = (visit.lang, visit.lang.t("desk-audit"));
    let filter = match search.filter() {
        Ok(filter) => filter,
        Err(field) => {
            let content = html! { h1 { (title) } (form(lang, &search, Some(field))) };
            return Ok(again(&visit, Room::Audit, &title, content));
        }
    };
    let mut found = lines::find(&visit, &filter, PAGE.saturating_add(1)).await?;
    let more = i64::try_from(found.len()).is_ok_and(|found| found > PAGE);
    found.truncate(usize::try_from(PAGE).unwrap_or(0));
    let older =
        found.last().filter(|_| more).map(|last| search.address("/desk/audit", &last.number.to_string()));
    let content = html! {
        h1 { (title) }
        (form(lang, &search, None))
        @if found.is_empty() {
            (parts::empty(&lang.t("desk-audit-none"), &lang.t("desk-audit-none-way"), ""))
        } @else {
            section.card { (lines::table(lang, &found)) }
            div.row {
                @if filter.before.is_some() { (parts::link(&search.address("/desk/audit", ""), &lang.t("desk-newest"), "second")) }
                @if let Some(older) = older { (parts::link(&older, &lang.t("desk-older"), "second")) }
                @if is_admin(&session) { (parts::link(&search.address("/desk/audit.csv", ""), &lang.t("desk-csv"), "second")) }
            }
        }
    };
    Ok(show(&visit, Room::Audit, &title, content))
}

/// All lines that fit, as CSV (RFC 4180).
pub async fn csv(Administrator(visit, _): Administrator, Query(search): Query<Search>) -> Answer {
    let filter = search.filter().map_err(|_| Error::BadValue("A date"))?;
    let found = lines::find(&visit, &filter, MOST).await?;
    let mut text = String::from("number,time,event,words,actor,user,serial,detail\r\n");
    for line in &found {
        row(&mut text, visit.lang, line);
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, text).into_response())
}

fn row(text: &mut String, lang: Lang, line: &Line) {
    let name = |named: &Option<(String, String)>| named.as_ref().map(|(_, name)| name.clone());
    let cells = [
        line.number.to_string(),
        iso(line.at),
        line.event.clone(),
        events::words(lang, &line.event),
        line.actor.clone().unwrap_or_default(),
        name(&line.user).or(line.gone.clone()).unwrap_or_default(),
        name(&line.token).unwrap_or_default(),
        line.detail.clone().unwrap_or_default(),
    ];
    text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
    text.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

fn form(lang: Lang, search: &Search, wrong: Option<&str>) -> Markup {
    let date = |name| wrong.filter(|field| *field == name).map(|_| lang.t("desk-date-wrong"));
    html! {
        form.card method="get" action="/desk/audit" role="search" {
            div.columns {
                div.field {
                    label for="event" { (lang.t("desk-event")) }
                    select id="event" name="event" {
                        option value="" { (lang.t("desk-every-event")) }
                        @for (event, key, _) in events::EVENTS {
                            option value=(event) selected[*event == search.event] { (lang.t(key)) }
                        }
                    }
                }
                (Field { name: "actor", label: lang.t("desk-actor"), value: &search.actor, optional: true, ..Field::default() })
                (Field { name: "user", label: lang.t("user-name"), value: &search.user, optional: true, ..Field::default() })
                (Field { name: "serial", label: lang.t("serial-number"), value: &search.serial, optional: true, ..Field::default() })
                (Field { name: "from", label: lang.t("desk-from"), value: &search.from, error: date("from"), kind: "date", optional: true, ..Field::default() })
                (Field { name: "to", label: lang.t("desk-to"), value: &search.to, error: date("to"), kind: "date", optional: true, ..Field::default() })
            }
            div.row {
                button { (lang.t("desk-search-do")) }
                (parts::link("/desk/audit", &lang.t("desk-search-all"), "second"))
            }
        }
    }
}

/// Lines in a page, and in a file.
const PAGE: i64 = 50;
const MOST: i64 = 100_000;

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_begins_as_a_formula_does_or_ends_its_quotes() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("@a"), "\"'@a\"");
        assert_eq!(quoted("a\",\"=b"), "\"a\"\",\"\"=b\"");
        assert_eq!(quoted("plain, text"), "\"plain, text\"");
    }
}
