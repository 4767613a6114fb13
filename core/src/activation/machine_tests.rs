//! The machine against a fake world: consent, tickets, names and PINs; in the files beside it every door, going
//! offline, and random inputs.

mod doors;
mod offline;
mod random;

use zeroize::Zeroizing;

use super::driver::HttpProblem;
use super::fake_world::FakeWorld;
use super::machine::Machine;
use super::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, PasswordOf, Retry, Ticket,
    TypedFields,
};
use super::world::Phase;
use crate::TokenError;

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
