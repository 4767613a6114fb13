//! Random inputs at every door.

use proptest::prelude::*;

use super::{Drive, TOTP, TWO_STEP, V1, V1_PASSWORD, text, typed};
use crate::TokenError;
use crate::activation::driver::HttpProblem;
use crate::activation::state::{ActivationInput, ActivationSource, ActivationState, Ticket};
use crate::activation::world::{Phase, World};

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
