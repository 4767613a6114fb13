//! Questions and answers: the second step of users who have no code at hand.
//!
//! Answers are compared as people mean them: case, marks of compatibility and white space do not count. They are
//! kept as Argon2id and never shown. Invariant: a check costs three runs of the slow function, whatever there is.

use std::sync::Arc;

use caseless::default_case_fold_str;
use sqlx::Row;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::password::NOBODY;
use super::texts::Lang;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// Questions that a user has.
pub(super) const COUNT: usize = 3;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// One of [`OFFERED`].
    Offered(&'static str),
    /// In the user's own words.
    Own(String),
}

/// Three answers as they were typed.
pub(super) type Answers = [Zeroizing<String>; COUNT];

impl Question {
    /// As people read it.
    pub(super) fn text(&self, lang: Lang) -> String {
        match self {
            Self::Offered(key) => lang.t(key),
            Self::Own(words) => words.clone(),
        }
    }

    fn stored(&self) -> String {
        match self {
            Self::Offered(key) => format!("offered {key}"),
            Self::Own(words) => format!("own {words}"),
        }
    }

    fn read(stored: &str) -> Option<Self> {
        match stored.split_once(' ')? {
            ("offered", key) => OFFERED.iter().find(|offered| **offered == key).map(|key| Self::Offered(key)),
            (_, words) => Some(Self::Own(words.to_owned())),
        }
    }
}

/// What answers are compared by: NFKC, case folding, no white space around and single spaces inside.
pub(super) fn normal(answer: &str) -> Zeroizing<String> {
    let compatible = Zeroizing::new(answer.nfkc().collect::<String>());
    let folded = Zeroizing::new(default_case_fold_str(&compatible));
    let folded = Zeroizing::new(folded.nfkc().collect::<String>());
    let mut normal = Zeroizing::new(String::with_capacity(folded.len()));
    for word in folded.split_whitespace() {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    normal
}

impl Issuer {
    /// The questions of a user in their order; none when they were never set up.
    pub(super) async fn questions(&self, user: &str) -> Result<Vec<Question>> {
        let query = "SELECT question FROM questions WHERE user_id = ? ORDER BY number";
        let rows = sqlx::query(query).bind(user).fetch_all(self.store.read()).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Question::read(row.try_get("question")?).ok_or(Error::Internal("a question is unknown"))
        };
        rows.iter().map(read).collect()
    }

    /// Replaces the questions of a user.
    pub(super) async fn set_questions(
        self: &Arc<Self>,
        actor: &str,
        user: &str,
        questions: [Question; COUNT],
        answers: &Answers,
    ) -> Result<()> {
        let mut rows = Vec::new();
        for (question, answer) in questions.iter().zip(answers) {
            rows.push((question.stored(), self.hash(normal(answer)).await?));
        }
        let (actor, user, now) = (actor.to_owned(), user.to_owned(), self.now());
        let insert = "INSERT INTO questions (user_id, number, question, answer) VALUES (?, ?, ?, ?)";
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let old = sqlx::query("DELETE FROM questions WHERE user_id = ?");
                    old.bind(user.clone()).execute(&mut *tx).await?;
                    for (number, (question, answer)) in (1_i64..).zip(rows) {
                        let new = sqlx::query(insert).bind(user.clone()).bind(number).bind(question);
                        new.bind(answer).execute(&mut *tx).await?;
                    }
                    let (event, user) = ("user.questions_set", Some(&*user));
                    audit::write(tx, now, Entry { event, actor: &actor, user, ..Entry::default() }).await
                })
            })
            .await
    }

    /// Whether all three answers fit. A user without questions costs the same work.
    pub(super) async fn answers_fit(self: &Arc<Self>, user: &str, answers: &Answers) -> Result<bool> {
        let query = "SELECT answer FROM questions WHERE user_id = ? ORDER BY number";
        let hashes: Vec<String> = sqlx::query_scalar(query).bind(user).fetch_all(self.store.read()).await?;
        let mut fit = hashes.len() == COUNT;
        for (at, answer) in answers.iter().enumerate() {
            let hash = hashes.get(at).map_or(NOBODY, String::as_str);
            fit &= self.fits(hash.to_owned(), normal(answer)).await?;
        }
        Ok(fit)
    }
}

/// Questions whose answers stay the same and are in no register.
pub(super) const OFFERED: [&str; 10] = [
    "question-pet",
    "question-teacher",
    "question-street",
    "question-toy",
    "question-friend",
    "question-concert",
    "question-dish",
    "question-book",
    "question-work",
    "question-journey",
];

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn answers_that_people_hold_for_equal_are_equal() {
        for (one, other) in [
            ("  Straße   9 ", "STRASSE 9"),
            ("ﬁnn", "FINN"),
            ("Zu\u{308}rich", "zürich"),
            ("\u{ff2d}ia\u{a0}\tb", "mia b"),
        ] {
            assert_eq!(*normal(one), *normal(other), "{one}");
        }
        assert_ne!(*normal("mia b"), *normal("miab"));
    }
}
