//! OCRA suites: what is read, what is refused and why; and that nothing a server sends can panic.

use proptest::prelude::*;
use softtoken_core::otp::ocra::{Inputs, QuestionKind, SuiteError, respond};
use softtoken_core::otp::{Algorithm, CodeSpec, OcraSuite, OtpError, Period, code_at, code_for_counter};
use softtoken_core::time::UnixTime;

#[test]
fn every_field_of_a_suite_is_read() {
    let suite = OcraSuite::parse("OCRA-1:HOTP-SHA512-10:C-QH40-PSHA256-S512-T48H").unwrap();
    assert_eq!((suite.algorithm(), suite.digits()), (Algorithm::Sha512, 10));
    assert!(suite.needs_counter() && suite.needs_pin() && suite.needs_session());
    assert_eq!(suite.session_length(), Some(512));
    assert_eq!(suite.time_step(), Period::new(172_800));
    let question = suite.question();
    assert_eq!(question.kind, QuestionKind::Hex);
    assert_eq!((question.min_length, question.max_length), (1, 40));
}

#[test]
fn the_shortest_suite_needs_a_question_only() {
    let suite = OcraSuite::parse("OCRA-1:HOTP-SHA1-0:QA04").unwrap();
    assert_eq!((suite.algorithm(), suite.digits()), (Algorithm::Sha1, 0));
    assert!(!suite.needs_counter() && !suite.needs_pin() && !suite.needs_session());
    assert_eq!((suite.session_length(), suite.time_step()), (None, None));
    assert_eq!(suite.question().kind, QuestionKind::Alphanumeric);
}

#[test]
fn what_a_suite_leaves_out_has_the_default_of_the_rfc_and_the_text_stays_as_written() {
    let short = OcraSuite::parse("OCRA-1:HOTP-SHA1-6:Q-P-S-T").unwrap();
    let long = OcraSuite::parse("OCRA-1:HOTP-SHA1-6:QN08-PSHA1-S064-T1M").unwrap();
    assert_eq!(short.question(), long.question());
    assert_eq!(short.session_length(), long.session_length());
    assert_eq!(short.time_step(), long.time_step());
    assert_eq!(short.as_str(), "OCRA-1:HOTP-SHA1-6:Q-P-S-T");
    assert_ne!(short, long, "the text is part of every response");
    let inputs = Inputs {
        counter: None,
        question: "1",
        pin: Some(b"1"),
        session: Some(b"1"),
        time: Some(UnixTime(1)),
    };
    let answer = |suite| respond(suite, b"key", &inputs).unwrap().as_str().to_owned();
    assert_ne!(answer(&short), answer(&long));
}

#[test]
fn letters_count_in_either_case_but_the_text_does_not_change() {
    let text = "ocra-1:hotp-sha256-8:c-qn08-psha1-t1m";
    let suite = OcraSuite::parse(text).unwrap();
    assert_eq!(suite.as_str(), text);
    assert!(suite.needs_counter() && suite.needs_pin());
    assert_eq!(suite.algorithm(), Algorithm::Sha256);
}

#[test]
fn each_malformed_part_is_named() {
    use SuiteError::{Digits, Function, Input, NotOcra1, Pin, Question, Session, Time};
    for (text, why) in [
        ("", NotOcra1),
        ("OCRA-1", NotOcra1),
        ("OCRA-1:HOTP-SHA1-6", NotOcra1),
        ("OCRA-2:HOTP-SHA1-6:QN08", NotOcra1),
        ("OCRA-1:HOTP-SHA1-6:QN08:", NotOcra1),
        (" OCRA-1:HOTP-SHA1-6:QN08", NotOcra1),
        ("OCRA-1:TOTP-SHA1-6:QN08", Function),
        ("OCRA-1:HOTP-SHA1:QN08", Function),
        ("OCRA-1:HOTP-MD5-6:QN08", Function),
        ("OCRA-1:HOTP-SHA-1-6:QN08", Function),
        ("OCRA-1:HOTP-SHA1-3:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-11:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-06:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-00:QN08", Digits),
        ("OCRA-1:HOTP-SHA1--6:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-+6:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-:QN08", Digits),
        ("OCRA-1:HOTP-SHA1-6:", Question),
        ("OCRA-1:HOTP-SHA1-6:C", Question),
        ("OCRA-1:HOTP-SHA1-6:C-C-QN08", Question),
        ("OCRA-1:HOTP-SHA1-6:QN8", Question),
        ("OCRA-1:HOTP-SHA1-6:QN03", Question),
        ("OCRA-1:HOTP-SHA1-6:QN65", Question),
        ("OCRA-1:HOTP-SHA1-6:QX08", Question),
        ("OCRA-1:HOTP-SHA1-6:QNä8", Question),
        ("OCRA-1:HOTP-SHA1-6:Qä08", Question),
        ("OCRA-1:HOTP-SHA1-6:QN08-PMD5", Pin),
        ("OCRA-1:HOTP-SHA1-6:QN08-S64", Session),
        ("OCRA-1:HOTP-SHA1-6:QN08-S000", Session),
        ("OCRA-1:HOTP-SHA1-6:QN08-S513", Session),
        ("OCRA-1:HOTP-SHA1-6:QN08-S0064", Session),
        ("OCRA-1:HOTP-SHA1-6:QN08-T0M", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T01M", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60S", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T60M", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T49H", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1D", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-TM", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1ä", Time),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1M-PSHA1", Input),
        ("OCRA-1:HOTP-SHA1-6:QN08-C", Input),
        ("OCRA-1:HOTP-SHA1-6:QN08-T1M-T1M", Input),
        ("OCRA-1:HOTP-SHA1-6:QN08-X", Input),
        ("OCRA-1:HOTP-SHA1-6:QN08-", Input),
    ] {
        assert_eq!(OcraSuite::parse(text), Err(why), "{text}");
    }
}

