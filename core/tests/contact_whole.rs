//! Whole contacts between a phone and an issuer in memory, and the rules for two seeds.

mod contact;

use contact::{HOLDER, Phone, RECOVERY, SEED, reborn, world};
use softtoken_core::activation::contact::{
    Caller, ContactError, GRACE, Generations, Removed, Step, TokenState, Wish,
};
use softtoken_core::activation::exchange::issuer::Status;
use softtoken_core::activation::exchange::{ExchangeError, Refused};
use softtoken_core::identity::{PinRules, Policy};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

#[test]
fn a_refresh_tells_policy_time_state_and_wish() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    world.issuer.policy = Policy { pin: PinRules { min_digits: 6 }, verify_user: true, ..Policy::default() };
    world.token.state = TokenState::Disabled;
    world.token.rekey_wanted = true;
    let Step::Done(report) = phone.contact(&mut world, Wish::Refresh) else { panic!("a report") };
    assert_eq!((report.policy, report.time), (world.issuer.policy, world.issuer.now));
    assert_eq!((report.state, report.rekey_wanted, report.alone), (TokenState::Disabled, true, true));
    assert_eq!(phone.seed, SEED);
    assert!(world.takes(&SEED) || world.token.state == TokenState::Disabled);
}

#[test]
fn the_first_contact_proves_issuer_and_holder_and_the_next_one_insists_on_them() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    assert!(phone.known.is_none());
    phone.contact(&mut world, Wish::Rekey);
    let known = phone.known.unwrap();
    assert_eq!((Some(known.issuer), known.holder), (world.issuer.signing_key(), Some(HOLDER)));
    world.token.holder = [8; 16];
    let mut contact = phone.begin(&world, Wish::Refresh);
    assert_eq!(phone.turn(&mut world, &mut contact), Err(ContactError::AnotherHolder));
    assert!(contact.agreement().is_none());
    assert_eq!(contact.step(), Step::Send);
}

#[test]
fn a_rekey_replaces_seed_and_recovery_key_on_both_sides_in_two_phases() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut contact).unwrap();
    let new = *contact.agreement().unwrap().keys.seed.expose();
    assert_eq!(phone.seed, SEED, "the old code is shown until the answer is there");
    phone.turn(&mut world, &mut contact).unwrap();
    assert!(matches!(contact.step(), Step::Renewed(_)));
    assert_eq!(phone.seed, new);
    assert_eq!(world.unlocks_with(), Some(RECOVERY), "the issuer does not know yet");
    phone.turn(&mut world, &mut contact).unwrap();
    let Step::Done(report) = contact.step() else { panic!("done") };
    assert!(!report.alone && world.takes(&SEED) && world.takes(&new));
    assert_eq!(phone.ways_back.len(), 2);
    assert!(phone.ways_back.contains(&world.unlocks_with().unwrap()));
    // An old code on its way is still good and ends nothing, a new one ends the old.
    let now = world.issuer.now;
    assert!(world.token.code(&SEED, now) && world.token.code(&new, now) && !world.token.code(&SEED, now));
    let Step::Done(report) = phone.contact(&mut world, Wish::Refresh) else { panic!("done") };
    assert!(report.alone);
    assert_eq!(phone.ways_back, [world.unlocks_with().unwrap()]);
}

#[test]
fn the_old_seed_dies_a_day_after_the_new_one_is_known_to_be_shown_and_not_before() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut contact).unwrap();
    phone.turn(&mut world, &mut contact).unwrap();
    let now = world.issuer.now;
    world.issuer.now = UnixTime(now.0 + 100 * GRACE);
    assert!(world.token.code(&SEED, world.issuer.now), "the answer may be lost");
    phone.turn(&mut world, &mut contact).unwrap();
    let shown = world.issuer.now;
    assert!(world.token.code(&SEED, UnixTime(shown.0 + GRACE - 1)));
    assert!(!world.token.code(&SEED, UnixTime(shown.0 + GRACE)));
    assert!(world.token.code(&phone.seed, UnixTime(shown.0 + GRACE)));
}

#[test]
fn a_rekey_whose_answer_is_lost_is_asked_again_or_given_up() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut contact = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut contact).unwrap();
    let first = phone.ask(&mut world, &mut contact).unwrap();
    let mut contact = reborn(&contact);
    let second = phone.ask(&mut world, &mut contact).unwrap();
    assert_eq!(first, second, "the same bytes, the same answer");
    // The issuer has forgotten the session.
    let lost = *contact.agreement().unwrap().keys.seed.expose();
    world.token.sessions.clear();
    assert_eq!(phone.ask(&mut world, &mut contact), Err(Status(404)));
    contact.call_again(&world.issuer.card().unwrap()).unwrap();
    assert!(world.takes(&lost) && phone.seed == SEED);
    while !matches!(contact.step(), Step::Done(_)) {
        phone.turn(&mut world, &mut contact).unwrap();
        assert!(world.takes(&phone.seed));
    }
    assert!(!world.takes(&lost) && phone.seed != SEED && phone.seed != lost);
    let again = contact.call_again(&world.issuer.card().unwrap());
    assert_eq!(again, Err(ExchangeError::NotNow.into()));
}

