//! The machine against a fake world: every door, every refusal, and random inputs.

use std::num::NonZeroU32;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::address::Address;
use super::driver::HttpProblem;
use super::fake_world::FakeWorld;
use super::issuer_key::IssuerKey;
use super::link::{Flags, LinkPayload, Mode};
use super::machine::Machine;
use super::profile::Profile;
use super::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, PasswordOf, Retry, Ticket,
    TypedFields, TypedKey,
};
use super::world::{Phase, World};
use crate::TokenError;
use crate::codec::decimal::SerialNumber;
use crate::error::{Needed, Part, Problem, Unsupported};
use crate::secret::Key;

const TOTP: &str = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example";
const TWO_STEP: &str = "otpauth://totp/TOTP1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=privacyIDEA&2step_salt=8&2step_output=20&2step_difficulty=1000";
const V1: &str = "igmobileotp://?action=secactivate&enc=VRUq6IoLWQRCMRITZEHtHUSWJiPwgu%2FN1BFyUHE5kxuHIEYoE3zmNTrAHeeUM5S3gzCnTy%2F%2Bdnbu%2FsjjQW%2BNEISx8C4ra8rLpxOl8E8w4KXHgjeBRgdvSzl%2BbzX5RYRrQlWgK8hsBT4pQYE0eFgW2TmRbzXu1Mu7XjKDcwsJLew32jQC2qyPLP8hljnv2rHwwsMfhQwgJUJYfctwLWWEDUFukEckaZ4O&v=1&mac=mhVL8BWKaishMa5%2B";
const V1_PASSWORD: &[u8] = b"54998317";

fn text(text: &str) -> ActivationSource {
    ActivationSource::Text(Zeroizing::new(text.to_owned()))
}

fn typed(address: &str, serial: &str, code: &str) -> TypedFields {
    TypedFields {
        address: address.to_owned(),
        serial_number: serial.to_owned(),
        activation_code: Zeroizing::new(code.to_owned()),
    }
}

/// A machine in its world, driven like an app drives it.
struct Drive {
    machine: Machine,
    world: FakeWorld,
}

impl Drive {
    fn new(source: ActivationSource, options: ActivationOptions, mut world: FakeWorld) -> Self {
        Self { machine: Machine::start(source, options, &mut world).unwrap(), world }
    }

    fn open(source: ActivationSource) -> Self {
        Self::new(source, ActivationOptions::default(), FakeWorld::open())
    }

    fn ticket(&self) -> Ticket {
        self.machine.step(self.world.now).ticket
    }

    fn state(&self) -> ActivationState {
        self.machine.step(self.world.now).state
    }

    fn answer(&mut self, input: ActivationInput) -> Result<ActivationState, TokenError> {
        let ticket = self.ticket();
        self.machine.advance(ticket, input, &mut self.world)?;
        Ok(self.state())
    }

    fn consent(&mut self, name: Option<&str>) -> Result<ActivationState, TokenError> {
        self.answer(ActivationInput::Consent { name: name.map(str::to_owned) })
    }

    fn no_network(&mut self) -> Result<ActivationState, TokenError> {
        self.answer(ActivationInput::HttpProblem { problem: HttpProblem::NoNetwork })
    }

    fn password(&mut self, password: &[u8]) -> Result<ActivationState, TokenError> {
        let ticket = self.ticket();
        self.machine.supply_password(ticket, password, &mut self.world)?;
        Ok(self.state())
    }
}

#[test]
fn a_complete_account_needs_consent_and_is_done() {
    let mut drive = Drive::open(text(TOTP));
    let ActivationState::NeedsConsent { summary, name, taken: None } = drive.state() else {
        panic!("consent first");
    };
    assert_eq!((name.as_str(), summary.entries.len()), ("Example: alice", 1));
    assert_eq!(drive.world.writes, 0, "nothing is stored before consent");
    let ActivationState::Done { added, refused } = drive.consent(None).unwrap() else { panic!("done") };
    assert_eq!((added.len(), refused.len(), drive.world.writes), (1, 0, 1));
}

