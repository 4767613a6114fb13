//! Resynchronisation: `core/PROTOCOL.md` section 11, row by row.

use softtoken_core::time::UnixTime;

use crate::verify::{new_code, replaced};
use crate::world::{NOW, Row, STEP, World, code, word, wrong};

async fn one(world: &World, token: &str, code: &str) -> &'static str {
    word(world.issuer.resync_by_code("test", token, code).await)
}

async fn two(world: &World, token: &str, first: &str, second: &str) -> &'static str {
    word(world.issuer.resync_by_two_codes("test", token, [first, second]).await)
}

#[tokio::test]
async fn one_code_is_searched_120_steps_around_the_expected_one() {
    let world = World::new().await;
    for offset in [-121_i64, -120, -2, 0, 2, 120, 121] {
        let token = world.totp().await;
        let typed = code(STEP.saturating_add_signed(offset));
        if offset.abs() > 120 {
            assert_eq!(one(&world, &token, &typed).await, "invalid_response", "{offset}");
            continue;
        }
        let resynced = world.issuer.resync_by_code("test", &token, &typed).await.unwrap();
        assert_eq!(resynced.offset, offset * 30);
        assert_eq!(world.number(&token, "reset_drift").await, Some(offset));
        assert_eq!(world.verify(&token, &typed).await, "invalid_response", "it signs nobody in");
        world.clock.pass(30);
        assert_eq!(world.verify(&token, &code(STEP.saturating_add_signed(offset + 1))).await, "ok");
        world.clock.set(UnixTime(NOW));
        // The expected step is the one that was learned.
        let token_is_used = one(&world, &token, &typed).await;
        assert_eq!(token_is_used, "invalid_response", "{offset}");
    }
}

#[tokio::test]
async fn one_code_is_searched_from_the_learned_offset_and_never_beyond_a_day() {
    let world = World::new().await;
    for (drift, offset, expected) in [
        (200, 320, "ok"),
        (200, 80, "ok"),
        (200, 79, "invalid_response"),
        (200, 0, "invalid_response"),
        (2800, 2880, "ok"),
        (2800, 2881, "invalid_response"),
        (-2800, -2880, "ok"),
        (-2800, -2881, "invalid_response"),
    ] {
        let token = world.totp().await;
        world.sql(&format!("UPDATE tokens SET drift = {drift} WHERE id = '{token}'")).await;
        let typed = code(STEP.saturating_add_signed(offset));
        assert_eq!(one(&world, &token, &typed).await, expected, "{drift} {offset}");
    }
}

#[tokio::test]
async fn two_codes_are_searched_for_a_day_around_the_issuers_own_step() {
    let world = World::new().await;
    for first in [-2881_i64, -2880, -121, 0, 500, 2879, 2880, 2881] {
        let token = world.totp().await;
        let at = STEP.saturating_add_signed(first);
        let result = world.issuer.resync_by_two_codes("test", &token, [&code(at), &code(at + 1)]).await;
        if first.abs() > 2880 {
            assert_eq!(word(result), "invalid_response", "{first}");
            continue;
        }
        let drift = (first + 1).min(2880);
        assert_eq!(result.unwrap().offset, drift * 30);
        assert_eq!(world.number(&token, "drift").await, Some(drift));
        assert_eq!(world.number(&token, "last_step").await, Some(at as i64 + 1), "the second is used");
        assert_eq!(world.verify(&token, &code(at + 1)).await, "invalid_response");
        world.clock.pass(30);
        assert_eq!(world.verify(&token, &code(at + 2)).await, "ok", "{first}");
        world.clock.set(UnixTime(NOW));
    }
}

#[tokio::test]
async fn a_day_is_a_day_whatever_the_period() {
    let world = World::new().await;
    for (first, expected) in [(1440, "ok"), (1441, "invalid_response")] {
        let token = world.add(Row { period: 60, ..Row::default() }).await;
        let at = NOW / 60 + first;
        assert_eq!(two(&world, &token, &code(at), &code(at + 1)).await, expected, "{first}");
    }
}

#[tokio::test]
async fn two_codes_that_do_not_follow_one_another_or_are_used_are_refused() {
    let world = World::new().await;
    let token = world.totp().await;
    for (first, second) in [(1, 0), (0, 2), (0, 0)] {
        assert_eq!(two(&world, &token, &code(STEP + first), &code(STEP + second)).await, "invalid_response");
    }
    let token = world.totp().await;
    assert_eq!(world.verify(&token, &code(STEP)).await, "ok");
    assert_eq!(two(&world, &token, &code(STEP - 1), &code(STEP)).await, "invalid_response");
    assert_eq!(two(&world, &token, &code(STEP), &code(STEP + 1)).await, "invalid_response");
    assert_eq!(one(&world, &token, &code(STEP)).await, "invalid_response");
    assert_eq!(two(&world, &token, &code(STEP + 1), &code(STEP + 2)).await, "ok");
}

