//! Challenge and response, to sign in and to resynchronise.

use softtoken_core::otp::OcraSuite;
use softtoken_core::otp::ocra::{Inputs, respond};
use softtoken_core::time::UnixTime;

use crate::world::{NOW, Row, SEED, STEP, World, code, word};

const PLAIN: &str = "OCRA-1:HOTP-SHA256-8:QN08";
const COUNTS: &str = "OCRA-1:HOTP-SHA1-8:C-QN08";
const BY_TIME: &str = "OCRA-1:HOTP-SHA1-8:QH10-T1M";
const BOTH: &str = "OCRA-1:HOTP-SHA1-8:C-QA08-T30S";

async fn ocra(world: &World, suite: &str) -> String {
    let period = OcraSuite::parse(suite).unwrap().time_step().map_or(0, |step| step.seconds().into());
    let suite = Some(suite.to_owned());
    world.add(Row { kind: "OCRA", suite, digits: 6, period, counter: 10, ..Row::default() }).await
}

fn answer(suite: &str, question: &str, counter: u64, time: u64) -> String {
    let suite = OcraSuite::parse(suite).unwrap();
    let (counter, time) = (Some(counter), Some(UnixTime(time)));
    let inputs = Inputs { counter, question, pin: None, session: None, time };
    respond(&suite, SEED, &inputs).unwrap().as_str().to_owned()
}

#[tokio::test]
async fn a_challenge_fits_its_suite_and_its_answer_signs_in_once() {
    let world = World::new().await;
    for (suite, length) in [(PLAIN, 8), (COUNTS, 8), (BY_TIME, 10), (BOTH, 8)] {
        let token = ocra(&world, suite).await;
        let challenge = world.issuer.create_challenge("test", &token).await.unwrap();
        assert_eq!(challenge.question.len(), length, "{suite}");
        assert_eq!(challenge.expires_at, NOW + 300);
        let response = answer(suite, &challenge.question, 10, NOW);
        let accepted = world.issuer.answer_challenge("test", &challenge.id, &response).await.unwrap();
        assert_eq!((accepted.token, accepted.user.as_deref()), (token, Some("ann")));
        assert_eq!(
            word(world.issuer.answer_challenge("test", &challenge.id, &response).await),
            "invalid_response"
        );
    }
}

#[tokio::test]
async fn a_challenge_is_good_for_one_try_and_five_minutes() {
    let world = World::new().await;
    let token = ocra(&world, PLAIN).await;
    let challenge = world.issuer.create_challenge("test", &token).await.unwrap();
    let response = answer(PLAIN, &challenge.question, 0, 0);
    assert_eq!(
        word(world.issuer.answer_challenge("test", &challenge.id, "00000000").await),
        "invalid_response"
    );
    assert_eq!(
        word(world.issuer.answer_challenge("test", &challenge.id, &response).await),
        "invalid_response"
    );
    assert_eq!(world.number(&token, "failures").await, Some(1), "the second was not judged");
    for (after, expected) in [(299, "ok"), (300, "invalid_response")] {
        world.clock.set(UnixTime(NOW));
        let challenge = world.issuer.create_challenge("test", &token).await.unwrap();
        world.clock.pass(after);
        let response = answer(PLAIN, &challenge.question, 0, 0);
        let answered = world.issuer.answer_challenge("test", &challenge.id, &response).await;
        assert_eq!(word(answered), expected, "after {after} s");
    }
}

#[tokio::test]
async fn the_latest_five_challenges_are_open() {
    let world = World::new().await;
    let token = ocra(&world, PLAIN).await;
    let mut challenges = Vec::new();
    for _ in 0..7 {
        world.clock.pass(1);
        challenges.push(world.issuer.create_challenge("test", &token).await.unwrap());
    }
    for (at, challenge) in challenges.iter().enumerate() {
        let response = answer(PLAIN, &challenge.question, 0, 0);
        let expected = if at < 2 { "invalid_response" } else { "ok" };
        assert_eq!(
            word(world.issuer.answer_challenge("test", &challenge.id, &response).await),
            expected,
            "{at}"
        );
    }
}

#[tokio::test]
async fn ten_wrong_responses_lock() {
    let world = World::new().await;
    let token = ocra(&world, PLAIN).await;
    let ask = async || world.issuer.create_challenge("test", &token).await.unwrap();
    for _ in 0..10 {
        assert_eq!(
            word(world.issuer.answer_challenge("test", &ask().await.id, "x").await),
            "invalid_response"
        );
    }
    let challenge = ask().await;
    let response = answer(PLAIN, &challenge.question, 0, 0);
    assert_eq!(word(world.issuer.answer_challenge("test", &challenge.id, &response).await), "token_locked");
    let challenge = ask().await;
    let response = answer(PLAIN, &challenge.question, 0, 0);
    assert_eq!(word(world.issuer.resync_by_response("test", &challenge.id, &response).await), "ok");
    let challenge = ask().await;
    let response = answer(PLAIN, &challenge.question, 0, 0);
    assert_eq!(word(world.issuer.answer_challenge("test", &challenge.id, &response).await), "ok");
}

#[tokio::test]
async fn counters_and_time_are_searched_near_to_sign_in_and_far_to_resynchronise() {
    let world = World::new().await;
    for (suite, ahead, late, sign_in, resync) in [
        (COUNTS, 9, 0, "ok", "ok"),
        (COUNTS, 10, 0, "invalid_response", "ok"),
        (COUNTS, 100, 0, "invalid_response", "invalid_response"),
        (BY_TIME, 0, 60, "ok", "ok"),
        (BY_TIME, 0, 120, "invalid_response", "ok"),
        (BY_TIME, 0, 121 * 60, "invalid_response", "invalid_response"),
        (BOTH, 5, 30, "ok", "ok"),
        (BOTH, 50, 30, "invalid_response", "ok"),
    ] {
        let (token, ahead) = (ocra(&world, suite).await, 10 + ahead);
        let challenge = world.issuer.create_challenge("test", &token).await.unwrap();
        let response = answer(suite, &challenge.question, ahead, NOW - late);
        assert_eq!(
            word(world.issuer.answer_challenge("test", &challenge.id, &response).await),
            sign_in,
            "{suite}"
        );
        let token = ocra(&world, suite).await;
        let challenge = world.issuer.create_challenge("test", &token).await.unwrap();
        let response = answer(suite, &challenge.question, ahead, NOW - late);
        assert_eq!(
            word(world.issuer.resync_by_response("test", &challenge.id, &response).await),
            resync,
            "{suite}"
        );
        let counts = suite != BY_TIME && resync == "ok";
        assert_eq!(world.number(&token, "counter").await, Some(if counts { ahead as i64 + 1 } else { 10 }));
    }
}

#[tokio::test]
async fn only_active_tokens_of_the_kind_are_asked_and_codes_are_no_answers() {
    let world = World::new().await;
    let token = world.totp().await;
    assert_eq!(word(world.issuer.create_challenge("test", &token).await), "wrong_state");
    assert_eq!(word(world.issuer.create_challenge("test", "nobody").await), "not_found");
    assert_eq!(word(world.issuer.answer_challenge("test", "nothing", "1").await), "invalid_response");
    assert_eq!(word(world.issuer.resync_by_response("test", "nothing", "1").await), "invalid_response");
    let token = ocra(&world, PLAIN).await;
    assert_eq!(world.verify(&token, &code(STEP)).await, "wrong_state");
    assert_eq!(word(world.issuer.resync_by_code("test", &token, &code(STEP)).await), "invalid_response");
}
