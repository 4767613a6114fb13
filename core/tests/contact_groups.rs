//! Contacts through the facade: which group an identity comes into, what a new activation replaces, and deletions that wait.

mod exchange;
mod online_support;
mod phone;
mod token_support;

use online_support::{Door, serial};
use phone::{HOLDER, NEW_PIN, Phone};
use softtoken_core::TokenError;
use softtoken_core::activation::contact::Wish;
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::activation::state::ActivationState;
use softtoken_core::identity::{IdentityId, IdentityState};
use softtoken_core::token::{ContactEnd, ContactInput, ContactState};

fn active(names: &[&str]) -> Vec<(String, IdentityState)> {
    names.iter().map(|name| ((*name).to_owned(), IdentityState::Active)).collect()
}

#[test]
fn an_identity_without_network_joins_its_issuers_group_and_gets_another_seed() {
    let mut phone = Phone::new();
    let (_, first) = phone.online(1, "Online");
    let (id, token) = phone.offline(2, "Offline");
    let before = phone.code(id);
    let ContactState::Done { news } = phone.contact(id, Wish::Refresh) else { panic!("done") };
    assert!(news.renewed, "the first contact");
    assert_ne!(phone.code(id), before);
    phone.assert_code_is_taken(id, token);
    // One code opens both now: the other token's, the new pair's and the old one's.
    for (at, older) in [(first, 0), (token, 0), (token, 1)] {
        let ask = phone.block();
        assert_eq!(ask.len(), 2);
        let code = phone.unlock_code(at, older, &ask[0].1);
        phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
        assert_eq!(phone.states(), active(&["Online", "Offline"]));
    }
    let again = phone.contact(id, Wish::Refresh);
    assert!(matches!(again, ContactState::Done { news } if !news.renewed), "once");
}

#[test]
fn the_first_of_its_issuer_makes_the_group_that_later_ones_join() {
    let mut phone = Phone::new();
    let (id, token) = phone.offline(1, "Offline");
    phone.contact(id, Wish::Refresh);
    let (_, second) = phone.online(2, "Online");
    let ask = phone.block();
    phone.pair.token.redeem_unlock_code(&phone.unlock_code(second, 0, &ask[1].1), Some(NEW_PIN)).unwrap();
    assert_eq!(phone.states(), active(&["Offline", "Online"]));
    phone.assert_code_is_taken(id, token);
}

#[test]
fn another_holders_identity_keeps_a_group_of_its_own() {
    let mut phone = Phone::new();
    let (_, mine) = phone.online(1, "Mine");
    let (id, theirs) = phone.offline(2, "Theirs");
    phone.token(theirs).holder = [8; 16];
    phone.contact(id, Wish::Refresh);
    let ask = phone.block();
    phone.pair.token.redeem_unlock_code(&phone.unlock_code(mine, 0, &ask[0].1), Some(NEW_PIN)).unwrap();
    assert_eq!(phone.states()[1].1, IdentityState::NeedsUnlockCode);
    phone.pair.token.redeem_unlock_code(&phone.unlock_code(theirs, 0, &ask[1].1), None).unwrap();
    assert_eq!(phone.states(), active(&["Mine", "Theirs"]));
}

#[test]
fn a_contact_touches_nothing_of_another_issuer() {
    let mut phone = Phone::new();
    let (first, mine) = phone.offline(1, "Mine");
    let other = phone.another_issuer("other.example.test");
    let (second, theirs) = phone.offline_at(other, 1, "Theirs");
    let before = phone.code(second);
    let policy = phone.pair.token.policy_view(Some(second)).unwrap();
    phone.pair.issuer.policy.forbid_backup = true;
    phone.contact(first, Wish::Refresh);
    phone.contact(first, Wish::Refresh);
    assert_eq!(phone.code(second), before);
    assert_eq!(phone.pair.token.policy_view(Some(second)).unwrap(), policy);
    let ask = phone.block();
    phone.pair.token.redeem_unlock_code(&phone.unlock_code(mine, 0, &ask[0].1), Some(NEW_PIN)).unwrap();
    assert_eq!(phone.states()[1].1, IdentityState::NeedsUnlockCode);
    phone.pair.token.redeem_unlock_code(&phone.unlock_code(theirs, 0, &ask[1].1), None).unwrap();
    phone.contact(second, Wish::Refresh);
    phone.assert_code_is_taken(first, mine);
    phone.assert_code_is_taken(second, theirs);
}

