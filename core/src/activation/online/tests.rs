//! The machine over the network against an issuer in memory and random mishaps.

pub(super) mod play;

use proptest::prelude::*;

use self::play::{PASSWORD, Play, word};
use crate::TokenError;
use crate::activation::state::{ActivationInput, ActivationState, Ticket};
use crate::activation::world::Phase;
use crate::identity::{IdentityId, IdentityName};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mishap_makes_two_of_one_order_or_one_that_the_issuer_does_not_know(
        door in 0_u8..3,
        verifications in 0_u64..4,
        actions in proptest::collection::vec(prop_oneof![3 => 0_u8..22, 1 => 23_u8..30], 1..40),
    ) {
        let mut play = Play::verifying(door, verifications);
        for action in actions {
            play.step(action);
            play.check();
        }
        play.finish();
    }
}

/// The table of `state`: what each state over the network takes, and where it goes.
#[test]
fn each_state_takes_its_inputs_and_no_others() {
    type Case = (&'static [u8], &'static str, &'static [u8]);
    // The way there, the state, and the actions that move it.
    let cases: [Case; 6] = [
        (&[12], "exchange", &[0, 6, 7, 9, 10, 22]),
        (&[12, 10], "failed", &[8, 22]),
        (&[12, 9], "failed", &[8, 22]),
        (&[12, 0], "pin", &[22]),
        (&[14, 12, 0, 0], "code", &[11, 22]),
        (&[14, 12, 0, 0, 16, 11, 0], "done", &[]),
    ];
    for (way, name, takes) in cases {
        for action in [6, 7, 8, 9, 10, 11, 12, 13, 21, 22] {
            let mut play = Play::new(0);
            way.iter().for_each(|action| play.step(*action));
            assert_eq!(word(&play.state()), name, "{way:?}");
            let before = play.ticket();
            play.step(action);
            // Without a request to answer, 6 and 7 stand for `Retry`.
            let action = if name != "exchange" && matches!(action, 6 | 7) { 8 } else { action };
            assert_eq!(play.ticket() != before, takes.contains(&action), "{name} {action}");
        }
    }
}

#[test]
fn a_wrong_password_is_a_state_and_a_stale_one_is_refused() {
    let mut play = Play::new(1);
    play.password(b"00000000");
    play.step(12);
    play.step(0);
    assert_eq!(word(&play.state()), "password");
    let ticket = play.ticket();
    assert_eq!(
        play.machine.supply_password(Ticket(0), PASSWORD, &mut play.world),
        Err(TokenError::StaleInput)
    );
    assert!(play.answer(ActivationInput::Retry).is_err() && play.ticket() == ticket);
    play.finish();
    assert_eq!(word(&play.state()), "done");
}

#[test]
fn a_name_that_was_taken_while_the_pin_was_chosen_is_asked_again() {
    let mut play = Play::new(0);
    play.world.phase = Phase::Fresh;
    play.step(12);
    assert_eq!(word(&play.state()), "pin");
    play.world.phase = Phase::Open;
    let ActivationState::NeedsConsent { name, .. } = Play::new(0).state() else { panic!("a default name") };
    let name = IdentityName::new(&name).unwrap();
    play.world.names.insert(name.skeleton(), IdentityId([9; 16]));
    play.step(13);
    let ActivationState::NeedsConsent { taken: Some(free), .. } = play.state() else { panic!("taken") };
    assert_eq!(play.world.writes, 0, "and nothing was sent");
    play.answer(ActivationInput::Consent { name: Some(free) }).unwrap();
    assert_eq!(word(&play.state()), "exchange");
}
