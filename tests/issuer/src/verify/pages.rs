//! All HTML of the verification pages: plain functions from facts to a page, and nothing that decides.
//!
//! Markup is semantic and without scripts; one style sheet. Whatever comes from a device or a user is escaped by the
//! template engine.

use maud::{DOCTYPE, Markup, html};
use softtoken_core::error::VerificationRefusal;

use super::ticket::Found;

/// What the user compares with the app.
pub struct Facts<'a> {
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
    pub fn of(found: &'a Found) -> Self {
        let serial = match found.serial.split_at_checked(5) {
            Some((front, back)) => format!("{front}-{back}"),
            None => found.serial.clone(),
        };
        Self { device: &found.device, serial, number: &found.number }
    }
}

/// Asks whether the certificate is to count.
pub fn certificate(style: &str, facts: &Facts<'_>, holder: &str, ticket: &str) -> String {
    let body = html! {
        p { "You have chosen the certificate of " strong { (holder) } "." }
        (compare(facts))
        form method="post" action="/verify/certificate" {
            input type="hidden" name="ticket" value=(ticket);
            button type="submit" name="decision" value="yes" { "Yes, my app shows the same" }
            button type="submit" name="decision" value="no" class="secondary" { "No, this is not my app" }
        }
    };
    document(style, "Certificate verification", &body)
}

/// Asks for a picture.
pub fn face(style: &str, facts: &Facts<'_>, ticket: &str, problem: Option<PictureProblem>) -> String {
    let body = html! {
        @if let Some(problem) = problem {
            p role="alert" class="problem" { (problem.sentence()) }
        }
        (compare(facts))
        form method="post" action="/verify/face" enctype="multipart/form-data" {
            input type="hidden" name="ticket" value=(ticket);
            p {
                label for="picture" { "A picture of your face" }
                input id="picture" type="file" name="picture" accept="image/jpeg,image/png" capture="user"
                    aria-describedby="picture-help";
            }
            p id="picture-help" { "JPEG or PNG, at most 2 MiB. It is deleted as soon as it has been looked at." }
            button type="submit" name="decision" value="send" { "Send the picture" }
            button type="submit" name="decision" value="no" class="secondary" formnovalidate {
                "No, this is not my app"
            }
        }
    };
    document(style, "Face verification", &body)
}

/// It has passed.
pub fn passed(style: &str) -> String {
    document(
        style,
        "Verified",
        &html! { p role="status" { "Thank you. Go back to the app: it goes on by itself." } (back()) },
    )
}

/// A person looks at it.
pub fn reviewed(style: &str) -> String {
    let body = html! {
        p role="status" { "Thank you. A person looks at your picture; this may take a while." }
        p { "Go back to the app. It goes on by itself, also when you open it again later." }
        (back())
    };
    document(style, "Picture received", &body)
}

/// It was refused.
pub fn refused(style: &str, reason: VerificationRefusal) -> String {
    let why = match reason {
        VerificationRefusal::AnotherHolder => {
            "This certificate is somebody else's. Go back to the app and try again with yours."
        }
        VerificationRefusal::ByUser => {
            "You said that this is not your app. The activation was stopped. If somebody has sent you the link, tell your help desk."
        }
        VerificationRefusal::ByPerson | VerificationRefusal::Other => {
            "The picture was not accepted. Go back to the app."
        }
    };
    document(style, "Not verified", &html! { p role="alert" { (why) } (back()) })
}

/// The browser has sent no certificate.
pub fn no_certificate(style: &str) -> String {
    let body = html! {
        p role="alert" { "Your browser has sent no certificate." }
        p { "Open the link again and choose your certificate when the browser asks. If it does not ask, close all its windows first; if there is none to choose, ask your help desk for one." }
    };
    document(style, "No certificate", &body)
}

/// Of unknown, expired and used tickets.
pub fn gone(style: &str) -> String {
    let body = html! { p role="alert" { "This link is not valid, or not any more. Go back to the app: it shows a new one." } };
    document(style, "Link not valid", &body)
}

/// More than a form may have.
pub fn picture_too_large(style: &str) -> String {
    let body = html! { p role="alert" { (PictureProblem::TooLarge.sentence()) } p { "Go back and choose another one." } };
    document(style, "Picture too large", &body)
}

/// A fault of the issuer.
pub fn unavailable(style: &str) -> String {
    document(
        style,
        "Try again",
        &html! { p role="alert" { "Something went wrong here, and nothing was decided. Try again in a minute." } },
    )
}

impl PictureProblem {
    fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "Choose a picture, or take one, before you send it.",
            Self::TooLarge => "The picture is too large: at most 2 MiB.",
            Self::Type => "This is no picture that can be used. Send a JPEG or PNG file.",
        }
    }
}

fn compare(facts: &Facts<'_>) -> Markup {
    html! {
        p { "Compare with your app. Go on only if it shows exactly the same." }
        dl {
            dt { "Number" } dd class="number" { (facts.number) }
            dt { "Device" } dd { (facts.device) }
            dt { "Serial number" } dd { (facts.serial) }
        }
    }
}

/// Wakes the app where a phone has it; the app reads nothing of it.
fn back() -> Markup {
    html! { p { a href=(softtoken_core::activation::exchange::verification::CALLBACK) { "Back to the app" } } }
}

fn document(style: &str, title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href=(style);
            }
            body { main { h1 { (title) } (body) } }
        }
    }
    .into_string()
}