/// A new order for the serial number of an identity, and its activation.
fn reactivate(phone: &mut Phone, number: u8, id: u8, holder: [u8; 16], name: &str) -> IdentityId {
    let mut payload = phone.pair.payload(Door::Link, number);
    payload.activation_id = [id; 16];
    let order = softtoken_core::activation::exchange::OnlineOrder::from_link(&payload).unwrap();
    phone.pair.issuer.add(&order, exchange::EXPIRY);
    phone.pair.issuer.orders.last_mut().unwrap().holder = holder;
    let activation = token_support::begin(&phone.pair.token, &payload.to_app());
    phone.pair.consent(&activation, Some(name));
    let ActivationState::Done { added, .. } = phone.pair.run(&activation) else { panic!("activated") };
    added[0]
}

#[test]
fn a_new_activation_of_the_same_token_replaces_it_under_its_name_in_two_phases() {
    for older in [0, 1] {
        let mut phone = Phone::new();
        let (old, token) = phone.online(1, "Work");
        phone.online(2, "Home");
        let before = phone.code(old);
        let name = if older == 0 { "Work" } else { "Another" };
        let id = reactivate(&mut phone, 1, 0x55, HOLDER, name);
        assert_eq!(phone.states(), active(&["Work", "Home"]), "its name and its place");
        let keys = &phone.pair.issuer.orders.last().unwrap().sessions[0].keys;
        let (seed, recovery, now) = (keys.seed.duplicate(), keys.recovery.duplicate(), phone.pair.issuer.now);
        phone.token(token).reactivated(seed, recovery, now);
        phone.assert_code_is_taken(id, token);
        assert_ne!(phone.code(id), before);
        let ask = phone.block();
        assert_eq!(ask.len(), 2);
        let code = phone.unlock_code(token, older, &ask[0].1);
        phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
        assert_eq!(phone.states(), active(&["Work", "Home"]));
        phone.pair.issuer.now.0 += 24 * 3600 + 1;
        phone.pair.device.fakes.clock.set(phone.pair.issuer.now.0);
        let ContactState::Done { news } = phone.contact(id, Wish::Refresh) else { panic!("done") };
        assert!(news.alone);
        let ask = phone.block();
        assert_eq!(ask.len(), 2);
        let code = phone.unlock_code(token, 0, &ask[0].1);
        phone.pair.token.redeem_unlock_code(&code, Some(b"90514326")).unwrap();
        phone.pair.token.remove(id).unwrap();
        assert_eq!(phone.states(), active(&["Home"]));
        assert_eq!(phone.pair.token.pending_deletions().unwrap().len(), 1);
    }
}

#[test]
fn another_holders_activation_of_the_same_serial_number_replaces_nothing() {
    let mut phone = Phone::new();
    let (old, token) = phone.online(1, "Work");
    reactivate(&mut phone, 1, 0x55, [8; 16], "Work");
    let states = phone.states();
    assert_eq!(states.len(), 2);
    assert!(states[0].0 == "Work" && states[1].0 != "Work", "{states:?}");
    phone.assert_code_is_taken(old, token);
}

