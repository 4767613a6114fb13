//! `doctor`: does the clock look right, and can the vault be used? Without network, unless an issuer is named.

mod issuer;

use serde_json::{Value, json};
use softtoken_core::doctor::is_implausible;
use softtoken_core::ports::Clock;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{ClockView, TokenState};

use crate::answer::Answer;
use crate::clock::SystemClock;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::json as views;
use crate::layout::duration;
use crate::texts::printable;

/// Clock and vault check-up; with an address, that issuer is asked for its time too. Needs the PIN only to tell the learned offsets; without one it leaves them out.
pub fn doctor(context: &mut Context, address: Option<&str>) -> Result<Answer, Failure> {
    let address = address.map(issuer::address).transpose()?;
    let status = context.status()?;
    let token = context.look()?;
    if let (Some(token), TokenState::Locked { attempts_left: 1.., .. }) = (&token, &status.state)
        && context.can_give_pin()
    {
        context.unlock(token)?;
    }
    let clock = token.as_ref().map_or_else(|| Ok(clock_alone()), |token| token.diagnose_clock())?;
    let mut findings = clock_findings(&clock);
    let asked = address.map(|address| issuer::ask(context, &address));
    findings.extend(asked.iter().flat_map(issuer::Asked::findings));
    let names = token.and_then(|token| token.identities().ok()).unwrap_or_default();
    findings.extend(clock.offsets.iter().filter_map(|(id, seconds)| {
        let name = names.iter().find(|view| view.id == *id).map(|view| printable(&view.name));
        offset_finding(&name.unwrap_or_else(|| id.to_hex()), *seconds)
    }));
    findings.extend(vault_finding(&status.state));
    let mut text: String = findings.iter().map(|finding| format!("! {}\n", finding.text)).collect();
    text.push_str(&asked.as_ref().and_then(issuer::Asked::good_news).unwrap_or_default());
    if findings.is_empty() {
        text.push_str("The clock looks right, and the vault is fine.\n");
    }
    let json = json!({
        "ok": findings.is_empty(),
        "clock": clock_json(&clock),
        "issuer": asked.as_ref().map(issuer::Asked::json),
        "vault": views::status(&status),
        "findings": findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
    });
    Ok(Answer::new(json, text))
}

/// Without a vault there is still a clock.
fn clock_alone() -> ClockView {
    let now = SystemClock.now().unwrap_or(UnixTime(0));
    ClockView { now, implausible: is_implausible(now), jumped: 0, offsets: Vec::new() }
}

/// Something that needs attention, and what to do.
struct Finding {
    kind: &'static str,
    text: String,
}

fn clock_findings(clock: &ClockView) -> Vec<Finding> {
    let mut findings = Vec::new();
    if clock.implausible {
        let text =
            "The clock of this computer is far off, so codes will be refused. Set it, best from the network.";
        findings.push(Finding { kind: "clock_implausible", text: text.into() });
    }
    if clock.jumped.unsigned_abs() >= JUMP_WORTH_TELLING {
        let (seconds, way) = (clock.jumped.unsigned_abs(), if clock.jumped < 0 { "back" } else { "ahead" });
        let text = format!(
            "The clock jumped {} {way} a moment ago. Is something else setting it?",
            duration(seconds)
        );
        findings.push(Finding { kind: "clock_jumped", text });
    }
    findings
}

fn offset_finding(name: &str, seconds: i64) -> Option<Finding> {
    let apart = seconds.unsigned_abs();
    let text = format!(
        "The clock at the issuer of {name} differs by {}; its codes are corrected. If several do, set this clock.",
        duration(apart)
    );
    (apart >= OFFSET_WORTH_TELLING).then_some(Finding { kind: "clock_offset", text })
}

fn vault_finding(state: &TokenState) -> Option<Finding> {
    let (kind, text) = match state {
        TokenState::Fresh | TokenState::Locked { attempts_left: 1.., .. } | TokenState::Ready => return None,
        TokenState::Locked { .. } | TokenState::Blocked { .. } => (
            "vault_blocked",
            "The PIN is blocked. `softtoken status` shows what to tell the issuer.".to_owned(),
        ),
        TokenState::Damaged { kept_at } => {
            ("vault_damaged", context::damaged(kept_at.as_deref()).message().to_owned())
        }
        TokenState::DeviceKeyLost => (
            "device_key_lost",
            "The device keys are not on this device. If they are elsewhere, use --keys.".to_owned(),
        ),
    };
    Some(Finding { kind, text })
}

fn clock_json(clock: &ClockView) -> Value {
    let offsets = clock.offsets.iter().map(|(id, seconds)| json!({"id": id.to_hex(), "seconds": seconds}));
    json!({
        "now": clock.now.0,
        "implausible": clock.implausible,
        "jumped": clock.jumped,
        "offsets": offsets.collect::<Vec<_>>(),
    })
}

/// Ordinary corrections of a clock are smaller.
const JUMP_WORTH_TELLING: u64 = 5;
/// Issuers accept a step or so.
const OFFSET_WORTH_TELLING: u64 = 15;