#[test]
fn a_delayed_rekey_of_an_earlier_contact_is_not_known_any_more() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    let mut early = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut early).unwrap();
    let delayed = early.request(&phone.random).unwrap();
    let mut contact = phone.begin(&world, Wish::Rekey);
    phone.turn(&mut world, &mut contact).unwrap();
    phone.turn(&mut world, &mut contact).unwrap();
    // The new code is shown, and the issuer does not know it yet: the delayed request must not end that seed.
    assert!(matches!(contact.step(), Step::Renewed(_)));
    assert_eq!(world.serve(&delayed), Err(Status(404)));
    assert!(world.takes(&phone.seed));
    phone.turn(&mut world, &mut contact).unwrap();
    assert_eq!(world.serve(&delayed), Err(Status(404)));
    assert!(world.takes(&phone.seed));
}

#[test]
fn a_second_rekey_ends_the_oldest_seed() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    phone.contact(&mut world, Wish::Rekey);
    let second = phone.seed;
    phone.contact(&mut world, Wish::Rekey);
    assert!(!world.takes(&SEED) && world.takes(&second) && world.takes(&phone.seed));
}

#[test]
fn a_deletion_is_acknowledged_as_often_as_it_is_sent() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    phone.contact(&mut world, Wish::Refresh);
    let queued = phone.caller().encode().unwrap();
    assert!(!queued.expose().windows(32).any(|window| window == SEED), "no code can be made of it");
    for _ in 0..2 {
        let caller = Caller::decode(queued.expose()).unwrap();
        assert_eq!(caller.encode().unwrap().expose(), queued.expose());
        assert_eq!(phone.contact(&mut world, Wish::Delete), Step::Deleted);
        assert!(world.token.seeds.is_none() && !world.takes(&SEED));
    }
    assert_eq!(phone.contact(&mut world, Wish::Refresh), Step::Deleted);
}

#[test]
fn a_reactivated_token_outlives_the_deletion_of_the_identity_before() {
    for wait in [false, true] {
        let (mut world, mut old) = (world(), Phone::new(2));
        let new = [0x41; 32];
        world.token.reactivated(Key::new(new), Key::new([0x42; 32]), world.issuer.now);
        assert!(world.takes(&SEED) && world.takes(&new));
        assert_eq!(old.contact(&mut world, Wish::Rekey), Step::Refused(Refused::Declined));
        if wait {
            world.token.code(&new, world.issuer.now);
            assert_eq!(old.contact(&mut world, Wish::Refresh), Step::Refused(Refused::Superseded));
        } else {
            assert_eq!(old.contact(&mut world, Wish::Delete), Step::Deleted);
        }
        assert!(!world.takes(&SEED) && world.takes(&new));
        assert_eq!(world.unlocks_with(), Some([0x42; 32]));
    }
}

#[test]
fn a_disabled_token_is_not_rekeyed() {
    let (mut world, mut phone) = (world(), Phone::new(2));
    world.token.state = TokenState::Disabled;
    assert_eq!(phone.contact(&mut world, Wish::Rekey), Step::Refused(Refused::Declined));
    assert_eq!((phone.seed, phone.ways_back), (SEED, vec![RECOVERY]));
}

#[test]
fn an_activation_for_the_same_serial_number_leaves_at_most_two_seeds() {
    let now = UnixTime(0);
    let living = |seeds: &Generations<char>| seeds.all().map(|(_, keys)| *keys).collect::<String>();
    // One seed, then a second and a third activation.
    let mut seeds = Generations::new('a');
    assert_eq!((seeds.reactivated('b', now).1, living(&seeds).as_str()), (None, "ab"));
    assert_eq!((seeds.reactivated('c', now).1, living(&seeds).as_str()), (Some('a'), "bc"));
    assert_eq!(*seeds.unlock(), 'c');
    // A new seed that was never shown makes room for the activation's.
    let mut seeds = Generations::new('a');
    let (unknown, dead) = seeds.renew(0, 'b').unwrap();
    assert_eq!((dead, *seeds.unlock()), (None, 'a'));
    let (number, dead) = seeds.reactivated('c', now);
    assert_eq!((dead, living(&seeds).as_str()), (Some('b'), "ac"));
    assert!(number != unknown && seeds.get(unknown).is_none());
    assert_eq!(seeds.heard(unknown, now), (false, None), "its session is dead, too");
    assert!(seeds.renew(0, 'd').is_none());
    assert_eq!(seeds.pass(UnixTime(GRACE - 1)), None);
    assert_eq!(seeds.pass(UnixTime(GRACE)), Some('a'));
    assert_eq!((seeds.accepted(0), seeds.heard(0, now)), (None, (false, None)));
    assert!(matches!(seeds.remove(0), Removed::Nothing) && matches!(seeds.remove(number), Removed::Token));
}

#[test]
fn a_queued_deletion_without_an_issuer_has_no_holder() {
    let phone = Phone::new(2);
    let bytes = phone.caller().encode().unwrap().expose().to_vec();
    assert!(Caller::decode(&bytes).is_ok());
    let mut changed = bytes.clone();
    // One entry more: a holder id.
    changed[0] += 1;
    changed.extend([5, 0x50]);
    changed.extend([7; 16]);
    assert!(Caller::decode(&changed).is_err());
    for end in 0..bytes.len() {
        assert!(Caller::decode(&bytes[..end]).is_err());
    }
}