#[test]
fn a_deletion_waits_for_the_network_and_is_acknowledged_after_a_restart() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    phone.online(2, "Home");
    phone.pair.token.remove(id).unwrap();
    assert_eq!(phone.states(), active(&["Home"]));
    phone.pair.restart(None);
    let queued = phone.pair.token.pending_deletions().unwrap();
    assert_eq!((queued.len(), queued[0].name.as_str()), (1, "Work"));
    assert_eq!(queued[0].serial, serial(1).digits());
    assert_eq!(queued[0].address, "idp.example.test");
    let contact = phone.pair.token.begin_deletion(queued[0].id, None).unwrap();
    let step = contact.step().unwrap();
    let problem = ContactInput::HttpProblem { problem: HttpProblem::NoNetwork };
    contact.advance(step.ticket, problem).unwrap();
    assert_eq!(phone.pair.token.pending_deletions().unwrap().len(), 1);
    drop(contact);
    // The name is free, and another identity may have it.
    phone.online(3, "Work");
    let contact = phone.pair.token.begin_deletion(queued[0].id, None).unwrap();
    assert_eq!(phone.run(&contact), ContactState::Ended { end: ContactEnd::Told });
    assert!(phone.token(token).seeds.is_none(), "the issuer has forgotten the seed");
    assert!(phone.pair.token.pending_deletions().unwrap().is_empty());
    assert_eq!(phone.states(), active(&["Home", "Work"]));
    let none = phone.pair.token.begin_deletion(queued[0].id, None);
    assert_eq!(none.err(), Some(TokenError::UnknownIdentity));
}

#[test]
fn a_deletion_whose_answer_was_lost_is_told_again() {
    let mut phone = Phone::new();
    let (id, _) = phone.offline(1, "Work");
    phone.pair.token.remove(id).unwrap();
    let queued = phone.pair.token.pending_deletions().unwrap();
    let contact = phone.pair.token.begin_deletion(queued[0].id, None).unwrap();
    phone.turn(&contact);
    phone.turn(&contact);
    let ContactState::Exchange { request } = contact.step().unwrap().state else { panic!("delete") };
    phone.serve(&request);
    drop(contact);
    phone.pair.restart(None);
    let contact = phone.pair.token.begin_deletion(queued[0].id, None).unwrap();
    assert_eq!(phone.run(&contact), ContactState::Ended { end: ContactEnd::Told });
}

#[test]
fn a_lockout_destroys_the_queue_and_says_which() {
    let mut phone = Phone::new();
    let (id, _) = phone.online(1, "Gone");
    let (_, token) = phone.online(2, "Home");
    phone.pair.token.remove(id).unwrap();
    let ask = phone.block();
    assert_eq!(ask.len(), 1, "nobody is asked for what was deleted");
    let code = phone.unlock_code(token, 0, &ask[0].1);
    let redeemed = phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
    assert_eq!((redeemed.lost.len(), redeemed.untold), (0, vec!["Gone".to_owned()]));
    assert!(phone.pair.token.pending_deletions().unwrap().is_empty());
}

#[test]
fn a_deletion_is_queued_for_thirty_days() {
    let mut phone = Phone::new();
    let (id, _) = phone.online(1, "Gone");
    phone.pair.token.remove(id).unwrap();
    phone.pair.device.fakes.clock.set(exchange::NOW.0 + 30 * 24 * 3600);
    assert_eq!(phone.pair.token.pending_deletions().unwrap().len(), 1);
    phone.pair.device.fakes.clock.set(exchange::NOW.0 + 30 * 24 * 3600 + 1);
    assert!(phone.pair.token.pending_deletions().unwrap().is_empty());
}

#[test]
fn what_no_issuer_of_the_profile_knows_is_neither_called_nor_told() {
    let phone = Phone::new();
    let id = token_support::add(&phone.pair.token, token_support::TOTP, "Local");
    let refused = phone.pair.token.begin_contact(id, Wish::Refresh, None).err();
    assert!(matches!(refused, Some(TokenError::Unsupported { .. })));
    phone.pair.token.remove(id).unwrap();
    assert!(phone.pair.token.pending_deletions().unwrap().is_empty());
}
