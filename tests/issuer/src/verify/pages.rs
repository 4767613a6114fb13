//! All HTML of the verification pages: plain functions from facts to a page, and nothing that decides.
//!
//! They look like the portal, speak its languages, and work without a script. Whatever comes from a device or a user is
//! escaped by the template engine.

use maud::{DOCTYPE, Markup, html};
use softtoken_core::activation::exchange::verification::CALLBACK;
use softtoken_core::error::VerificationRefusal;

use super::ticket::Found;
use crate::portal::{File, Lang, head, languages, parts, serial};

/// What the user compares with the app.
pub(super) struct Facts<'a> {
    device: &'a str,
    serial: String,
    number: &'a str,
}

/// Why a picture was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureProblem {
    /// There was none.
    Missing,
    /// More than 2 MiB.
    TooLarge,
    /// Neither JPEG nor PNG.
    Type,
}

impl<'a> Facts<'a> {
    /// Of a ticket.
    pub(super) fn of(found: &'a Found) -> Self {
        Self { device: &found.device, serial: serial(&found.serial), number: &found.number }
    }
}

/// Asks whether the certificate is to count. A holder without a name is `None`.
pub(super) fn certificate(lang: Lang, facts: &Facts<'_>, holder: Option<&str>, ticket: &str) -> String {
    let holder = holder.map_or_else(|| lang.t("verify-nameless"), str::to_owned);
    let body = html! {
        (compare(lang, facts))
        form method="post" action="/verify/certificate" {
            input type="hidden" name="ticket" value=(ticket);
            p { (lang.t("verify-chosen")) br; strong { (holder) } }
            p.small { (lang.t("verify-chosen-wrong")) }
            div.row {
                button name="decision" value="yes" { (lang.t("verify-yes")) }
                button.second name="decision" value="no" { (lang.t("verify-no")) }
            }
        }
        p.small { (lang.t("verify-no-effect")) }
    };
    document(lang, Some(ticket), &lang.t("verify-certificate"), None, &body)
}

/// Asks for a picture. The camera in the page is there only with a script; the file input does the same without.
pub(super) fn face(lang: Lang, facts: &Facts<'_>, ticket: &str, problem: Option<PictureProblem>) -> String {
    let body = html! {
        @if let Some(problem) = problem { (parts::wrong(&lang.t(problem.key()), "")) }
        (compare(lang, facts))
        form method="post" action="/verify/face" enctype="multipart/form-data" {
            input type="hidden" name="ticket" value=(ticket);
            div.field {
                label for="picture" { (lang.t("verify-picture")) }
                p.hint id="picture-hint" { (lang.t("verify-picture-hint")) }
                (camera(lang))
                input id="picture" type="file" name="picture" accept="image/jpeg,image/png" capture="user" required
                    aria-describedby="picture-hint";
            }
            div.row {
                button name="decision" value="send" { (lang.t("verify-yes-send")) }
                button.second name="decision" value="no" formnovalidate { (lang.t("verify-no")) }
            }
        }
        p.small { (lang.t("verify-no-effect")) }
    };
    document(lang, Some(ticket), &lang.t("verify-face"), Some(File::Camera), &body)
}

/// It has passed.
pub(super) fn passed(lang: Lang) -> String {
    let body = html! { (good(&lang.t("verify-passed-how"))) (back(lang)) };
    document(lang, None, &lang.t("verify-passed"), None, &body)
}

/// A person looks at it.
pub(super) fn reviewed(lang: Lang) -> String {
    let body = html! {
        (good(&lang.t("verify-reviewed-how")))
        p { (lang.t("verify-reviewed-way")) }
        (back(lang))
    };
    document(lang, None, &lang.t("verify-reviewed"), None, &body)
}

