//! Questions and answers: three of those offered, or in the user's own words. Answers are never shown again.

use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::mail::{MailKind, Notice};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::prove;
use crate::portal::questions::{Answers, COUNT, OFFERED, Question, normal};
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder, Visit};

/// What is typed, three times.
#[derive(Deserialize)]
pub struct Typed {
    question1: String,
    question2: String,
    question3: String,
    #[serde(default)]
    own1: String,
    #[serde(default)]
    own2: String,
    #[serde(default)]
    own3: String,
    answer1: Zeroizing<String>,
    answer2: Zeroizing<String>,
    answer3: Zeroizing<String>,
}

/// One question as it is shown in the form.
#[derive(Default)]
struct Row {
    chosen: String,
    own: String,
    wrong_question: Option<&'static str>,
    wrong_answer: Option<&'static str>,
}

/// The form, with the questions that there are; their answers have to be typed again.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let questions = visit.issuer.questions(&session.user).await?;
    let is_set = !questions.is_empty();
    let rows: [Row; COUNT] = std::array::from_fn(|at| row_of(questions.get(at), at));
    let content = form(&visit, is_set, &rows);
    Ok(look::page(&visit, Tab::Account, &visit.lang.t("questions"), content))
}

/// Replaces what there was.
pub async fn store(Holder(visit, session): Holder, Form(typed): Form<Typed>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let chosen =
        [(typed.question1, typed.own1), (typed.question2, typed.own2), (typed.question3, typed.own3)];
    let answers: Answers = [typed.answer1, typed.answer2, typed.answer3];
    match understood(visit.lang, chosen, &answers) {
        Ok(questions) => {
            visit.issuer.set_questions(&session.name, &session.user, questions, &answers).await?;
            visit.issuer.tell_user(&session.user, MailKind::Notice(Notice::QuestionsChanged)).await;
            Ok(look::go("/portal/account", Some("questions-set")))
        }
        Err(rows) => {
            let is_set = !visit.issuer.questions(&session.user).await?.is_empty();
            let content = form(&visit, is_set, &rows);
            Ok(look::again(&visit, Tab::Account, &visit.lang.t("questions"), content))
        }
    }
}

/// Three questions that can be asked, or what is wrong with each.
fn understood(
    lang: Lang,
    chosen: [(String, String); COUNT],
    answers: &Answers,
) -> Result<[Question; COUNT], Box<[Row; COUNT]>> {
    let normals: Vec<_> = answers.iter().map(|answer| normal(answer)).collect();
    let questions = chosen.clone().map(|(key, own)| question(&key, &own));
    let texts: Vec<_> =
        questions.iter().map(|found| found.as_ref().map(|found| normal(&found.text(lang)))).collect();
    let mut rows = chosen.map(|(chosen, own)| Row { chosen, own, ..Row::default() });
    for (at, row) in rows.iter_mut().enumerate() {
        let (text, answer) = (texts.get(at).and_then(Option::as_ref), normals.get(at));
        let is_asked = texts.iter().take(at).any(|earlier| earlier.as_ref() == text);
        row.wrong_question = match text {
            None => Some("question-own-length"),
            Some(_) if is_asked => Some("question-twice"),
            Some(_) => None,
        };
        let length = answer.map_or(0, |answer| answer.chars().count());
        let is_given = normals.iter().take(at).any(|earlier| Some(earlier) == answer);
        row.wrong_answer = match length {
            ANSWER_LEAST..=ANSWER_MOST if is_given => Some("answer-twice"),
            ANSWER_LEAST..=ANSWER_MOST if answer == text => Some("answer-is-question"),
            ANSWER_LEAST..=ANSWER_MOST => None,
            _ => Some("answer-length"),
        };
    }
    match questions {
        [Some(one), Some(two), Some(three)]
            if rows.iter().all(|row| row.wrong_question.or(row.wrong_answer).is_none()) =>
        {
            Ok([one, two, three])
        }
        _ => Err(Box::new(rows)),
    }
}

fn question(key: &str, own: &str) -> Option<Question> {
    if key != OWN {
        return OFFERED.iter().find(|offered| **offered == key).map(|key| Question::Offered(key));
    }
    let own = own.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (OWN_LEAST..=OWN_MOST).contains(&own.chars().count()) && !own.contains(char::is_control);
    fits.then_some(Question::Own(own))
}

fn row_of(question: Option<&Question>, at: usize) -> Row {
    let (chosen, own) = match question {
        Some(Question::Offered(key)) => ((*key).to_owned(), String::new()),
        Some(Question::Own(words)) => (OWN.to_owned(), words.clone()),
        None => (OFFERED.get(at).copied().unwrap_or_default().to_owned(), String::new()),
    };
    Row { chosen, own, ..Row::default() }
}

fn form(visit: &Visit, is_set: bool, rows: &[Row; COUNT]) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h1 { (lang.t("questions")) }
            p { (lang.t("questions-how")) }
            @if is_set { (parts::info(lang.t("questions-replace"))) }
            (parts::post(visit, "/portal/account/questions", html! {
                @for ((number, names), row) in (1_i64..).zip(NAMES).zip(rows) { (group(lang, number, names, row)) }
                button { (lang.t("questions-store")) }
            }))
            p { a.button.plain href="/portal/account" { (lang.t("back")) } }
        }
    }
}

fn group(lang: Lang, number: i64, [question, own, answer]: [&str; 3], row: &Row) -> Markup {
    let error = format!("{question}-error");
    html! {
        fieldset {
            legend { (lang.with("question-number", [("number", number.into())])) }
            div.field {
                label for=(question) { (lang.t("question")) }
                select id=(question) name=(question) aria-describedby=[row.wrong_question.map(|_| error.as_str())] {
                    @for key in OFFERED {
                        option value=(key) selected[row.chosen == key] { (lang.t(key)) }
                    }
                    option value=(OWN) selected[row.chosen == OWN] { (lang.t("question-own")) }
                }
                @if let Some(key) = row.wrong_question { p.error id=(error) { (lang.t(key)) } }
            }
            (Field { name: own, label: lang.t("question-own-words"), value: &row.own, hint: Some(lang.t("question-own-hint")), optional: true, ..Field::default() })
            (Field { name: answer, label: lang.t("answer"), error: row.wrong_answer.map(|key| lang.t(key)), ..Field::default() })
        }
    }
}

/// Names of the fields of each question.
const NAMES: [[&str; 3]; COUNT] =
    [["question1", "own1", "answer1"], ["question2", "own2", "answer2"], ["question3", "own3", "answer3"]];
/// The choice of a question in one's own words.
const OWN: &str = "own";
/// Characters of a question in own words.
const OWN_LEAST: usize = 8;
const OWN_MOST: usize = 120;
/// Characters of an answer as it is compared.
const ANSWER_LEAST: usize = 3;
const ANSWER_MOST: usize = 100;
