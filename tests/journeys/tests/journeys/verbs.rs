//! Every verb of an app: arguments in, the core's verb, its result as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use softtoken_core::activation::contact::Wish;
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::activation::state::{ActivationInput, ActivationOptions, ActivationSource, TypedKey};
use softtoken_core::ports::{DeviceKey, HookError};
use softtoken_core::qr::LumaFrame;
use softtoken_core::token::ScanResult;
use zeroize::Zeroizing;

use super::arguments::Arguments;
use super::device::{Device, Trouble};
use super::{network, views};

type Done = Result<Value, Trouble>;

/// Does what `verb` says.
pub fn act(device: &mut Device, verb: &str, arguments: &Value) -> Done {
    let a = Arguments(arguments);
    match verb {
        "open" => match (a.is("second"), a.is("not_a_folder")) {
            (true, _) => device.opened_at(device.folder.path().to_owned()).map(drop)?,
            (_, true) => {
                let file = device.folder.path().join("a file");
                std::fs::write(&file, "no folder").map_err(|error| error.to_string())?;
                device.opened_at(file).map(drop)?
            }
            _ => {
                device.open()?;
                return state(device);
            }
        },
        "close" => device.close(),
        "kill" => {
            device.close();
            device.open()?;
            return state(device);
        }
        "patch" => patch(device, &a)?,
        "jump" => {
            use softtoken_core::ports::Clock;
            let now = device.fakes.clock.now().map_err(|error| error.to_string())?;
            device.fakes.clock.set(now.0.saturating_add_signed(a.needed("seconds")?));
        }
        "reboot" => device.fakes.clock.reboot(),
        "lose_keys" => device.fakes.device_key.lose_all(),
        "device_key_fails" => device.fakes.device_key.fail_next(match a.text("error")? {
            "transient" => HookError::Transient,
            "user_cancelled" => HookError::UserCancelled,
            "unsupported" => HookError::Unsupported,
            other => return Err(Trouble::Journey(format!("no failure {other}"))),
        }),
        "begin" | "resume" | "contact" | "deletion" => return begin(device, verb, &a),
        "http" => return http(device, &a),
        "step" => return device.step(),
        "password" => return device.password(a.text("password")?.as_bytes()),
        "retry" => return device.retry(),
        "consent" | "decline" | "details" | "pin_ready" | "continue_offline" | "confirmed" | "cancel"
        | "poll" | "browser_returned" | "browser_dismissed" => return input(device, verb, &a),
        _ => return on_token(device, verb, &a),
    }
    Ok(Value::Null)
}

fn state(device: &Device) -> Done {
    Ok(views::token_state(&device.token()?.state()?))
}

