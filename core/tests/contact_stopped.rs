//! An identity of which its issuer takes no codes shows none (`core/PROTOCOL.md` 9.3): disabled until a contact hears
//! that it is enabled, deleted or replaced until it is activated again or removed.

mod exchange;
mod online_support;
mod phone;
mod token_support;

use exchange::NOW;
use online_support::{Door, serial};
use phone::{HOLDER, Phone};
use softtoken_core::TokenError;
use softtoken_core::activation::contact::issuer::TestToken;
use softtoken_core::activation::contact::{DELETED, TokenState, Wish, contact_psk};
use softtoken_core::activation::exchange::{OnlineOrder, Refused};
use softtoken_core::activation::state::ActivationState;
use softtoken_core::error::StopReason;
use softtoken_core::identity::{IdentityId, Stopped};
use softtoken_core::token::{ContactEnd, ContactState};
use softtoken_core::vault::Event;

impl Phone {
    fn stopped(&self, id: IdentityId) -> Option<Stopped> {
        let views = self.pair.token.identities().unwrap();
        views.into_iter().find(|view| view.id == id).unwrap().stopped
    }

    /// Every way to a code of an identity says the same.
    fn assert_shows_no_code(&self, id: IdentityId, why: StopReason) {
        let token = &self.pair.token;
        assert!(token.codes(None).unwrap().codes.iter().all(|code| code.id != id));
        assert!(token.codes(Some(NOW)).unwrap().codes.iter().all(|code| code.id != id), "at no other time");
        let Stopped { why: said, since } = self.stopped(id).unwrap();
        assert_eq!(said, why);
        let refused = Some(TokenError::Stopped { why, since });
        assert_eq!(token.next_code(id).err(), refused);
        assert_eq!(token.resync_codes(id).err(), refused);
        assert_eq!(token.respond(id, "1234", None, None).err(), refused);
    }

    /// The issuer kills the token's seed; who calls under it is told why.
    fn kill_seed(&mut self, at: usize, said: Refused) {
        let token = self.token(at);
        let seeds = token.seeds.take().unwrap();
        let psk = contact_psk(seeds.all().next().unwrap().1.seed.expose(), &token.serial);
        token.dead.push((psk, said));
    }

    fn events(&self, wanted: Event) -> usize {
        self.pair.token.event_log().unwrap().iter().filter(|one| one.event == wanted).count()
    }
}

#[test]
fn a_disabled_identity_shows_no_code_until_a_contact_hears_that_it_is_enabled() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let (other, _) = phone.online(2, "Home");
    phone.token(token).state = TokenState::Disabled;
    phone.code(id);
    assert!(matches!(phone.contact(id, Wish::Refresh), ContactState::Done { news } if !news.active));
    phone.assert_shows_no_code(id, StopReason::Disabled);
    phone.code(other);
    // It is stored, it says when it was heard first, and each change is told once.
    phone.pair.device.fakes.clock.set(NOW.0 + 100);
    phone.pair.issuer.now.0 += 100;
    phone.contact(id, Wish::Refresh);
    phone.pair.restart(None);
    phone.assert_shows_no_code(id, StopReason::Disabled);
    assert_eq!(phone.stopped(id), Some(Stopped { why: StopReason::Disabled, since: NOW }));
    // Enabled at the issuer alone changes nothing here.
    phone.token(token).state = TokenState::Active;
    phone.assert_shows_no_code(id, StopReason::Disabled);
    assert!(matches!(phone.contact(id, Wish::Refresh), ContactState::Done { news } if news.active));
    assert_eq!(phone.stopped(id), None);
    phone.assert_code_is_taken(id, token);
    assert_eq!((phone.events(Event::DisabledByIssuer(id)), phone.events(Event::EnabledByIssuer(id))), (1, 1));
}

#[test]
fn an_identity_that_was_enabled_again_gets_the_seed_that_it_waited_for() {
    let mut phone = Phone::new();
    let (id, token) = phone.offline(1, "Work");
    phone.token(token).state = TokenState::Disabled;
    phone.contact(id, Wish::Refresh);
    phone.assert_shows_no_code(id, StopReason::Disabled);
    phone.token(token).state = TokenState::Active;
    assert!(matches!(phone.contact(id, Wish::Refresh), ContactState::Done { news } if news.renewed));
    assert_eq!(phone.stopped(id), None);
    phone.assert_code_is_taken(id, token);
}

