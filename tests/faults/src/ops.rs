//! The operations: where each begins, what it does, what it answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::{OfflineInput, argon2id};
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, TypedFields,
};
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::identity::IdentityId;
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::testing::KeyCopy;
use softtoken_core::token::{Activation, SoftToken};
use zeroize::Zeroizing;

use crate::stream::{Event, happened};
use crate::world::{Home, Known, NEW_PIN, PIN, Snapshot, WRONG};

/// Where operations begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Start {
    /// No vault.
    Fresh,
    /// A vault with nothing in it.
    Empty,
    /// Two issuers, two local identities, a pending one; everything armed, the recovery code written down.
    Rich,
    /// Rich, and the recovery code not written down yet.
    Unwritten,
    /// Rich, after three wrong PINs.
    Three,
    /// Rich, after four.
    Four,
    /// Rich, with the PIN given up.
    Blocked,
    /// Blocked, after nine wrong codes.
    NineCodes,
    /// Blocked, then opened by the first issuer's code.
    Joined,
    /// Empty and blocked: nothing can open it.
    Beyond,
    /// A file of schema 1.
    V1,
}

/// The vaults to begin with.
pub struct Stage {
    pub starts: BTreeMap<Start, Snapshot>,
    pub known: Known,
    backup: Vec<u8>,
}

impl Stage {
    pub fn new(home: &Home) -> Self {
        let mut known = Known::default();
        let mut starts = BTreeMap::from([(Start::Fresh, Snapshot::empty())]);
        home.put(&starts[&Start::Fresh]);
        let mut run = 0;
        let mut stage = |from: Snapshot, work: &mut dyn FnMut(&Arc<SoftToken>)| {
            home.put(&from);
            run += 1;
            work(&home.start(run).expect("a vault"));
            home.take()
        };
        let empty = stage(Snapshot::empty(), &mut |token| token.set_pin(PIN).expect("a PIN"));
        let mut backup = Vec::new();
        let unwritten = stage(empty.clone(), &mut |token| {
            token.unlock(PIN).expect("open");
            for (address, name, complete) in [("a.example", "A", true), ("b.example", "B", true)] {
                known.issuers.push((address.to_owned(), activated(token, address, name, complete)));
            }
            add(token, TOTP, Some("Work")).expect("added");
            add(token, HOTP, Some("Door")).expect("added");
            backup = token.export_backup(PASSWORD).expect("a backup").bytes.to_vec();
            known.issuers.push(("c.example".to_owned(), activated(token, "c.example", "C", false)));
            (0..3).for_each(|_| drop(token.next_code(id(token, "Door").expect("there")).expect("a code")));
            known.recovery.push(token.recovery_code().expect("open").expect("shown").to_string());
        });
        let rich = stage(unwritten.clone(), &mut |token| {
            token.unlock(PIN).expect("open");
            token.acknowledge_recovery_code().expect("written down");
        });
        let wrong = |n: usize| move |token: &Arc<SoftToken>| (0..n).for_each(|_| drop(token.unlock(WRONG)));
        let blocked = stage(rich.clone(), &mut |token| token.forget_pin().expect("given up"));
        let nine = stage(blocked.clone(), &mut |token| {
            (0..9).for_each(|_| drop(token.redeem_unlock_code(NO_CODE, Some(NEW_PIN))));
        });
        let joined =
            stage(blocked.clone(), &mut |token| redeem(&known, token, "a.example", true).expect("A"));
        starts.extend([
            (Start::Three, stage(rich.clone(), &mut wrong(3))),
            (Start::Four, stage(rich.clone(), &mut wrong(4))),
            (Start::Beyond, stage(empty.clone(), &mut wrong(5))),
            (Start::V1, v1()),
        ]);
        starts.extend([(Start::Empty, empty), (Start::Unwritten, unwritten), (Start::Rich, rich)]);
        starts.extend([(Start::Blocked, blocked), (Start::NineCodes, nine), (Start::Joined, joined)]);
        Self { starts, known, backup }
    }
}

/// An operation of the facade.
pub struct Op {
    pub name: &'static str,
    pub start: Start,
    /// The vault is opened with this PIN before.
    pub open: Option<&'static [u8]>,
    pub run: fn(&Stage, &Arc<SoftToken>) -> Result<(), TokenError>,
    pub expect: Expect,
    /// Tries with a PIN that it starts.
    pub tries: u32,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    Done,
    WrongPin,
    WrongCode,
}

impl Op {
    pub fn answered(&self, result: &Result<(), TokenError>) -> bool {
        matches!(
            (self.expect, result),
            (Expect::Done, Ok(()))
                | (Expect::WrongPin, Err(TokenError::WrongPin { .. }))
                | (Expect::WrongCode, Err(TokenError::WrongUnlockCode { .. }))
        )
    }