fn on_token(device: &Device, verb: &str, a: &Arguments) -> Done {
    let token = device.token()?;
    match verb {
        "set_pin" => token.set_pin(a.text("pin")?.as_bytes())?,
        "unlock" => token.unlock(a.text("pin")?.as_bytes())?,
        "change_pin" => token.change_pin(a.text("old")?.as_bytes(), a.text("new")?.as_bytes())?,
        "lock" => token.lock()?,
        "forget_pin" => token.forget_pin()?,
        "auto_lock" => {
            if let Some(seconds) = a.number("seconds")? {
                token.set_auto_lock_after(seconds)?;
            }
            return Ok(json!({"seconds": token.auto_lock_after()?}));
        }
        "state" => return state(device),
        "status" => return Ok(views::status(&token.status()?)),
        "identities" => return Ok(views::list(&token.identities()?, views::identity)),
        "find" => return Ok(views::identity(&token.find(a.text("name")?)?)),
        "codes" => return Ok(views::sheet(&token.codes(a.at()?)?)),
        "next_code" => return Ok(views::code(&token.next_code(a.id()?)?)),
        "respond" => {
            let pin = a.maybe("otp_pin").map(str::as_bytes);
            return Ok(views::code(&token.respond(a.id()?, a.text("challenge")?, pin, a.at()?)?));
        }
        "resync" => return Ok(views::resync(&token.resync_codes(a.id()?)?)),
        "rename" => return Ok(views::identity(&token.rename(a.id()?, a.text("name")?)?)),
        "reorder" => return Ok(views::identity(&token.reorder(a.id()?, a.needed("position")?)?)),
        "remove" => token.remove(a.id()?)?,
        "deletions" => return Ok(views::list(&token.pending_deletions()?, views::deletion)),
        "policy" => {
            let id = a.maybe("id").map(|_| a.id()).transpose()?;
            return Ok(views::list(&token.policy_view(id)?, views::policy_view));
        }
        "clock_view" => return Ok(views::clock(&token.diagnose_clock()?)),
        "events" => return Ok(views::list(&token.event_log()?, views::event)),
        "unlock_requests" => return Ok(views::list(&token.unlock_requests()?, views::reset_request)),
        "redeem" => {
            let pin = a.maybe("new_pin").map(str::as_bytes);
            let redeemed = token.redeem_unlock_code(a.text("code")?, pin)?;
            return Ok(json!({"lost": redeemed.lost, "untold": redeemed.untold}));
        }
        "recovery_code" => {
            let code = token.recovery_code()?;
            return Ok(json!({"code": code.as_ref().map(|code| code.as_str())}));
        }
        "takes_recovery_code" => return Ok(token.takes_recovery_code()?.into()),
        "acknowledge_recovery_code" => token.acknowledge_recovery_code()?,
        "backup" => {
            let file = token.export_backup(a.text("password")?.as_bytes())?;
            let left_out = views::list(
                &file.left_out,
                |one| json!({"id": one.id.to_hex(), "name": one.name, "reason": views::word(one.reason)}),
            );
            let bytes = STANDARD.encode(&*file.bytes);
            return Ok(json!({"bytes": bytes, "left_out": left_out, "identities": file.identities}));
        }
        "enable_biometrics" => {
            let ask = token.begin_biometrics()?;
            token.enable_biometrics(&evaluated(device, &ask.alias, &ask.input)?)?;
        }
        "unlock_with_biometric" => {
            let ask = token.biometric_request()?;
            let right = evaluated(device, &ask.alias, &ask.input)?;
            token.unlock_with_biometric(if a.is("wrong") { &[7; 32] } else { &right })?;
        }
        "disable_biometrics" => token.disable_biometrics()?,
        _ => return Err(Trouble::Journey(format!("no verb {verb}"))),
    }
    Ok(Value::Null)
}

fn begin(device: &mut Device, verb: &str, a: &Arguments) -> Done {
    let token = device.token()?;
    match verb {
        "resume" => return device.activate(token.resume_activation(a.id()?)?),
        "deletion" => return device.contact(token.begin_deletion(a.id()?, None)?),
        "contact" => {
            let wish = match a.text("wish")? {
                "refresh" => Wish::Refresh,
                "rekey" => Wish::Rekey,
                "delete" => Wish::Delete,
                other => return Err(Trouble::Journey(format!("no wish {other}"))),
            };
            return device.contact(token.begin_contact(a.id()?, wish, None)?);
        }
        _ => {}
    }
    let options = ActivationOptions {
        offline: a.is("offline"),
        digits: a.number("digits")?,
        registration_code: a.maybe("registration_code").map(|code| Zeroizing::new(code.to_owned())),
        device: a.maybe("device").map(str::to_owned),
    };
    let inner = |name: &str| Arguments(&a.0[name]);
    let source = if let Some(text) = a.maybe("text") {
        ActivationSource::Text(Zeroizing::new(text.to_owned()))
    } else if let Some(text) = a.maybe("file_text") {
        ActivationSource::File(Zeroizing::new(text.as_bytes().to_vec()))
    } else if a.maybe("file").is_some() {
        ActivationSource::File(Zeroizing::new(a.bytes("file")?))
    } else if a.0["typed"].is_object() {
        ActivationSource::Typed(inner("typed").typed())
    } else if a.0["typed_v1"].is_object() {
        ActivationSource::TypedV1(inner("typed_v1").typed())
    } else if a.0["key"].is_object() {
        ActivationSource::Key(key(&inner("key"))?)
    } else if a.0["mobile_pass"].is_object() {
        let a = inner("mobile_pass");
        let policy = a.maybe("policy").unwrap_or_default().to_owned();
        ActivationSource::MobilePass { code: Zeroizing::new(a.text("code")?.to_owned()), policy }
    } else {
        let picture = inner("picture");
        let luma = picture.bytes("luma")?;
        let (width, height) = (picture.needed("width")?, picture.needed("height")?);
        let frame = LumaFrame::new(width, height, picture.needed("stride")?, &luma);
        let frame = frame.map_err(softtoken_core::TokenError::from)?;
        let pick = a.number("pick")?;
        let seen = match a.is("still") {
            true => token.scan_picture(&frame, pick, options)?,
            false => token.scan_frame(&frame, pick, options)?,
        };
        return match seen {
            ScanResult::Nothing => Ok(json!({"scan": "Nothing"})),
            ScanResult::Several { count } => Ok(json!({"scan": "Several", "count": count})),
            ScanResult::Started(activation) => device.activate(activation),
        };
    };
    device.activate(token.begin_activation(source, options)?)
}

