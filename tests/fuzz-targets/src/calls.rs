//! Sequences of calls as a binding makes them: any verb, any argument, in any order.
//!
//! Each call is a verb's byte and its arguments. Texts and bytes begin with their length, or choose one of
//! the repository's samples. The vault is in memory, the key derivation cheap, the device a pretended one
//! that sometimes fails, and the program may end and start again at any point.

use std::sync::Arc;

use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, Ticket, TypedFields, TypedKey,
};
use softtoken_core::identity::IdentityId;
use softtoken_core::ports::HookError;
use softtoken_core::qr::LumaFrame;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{Activation, ScanResult, SoftToken};
use zeroize::Zeroizing;

use crate::device::{Device, never_internal};

/// Makes the calls.
pub fn run(data: &[u8]) {
    let Some((&start, rest)) = data.split_first() else { return };
    let device = if start % 2 == 0 { Device::with_vault() } else { Device::new() };
    let Ok(token) = never_internal(device.start()) else { return };
    let mut caller = Caller { device, token: Some(token), activation: None, ticket: Ticket(0), slow: 0 };
    let mut input = Input(rest);
    for _ in 0..MAX_CALLS {
        let Some(verb) = input.byte() else { break };
        caller.call(verb, &mut input);
    }
}

/// Who calls, and what it holds.
struct Caller {
    device: Device,
    token: Option<Arc<SoftToken>>,
    activation: Option<Activation>,
    ticket: Ticket,
    /// Calls so far that may stretch something at full cost.
    slow: u32,
}

impl Caller {
    fn call(&mut self, verb: u8, input: &mut Input<'_>) {
        let Some(token) = self.token.clone() else {
            self.token = never_internal(self.device.start()).ok();
            return;
        };
        match verb % 40 {
            0..=4 => self.begin(&token, input),
            5..=10 => self.advance(input),
            11 => self.resume(&token, input),
            12 => self.scan(&token, input),
            13 | 14 => self.device(input),
            15 => {
                // The program ends: activations with it.
                (self.activation, self.token) = (None, None);
            }
            16 => drop(never_internal(token.set_pin(input.pin()))),
            17..=19 => drop(never_internal(token.unlock(input.pin()))),
            20 => drop(never_internal(token.lock())),
            21 => drop(never_internal(token.change_pin(input.pin(), input.pin()))),
            22 => drop(never_internal(token.forget_pin())),
            23 => {
                let (code, pin) = (input.text(), input.pin());
                let pin = (pin.len() % 2 == 0).then_some(pin);
                drop(never_internal(token.redeem_unlock_code(&code, pin)));
            }
            24 => {
                if let Ok(Some(code)) = never_internal(token.recovery_code()) {
                    drop(never_internal(token.redeem_unlock_code(&code, Some(b"8265"))));
                }
            }
            25 => drop(never_internal(token.acknowledge_recovery_code())),
            26 => {
                drop((never_internal(token.unlock_requests()), never_internal(token.takes_recovery_code())))
            }
            27 => drop((never_internal(token.state()), never_internal(token.status()))),
            28 => drop(never_internal(token.identities())),
            29 => drop(never_internal(token.codes(input.time()))),
            30 => drop(never_internal(token.next_code(self.id(&token, input)))),
            31 => drop(never_internal(token.resync_codes(self.id(&token, input)))),
            32 => {
                let (id, time) = (self.id(&token, input), input.time());
                drop(never_internal(token.respond(id, &input.text(), Some(input.pin()), time)));
            }
            33 => drop(never_internal(token.rename(self.id(&token, input), &input.text()))),
            34 => drop(never_internal(token.reorder(self.id(&token, input), input.number() as u32))),
            35 => drop(never_internal(token.remove(self.id(&token, input)))),
            36 => drop(never_internal(token.policy_view(Some(self.id(&token, input))))),
            37 => drop(never_internal(token.diagnose_clock())),
            38 => drop(never_internal(token.find(&input.text()))),
            _ => self.back_up(&token, input),
        }
    }

