//! Which codes are accepted, and what a wrong one costs.

use crate::world::{NOW, Row, STEP, World, code, word, wrong};
use softtoken_core::time::UnixTime;
use softtoken_issuer::secrets::Purpose;

#[tokio::test]
async fn a_code_counts_in_the_steps_beside_the_expected_one_and_not_beyond() {
    let world = World::new().await;
    for offset in -3_i64..=3 {
        let token = world.totp().await;
        let expected = if offset.abs() <= 1 { "ok" } else { "invalid_response" };
        let code = code(STEP.saturating_add_signed(offset));
        assert_eq!(world.verify(&token, &code).await, expected, "{offset}");
    }
}

#[tokio::test]
async fn a_code_may_be_typed_with_gaps() {
    let world = World::new().await;
    let (token, code) = (world.totp().await, code(STEP));
    assert_eq!(world.verify(&token, &format!(" {}-{} ", &code[..4], &code[4..])).await, "ok");
}

#[tokio::test]
async fn a_used_step_and_earlier_ones_are_refused_and_are_no_guesses() {
    let world = World::new().await;
    let token = world.totp().await;
    assert_eq!(world.verify(&token, &code(STEP)).await, "ok");
    for _ in 0..20 {
        assert_eq!(world.verify(&token, &code(STEP)).await, "invalid_response");
        assert_eq!(world.verify(&token, &code(STEP - 1)).await, "invalid_response", "earlier, though unused");
    }
    assert_eq!(world.number(&token, "failures").await, Some(0));
    assert_eq!(world.events("code.used").await, 40);
    assert_eq!(world.verify(&token, &code(STEP + 1)).await, "ok");
}

#[tokio::test]
async fn what_was_accepted_is_refused_after_a_restart() {
    let world = World::new().await;
    let token = world.totp().await;
    assert_eq!(world.verify(&token, &code(STEP)).await, "ok");
    let world = world.restarted().await;
    assert_eq!(world.verify(&token, &code(STEP)).await, "invalid_response");
}

#[tokio::test]
async fn drift_is_learned_until_it_is_too_far_from_the_last_resynchronisation() {
    let world = World::new().await;
    for direction in [1_i64, -1] {
        let token = world.totp().await;
        for away in 1..=12_i64 {
            world.clock.pass(3000);
            let step = world.issuer.now().0 / 30;
            // The device runs away by one step between two sign-ins.
            let code = code(step.saturating_add_signed(direction * away));
            let expected = if away <= 11 { "ok" } else { "invalid_response" };
            assert_eq!(world.verify(&token, &code).await, expected, "{away} steps");
            assert_eq!(world.number(&token, "drift").await, Some(direction * away.min(10)), "{away} steps");
        }
    }
}

#[tokio::test]
async fn one_sign_in_moves_the_drift_by_two_steps_at_most() {
    let world = World::with("otpWindow = 5").await;
    for (away, drift) in [(1, 1), (2, 2), (5, 2), (-1, -1), (-5, -2)] {
        let token = world.totp().await;
        assert_eq!(world.verify(&token, &code(STEP.saturating_add_signed(away))).await, "ok");
        assert_eq!(world.number(&token, "drift").await, Some(drift), "{away}");
    }
}

#[tokio::test]
async fn ten_wrong_codes_in_a_row_lock_and_nine_do_not() {
    let (world, wrong) = (World::new().await, wrong());
    let token = world.totp().await;
    for _ in 0..9 {
        assert_eq!(world.verify(&token, &wrong).await, "invalid_response");
    }
    assert_eq!(world.verify(&token, &code(STEP)).await, "ok", "a right code forgives nine wrong ones");
    assert_eq!(world.number(&token, "failures").await, Some(0));
    for _ in 0..10 {
        assert_eq!(world.number(&token, "locked_at").await, None);
        assert_eq!(world.verify(&token, &wrong).await, "invalid_response");
    }
    assert_eq!(world.number(&token, "locked_at").await, Some(NOW as i64));
    for code in [&code(STEP + 1), &wrong, &code(STEP)] {
        assert_eq!(world.verify(&token, code).await, "token_locked");
    }
    assert_eq!(world.number(&token, "failures").await, Some(10));
    assert_eq!((world.events("code.wrong").await, world.events("code.locked").await), (18, 1));
}

#[tokio::test]
async fn wrong_codes_that_arrive_together_are_counted_one_by_one() {
    let (world, wrong) = (World::new().await, wrong());
    let token = world.totp().await;
    let all = futures_util::future::join_all((0..50).map(|_| world.verify(&token, &wrong))).await;
    assert_eq!(all.iter().filter(|word| **word == "invalid_response").count(), 10);
    assert_eq!(all.iter().filter(|word| **word == "token_locked").count(), 40);
}