    /// Argon2id at its full cost, for the root of an offline activation.
    pub fn is_slow(&self) -> bool {
        self.name == "begin an offline activation"
    }

    /// It renames files without SQLite, which the recording does not see.
    pub fn sets_aside(&self) -> bool {
        self.start == Start::Beyond
    }
}

type Run = fn(&Stage, &Arc<SoftToken>) -> Result<(), TokenError>;

pub fn all() -> Vec<Op> {
    use Expect::{Done, WrongCode, WrongPin};
    use Start::{Beyond, Blocked, Empty, Four, Fresh, Joined, NineCodes, Rich, Three, Unwritten, V1};
    let op = |name, start, open, expect, tries, run: Run| Op { name, start, open, run, expect, tries };
    let pin = Some(PIN);
    vec![
        op("set a PIN", Fresh, None, Done, 0, |_, token| token.set_pin(PIN)),
        op("set a PIN in place of a vault beyond help", Beyond, None, Done, 0, |_, token| token.set_pin(PIN)),
        op("unlock", Rich, None, Done, 1, |_, token| token.unlock(PIN)),
        op("unlock after three wrong PINs", Three, None, Done, 1, |_, token| token.unlock(PIN)),
        op("unlock with the last try", Four, None, Done, 1, |_, token| token.unlock(PIN)),
        op("a wrong PIN", Rich, None, WrongPin, 1, |_, token| token.unlock(WRONG)),
        op("the fifth wrong PIN", Four, None, WrongPin, 1, |_, token| token.unlock(WRONG)),
        op("a wrong PIN, open", Rich, pin, WrongPin, 1, |_, token| token.unlock(WRONG)),
        op("adopt a vault of schema 1", V1, None, Done, 1, |_, token| token.unlock(PIN)),
        op("a wrong PIN for schema 1", V1, None, WrongPin, 1, |_, token| token.unlock(WRONG)),
        op("forget the PIN", Rich, None, Done, 0, |_, token| token.forget_pin()),
        op("forget the PIN, open", Rich, pin, Done, 0, |_, token| token.forget_pin()),
        op("change the PIN", Rich, pin, Done, 1, |_, token| token.change_pin(PIN, NEW_PIN)),
        op("change the PIN with a wrong one", Rich, pin, WrongPin, 1, |_, token| {
            token.change_pin(WRONG, NEW_PIN)
        }),
        op("redeem an issuer's code", Blocked, None, Done, 0, |stage, token| {
            redeem(&stage.known, token, "a.example", true)
        }),
        op("redeem the recovery code", Blocked, None, Done, 0, |stage, token| {
            token.redeem_unlock_code(&stage.known.recovery[0], Some(NEW_PIN)).map(drop)
        }),
        op("redeem a pending identity's code", Blocked, None, Done, 0, |stage, token| {
            redeem(&stage.known, token, "c.example", true)
        }),
        op("redeem the second issuer's code", Joined, Some(NEW_PIN), Done, 0, |stage, token| {
            redeem(&stage.known, token, "b.example", false)
        }),
        op("redeem the recovery code, open", Joined, Some(NEW_PIN), Done, 0, |stage, token| {
            token.redeem_unlock_code(&stage.known.recovery[0], None).map(drop)
        }),
        op("a wrong code", Blocked, None, WrongCode, 0, |_, token| {
            token.redeem_unlock_code(NO_CODE, Some(NEW_PIN)).map(drop)
        }),
        op("the tenth wrong code", NineCodes, None, WrongCode, 0, |_, token| {
            token.redeem_unlock_code(NO_CODE, Some(NEW_PIN)).map(drop)
        }),
        op("acknowledge the recovery code", Unwritten, pin, Done, 0, |_, token| {
            token.acknowledge_recovery_code()
        }),
        op("add the first identity", Empty, pin, Done, 0, |_, token| add(token, TOTP, Some("Work"))),
        op("add an identity", Rich, pin, Done, 0, |_, token| add(token, TOTP, Some("Second"))),
        op("import several", Rich, pin, Done, 0, |_, token| add(token, MIGRATION, None)),
        op("begin an offline activation", Rich, pin, Done, 0, |_, token| {
            pending(token, "d.example", "D").map(drop)
        }),
        op("complete a pending identity", Rich, pin, Done, 0, |_, token| {
            answer(&token.resume_activation(id(token, "C")?)?, ActivationInput::Confirmed)
        }),
        op("cancel a pending identity", Rich, pin, Done, 0, |_, token| {
            answer(&token.resume_activation(id(token, "C")?)?, ActivationInput::Cancel)
        }),
        op("rename a pending identity", Rich, pin, Done, 0, |_, token| {
            token.rename(id(token, "C")?, "Cc").map(drop)
        }),
        op("rename", Rich, pin, Done, 0, |_, token| token.rename(id(token, "Work")?, "Office").map(drop)),
        op("reorder", Rich, pin, Done, 0, |_, token| token.reorder(id(token, "Work")?, 0).map(drop)),
        op("remove", Rich, pin, Done, 0, |_, token| token.remove(id(token, "A")?)),
        op("next code, three times", Rich, pin, Done, 0, |_, token| {
            for _ in 0..3 {
                issued(token.next_code(id(token, "Door")?)?.counter);
            }
            Ok(())
        }),
        op("resynchronise a counter", Rich, pin, Done, 0, |_, token| {
            issued(Some(token.resync_codes(id(token, "Door")?)?.following.number));
            Ok(())
        }),
        op("restore a backup", Rich, pin, Done, 0, |stage, token| {
            let source = ActivationSource::File(Zeroizing::new(stage.backup.clone()));
            let activation = token.begin_activation(source, ActivationOptions::default())?;
            activation.supply_password(activation.step()?.ticket, PASSWORD)?;
            answer(&activation, ActivationInput::Consent { name: None })
        }),
    ]
}