    fn begin(&mut self, token: &Arc<SoftToken>, input: &mut Input<'_>) {
        let source = match input.byte().unwrap_or(0) % 6 {
            0 | 1 => ActivationSource::Text(input.text().into()),
            2 => ActivationSource::Typed(fields(input)),
            3 => ActivationSource::TypedV1(fields(input)),
            4 => ActivationSource::Key(TypedKey {
                key: input.text().into(),
                issuer: input.text(),
                account: input.text(),
                digits: input.byte(),
                ..TypedKey::default()
            }),
            _ => ActivationSource::File(Zeroizing::new(input.bytes().to_vec())),
        };
        let options = ActivationOptions {
            offline: input.byte().unwrap_or(1) % 2 == 1,
            digits: input.byte().filter(|digits| *digits < 200),
            registration_code: None,
            device: None,
        };
        self.hold(never_internal(token.begin_activation(source, options)).ok());
    }

    fn hold(&mut self, activation: Option<Activation>) {
        if let Some(step) = activation.as_ref().and_then(|started| never_internal(started.step()).ok()) {
            self.ticket = step.ticket;
            self.activation = activation;
        }
    }

    fn advance(&mut self, input: &mut Input<'_>) {
        let Some(activation) = &self.activation else { return };
        let what = input.byte().unwrap_or(0);
        // Now and then a ticket of another state.
        let ticket = if what >= 240 { Ticket(input.number()) } else { self.ticket };
        let step = match what % 9 {
            0..=2 => {
                let name = input.byte().filter(|byte| byte % 2 == 0).map(|_| input.text());
                self.slow += 1;
                if self.slow > MAX_SLOW {
                    return;
                }
                activation.advance(ticket, ActivationInput::Consent { name })
            }
            3 => activation.advance(ticket, ActivationInput::PinReady),
            4 => activation.advance(ticket, ActivationInput::Details(fields(input))),
            5 if what.is_multiple_of(2) => activation.advance(ticket, ActivationInput::Retry),
            5 => activation.advance(ticket, ActivationInput::Confirmed),
            6 if (what / 9).is_multiple_of(3) => activation.advance(ticket, ActivationInput::Cancel),
            6 if (what / 9).is_multiple_of(2) => {
                let problem = HttpProblem::NoNetwork;
                activation.advance(ticket, ActivationInput::HttpProblem { problem })
            }
            6 => activation.advance(ticket, ActivationInput::Http { status: 200, body: vec![0xa0; 64] }),
            7 if what.is_multiple_of(2) => activation.advance(ticket, ActivationInput::Decline),
            7 => activation.advance(ticket, ActivationInput::ContinueOffline),
            _ => {
                self.slow += 1;
                if self.slow > MAX_SLOW {
                    return;
                }
                activation.supply_password(ticket, input.bytes())
            }
        };
        if let Ok(step) = never_internal(step) {
            self.ticket = step.ticket;
        }
    }

    fn resume(&mut self, token: &Arc<SoftToken>, input: &mut Input<'_>) {
        let id = self.id(token, input);
        self.hold(never_internal(token.resume_activation(id)).ok());
    }

    fn scan(&mut self, token: &Arc<SoftToken>, input: &mut Input<'_>) {
        let (width, luma) = (u32::from(input.byte().unwrap_or(1)), input.bytes());
        let height = u32::try_from(luma.len()).unwrap_or(0) / width.max(1);
        let Ok(frame) = LumaFrame::new(width, height, width, luma) else { return };
        let pick = input.byte().map(u32::from);
        if let Ok(ScanResult::Started(activation)) =
            never_internal(token.scan_frame(&frame, pick, ActivationOptions::default()))
        {
            self.hold(Some(activation));
        }
    }

    /// What happens to the device between calls.
    fn device(&self, input: &mut Input<'_>) {
        let fakes = &self.device.fakes;
        match input.byte().unwrap_or(0) % 8 {
            0 => fakes.clock.advance(u64::from(input.byte().unwrap_or(0)) * 7),
            1 => fakes.clock.set(input.number()),
            2 => fakes.clock.reboot(),
            3 => fakes.device_key.fail_next(HookError::Transient),
            4 => fakes.device_key.fail_next(HookError::UserCancelled),
            5 => fakes.device_key.fail_next(HookError::Lost),
            6 => fakes.device_key.fail_next(HookError::Unsupported),
            _ => fakes.device_key.fail_next(HookError::Invalidated),
        }
    }