#[tokio::test]
async fn unknown_disabled_and_new_tokens_answer_as_a_wrong_code_does() {
    let world = World::new().await;
    assert_eq!(world.verify("nobody", &code(STEP)).await, "invalid_response");
    for state in ["NEW", "ACTIVATING", "INACTIVE", "UNASSIGNED"] {
        let token = world.add(Row { state, ..Row::default() }).await;
        assert_eq!(world.verify(&token, &code(STEP)).await, "invalid_response", "{state}");
    }
    assert_eq!(word(world.issuer.sign_in_code("test", "ben", &code(STEP)).await), "invalid_response");
}

#[tokio::test]
async fn any_token_of_a_user_signs_in_and_a_wrong_code_counts_for_all() {
    let (world, wrong) = (World::new().await, wrong());
    let (first, second) = (world.totp().await, world.hotp(0).await);
    let sign_in = async |code: &str| world.issuer.sign_in_code("test", "ann", code).await;
    assert_eq!(sign_in(&code(0)).await.unwrap().token, second);
    assert_eq!(sign_in(&code(STEP)).await.unwrap().token, first);
    for token in [&first, &second] {
        assert_eq!(world.number(token, "failures").await, Some(0));
    }
    assert_eq!(word(sign_in(&code(0)).await), "invalid_response");
    for _ in 0..10 {
        assert_eq!(word(sign_in(&wrong).await), "invalid_response");
    }
    assert_eq!(word(sign_in(&code(STEP + 1)).await), "token_locked");
}

#[tokio::test]
async fn an_hotp_code_counts_ten_counters_ahead_and_moves_the_counter_behind_it() {
    let world = World::new().await;
    for ahead in 0..=12 {
        let token = world.hotp(100).await;
        let expected = if ahead < 10 { "ok" } else { "invalid_response" };
        assert_eq!(world.verify(&token, &code(100 + ahead)).await, expected, "{ahead}");
        let next = if ahead < 10 { 101 + ahead } else { 100 };
        assert_eq!(world.number(&token, "counter").await, Some(next as i64));
    }
    let token = world.hotp(100).await;
    assert_eq!(world.verify(&token, &code(105)).await, "ok");
    assert_eq!(world.verify(&token, &code(105)).await, "invalid_response");
    assert_eq!(world.number(&token, "failures").await, Some(0), "a doubled click is no guess");
    assert_eq!(world.verify(&token, &code(104)).await, "invalid_response");
    assert_eq!(world.number(&token, "failures").await, Some(1));
}

#[tokio::test]
async fn the_seed_before_a_reactivation_works_until_the_first_new_code() {
    let world = World::new().await;
    let token = replaced(&world).await;
    let old = code(STEP);
    assert!(world.issuer.verify_code("test", &token, &old).await.unwrap().former);
    assert_eq!(world.verify(&token, &old).await, "invalid_response", "once");
    assert_eq!(world.number(&token, "failures").await, Some(0));
    assert!(!world.issuer.verify_code("test", &token, &new_code(STEP)).await.unwrap().former);
    assert_eq!(world.number(&token, "former_seed IS NULL AND former_recovery IS NULL").await, Some(1));
    world.clock.pass(30);
    assert_eq!(world.verify(&token, &code(STEP + 1)).await, "invalid_response");
    assert_eq!(world.number(&token, "failures").await, Some(1), "it is a wrong code now");
}

#[tokio::test]
async fn the_seed_before_a_reactivation_works_for_its_time_only() {
    let world = World::new().await;
    let token = replaced(&world).await;
    world.clock.set(UnixTime(NOW + 86_400));
    assert_eq!(world.verify(&token, &code(STEP + 2880)).await, "ok");
    world.clock.set(UnixTime(NOW + 86_430));
    assert_eq!(world.verify(&token, &code(STEP + 2881)).await, "invalid_response");
    assert_eq!(world.verify(&token, &new_code(STEP + 2881)).await, "ok");
}

/// A token with `NEW_SEED` whose former seed is the usual one, for a day.
pub async fn replaced(world: &World) -> String {
    let token = world.add(Row { seed: NEW_SEED.to_vec(), ..Row::default() }).await;
    let random = &world.issuer.ports.random;
    let sealed =
        world.issuer.secrets.seal(Purpose::Seed, token.as_bytes(), crate::world::SEED, random).unwrap();
    let sealed = softtoken_core::codec::hex::encode(&sealed);
    let until = NOW + 86_400;
    world
        .sql(&format!(
            "UPDATE tokens SET former_seed = x'{}', former_recovery = x'00', former_algorithm = 'SHA1', \
             former_digits = 8, former_period = 30, former_drift = 0, former_until = {until} WHERE id = '{token}'",
            sealed.as_str()
        ))
        .await;
    token
}

pub fn new_code(step: u64) -> String {
    use softtoken_core::otp::{Algorithm, Digits, hotp};
    hotp(NEW_SEED, step, Algorithm::Sha1, Digits::EIGHT).as_str().to_owned()
}

const NEW_SEED: &[u8] = b"a seed of another device";
