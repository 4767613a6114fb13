//! The parts of the demo without an issuer, in the order they are shown. All keys here are published samples.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use softtoken_e2e::token::Token;
use softtoken_e2e::{number, text};

use super::oath::{Totp, hotp};
use super::{Part, Stage, compare, picture};

/// All parts.
pub const ALL: &[Part] = &[
    Part { title: "A sealed QR code of an Entrust v1 portal, with its password", play: sealed },
    Part { title: "A QR code of a personal account: SHA-256, 8 digits", play: personal },
    Part { title: "A QR code with all accounts of another app", play: migration },
];

/// The registration code with which the public sample was completed.
const REGISTRATION_CODE: &str = "12211-49352";
/// The key of the public sample, and two of its codes with their times.
const SAMPLE_KEY: &str = "9a8eab5ecc9fc413758a92ac223dc6a0";
const SAMPLE_CODES: [(u64, &str); 2] = [(1570351831, "814835"), (1570434609, "043700")];

/// A personal account; `PERSONAL_KEY` is the secret in the text.
const PERSONAL: &str = "otpauth://totp/Example:alice@example.test\
    ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA256&digits=8";
const PERSONAL_KEY: &str = "3132333435363738393031323334353637383930";

fn sealed(stage: &Stage) -> Result<()> {
    let vectors = stage.vectors("entrust_v1.json")?;
    let sample = &vectors["secure_qr"][0];
    let token = stage.token("sealed")?;
    let done = add_sealed(&token, sample, &["--registration-code", REGISTRATION_CODE])?;
    let id = id(&done["added"][0])?;
    for (at, expected) in SAMPLE_CODES {
        let sheet = token.run(["codes", &id, "--at", &at.to_string()])?;
        compare(
            &format!("code at {at}"),
            text(&sheet["codes"][0], "code")?,
            expected,
            "the published sample",
        )?;
    }
    let key = Totp { key_hex: SAMPLE_KEY, algorithm: "sha256", digits: 6 };
    compare_live(&token, &done["added"][0], &key)?;

    let fresh = add_sealed(&stage.token("sealed-new")?, sample, &["--offline"])?;
    let identity = &fresh["added"][0];
    let code = text(identity, "registration_code")?;
    let digits = code.split('-').map(|part| part.bytes().filter(u8::is_ascii_digit).count());
    ensure!(digits.eq([5, 5]) && code.len() == 11, "{code} is no registration code");
    ensure!(identity["state"] == "pending", "a new activation is pending until the portal has its code");
    println!("   a new activation asks to type {code} at the portal");
    Ok(())
}

fn personal(stage: &Stage) -> Result<()> {
    let token = stage.token("personal")?;
    let done = add_picture(&token, PERSONAL, &[])?;
    let key = Totp { key_hex: PERSONAL_KEY, algorithm: "sha256", digits: 8 };
    compare_live(&token, &done["added"][0], &key)
}

fn migration(stage: &Stage) -> Result<()> {
    let vectors = stage.vectors("migration.json")?;
    let rows = vectors["vectors"].as_array().context("no rows in migration.json")?;
    let entries = |row: &Value| row["decoded"]["otp"].as_array().map_or(0, Vec::len);
    let largest = rows.iter().max_by_key(|row| entries(row)).context("no rows in migration.json")?;
    let token = stage.token("migration")?;
    let done = add_picture(&token, text(largest, "uri")?, &[])?;
    let added = done["added"].as_array().context("nothing was added")?;
    ensure!(added.len() == entries(largest), "{} of {} entries were added", added.len(), entries(largest));
    for (identity, entry) in added.iter().zip(largest["decoded"]["otp"].as_array().into_iter().flatten()) {
        let key_hex = text(entry, "secret_hex")?;
        let digits = number(entry, "digits")?;
        if entry["type"] == "HOTP" {
            let name = text(identity, "name")?;
            let next = token.run(["next", &id(identity)?])?;
            let expected = hotp(key_hex, digits, number(&next, "counter")?)?;
            compare(&format!("{name}, next code"), text(&next, "code")?, &expected, "oathtool")?;
        } else {
            let key = Totp { key_hex, algorithm: text(entry, "algorithm")?, digits };
            compare_live(&token, identity, &key)?;
        }
    }
    Ok(())
}

fn add_sealed(token: &Token, sample: &Value, more: &[&str]) -> Result<Value> {
    let password = token.secret_file("password", text(sample, "password")?)?;
    let named = ["--name", "Sample", "--password-file", picture::path(&password)?];
    add_picture(token, text(sample, "uri")?, &[&named, more].concat())
}

/// Draws `uri` and adds it from the picture.
fn add_picture(token: &Token, uri: &str, more: &[&str]) -> Result<Value> {
    let image = token.path("code.png");
    picture::write(uri, &image)?;
    token.run([&["add", "--qr", picture::path(&image)?, "--yes"], more].concat())
}

/// Compares the code that is shown now with oathtool's for the moment the command names.
fn compare_live(token: &Token, identity: &Value, key: &Totp) -> Result<()> {
    let name = text(identity, "name")?;
    let sheet = token.run(["codes", &id(identity)?])?;
    let expected = key.code(number(&sheet, "at")?)?;
    compare(&format!("{name}, now"), text(&sheet["codes"][0], "code")?, &expected, "oathtool")
}

/// The id of an identity, which every verb takes in place of a name.
fn id(identity: &Value) -> Result<String> {
    text(identity, "id").map(str::to_owned).or_else(|_| Ok(number(identity, "id")?.to_string()))
}
