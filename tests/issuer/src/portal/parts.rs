//! What pages are made of. Texts come in translated; everything is escaped.

use maud::{Markup, Render, html};

use super::texts::Lang;
use super::visit::Visit;

/// A form that is posted, with the token of the visitor's browser.
pub fn post(visit: &Visit, to: &str, content: impl Render) -> Markup {
    html! {
        form method="post" action=(to) {
            input type="hidden" name="token" value=(visit.form_token());
            (content)
        }
    }
}

/// A field of a form: label, hint and error belong to it for screen readers, too.
#[derive(Debug, Clone, Default)]
pub struct Field<'a> {
    /// Its name in the form and its id in the page.
    pub name: &'a str,
    /// What it is.
    pub label: String,
    /// What was typed before.
    pub value: &'a str,
    /// How it is typed.
    pub hint: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// `text`, `password`, `email`, …; `text` when empty.
    pub kind: &'a str,
    /// What browsers may fill in; `off` when empty.
    pub autocomplete: &'a str,
    /// The key pad has digits only.
    pub digits: bool,
    /// It may stay empty.
    pub optional: bool,
    /// The page starts here.
    pub first: bool,
    /// Wide, monospaced digits.
    pub code: bool,
}

impl<'a> Render for Field<'a> {
    fn render(&self) -> Markup {
        let (hint, error) = (format!("{}-hint", self.name), format!("{}-error", self.name));
        let mut about = Vec::new();
        if self.hint.is_some() {
            about.push(hint.as_str());
        }
        if self.error.is_some() {
            about.push(error.as_str());
        }
        let or = |text: &'a str, other: &'static str| if text.is_empty() { other } else { text };
        html! {
            div.field {
                label for=(self.name) { (self.label) }
                @if let Some(text) = &self.hint { p.hint id=(hint) { (text) } }
                input id=(self.name) name=(self.name) value=(self.value) type=(or(self.kind, "text"))
                    class=[self.code.then_some("code")]
                    autocomplete=(or(self.autocomplete, "off")) inputmode=[self.digits.then_some("numeric")]
                    autocapitalize="none" spellcheck="false" required[!self.optional] autofocus[self.first]
                    aria-describedby=[(!about.is_empty()).then(|| about.join(" "))]
                    aria-invalid=[self.error.is_some().then_some("true")];
                @if let Some(text) = &self.error { p.error id=(error) { (text) } }
            }
        }
    }
}

/// Something went wrong, above a form; read out at once.
pub fn wrong(title: &str, way: &str) -> Markup {
    html! { div.notice.bad role="alert" { strong { (title) } @if !way.is_empty() { p { (way) } } } }
}

/// The same from the sentences of an error's code.
pub fn wrong_code(lang: Lang, code: &str) -> Markup {
    wrong(&lang.t(&format!("error-{code}")), &lang.t(&format!("error-{code}-way")))
}

/// Something was done.
pub fn done(text: &str) -> Markup {
    html! { div.notice.good role="status" { (text) } }
}

/// Something to know.
pub fn info(text: impl Render) -> Markup {
    html! { div.notice.info { (text) } }
}

/// A value to be typed or copied elsewhere; the button works only with a script and is hidden without.
pub fn copyable(lang: Lang, id: &str, label: &str, shown: &str) -> Markup {
    html! {
        div.copyable {
            span.label id={(id) "-label"} { (label) }
            output.code id=(id) aria-labelledby={(id) "-label"} { (shown) }
            button.plain type="button" hidden data-copies=(id) data-done=(lang.t("copied"))
                aria-label={(lang.t("copy")) ": " (label)} { (lang.t("copy")) }
        }
    }
}

/// A word with a colour that is not needed to understand it.
pub fn badge(kind: &str, text: &str) -> Markup {
    html! { span class={"badge " (kind)} { (text) } }
}

/// Nothing is there yet: why, and what to do.
pub fn empty(title: &str, text: &str, action: impl Render) -> Markup {
    html! { div.empty { h2 { (title) } p { (text) } (action) } }
}

/// A link that looks like a button.
pub fn link(to: &str, text: &str, class: &str) -> Markup {
    html! { a class={"button " (class)} href=(to) { (text) } }
}

/// A time in UTC: date and minute.
pub fn time(seconds: i64) -> Markup {
    let time = u64::try_from(seconds).unwrap_or(0);
    let text = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(time));
    // `Sun, 06 Nov 1994 08:49:37 GMT` without week day and seconds.
    let short = text.get(5..22).unwrap_or(&text).to_owned();
    html! { time { (short) " UTC" } }
}