#[test]
fn a_taken_name_keeps_everything_and_suggests_a_free_one() {
    let mut world = Drive::open(text(TOTP));
    world.consent(None).unwrap();
    let mut drive = Drive::new(text(TOTP), ActivationOptions::default(), world.world);
    let ActivationState::NeedsConsent { taken, .. } = drive.state() else { panic!() };
    assert_eq!(taken.as_deref(), Some("Example: alice (2)"), "said on the first page already");
    for wanted in [None, Some(" example:  ALICE ")] {
        let ActivationState::NeedsConsent { taken, name, summary } = drive.consent(wanted).unwrap() else {
            panic!("asked again");
        };
        assert_eq!(
            taken.as_deref(),
            Some("Example: alice (2)").filter(|_| wanted.is_none()).or(taken.as_deref())
        );
        assert!(!name.is_empty() && summary.entries.len() == 1 && drive.world.writes == 1);
    }
    assert!(matches!(drive.consent(Some("Other")).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn an_old_ticket_changes_nothing() {
    let mut drive = Drive::open(text(TOTP));
    let old = drive.ticket();
    drive.consent(None).unwrap();
    let again = drive.machine.advance(old, ActivationInput::Consent { name: None }, &mut drive.world);
    assert_eq!(again, Err(TokenError::StaleInput));
    assert_eq!(drive.machine.supply_password(old, b"1", &mut drive.world), Err(TokenError::StaleInput));
    assert_eq!(drive.world.writes, 1, "a double tap adds nothing");
}

#[test]
fn declining_stores_nothing() {
    let mut drive = Drive::open(text(TOTP));
    let state = drive.answer(ActivationInput::Decline).unwrap();
    assert!(matches!(state, ActivationState::Failed { why: TokenError::ConsentNeeded, retry: Retry::Never }));
    assert_eq!(drive.world.writes, 0);
}

#[test]
fn a_failed_write_leaves_the_machine_where_it_was() {
    let mut drive = Drive::open(text(TOTP));
    drive.world.fail_writes = true;
    let ticket = drive.ticket();
    assert!(matches!(drive.consent(None), Err(TokenError::VaultFile { .. })));
    assert_eq!(drive.ticket(), ticket);
    drive.world.fail_writes = false;
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn a_locked_token_asks_for_the_pin_before_it_says_anything_about_the_link() {
    let mut world = FakeWorld::open();
    world.phase = Phase::Locked;
    let mut drive = Drive::new(text(V1), ActivationOptions::default(), world);
    assert!(matches!(drive.state(), ActivationState::NeedsPin { exists: true, .. }));
    assert!(matches!(drive.answer(ActivationInput::PinReady), Err(TokenError::VaultLocked)));
    drive.world.phase = Phase::Open;
    let state = drive.answer(ActivationInput::PinReady).unwrap();
    assert!(matches!(state, ActivationState::NeedsPassword { of: PasswordOf::QrCode, wrong: false, .. }));
}

#[test]
fn on_first_start_the_pin_is_set_between_consent_and_the_first_write() {
    let mut world = FakeWorld::open();
    world.phase = Phase::Fresh;
    let mut drive = Drive::new(text(TOTP), ActivationOptions::default(), world);
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::NeedsPin { exists: false, .. }));
    assert_eq!(drive.world.writes, 0);
    drive.world.phase = Phase::Open;
    let state = drive.answer(ActivationInput::PinReady).unwrap();
    assert!(matches!(state, ActivationState::Done { .. }));
}

#[test]
fn five_wrong_passwords_end_a_sealed_code_and_a_wrong_shape_costs_none() {
    let mut drive = Drive::open(text(V1));
    assert!(matches!(drive.password(b"5499"), Err(TokenError::NotUnderstood { part: Part::Password, .. })));
    for left in (1..=4).rev() {
        let ActivationState::NeedsPassword { wrong: true, tries_left, .. } =
            drive.password(b"00000000").unwrap()
        else {
            panic!("asked again");
        };
        assert_eq!(tries_left, Some(left));
    }
    assert!(matches!(
        drive.password(b"00000000").unwrap(),
        ActivationState::Failed { why: TokenError::WrongPassword { tries_left: Some(0) }, .. }
    ));
    assert!(matches!(drive.password(V1_PASSWORD), Err(TokenError::StaleInput)));
}

#[test]
fn a_new_v1_activation_is_pending_until_confirmed_and_the_same_text_finds_it_again() {
    let mut drive = Drive::open(text(V1));
    drive.password(V1_PASSWORD).unwrap();
    let ActivationState::ShowRegistrationCode { id, code, live_code, .. } = drive.consent(Some("V")).unwrap()
    else {
        panic!("the code is shown");
    };
    assert_eq!((code.len(), live_code.map(|code| code.len())), (11, Some(6)));
    let mut again = Drive::new(text(&format!(" {V1}\n")), ActivationOptions::default(), drive.world);
    let ActivationState::ShowRegistrationCode { id: same, code: shown, .. } = again.state() else {
        panic!("no second identity from the same text");
    };
    assert!(same == id && *shown == *code && again.world.writes == 1);
    let ActivationState::Done { added, .. } = again.answer(ActivationInput::Confirmed).unwrap() else {
        panic!("done");
    };
    assert_eq!((added, again.world.identities.len(), again.world.drafts.len()), (vec![id], 1, 0));
}

#[test]
fn a_completed_v1_token_is_brought_over_at_once() {
    let options = ActivationOptions {
        registration_code: Some(Zeroizing::new("12211-49352".to_owned())),
        ..ActivationOptions::default()
    };
    let mut drive = Drive::new(text(V1), options, FakeWorld::open());
    drive.password(V1_PASSWORD).unwrap();
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn a_wrong_registration_code_is_refused_before_the_password_is_asked() {
    let options = ActivationOptions {
        registration_code: Some(Zeroizing::new("12211-49353".to_owned())),
        ..ActivationOptions::default()
    };
    let refused = Machine::start(text(V1), options, &mut FakeWorld::open()).err();
    assert!(matches!(refused, Some(TokenError::NotUnderstood { part: Part::RegistrationCode, .. })));
}

#[test]
fn typed_values_are_asked_until_they_fit_and_nothing_typed_is_lost() {
    let mut drive = Drive::open(ActivationSource::Typed(typed("", "48244-31456", "")));
    let ActivationState::NeedsDetails { fields, problems } = drive.state() else { panic!("asked") };
    assert_eq!((problems.len(), fields.serial_number.as_str()), (3, "48244-31456"));
    let better = typed("id.example.org", "48244-31456", "1745-7712-6942-8698");
    let ActivationState::NeedsDetails { fields, problems } =
        drive.answer(ActivationInput::Details(better)).unwrap()
    else {
        panic!("asked again");
    };
    assert_eq!((problems.len(), fields.address.as_str()), (1, "id.example.org"));
    assert_eq!((problems[0].part, problems[0].problem), (Part::SerialNumber, Problem::CheckDigit));
    assert!(problems[0].position.is_some(), "did you swap two digits?");
    let right = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let state = drive.answer(ActivationInput::Details(right)).unwrap();
    assert!(matches!(state, ActivationState::NeedsConsent { .. }));
}

#[test]
fn going_offline_is_asked_and_never_silent() {
    let fields = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let mut drive = Drive::open(ActivationSource::Typed(fields));
    let ActivationState::Exchange { request } = drive.consent(Some("Work")).unwrap() else {
        panic!("the issuer is asked first");
    };
    assert_eq!(request.url, "https://id.example.org/.well-known/softtoken");
    let state = drive.no_network().unwrap();
    assert!(matches!(
        state,
        ActivationState::Failed { why: TokenError::NoNetwork, retry: Retry::NowOrOffline }
    ));
    assert_eq!(drive.world.drafts.len(), 1, "it is pending");
    let ActivationState::ShowRegistrationCode { live_code: Some(live), .. } =
        drive.answer(ActivationInput::ContinueOffline).unwrap()
    else {
        panic!("the code is shown");
    };
    assert_eq!((live.len(), drive.world.drafts.len()), (8, 1));
    let cancelled = drive.answer(ActivationInput::Cancel).unwrap();
    assert!(matches!(cancelled, ActivationState::Failed { why: TokenError::ConsentNeeded, .. }));
    assert!(drive.world.drafts.is_empty() && drive.world.names.is_empty(), "the name is free again");
}

#[test]
fn a_choice_made_in_advance_needs_no_second_question() {
    let fields = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let mut drive = Drive::new(ActivationSource::Typed(fields), options, FakeWorld::open());
    let state = drive.consent(None).unwrap();
    assert!(matches!(state, ActivationState::ShowRegistrationCode { .. }));
}

#[test]
fn two_step_shows_the_device_part_for_the_server() {
    let mut drive = Drive::open(text(TWO_STEP));
    let ActivationState::ShowRegistrationCode { code, .. } = drive.consent(None).unwrap() else {
        panic!("the device's part is shown");
    };
    assert_eq!(code.len(), 20, "base32check of eight bytes");
}

#[test]
fn an_account_that_mixes_in_a_pin_asks_for_it() {
    let mut drive = Drive::open(text("motp://Example:bob?secret=e3152afee62599c8"));
    let ActivationState::NeedsPassword { of, .. } = drive.state() else { panic!("asked") };
    assert_eq!(of, PasswordOf::OtpPin);
    assert!(matches!(drive.password(b"12a4"), Err(TokenError::NotUnderstood { part: Part::OtpPin, .. })));
    drive.password(b"1234").unwrap();
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn a_list_names_itself_and_reports_what_it_cannot_add() {
    let list = format!("{TOTP}\n{TOTP}\nnonsense\nmotp://Example:bob?secret=e3152afee62599c8\n");
    let mut drive = Drive::open(text(&list));
    let ActivationState::Done { added, refused } = drive.consent(None).unwrap() else { panic!("done") };
    assert_eq!(added.len(), 2);
    let names: Vec<_> = drive.world.identities.iter().map(|(_, one)| one.label.name.as_str()).collect();
    assert_eq!(names, ["Example: alice", "Example: alice (2)"]);
    let pin = TokenError::InputNeeded { what: Needed::OtpPin };
    assert_eq!(refused.iter().map(|one| one.entry).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(refused[1].error, pin);
}

#[test]
fn a_key_without_issuer_and_account_needs_a_name() {
    let key = TypedKey { key: Zeroizing::new("JBSWY3DPEHPK3PXP".to_owned()), ..TypedKey::default() };
    let mut drive = Drive::open(ActivationSource::Key(key));
    assert_eq!(drive.consent(None).err(), Some(TokenError::InputNeeded { what: Needed::Name }));
    assert!(matches!(drive.consent(Some("Mine")).unwrap(), ActivationState::Done { .. }));
}

fn link(mode: Mode, offline_allowed: bool) -> ActivationSource {
    let payload = LinkPayload {
        mode,
        flags: Flags { offline_allowed, confirm_in_portal: false },
        activation_id: [1; 16],
        secret: Key::new([2; 16]),
        issuer_key: IssuerKey::new([9; 32]).unwrap(),
        serial: SerialNumber::parse("48244-13456").unwrap(),
        profile: Profile::TYPED,
        expiry: NonZeroU32::new(1_800_000_100).unwrap(),
        address: Address::parse("id.example.org").unwrap(),
    };
    ActivationSource::Text(payload.to_app())
}

#[test]
fn a_qr_code_goes_offline_only_where_its_issuer_allows_it() {
    for allowed in [true, false] {
        let mut drive = Drive::open(link(Mode::QrCode, allowed));
        assert!(matches!(drive.password(b"1234567"), Err(TokenError::NotUnderstood { .. })));
        drive.password(b"00000042").unwrap();
        assert!(matches!(drive.consent(None).unwrap(), ActivationState::Exchange { .. }));
        let ActivationState::Failed { retry, .. } = drive.no_network().unwrap() else { panic!("asked") };
        assert_eq!(retry, if allowed { Retry::NowOrOffline } else { Retry::Now });
        let next = drive.answer(ActivationInput::ContinueOffline);
        if allowed {
            let ActivationState::ShowRegistrationCode { expires_at, .. } = next.unwrap() else { panic!() };
            assert_eq!(expires_at.map(|time| time.0), Some(1_800_000_100));
        } else {
            assert_eq!(next.err(), Some(TokenError::StaleInput));
        }
    }
}

#[test]
fn a_link_never_goes_offline_even_when_that_was_chosen_in_advance() {
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let mut drive = Drive::new(link(Mode::Link, true), options, FakeWorld::open());
    let refused = drive.consent(None).err();
    assert_eq!(refused, Some(TokenError::Unsupported { what: Unsupported::Offline }));
    assert!(matches!(drive.state(), ActivationState::NeedsConsent { .. }) && drive.world.writes == 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_inputs_never_write_before_consent_nor_twice(
        door in 0_usize..5,
        inputs in proptest::collection::vec((0_u8..12, 0_u64..3), 1..14),
    ) {
        let source = || match door {
            0 => text(TOTP),
            1 => text(V1),
            2 => text(TWO_STEP),
            3 => ActivationSource::Typed(typed("id.example.org", "48244-13456", "1745-7712-6942-8698")),
            _ => text("motp://Example:bob?secret=e3152afee62599c8"),
        };
        let mut drive = Drive::open(source());
        let mut consented = false;
        for (input, age) in inputs {
            let ticket = Ticket(drive.ticket().0.wrapping_sub(age));
            let before = drive.ticket();
            let consents = matches!(drive.state(), ActivationState::NeedsConsent { .. }) && input == 2;
            let input = match input {
                0 => ActivationInput::PinReady,
                1 => ActivationInput::Details(typed("id.example.org", "1", "2")),
                2 => ActivationInput::Consent { name: None },
                3 => ActivationInput::Decline,
                4 => ActivationInput::ContinueOffline,
                5 => ActivationInput::Confirmed,
                6 => ActivationInput::Cancel,
                7 => ActivationInput::Retry,
                8 => ActivationInput::HttpProblem { problem: HttpProblem::NoNetwork },
                9 => ActivationInput::Http { status: 200, body: vec![0xa1; 70] },
                _ => {
                    let password = if input == 10 { V1_PASSWORD } else { b"12345678" };
                    let _ = drive.machine.supply_password(ticket, password, &mut drive.world);
                    continue;
                }
            };
            let result = drive.machine.advance(ticket, input, &mut drive.world);
            consented |= consents && age == 0;
            prop_assert!(consented || drive.world.writes == 0, "a write before consent");
            if result.is_err() {
                prop_assert_eq!(drive.ticket(), before, "an error moved the machine");
            }
            if age > 0 {
                prop_assert_eq!(result, Err(TokenError::StaleInput));
            }
            prop_assert!(drive.world.identities.len() + drive.world.drafts.len() <= 1);
        }
        prop_assert!(drive.world.phase() == Phase::Open);
    }
}