fn answer(activation: &Activation, input: ActivationInput) -> Result<(), TokenError> {
    activation.advance(activation.step()?.ticket, input).map(drop)
}

fn issued(counter: Option<u64>) {
    counter.into_iter().for_each(|counter| happened(|| Event::Issued(counter)));
}

pub fn id(token: &SoftToken, name: &str) -> Result<IdentityId, TokenError> {
    token.find(name).map(|view| view.id)
}

fn add(token: &Arc<SoftToken>, text: &str, name: Option<&str>) -> Result<(), TokenError> {
    let source = ActivationSource::Text(Zeroizing::new(text.to_owned()));
    let activation = token.begin_activation(source, ActivationOptions::default())?;
    answer(&activation, ActivationInput::Consent { name: name.map(str::to_owned) })
}

fn redeem(known: &Known, token: &SoftToken, issuer: &str, blocked: bool) -> Result<(), TokenError> {
    let asks = token.unlock_requests()?;
    let ask = asks.iter().find(|ask| ask.issuer == issuer).ok_or(TokenError::StaleInput)?;
    let (_, key) = known.issuers.iter().find(|(one, _)| one == issuer).expect("an issuer of ours");
    let code = issuer_unlock_code(key, &ask.reset_code, issuer, SERIAL).expect("a code");
    token.redeem_unlock_code(&code, blocked.then_some(NEW_PIN)).map(drop)
}

fn fields(address: &str) -> TypedFields {
    TypedFields {
        address: address.to_owned(),
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
    }
}

fn pending(token: &Arc<SoftToken>, address: &str, name: &str) -> Result<Activation, TokenError> {
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let activation = token.begin_activation(ActivationSource::Typed(fields(address)), options)?;
    answer(&activation, ActivationInput::Consent { name: Some(name.to_owned()) })?;
    Ok(activation)
}

/// An offline activation; gives the issuer's key of it.
fn activated(
    token: &Arc<SoftToken>,
    address: &str,
    name: &str,
    complete: bool,
) -> Arc<softtoken_core::secret::Key<32>> {
    let activation = pending(token, address, name).expect("pending");
    let Ok(ActivationState::ShowRegistrationCode { code, .. }) = activation.step().map(|step| step.state)
    else {
        panic!("the registration code is shown");
    };
    if complete {
        answer(&activation, ActivationInput::Confirmed).expect("active");
    }
    let details: TypedDetails = fields(address).check().expect("good fields");
    let code = RegistrationCode::parse(&code).expect("a code");
    let issuer = OfflineInput::from_typed(&details).derive(code, &argon2id).expect("a key");
    Arc::new(issuer.recovery_key)
}

fn v1() -> Snapshot {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vaults/v1");
    let text = std::fs::read_to_string(fixture.join("device_keys.json")).expect("the fixture");
    let keys: BTreeMap<String, String> = serde_json::from_str(&text).expect("the fixture");
    let key = |hex: &str| {
        let bytes = softtoken_core::codec::hex::decode(hex).expect("the fixture");
        bytes.expose().try_into().expect("32 bytes")
    };
    let keys = KeyCopy::of(keys.into_iter().map(|(alias, hex)| (alias, key(&hex))));
    Snapshot { db: Some(std::fs::read(fixture.join("vault.db")).expect("the fixture")), journal: None, keys }
}

const SERIAL: &str = "4824413456";
const PASSWORD: &[u8] = b"correct horse";
const NO_CODE: &str = "0000-0000-0000-0";
const TOTP: &str =
    "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&digits=8";
const HOTP: &str = "otpauth://hotp/Example:door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0";
/// Three entries.
const MIGRATION: &str = "otpauth-migration://offline?data=ChMKCjEyMzQ1Njc4OTASBW5ldy0xChMKCjEyMzQ1Njc4OTASBW5ldy0yChMKCjEyMzQ1Njc4OTASBW5ldy0z";