fn key(a: &Arguments) -> Result<TypedKey, Trouble> {
    let text = |name| a.maybe(name).unwrap_or_default().to_owned();
    Ok(TypedKey {
        key: Zeroizing::new(a.text("key")?.to_owned()),
        issuer: text("issuer"),
        account: text("account"),
        digits: a.number("digits")?,
        period: a.number("period")?,
        algorithm: a.maybe("algorithm").map(str::to_owned),
        counter: a.number("counter")?,
    })
}

fn input(device: &mut Device, verb: &str, a: &Arguments) -> Done {
    device.input(match verb {
        "consent" => ActivationInput::Consent { name: a.maybe("name").map(str::to_owned) },
        "decline" => ActivationInput::Decline,
        "details" => ActivationInput::Details(a.typed()),
        "pin_ready" => ActivationInput::PinReady,
        "continue_offline" => ActivationInput::ContinueOffline,
        "confirmed" => ActivationInput::Confirmed,
        "cancel" => ActivationInput::Cancel,
        "poll" => ActivationInput::Poll,
        "browser_returned" => ActivationInput::BrowserReturned,
        _ => ActivationInput::BrowserDismissed,
    })
}

fn http(device: &mut Device, a: &Arguments) -> Done {
    if a.is("again") {
        return device.reply_again();
    }
    if let Some(status) = a.number("status")? {
        let body = a.maybe("body").unwrap_or_default().as_bytes().to_vec();
        return device.replied(Ok((status, body)));
    }
    if let Some(problem) = a.maybe("problem") {
        return device.replied(Err(match problem {
            "no_network" => HttpProblem::NoNetwork,
            "tls" => HttpProblem::Tls,
            "timeout" => HttpProblem::Timeout,
            "too_large" => HttpProblem::TooLarge,
            other => return Err(Trouble::Journey(format!("no problem {other}"))),
        }));
    }
    if a.is("unheard") {
        let request = device.request()?.ok_or_else(|| Trouble::Journey("no request waits".into()))?;
        let _unheard = network::carry(&request);
        return device.step();
    }
    let mut result = device.carry()?;
    while !a.is("once") && device.request()?.is_some() {
        result = device.carry()?;
    }
    Ok(result)
}

/// What the platform's prompt would give back.
fn evaluated(device: &Device, alias: &str, input: &[u8; 32]) -> Result<[u8; 32], Trouble> {
    let key = device.fakes.device_key.eval(alias, input).map_err(|error| error.to_string())?;
    Ok(*key.expose())
}

fn patch(device: &Device, a: &Arguments) -> Result<(), Trouble> {
    let file = device.folder.path().join("vault.db");
    let mut bytes = std::fs::read(&file).map_err(|error| error.to_string())?;
    let (offset, new) = (a.needed::<usize>("offset")?, a.bytes("bytes")?);
    let place = bytes.get_mut(offset..offset + new.len());
    place.ok_or_else(|| Trouble::Journey("behind the end of the file".into()))?.copy_from_slice(&new);
    std::fs::write(&file, bytes).map_err(|error| Trouble::Journey(error.to_string()))
}