    fn back_up(&mut self, token: &Arc<SoftToken>, input: &mut Input<'_>) {
        let password = input.bytes();
        if let Ok(file) = never_internal(token.export_backup(password)) {
            let source = ActivationSource::File(file.bytes);
            self.hold(never_internal(token.begin_activation(source, ActivationOptions::default())).ok());
        }
    }

    /// One of the identities there are, or any.
    fn id(&self, token: &SoftToken, input: &mut Input<'_>) -> IdentityId {
        let choice = usize::from(input.byte().unwrap_or(0));
        let views = never_internal(token.identities()).unwrap_or_default();
        match views.get(choice % (views.len() + 1)) {
            Some(view) => view.id,
            None => IdentityId([choice as u8; 16]),
        }
    }
}

fn fields(input: &mut Input<'_>) -> TypedFields {
    TypedFields {
        address: input.text(),
        serial_number: input.text(),
        activation_code: Zeroizing::new(input.text()),
    }
}

/// The bytes of the input, read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// So many bytes as the first says; from 224 on a sample.
    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte().unwrap_or(0));
        if let Some(sample) = length.checked_sub(224) {
            return SAMPLES[sample % SAMPLES.len()].as_bytes();
        }
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    fn pin(&mut self) -> &'a [u8] {
        match self.byte().unwrap_or(0) {
            0..=127 => Device::PIN,
            128..=175 => b"8265",
            176..=200 => b"1234",
            _ => self.bytes(),
        }
    }

    fn number(&mut self) -> u64 {
        self.bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn time(&mut self) -> Option<UnixTime> {
        self.byte().filter(|byte| byte % 2 == 1).map(|_| UnixTime(self.number()))
    }
}

const MAX_CALLS: usize = 60;

/// Consents and passwords in one input: some of them stretch a password at full cost.
const MAX_SLOW: u32 = 3;

/// What a caller would send; the last ones answer earlier ones.
const SAMPLES: [&str; 14] = [
    "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&digits=8",
    "otpauth://hotp/Shop:door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=18446744073709551614",
    "motp://Bank:alice?secret=0123456789abcdef",
    "otpauth://yaotp/user@ya.ru?secret=LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI",
    "otpauth-migration://offline?data=CjUKBWYkQUSTEgdNWUxBQkVMGghNWUlTU1VFUiACKAIwAkITNjE5NGJjMTczNzcyNzc5ODc5MxACGAEgAA",
    "https://go.example.test/a#2.AgIBLwhh-04MwaHa5aBkJq0v89ho6rx_nNfssa7_zBMBik6FIPAJiTCnVHSLfdy0PvdaDb86DSY4GvTrpKmOqptOagEfjrUQAggAHnDb2IBpZHAuZXhhbXBsZS50ZXN0",
    "igmobileotp://?action=secactivate&enc=VRUq6IoLWQRCMRITZEHtHUSWJiPwgu%2FN1BFyUHE5kxuHIEYoE3zmNTrAHeeUM5S3gzCnTy%2F%2Bdnbu%2FsjjQW%2BNEISx8C4ra8rLpxOl8E8w4KXHgjeBRgdvSzl%2BbzX5RYRrQlWgK8hsBT4pQYE0eFgW2TmRbzXu1Mu7XjKDcwsJLew32jQC2qyPLP8hljnv2rHwwsMfhQwgJUJYfctwLWWEDUFukEckaZ4O&v=1&mac=mhVL8BWKaishMa5%2B",
    "steam://GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\notpauth://totp/a?secret=GEZDGNBVGY3TQOJQ",
    "idp.example.test",
    "48244-13456",
    "1745-7712-6942-8698",
    "54998317",
    "correct horse battery staple",
    "Another name",
];
