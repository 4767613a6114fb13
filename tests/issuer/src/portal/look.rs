//! The shell of a page: head, navigation, what was done, content, language.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::files::File;
use super::parts;
use super::session::{Level, Role};
use super::signin;
use super::texts::Lang;
use super::visit::Visit;

/// Where a page is in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Nowhere.
    None,
    /// The visitor's tokens.
    Authenticators,
    /// Unlocking an app.
    Unlock,
    /// Password, questions, where devices were activated.
    Account,
    /// The sample of a protected application.
    Sample,
    /// Pages of the help desk.
    Desk,
}

/// A page with this title.
pub fn page(visit: &Visit, tab: Tab, title: &str, content: Markup) -> Response {
    answer(StatusCode::OK, shell(visit, tab, title, content))
}

/// A form that was sent with something wrong in it, shown again.
pub fn again(visit: &Visit, tab: Tab, title: &str, content: Markup) -> Response {
    answer(StatusCode::UNPROCESSABLE_ENTITY, shell(visit, tab, title, content))
}

/// A refusal as a page: what is wrong, and what to do.
pub fn refusal(visit: &Visit, status: StatusCode, code: &str) -> Response {
    let lang = visit.lang;
    let title = lang.t(&format!("error-{code}"));
    let content = html! {
        h1 { (title) }
        p.lead { (lang.t(&format!("error-{code}-way"))) }
        p { a.button href="/portal" { (lang.t("error-home")) } }
    };
    answer(status, shell(visit, Tab::None, &title, content))
}

/// Sends the visitor on after a POST; `done` is the key of what was done, said on the next page.
pub fn go(to: &str, done: Option<&str>) -> Response {
    let mark = if to.contains('?') { '&' } else { '?' };
    let to = done.map_or_else(|| to.to_owned(), |done| format!("{to}{mark}done={done}"));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// Sends the visitor to sign in, or on to the second step, and back afterwards.
pub fn to_sign_in(visit: &Visit) -> Response {
    let half = visit.session.as_ref().is_some_and(|session| session.level == Level::Password);
    let step = if half { "/portal/sign-in/code" } else { "/portal/sign-in" };
    go(&format!("{step}?next={}", signin::encoded(&visit.path)), None)
}

fn answer(status: StatusCode, page: Markup) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
}

/// What every page has in its head: title, icon, style sheet, and a script that it also works without.
pub(crate) fn head(lang: Lang, title: &str, script: Option<File>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="robots" content="noindex";
            meta name="color-scheme" content="light dark";
            title { (title) " · " (lang.t("brand")) }
            link rel="icon" href=(File::Icon.address()) type="image/svg+xml";
            link rel="stylesheet" href=(File::Style.address());
            @if let Some(script) = script { script src=(script.address()) defer {} }
        }
    }
}

fn shell(visit: &Visit, tab: Tab, title: &str, content: Markup) -> Markup {
    let lang = visit.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            (head(lang, title, Some(File::Copy)))
            body {
                a.skip href="#content" { (lang.t("skip")) }
                (header(visit, tab))
                main id="content" {
                    @if let Some(done) = visit.done() { (parts::done(&lang.t(&done))) }
                    (content)
                }
                (footer(visit))
            }
        }
    }
}

fn header(visit: &Visit, tab: Tab) -> Markup {
    let lang = visit.lang;
    let session = visit.session.as_ref();
    let level = session.map(|session| session.level);
    let staff = session.is_some_and(|session| session.role >= Role::HelpDesk);
    let mut entries = Vec::new();
    if level == Some(Level::Full) {
        entries.push((Tab::Authenticators, "/portal/authenticators", "nav-authenticators"));
    }
    if level >= Some(Level::Answers) {
        entries.push((Tab::Unlock, "/portal/unlock", "nav-unlock"));
    }
    if level == Some(Level::Full) {
        entries.push((Tab::Account, "/portal/account", "nav-account"));
        entries.push((Tab::Sample, "/portal/sample", "nav-sample"));
        if staff {
            entries.push((Tab::Desk, "/desk", "nav-desk"));
        }
    }
    html! {
        header.top {
            a.brand href="/portal" { img src=(File::Icon.address()) alt="" width="28" height="28"; (lang.t("brand")) }
            @if !entries.is_empty() {
                nav aria-label=(lang.t("nav-label")) {
                    ul { @for (entry, path, key) in entries {
                        li { a href=(path) aria-current=[(entry == tab).then_some("page")] { (lang.t(key)) } }
                    } }
                }
            }
            @if let Some(session) = session {
                div.who {
                    span.name { (session.name) }
                    (parts::post(visit, "/portal/sign-out", html! { button.plain { (lang.t("sign-out")) } }))
                }
            }
        }
    }
}

fn footer(visit: &Visit) -> Markup {
    html! {
        footer {
            span { (visit.issuer.settings.address.unicode()) }
            (parts::post(visit, "/portal/language", html! {
                input type="hidden" name="next" value=(visit.path);
                (languages(visit.lang))
            }))
        }
    }
}

/// The buttons of all languages, inside a form that takes one as `lang`.
pub(crate) fn languages(chosen: Lang) -> Markup {
    html! {
        @for lang in Lang::ALL {
            button.plain name="lang" value=(lang.tag()) lang=(lang.tag())
                aria-current=[(lang == chosen).then_some("true")] { (lang.name()) }
        }
    }
}
