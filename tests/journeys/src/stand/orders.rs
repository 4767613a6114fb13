//! What an order or its mail gives to a device, as JSON.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Map, Value, json};
use softtoken_issuer::mail::{Mail, MailKind, letter::letter};

/// An order as the interface for programs answers it, by the names of the journeys.
pub fn of_answer(order: &Value) -> Result<Value> {
    let text = |name: &str| order[name].as_str();
    let mut found = common(text("activationURL"), text("activationPassword"))?;
    for (name, value) in [
        ("address", text("activationAddress")),
        ("serial", text("serialNumber")),
        ("activation_code", text("activationCode")),
        ("link", text("activationOnlineHttpURL")),
        ("app_link", text("activationOnlineURL")),
    ] {
        found.insert(name.into(), json!(value));
    }
    // A link of a version that nobody knows yet.
    let tomorrow = text("activationOnlineHttpURL").map(|link| link.replace("/a#2.", "/a#3."));
    found.insert("link_of_tomorrow".into(), json!(tomorrow));
    found.insert("wrong_activation_code".into(), json!(text("activationCode").map(mistyped)));
    found.insert("expires_at".into(), order["expiresAt"].clone());
    Ok(Value::Object(found))
}

/// A mail as its reader has it: the two links of its text, the picture, the password, and the whole of it.
pub fn of_mail(mail: &Mail) -> Result<Value> {
    let raw = String::from_utf8(letter(mail, &"Portal <portal@example.test>".parse()?)?.formatted())?;
    let mut found = match &mail.kind {
        MailKind::Activation(order) => common(
            order.qr_text.as_ref().map(|text| text.as_str()),
            order.password.as_ref().map(|text| text.as_str()),
        )?,
        _ => Map::new(),
    };
    // Quoted-printable (RFC 2045) of ASCII text.
    let plain = raw.replace("=\r\n", "").replace("=3D", "=");
    let mut links =
        plain.split_whitespace().filter(|word| word.starts_with("http") && word.contains("/a#2."));
    found.insert("link".into(), json!(links.next()));
    found.insert("alternative_link".into(), json!(links.next()));
    found.insert("kind".into(), json!(mail.kind.name()));
    found.insert("to".into(), json!(mail.to));
    found.insert("raw".into(), json!(raw));
    Ok(Value::Object(found))
}

/// A camera's picture of this text: 8-bit luma, four pixels a module, and some bytes between rows.
pub fn picture(text: &str) -> Result<Value> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok().context("too long for a QR code")?;
    let side = (code.size() + 2 * QUIET) * SCALE;
    let mut luma = Vec::new();
    for y in 0..side {
        for x in 0..side + PADDING {
            let dark = x < side && code.get_module(x / SCALE - QUIET, y / SCALE - QUIET);
            luma.push(if dark { 30 } else { 220 });
        }
    }
    Ok(json!({ "width": side, "height": side, "stride": side + PADDING, "luma": STANDARD.encode(luma) }))
}

fn common(qr_text: Option<&str>, password: Option<&str>) -> Result<Map<String, Value>> {
    let mut found = Map::new();
    found.insert("qr_text".into(), json!(qr_text));
    found.insert("picture".into(), qr_text.map(picture).transpose()?.into());
    found.insert("password".into(), json!(password));
    let wrong = password.map(|right| if right.starts_with('0') { "10000000" } else { "00000000" });
    found.insert("wrong_password".into(), json!(wrong));
    Ok(found)
}

/// The last digit, the check digit, is another one.
fn mistyped(code: &str) -> String {
    let (kept, last) = code.split_at(code.len().saturating_sub(1));
    format!("{kept}{}", if last == "0" { "1" } else { "0" })
}

const QUIET: i32 = 4;
const SCALE: i32 = 4;
const PADDING: i32 = 8;