/// It was refused.
pub(super) fn refused(lang: Lang, reason: VerificationRefusal) -> String {
    let (why, way) = match reason {
        VerificationRefusal::AnotherHolder => ("verify-another", "verify-another-way"),
        VerificationRefusal::ByUser => ("verify-by-user", "verify-by-user-way"),
        VerificationRefusal::ByPerson | VerificationRefusal::Other => ("verify-other", "verify-other-way"),
    };
    document(lang, None, &lang.t("verify-refused"), None, &problem(lang, why, way))
}

/// The browser has sent no certificate.
pub(super) fn no_certificate(lang: Lang) -> String {
    let body = problem(lang, "verify-without", "verify-without-way");
    document(lang, None, &lang.t("verify-without-title"), None, &body)
}

/// Of unknown, expired and used tickets.
pub(super) fn gone(lang: Lang) -> String {
    let body = problem(lang, "verify-gone", "verify-gone-way");
    document(lang, None, &lang.t("verify-gone-title"), None, &body)
}

/// More than a form may have.
pub(super) fn picture_too_large(lang: Lang) -> String {
    let body = problem(lang, PictureProblem::TooLarge.key(), "verify-picture-way");
    document(lang, None, &lang.t("verify-refused"), None, &body)
}

/// A fault of the issuer.
pub(super) fn unavailable(lang: Lang) -> String {
    let body = problem(lang, "verify-fault", "verify-fault-way");
    document(lang, None, &lang.t("verify-fault-title"), None, &body)
}

impl PictureProblem {
    fn key(self) -> &'static str {
        match self {
            Self::Missing => "verify-picture-missing",
            Self::TooLarge => "verify-picture-large",
            Self::Type => "verify-picture-type",
        }
    }
}

fn compare(lang: Lang, facts: &Facts<'_>) -> Markup {
    html! {
        p { (lang.t("verify-compare")) }
        div.compare {
            span.label id="number" { (lang.t("verify-number")) }
            output.code aria-labelledby="number" { (facts.number) }
        }
        dl.facts {
            dt { (lang.t("device")) } dd { (facts.device) }
            dt { (lang.t("serial-number")) } dd.code { (facts.serial) }
        }
    }
}

/// What the script shows and moves; everything is hidden without it.
fn camera(lang: Lang) -> Markup {
    html! {
        div.camera data-camera="picture" hidden {
            video playsinline muted hidden aria-label=(lang.t("verify-camera-live")) {}
            canvas role="img" aria-label=(lang.t("verify-camera-taken")) hidden {}
            p role="status" data-part="refused" hidden { (lang.t("verify-camera-refused")) }
            div.row {
                button.second type="button" data-part="start" { (lang.t("verify-camera-start")) }
                button.second type="button" data-part="take" hidden { (lang.t("verify-camera-take")) }
            }
        }
    }
}

fn good(text: &str) -> Markup {
    html! { div.notice.good role="status" { strong { (text) } } }
}

fn problem(lang: Lang, why: &str, way: &str) -> Markup {
    html! { (parts::wrong(&lang.t(why), &lang.t(way))) (back(lang)) }
}

/// Wakes the app where a phone has it; the app reads nothing of it.
fn back(lang: Lang) -> Markup {
    html! { p { (parts::link(CALLBACK, &lang.t("verify-back"), "")) } p.small { (lang.t("verify-back-else")) } }
}

/// `ticket` is whose page it is, where the same page can be shown in another language: while it lives. All others are
/// the same for every ticket.
fn document(lang: Lang, ticket: Option<&str>, title: &str, script: Option<File>, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            (head(lang, title, script))
            body {
                header.top {
                    span.brand { img src=(File::Icon.address()) alt="" width="28" height="28"; (lang.t("brand")) }
                }
                main id="content" { section.card.narrow { h1 { (title) } (body) } }
                @if let Some(ticket) = ticket {
                    footer {
                        form method="post" action="/verify/language" {
                            input type="hidden" name="ticket" value=(ticket);
                            (languages(lang))
                        }
                    }
                }
            }
        }
    }
    .into_string()
}