#[test]
fn an_ocra_identity_asks_for_its_challenge() {
    let spec = CodeSpec::Ocra { suite: OcraSuite::parse("OCRA-1:HOTP-SHA1-6:C-QN08-T1M").unwrap() };
    assert_eq!(code_at(&spec, b"key", None, UnixTime(0)).err(), Some(OtpError::NeedsChallenge));
    assert_eq!(code_for_counter(&spec, b"key", 0).err(), Some(OtpError::NeedsChallenge));
}

const FUNCTION: &str = "HOTP-(SHA1|SHA256|SHA512)-(0|[4-9]|10)";
const INPUTS: &str = "(C-)?Q([ANH](0[4-9]|[1-5][0-9]))?(-P(SHA1|SHA256|SHA512)?)?\
    (-S(0[1-9][0-9]|[1-4][0-9][0-9])?)?(-T([1-9][SMH]|[1-4][0-8][SMH])?)?";

fn mostly<S: Strategy>(value: S) -> impl Strategy<Value = Option<S::Value>> {
    proptest::option::weighted(0.9, value)
}

fn suite() -> impl Strategy<Value = OcraSuite> {
    (FUNCTION, INPUTS)
        .prop_map(|(function, inputs)| OcraSuite::parse(&format!("OCRA-1:{function}:{inputs}")).unwrap())
}

/// Mostly questions that most suites take, some that few or none take.
fn question() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[0-9]{1,10}", 2 => "[0-9]{1,130}", 1 => "[0-9a-fA-F]{1,130}", 1 => "[ -~]{1,130}", 1 => "(?s).{0,10}"]
}

/// A suite with one character gone or replaced, so that each branch of the reader is met.
fn near_suite() -> impl Strategy<Value = String> {
    (suite(), any::<proptest::sample::Index>(), "[-:0-9A-Zä]{0,2}").prop_map(|(suite, at, change)| {
        let at = at.index(suite.as_str().len());
        format!("{}{change}{}", &suite.as_str()[..at], &suite.as_str()[at + 1..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_suite_that_keeps_its_text_or_an_error(
        text in prop_oneof![near_suite(), "(?s).{0,60}"],
    ) {
        if let Ok(suite) = OcraSuite::parse(&text) {
            prop_assert_eq!(suite.as_str(), &text);
        }
    }

    #[test]
    fn any_suite_answers_any_inputs_with_its_digits_or_an_error(
        suite in suite(),
        question in question(),
        key in proptest::collection::vec(any::<u8>(), 0..150),
        counter in mostly(any::<u64>()),
        pin in mostly(proptest::collection::vec(any::<u8>(), 0..20)),
        session in mostly(proptest::collection::vec(any::<u8>(), 0..100)),
        time in mostly(any::<u64>()),
    ) {
        let inputs = Inputs {
            counter,
            question: &question,
            pin: pin.as_deref(),
            session: session.as_deref(),
            time: time.map(UnixTime),
        };
        match respond(&suite, &key, &inputs) {
            Ok(code) => {
                let whole = match suite.algorithm() {
                    Algorithm::Sha1 => 40,
                    Algorithm::Sha256 => 64,
                    Algorithm::Sha512 => 128,
                };
                let length = if suite.digits() == 0 { whole } else { usize::from(suite.digits()) };
                prop_assert_eq!(code.as_str().len(), length);
            }
            Err(OtpError::NeedsCounter) => prop_assert!(suite.needs_counter() && counter.is_none()),
            Err(OtpError::NeedsPin) => prop_assert!(suite.needs_pin() && pin.is_none()),
            Err(OtpError::NeedsSession) => prop_assert!(suite.needs_session() && session.is_none()),
            Err(OtpError::NeedsTime) => prop_assert!(suite.time_step().is_some() && time.is_none()),
            Err(OtpError::SessionTooLong) => {
                prop_assert!(session.unwrap().len() > usize::from(suite.session_length().unwrap()));
            }
            Err(OtpError::QuestionEmpty) => prop_assert!(question.is_empty()),
            Err(OtpError::QuestionTooLong) => {
                prop_assert!(question.len() > 2 * usize::from(suite.question().max_length));
            }
            Err(OtpError::QuestionCharacter { position }) => {
                let bad = question.chars().nth(position as usize).unwrap();
                prop_assert!(!suite.question().kind.allows(bad));
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn leading_zeros_of_a_numeric_question_do_not_count(number: u64, zeros in 0..40_usize) {
        let suite = OcraSuite::parse("OCRA-1:HOTP-SHA1-8:QN64").unwrap();
        let answer = |question: &str| {
            let inputs = Inputs { counter: None, question, pin: None, session: None, time: None };
            respond(&suite, b"key", &inputs).unwrap().as_str().to_owned()
        };
        let plain = number.to_string();
        prop_assert_eq!(answer(&format!("{}{plain}", "0".repeat(zeros))), answer(&plain));
    }
}