#[tokio::test]
async fn a_counting_token_needs_two_codes_within_a_hundred_counters() {
    let world = World::new().await;
    for (ahead, expected) in [(0, "ok"), (50, "ok"), (99, "ok"), (100, "invalid_response")] {
        let token = world.hotp(7).await;
        assert_eq!(one(&world, &token, &code(7 + ahead)).await, "invalid_response", "one is not enough");
        assert_eq!(two(&world, &token, &code(7 + ahead), &code(8 + ahead)).await, expected, "{ahead}");
        let next = if expected == "ok" { 9 + ahead } else { 7 };
        assert_eq!(world.number(&token, "counter").await, Some(next as i64));
    }
    let token = world.hotp(7).await;
    assert_eq!(two(&world, &token, &code(6), &code(7)).await, "invalid_response", "never backwards");
}

#[tokio::test]
async fn five_tries_an_hour_all_ways_together() {
    let (world, wrong) = (World::new().await, wrong());
    let token = world.totp().await;
    for at in 0..5 {
        world.clock.set(UnixTime(NOW + at * 600));
        let answer = if at % 2 == 0 {
            one(&world, &token, &wrong).await
        } else {
            two(&world, &token, &wrong, &wrong).await
        };
        assert_eq!(answer, "invalid_response");
    }
    let right = |at: u64| code(STEP + at / 30);
    world.clock.set(UnixTime(NOW + 3599));
    assert_eq!(one(&world, &token, &right(3599)).await, "invalid_response", "the sixth is not judged");
    assert_eq!(world.events("code.resync_refused").await, 1);
    world.clock.set(UnixTime(NOW + 3600));
    assert_eq!(one(&world, &token, &right(3600)).await, "ok", "the first try is an hour ago");
    assert_eq!(one(&world, &token, &right(3630)).await, "invalid_response", "and the second is not");
    world.issuer.reset_blank("admin", &token).await.unwrap();
    assert_eq!(one(&world, &token, &right(3630)).await, "ok", "an administrator gives five new ones");
}

#[tokio::test]
async fn a_match_clears_failures_and_lock_and_a_wrong_code_does_not() {
    let (world, wrong) = (World::new().await, wrong());
    let token = world.totp().await;
    for _ in 0..10 {
        world.verify(&token, &wrong).await;
    }
    assert_eq!(one(&world, &token, &wrong).await, "invalid_response");
    assert_eq!(world.verify(&token, &code(STEP)).await, "token_locked");
    assert_eq!(one(&world, &token, &code(STEP)).await, "ok");
    assert_eq!(world.number(&token, "failures").await, Some(0));
    assert_eq!(world.verify(&token, &code(STEP + 1)).await, "ok");
}

#[tokio::test]
async fn blank_clears_drift_and_lock_and_used_steps_stay_used() {
    let (world, wrong) = (World::new().await, wrong());
    let token = world.totp().await;
    assert_eq!(one(&world, &token, &code(STEP + 100)).await, "ok");
    for _ in 0..10 {
        world.verify(&token, &wrong).await;
    }
    world.issuer.reset_blank("admin", &token).await.unwrap();
    for column in ["drift", "reset_drift", "failures"] {
        assert_eq!(world.number(&token, column).await, Some(0), "{column}");
    }
    assert_eq!(world.number(&token, "last_step").await, Some(STEP as i64 + 100));
    assert_eq!(world.verify(&token, &code(STEP)).await, "invalid_response");
    world.clock.set(UnixTime(NOW + 101 * 30));
    assert_eq!(world.verify(&token, &code(STEP + 100)).await, "invalid_response");
    assert_eq!(world.verify(&token, &code(STEP + 101)).await, "ok");
}

#[tokio::test]
async fn an_unknown_or_disabled_token_answers_as_a_wrong_code_does() {
    let world = World::new().await;
    let token = world.add(Row { state: "INACTIVE", ..Row::default() }).await;
    for token in ["nobody", &token] {
        assert_eq!(one(&world, token, &code(STEP)).await, "invalid_response");
        assert_eq!(two(&world, token, &code(STEP), &code(STEP + 1)).await, "invalid_response");
        assert_eq!(word(world.issuer.reset_blank("admin", token).await), "not_found");
    }
}

#[tokio::test]
async fn while_a_token_has_two_seeds_both_are_searched_and_the_new_one_ends_the_old() {
    let world = World::new().await;
    let token = replaced(&world).await;
    assert_eq!(one(&world, &token, &code(STEP + 50)).await, "ok");
    assert_eq!(world.number(&token, "former_drift").await, Some(50));
    assert_eq!(world.number(&token, "drift").await, Some(0), "the new device has a clock of its own");
    assert_eq!(world.verify(&token, &code(STEP + 51)).await, "ok");
    assert_eq!(two(&world, &token, &code(STEP + 52), &new_code(STEP + 53)).await, "invalid_response");
    assert_eq!(two(&world, &token, &new_code(STEP + 70), &new_code(STEP + 71)).await, "ok");
    assert_eq!(world.number(&token, "drift").await, Some(71));
    assert_eq!(world.number(&token, "former_seed IS NULL").await, Some(1));
    assert_eq!(two(&world, &token, &code(STEP + 60), &code(STEP + 61)).await, "invalid_response");
}
