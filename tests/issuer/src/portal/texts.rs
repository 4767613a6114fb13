//! Every sentence of the portal, in every language that it speaks.
//!
//! Sentences are Fluent messages in `texts/`, one file for each language and group of pages. A key that a
//! language lacks is shown in English; a test fails when that happens, or when a sentence is never used.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// German.
    De,
}

impl Lang {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language of a tag.
    pub fn read(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// The first language of an `Accept-Language` header that is spoken here (RFC 9110 section 12.5.4); weights
    /// are not compared, because browsers send them in falling order.
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|range| Self::read(&range.trim().get(..2)?.to_ascii_lowercase()))
    }

    /// The sentence of `key`.
    pub fn t(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The sentence of `key` with values in it.
    pub fn with<const N: usize>(self, key: &str, values: [(&str, FluentValue<'_>); N]) -> String {
        self.format(key, Some(&values.into_iter().collect()))
    }

    /// Whether there is a sentence of `key`.
    pub fn has(self, key: &str) -> bool {
        find(self, key).or_else(|| find(Self::En, key)).is_some()
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let found = find(self, key).or_else(|| find(Self::En, key));
        let Some((bundle, pattern)) = found else { return key.to_owned() };
        bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }
}

type Found = (&'static FluentBundle<FluentResource>, &'static fluent_syntax::ast::Pattern<&'static str>);

fn find(lang: Lang, key: &str) -> Option<Found> {
    static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::En, EN_TEXTS));
    static DE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::De, DE_TEXTS));
    let bundle: &'static FluentBundle<FluentResource> = match lang {
        Lang::En => &EN,
        Lang::De => &DE,
    };
    Some((bundle, bundle.get_message(key)?.value()?))
}

/// What does not parse is left out: the tests find it.
fn bundle(lang: Lang, texts: &[&str]) -> FluentBundle<FluentResource> {
    let tag = lang.tag().parse().into_iter().collect();
    let mut bundle = FluentBundle::new_concurrent(tag);
    bundle.set_use_isolating(false);
    for text in texts {
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(parsed, _)| parsed);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

const EN_TEXTS: &[&str] = &[
    include_str!("texts/en/shell.ftl"),
    include_str!("texts/en/authenticators.ftl"),
    include_str!("texts/en/tokens.ftl"),
    include_str!("texts/en/account.ftl"),
    include_str!("texts/en/recovery.ftl"),
    include_str!("texts/en/sample.ftl"),
    include_str!("texts/en/desk.ftl"),
    include_str!("texts/en/desk-log.ftl"),
    include_str!("texts/en/desk-rules.ftl"),
    include_str!("texts/en/desk-reviews.ftl"),
    include_str!("texts/en/verify.ftl"),
];
const DE_TEXTS: &[&str] = &[
    include_str!("texts/de/shell.ftl"),
    include_str!("texts/de/authenticators.ftl"),
    include_str!("texts/de/tokens.ftl"),
    include_str!("texts/de/account.ftl"),
    include_str!("texts/de/recovery.ftl"),
    include_str!("texts/de/sample.ftl"),
    include_str!("texts/de/desk.ftl"),
    include_str!("texts/de/desk-log.ftl"),
    include_str!("texts/de/desk-rules.ftl"),
    include_str!("texts/de/desk-reviews.ftl"),
    include_str!("texts/de/verify.ftl"),
];
