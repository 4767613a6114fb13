//! Contacts through the facade: news, another seed in two phases, and what a lockout between them may not cost.

mod exchange;
mod online_support;
mod phone;
mod token_support;

use exchange::NOW;
use phone::{NEW_PIN, Phone};
use softtoken_core::TokenError;
use softtoken_core::activation::contact::{TokenState, Wish};
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::error::Untrusted;
use softtoken_core::identity::{IdentityState, PinRules};
use softtoken_core::ports::HookError;
use softtoken_core::secret::Key;
use softtoken_core::token::{ContactEnd, ContactInput, ContactNews, ContactState};
use softtoken_core::vault::Event;

fn news(state: ContactState) -> ContactNews {
    match state {
        ContactState::Done { news } => news,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refresh_brings_policy_state_and_time_and_leaves_the_seed() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let before = phone.code(id);
    phone.pair.issuer.policy.pin = PinRules { min_digits: 6 };
    phone.token(token).state = TokenState::Disabled;
    let said = news(phone.contact(id, Wish::Refresh));
    assert_eq!((said.active, said.renewed, said.alone, said.clock_offset), (false, false, true, 0));
    assert_eq!(said.policy, phone.pair.issuer.policy);
    assert_eq!(said.needs_pin, Some(PinRules { min_digits: 6 }), "the PIN has four digits");
    assert_eq!(phone.pair.token.policy_view(Some(id)).unwrap()[0].policy, phone.pair.issuer.policy);
    phone.token(token).state = TokenState::Active;
    news(phone.contact(id, Wish::Refresh));
    assert_eq!(phone.code(id), before);
    phone.pair.issuer.now.0 += 3600;
    assert_eq!(news(phone.contact(id, Wish::Refresh)).clock_offset, 3600);
    assert_eq!(phone.pair.token.diagnose_clock().unwrap().offsets, [(id, 3600)]);
    assert_ne!(phone.code(id), before, "codes follow the issuer's clock");
    phone.pair.issuer.now.0 += 100 * 24 * 3600;
    assert_eq!(news(phone.contact(id, Wish::Refresh)).clock_offset, 24 * 3600, "no more than a day");
}

#[test]
fn an_answer_that_took_long_says_nothing_about_the_clock() {
    let mut phone = Phone::new();
    let (id, _) = phone.online(1, "Work");
    let contact = phone.begin(id, Wish::Refresh);
    phone.turn(&contact);
    phone.turn(&contact);
    let step = contact.step().unwrap();
    let ContactState::Exchange { request } = step.state else { panic!("a sealed request") };
    let reply = phone.serve(&request);
    phone.pair.device.fakes.clock.set(NOW.0 + 600);
    let said = news(contact.advance(step.ticket, reply).unwrap().state);
    assert_eq!(said.clock_offset, 0);
}

#[test]
fn a_rekey_gives_both_sides_another_seed() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let before = phone.code(id);
    let said = news(phone.contact(id, Wish::Rekey));
    assert_eq!((said.renewed, said.alone, said.active), (true, false, true));
    assert_ne!(phone.code(id), before);
    phone.assert_code_is_taken(id, token);
    assert_eq!(phone.states(), [("Work".to_owned(), IdentityState::Active)], "name and place stay");
    // A day later nothing but the new seed lives.
    phone.pair.issuer.now.0 += 24 * 3600 + 1;
    phone.pair.device.fakes.clock.set(phone.pair.issuer.now.0);
    let said = news(phone.contact(id, Wish::Refresh));
    assert_eq!((said.renewed, said.alone), (false, true));
    phone.assert_code_is_taken(id, token);
    let log = phone.pair.token.event_log().unwrap();
    assert_eq!(log.iter().filter(|one| one.event == Event::SeedReplaced(id)).count(), 1);
}

#[test]
fn a_rekey_that_the_issuer_wishes_is_done_in_the_same_contact_and_once() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    phone.token(token).rekey_wanted = true;
    assert!(news(phone.contact(id, Wish::Refresh)).renewed);
    phone.token(token).rekey_wanted = true;
    let said = news(phone.contact(id, Wish::Refresh));
    assert_eq!((said.renewed, said.alone), (false, false), "not while an old pair is kept");
    phone.assert_code_is_taken(id, token);
}