#[test]
fn what_the_issuer_has_deleted_or_replaced_shows_no_code_and_is_asked_for_no_more() {
    for (said, end, why) in [
        (DELETED, ContactEnd::DeletedByIssuer, StopReason::Deleted),
        (Refused::Superseded, ContactEnd::ReplacedElsewhere, StopReason::Replaced),
    ] {
        let mut phone = Phone::new();
        let (id, token) = phone.online(1, "Work");
        phone.kill_seed(token, said);
        assert_eq!(phone.contact(id, Wish::Rekey), ContactState::Ended { end });
        phone.assert_shows_no_code(id, why);
        phone.pair.restart(None);
        phone.assert_shows_no_code(id, why);
        let refused = phone.pair.token.begin_contact(id, Wish::Refresh, None).err();
        assert_eq!(refused, Some(TokenError::Stopped { why, since: NOW }));
        let event = match why {
            StopReason::Replaced => Event::ReplacedElsewhere(id),
            _ => Event::DeletedByIssuer(id),
        };
        assert_eq!(phone.events(event), 1);
        // The issuer knows: it is told nothing.
        phone.pair.token.remove(id).unwrap();
        assert!(phone.pair.token.pending_deletions().unwrap().is_empty());
        assert!(phone.pair.token.identities().unwrap().is_empty());
    }
}

#[test]
fn a_deletion_that_the_issuer_answers_within_a_session_ends_the_identity_too() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let contact = phone.begin(id, Wish::Refresh);
    phone.turn(&contact);
    phone.turn(&contact);
    phone.token(token).seeds = None;
    assert_eq!(phone.run(&contact), ContactState::Ended { end: ContactEnd::DeletedByIssuer });
    phone.assert_shows_no_code(id, StopReason::Deleted);
}

#[test]
fn an_end_that_was_said_of_an_earlier_seed_does_not_end_the_present_one() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    let slow = phone.begin(id, Wish::Refresh);
    phone.turn(&slow);
    phone.contact(id, Wish::Rekey);
    phone.pair.issuer.now.0 += 24 * 3600 + 1;
    phone.pair.device.fakes.clock.set(phone.pair.issuer.now.0);
    phone.turn(&slow);
    let step = slow.step().unwrap();
    assert_eq!(step.state, ContactState::Failed { why: TokenError::StaleInput, retry: true });
    assert_eq!(phone.stopped(id), None);
    phone.assert_code_is_taken(id, token);
}

#[test]
fn a_new_activation_of_the_same_token_shows_codes_again_under_the_same_name() {
    let mut phone = Phone::new();
    let (id, token) = phone.online(1, "Work");
    phone.kill_seed(token, Refused::Superseded);
    phone.contact(id, Wish::Refresh);
    phone.assert_shows_no_code(id, StopReason::Replaced);
    let mut payload = phone.pair.payload(Door::Link, 1);
    payload.activation_id = [0x55; 16];
    let order = OnlineOrder::from_link(&payload).unwrap();
    phone.pair.issuer.add(&order, exchange::EXPIRY);
    phone.pair.issuer.orders.last_mut().unwrap().holder = HOLDER;
    let activation = token_support::begin(&phone.pair.token, &payload.to_app());
    phone.pair.consent(&activation, Some("Work"));
    let ActivationState::Done { added, .. } = phone.pair.run(&activation) else { panic!("activated") };
    let (id, keys) = (added[0], &phone.pair.issuer.orders.last().unwrap().sessions[0].keys);
    let new = TestToken::new(serial(1), keys.seed.duplicate(), keys.recovery.duplicate());
    *phone.token(token) = new;
    assert_eq!(phone.states().len(), 1, "it has taken the place of the ended one");
    assert_eq!(phone.stopped(id), None);
    phone.assert_code_is_taken(id, token);
}
