//! Verifications in the machine: what each state takes, and that nothing but the issuer's word is a verdict.

use super::tests::play::{Play, word};
use crate::TokenError;
use crate::activation::state::{ActivationState, Retry};
use crate::error::{VerificationKind, VerificationRefusal};

const CONSENT: u8 = 12;
const CARRY: u8 = 0;
const RETRY: u8 = 8;
const POLL: u8 = 23;
const RETURNED: u8 = 24;
const DISMISSED: u8 = 25;
const CERTIFICATE_PASSES: u8 = 26;
const FACE_IS_REVIEWED: u8 = 27;
const FACE_PASSES: u8 = 28;
const FACE_IS_REFUSED: u8 = 29;
/// A PIN that is long enough.
const PIN: u8 = 14;

fn after(verifications: u64, way: &[u8]) -> Play {
    let mut play = Play::verifying(0, verifications);
    [&[PIN, CONSENT, CARRY, CARRY], way].concat().into_iter().for_each(|action| play.step(action));
    play
}

fn shown(play: &Play) -> String {
    match play.state() {
        ActivationState::Verify { kind, url, number, device, serial, awaited, .. } => {
            format!("{kind:?} {url} {number} {device} {serial} {awaited}")
        }
        ActivationState::Waiting { kind, retry_after, .. } => format!("{kind:?} {retry_after}"),
        ActivationState::Failed { why, retry } => format!("{why:?} {retry:?}"),
        other => word(&other).to_owned(),
    }
}

#[test]
fn each_verification_has_its_page_and_the_browser_coming_back_only_asks() {
    let mut play = after(3, &[]);
    let page = "Certificate https://id.example.org/verify/1 17 softtoken 4824413456";
    assert_eq!(shown(&play), format!("{page} false"));
    for came in [RETURNED, POLL] {
        play.step(came);
        assert_eq!(word(&play.state()), "exchange");
        play.step(CARRY);
        assert_eq!(shown(&play), format!("{page} true"), "its return proves nothing");
    }
    [CERTIFICATE_PASSES, RETURNED, CARRY].into_iter().for_each(|action| play.step(action));
    assert!(shown(&play).starts_with("Face https://id.example.org/verify/2 27"), "{}", shown(&play));
    [FACE_IS_REVIEWED, RETURNED, CARRY].into_iter().for_each(|action| play.step(action));
    assert_eq!(shown(&play), "Face 30");
    assert!(play.world.identities.is_empty() && !play.world.grouped, "nothing is half there");
    [FACE_PASSES, POLL, CARRY].into_iter().for_each(|action| play.step(action));
    assert_eq!(word(&play.state()), "exchange", "message 3");
    assert!(play.world.grouped);
    play.finish();
    assert_eq!(word(&play.state()), "done");
}

#[test]
fn a_closed_browser_asks_the_issuer_before_it_is_a_failure() {
    let mut play = after(1, &[DISMISSED, CARRY]);
    let open = TokenError::VerificationOpen { kind: VerificationKind::Certificate };
    assert_eq!(shown(&play), format!("{open:?} {:?}", Retry::Now));
    [RETRY, CARRY].into_iter().for_each(|action| play.step(action));
    assert!(shown(&play).ends_with("4824413456 false"), "the page again: {}", shown(&play));
    [CERTIFICATE_PASSES, DISMISSED, CARRY].into_iter().for_each(|action| play.step(action));
    assert_eq!(word(&play.state()), "exchange", "it had passed, and message 3 is next");
}

#[test]
fn a_refused_verification_loses_nothing_and_may_be_tried_again() {
    let mut play = after(2, &[FACE_IS_REFUSED, POLL, CARRY]);
    let (kind, reason) = (VerificationKind::Face, VerificationRefusal::ByPerson);
    let refused = format!("{:?} {:?}", TokenError::VerificationRefused { kind, reason }, Retry::Now);
    assert_eq!(shown(&play), refused);
    assert_eq!((play.world.drafts.len(), play.world.online_names.len()), (1, 1), "draft and name are kept");
    // The end of the process changes nothing of that.
    play.step(15);
    assert_eq!(word(&play.state()), "exchange");
    play.step(CARRY);
    assert_eq!(shown(&play), refused);
    [RETRY, CARRY].into_iter().for_each(|action| play.step(action));
    assert!(shown(&play).starts_with("Face https://"), "{}", shown(&play));
    play.finish();
    assert_eq!(word(&play.state()), "done");
}

#[test]
fn an_activation_in_the_middle_of_its_verifications_goes_on_after_the_end_of_the_process() {
    let ways: [(&[u8], &str); 4] = [
        (&[], "verify"),
        (&[RETURNED], "verify"),
        (&[FACE_IS_REVIEWED, CERTIFICATE_PASSES, POLL, CARRY], "waiting"),
        (&[CERTIFICATE_PASSES, FACE_PASSES, POLL], "exchange"),
    ];
    for (way, state) in ways {
        let mut play = after(3, way);
        play.step(15);
        assert_eq!(word(&play.state()), "exchange", "{way:?}");
        play.step(CARRY);
        assert_eq!(word(&play.state()), state, "{way:?}");
        play.finish();
        assert_eq!(word(&play.state()), "done");
    }
}

/// The table of `state` for the two states.
#[test]
fn each_state_takes_its_inputs_and_no_others() {
    let cases: [(&[u8], &str, &[u8]); 4] = [
        (&[], "verify", &[22, POLL, RETURNED, DISMISSED]),
        (&[CERTIFICATE_PASSES, FACE_IS_REVIEWED, POLL, CARRY], "waiting", &[22, POLL]),
        (&[DISMISSED, CARRY], "failed", &[RETRY, 22]),
        (&[FACE_IS_REFUSED, POLL, CARRY], "failed", &[RETRY, 22]),
    ];
    for (way, name, takes) in cases {
        for action in [RETRY, 9, 10, 11, 12, 13, 21, 22, POLL, RETURNED, DISMISSED] {
            let mut play = after(3, way);
            assert_eq!(word(&play.state()), name, "{way:?}");
            let before = play.ticket();
            play.step(action);
            assert_eq!(play.ticket() != before, takes.contains(&action), "{name} {action}");
        }
    }
}