#[test]
fn a_disabled_token_gets_no_other_seed_and_its_news() {
    let mut phone = Phone::new();
    let (id, token) = phone.offline(1, "Work");
    phone.token(token).state = TokenState::Disabled;
    let said = news(phone.contact(id, Wish::Refresh));
    assert_eq!((said.active, said.renewed), (false, false));
    phone.token(token).state = TokenState::Active;
    assert!(news(phone.contact(id, Wish::Refresh)).renewed, "the first contact after that");
    phone.assert_code_is_taken(id, token);
}

#[test]
fn a_rekey_survives_the_end_of_the_process_after_every_step() {
    // Card, open, rekey, refresh: four requests; each may be lost with its answer, or answered and not taken.
    for steps in 0..=4 {
        for lost in [false, true] {
            let mut phone = Phone::new();
            let (id, token) = phone.online(1, "Work");
            let contact = phone.begin(id, Wish::Rekey);
            for _ in 0..steps {
                assert!(phone.turn(&contact), "{steps} steps");
            }
            if let (true, ContactState::Exchange { request }) = (lost, contact.step().unwrap().state) {
                phone.serve(&request);
            }
            drop(contact);
            phone.pair.restart(None);
            phone.assert_code_is_taken(id, token);
            let said = news(phone.contact(id, Wish::Rekey));
            phone.assert_code_is_taken(id, token);
            phone.pair.issuer.now.0 += 24 * 3600 + 1;
            phone.pair.device.fakes.clock.set(phone.pair.issuer.now.0);
            assert!(news(phone.contact(id, Wish::Refresh)).alone, "{said:?}");
            phone.assert_code_is_taken(id, token);
            let ask = phone.block();
            let code = phone.unlock_code(token, 0, &ask[0].1);
            phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
            phone.assert_code_is_taken(id, token);
        }
    }
}

#[test]
fn the_unlock_codes_of_both_pairs_open_the_group_until_the_old_one_is_dead() {
    // Before the issuer has heard that the new seed is shown, and after.
    for requests in [3, 4] {
        for older in [0, 1] {
            let mut phone = Phone::new();
            let (id, token) = phone.online(1, "Work");
            let contact = phone.begin(id, Wish::Rekey);
            (0..requests).for_each(|_| assert!(phone.turn(&contact)));
            let ask = phone.block();
            assert_eq!(ask.len(), 1, "one question, whichever pair the issuer answers from");
            let code = phone.unlock_code(token, older, &ask[0].1);
            phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
            phone.assert_code_is_taken(id, token);
            // With the new reset code as well.
            let ask = phone.block();
            let code = phone.unlock_code(token, 1 - older, &ask[0].1);
            phone.pair.token.redeem_unlock_code(&code, Some(b"90514326")).unwrap();
            phone.assert_code_is_taken(id, token);
        }
    }
}

#[test]
fn the_old_pairs_unlock_code_opens_nothing_once_it_is_dead() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    phone.contact(id, Wish::Rekey);
    let ask = phone.block();
    let old = phone.unlock_code(token, 1, &ask[0].1);
    let new = phone.unlock_code(token, 0, &ask[0].1);
    phone.pair.token.redeem_unlock_code(&new, Some(NEW_PIN)).unwrap();
    phone.pair.issuer.now.0 += 24 * 3600 + 1;
    phone.pair.device.fakes.clock.set(phone.pair.issuer.now.0);
    assert!(news(phone.contact(id, Wish::Refresh)).alone);
    let ask = phone.block();
    let wrong = phone.pair.token.redeem_unlock_code(&old, Some(NEW_PIN));
    assert!(matches!(wrong, Err(TokenError::WrongUnlockCode { .. })));
    let code = phone.unlock_code(token, 0, &ask[0].1);
    phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
}

#[test]
fn the_issuer_does_not_hear_of_a_new_seed_before_its_way_back_is_armed() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let contact = phone.begin(id, Wish::Rekey);
    phone.turn(&contact);
    phone.turn(&contact);
    phone.pair.device.fakes.device_key.fail_next(HookError::Transient);
    phone.turn(&contact);
    let step = contact.step().unwrap();
    let ContactState::Failed { why: TokenError::DeviceKeyFailed { .. }, retry: true } = step.state else {
        panic!("not armed, not sent")
    };
    // The issuer still answers from the old pair, and the old wrap is still there.
    let ask = phone.block();
    let code = phone.unlock_code(token, 1, &ask[0].1);
    phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
    phone.assert_code_is_taken(id, token);
    let step = contact.step().unwrap();
    contact.advance(step.ticket, ContactInput::Retry).unwrap();
    assert!(!news(phone.run(&contact)).alone);
    let ask = phone.block();
    let code = phone.unlock_code(token, 0, &ask[0].1);
    phone.pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
}

#[test]
fn another_issuers_key_is_refused_and_a_successor_is_taken() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let old = std::mem::replace(&mut phone.pair.issuer.signing, Key::new([0x77; 32]));
    let refused =
        ContactState::Failed { why: TokenError::Untrusted { what: Untrusted::Issuer }, retry: true };
    let contact = phone.begin(id, Wish::Rekey);
    assert_eq!(phone.run(&contact), refused);
    assert!(phone.token(token).sessions.is_empty(), "nothing but the card was asked for");
    phone.pair.issuer.predecessor = Some(old);
    let step = contact.step().unwrap();
    contact.advance(step.ticket, ContactInput::Retry).unwrap();
    assert!(news(phone.run(&contact)).renewed);
    phone.assert_code_is_taken(id, token);
    // From now on the successor is the one that is known.
    phone.pair.issuer.predecessor = None;
    news(phone.contact(id, Wish::Refresh));
    phone.pair.issuer.signing = Key::new([0x78; 32]);
    assert_eq!(phone.contact(id, Wish::Refresh), refused);
}

#[test]
fn another_holder_is_refused() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let before = phone.code(id);
    phone.token(token).holder = [8; 16];
    let refused =
        ContactState::Failed { why: TokenError::Untrusted { what: Untrusted::Issuer }, retry: true };
    assert_eq!(phone.contact(id, Wish::Rekey), refused);
    assert_eq!(phone.code(id), before);
}

#[test]
fn no_answer_changes_nothing_and_a_forgotten_session_is_begun_anew() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let contact = phone.begin(id, Wish::Refresh);
    let step = contact.step().unwrap();
    let problem = ContactInput::HttpProblem { problem: HttpProblem::NoNetwork };
    let step = contact.advance(step.ticket, problem).unwrap();
    assert_eq!(step.state, ContactState::Failed { why: TokenError::NoNetwork, retry: true });
    let stale = contact.advance(step.ticket, ContactInput::Http { status: 200, body: Vec::new() });
    assert_eq!(stale.err(), Some(TokenError::StaleInput));
    contact.advance(step.ticket, ContactInput::Retry).unwrap();
    phone.turn(&contact);
    phone.turn(&contact);
    phone.token(token).sessions.clear();
    assert!(news(phone.run(&contact)).alone);
}

#[test]
fn a_locked_vault_takes_no_answer_and_the_contact_goes_on_after_the_unlock() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let contact = phone.begin(id, Wish::Rekey);
    phone.turn(&contact);
    phone.turn(&contact);
    let step = contact.step().unwrap();
    let ContactState::Exchange { request } = step.state else { panic!("a sealed request") };
    phone.pair.token.lock().unwrap();
    let reply = phone.serve(&request);
    assert_eq!(contact.advance(step.ticket, reply).err(), Some(TokenError::VaultLocked));
    phone.pair.token.unlock(token_support::PIN).unwrap();
    assert!(news(phone.run(&contact)).renewed);
    phone.assert_code_is_taken(id, token);
}

#[test]
fn what_the_issuer_has_deleted_or_replaced_says_so_and_stays_in_the_list() {
    let mut phone = Phone::new();
    let (first, token) = phone.online(1, "Work");
    let (second, other) = phone.online(2, "Home");
    let psk = |phone: &mut Phone, at: usize| {
        let token = phone.token(at);
        let seeds = token.seeds.take().unwrap();
        let (_, keys) = seeds.all().next().unwrap();
        softtoken_core::activation::contact::contact_psk(keys.seed.expose(), &token.serial)
    };
    let dead = psk(&mut phone, token);
    phone.token(token).dead.push((dead, softtoken_core::activation::contact::DELETED));
    let dead = psk(&mut phone, other);
    phone.token(other).dead.push((dead, softtoken_core::activation::exchange::Refused::Superseded));
    let end = |end| ContactState::Ended { end };
    assert_eq!(phone.contact(first, Wish::Refresh), end(ContactEnd::DeletedByIssuer));
    assert_eq!(phone.contact(second, Wish::Rekey), end(ContactEnd::ReplacedElsewhere));
    assert_eq!(phone.states().len(), 2);
    let log: Vec<Event> = phone.pair.token.event_log().unwrap().iter().map(|one| one.event).collect();
    assert!(log.contains(&Event::DeletedByIssuer(first)) && log.contains(&Event::ReplacedElsewhere(second)));
}
