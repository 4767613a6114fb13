//! Inputs to start from, made from the test data of the repository: bad inputs, vectors, pictures, vaults.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use softtoken_core::codec::hex;
use softtoken_core::identity::encoding::{encode_credential, encode_label, encode_record};
use softtoken_core::identity::{Credential, IdentityName, Label, Origin, Policy, Record};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, OcraSuite, Period};
use softtoken_core::secret::{Key, SecretBytes};
use softtoken_core::time::UnixTime;

use crate::device::{Device, never_internal};

type Seeds = Vec<Vec<u8>>;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn link() -> Seeds {
    let payloads = texts("activation_v2").into_iter().filter_map(|text| {
        let text = String::from_utf8(text).ok()?;
        Some(hex::decode(&text).ok()?.expose().to_vec())
    });
    [bad(&["link"]), texts("activation_v2"), payloads.collect()].concat()
}

pub fn otpauth() -> Seeds {
    let folders = bad(&["otpauth", "relatives", "two-step", "foreign"]);
    [folders, texts("otpauth"), texts("pi_2step"), texts("tiqr"), texts("pi_container")].concat()
}

pub fn migration() -> Seeds {
    let payloads = texts("migration").into_iter().filter_map(|text| {
        let text = String::from_utf8(text).ok()?;
        Some(hex::decode(&text).ok()?.expose().to_vec())
    });
    [bad(&["migration"]), texts("migration"), payloads.collect()].concat()
}

pub fn sealed() -> Seeds {
    let plain = [
        r#"{"sn":"48244-13456","ac":"1745-7712-6942-8698"}"#,
        r#"{"sn":"48244-13456","ac":"1745-7712-6942-8698","regurl":"https://idp.example.test/x","policy":"{\"allowUnsecured\":true}"}"#,
    ];
    let plain = plain.iter().map(|text| text.as_bytes().to_vec()).collect();
    [bad(&["sealed"]), texts("entrust_v1"), plain].concat()
}

pub fn list() -> Seeds {
    [bad(&["list"]), texts("otpauth"), texts("steam_motp_yandex")].concat()
}

pub fn typed() -> Seeds {
    let mut seeds = bad(&["typed-key", "mobilepass", "manual"]);
    seeds.push(b"GEZDGNBVGY3TQOJQ\nIssuer\naccount\n8 60 7 SHA256".to_vec());
    seeds.push(b"idp.example.test\n48244-13456\n1745-7712-6942-8698".to_vec());
    [seeds, texts("mobilepass_legacy")].concat()
}

pub fn codes() -> Seeds {
    let mut seeds = texts("rfc6287");
    for name in ["mobilepass_legacy", "activation_v2", "pi_2step", "steam_motp_yandex"] {
        seeds.extend(texts(name));
    }
    short([seeds, bad(&["manual"])].concat(), 100)
}

pub fn names() -> Seeds {
    let names =
        ["Work", "wоrk\nwork", "Ä\nA\u{308}", "ﬀ\nff", "\u{202e}abc", "e\u{301}\u{301}\u{301}", "𝖆\na"];
    let names = names.iter().map(|text| text.as_bytes().to_vec()).collect();
    [names, short(bad(&["foreign", "relatives"]), 200)].concat()
}

pub fn pskc() -> Seeds {
    [bad(&["pskc"]), texts("pskc"), texts("pskc_extra")].concat()
}

pub fn backup() -> Seeds {
    let frozen = std::fs::read(root().join("tests/vectors/backup_v1.softtoken")).expect("the fixture");
    let device = Device::with_vault();
    let token = never_internal(device.start()).expect("a good vault");
    token.unlock(Device::PIN).expect("the PIN");
    let made = token.export_backup(b"correct horse battery staple").expect("a backup");
    vec![frozen, made.bytes.to_vec(), made.bytes[..60].to_vec()]
}

pub fn rows() -> Seeds {
    let totp =
        CodeSpec::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY, t0: 0 };
    let hotp = CodeSpec::Hotp { algorithm: Algorithm::Sha512, digits: Digits::EIGHT };
    let suite = OcraSuite::parse("OCRA-1:HOTP-SHA1-6:C-QN08").expect("a suite");
    let rules = [totp, hotp, CodeSpec::Ocra { suite }, CodeSpec::Steam, CodeSpec::Motp, CodeSpec::MobilePass];
    let mut seeds = Seeds::new();
    for spec in rules {
        let credential = Credential::new(spec, SecretBytes::copy_of(&[7; 20]));
        seeds.push(encode_credential(&credential).expect("a credential").expose().to_vec());
        let record = Record {
            credential,
            recovery_key: Some(Key::new([0x77; 32])),
            policy: Policy::default(),
            origin: Origin::Account,
            clock_offset: -3,
            added_at: UnixTime(1_893_456_000),
            stopped: None,
        };
        seeds.push(encode_record(&record).expect("a record").expose().to_vec());
    }
    let label = Label {
        name: IdentityName::new("Work").expect("a name"),
        issuer: "Issuer".to_owned(),
        account: "account".to_owned(),
        address: Some("idp.example.test".to_owned()),
        serial: Some("4824413456".to_owned()),
    };
    seeds.push(encode_label(&label).expect("a label").expose().to_vec());
    seeds.extend(
        texts("backup")
            .into_iter()
            .filter_map(|text| Some(hex::decode(std::str::from_utf8(&text).ok()?).ok()?.expose().to_vec())),
    );
    seeds
}

/// Drafts of every form, and the exchanges inside them.
pub fn drafts() -> Seeds {
    let drafts: Seeds = texts("drafts_v1")
        .into_iter()
        .filter_map(|text| Some(hex::decode(std::str::from_utf8(&text).ok()?).ok()?.expose().to_vec()))
        .collect();
    // Key 14 of a draft is the exchange, a byte string whose length has one byte or two.
    let inside = drafts.iter().filter_map(|draft| {
        let at = draft.windows(2).position(|window| matches!(window, [0x0e, 0x58 | 0x59]))?;
        let (head, length) = match draft.get(at + 1..at + 4)? {
            [0x58, length, _] => (3, usize::from(*length)),
            [_, high, low] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => return None,
        };
        Some(draft.get(at + head..at + head + length)?.to_vec())
    });
    let inside: Seeds = inside.collect();
    assert_eq!(inside.len(), 7, "the exchanges of the frozen drafts");
    [rows(), drafts, inside].concat()
}

pub fn messages() -> Seeds {
    [crate::exchange::plaintexts(), texts("noise_nkpsk0"), texts("activation_v2_online")].concat()
}

pub fn frame() -> Seeds {
    let mut seeds = Seeds::new();
    for text in ["otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ", "7", "https://go.example.test/a#2.AgIBLwhh"] {
        let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Low).expect("a short text");
        let side = (code.size() + 8) * 3;
        let dark = |at: i32| code.get_module(at % side / 3 - 4, at / side / 3 - 4);
        let luma = (0..side * side).map(|at| if dark(at) { 0 } else { 255 });
        seeds.push(with_width(side as u32, luma.collect()));
    }
    for picture in ["tiny", "shift-jis", "decoder-panics"] {
        let file = std::fs::read(root().join(format!("tests/pictures/{picture}.png"))).expect("a picture");
        let mut decoder = png::Decoder::new(Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a picture");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
        let head = reader.next_frame(&mut pixels).expect("a whole picture");
        // Black and white pictures: any channel is their luma.
        let luma = pixels.chunks(head.line_size).take(head.height as usize).flat_map(|line| {
            line.iter().step_by(head.line_size / head.width as usize).take(head.width as usize).copied()
        });
        seeds.push(with_width(head.width, luma.collect()));
    }
    seeds
}

fn with_width(width: u32, luma: Vec<u8>) -> Vec<u8> {
    let [low, high, ..] = width.to_le_bytes();
    [vec![0, low, high], luma].concat()
}

pub fn vault() -> Seeds {
    let edits: [&[u8]; 6] = [
        &[0],
        &[1],
        &[0, 60, 0, 0, 4, 9],
        &[0, 0, 32, 0, 6, 1, 7, 64, 0, 2, 0],
        &[1, 0, 16, 0, 0, 0],
        &[1, 100, 17, 0, 7, 255, 40, 0, 0, 4, 1],
    ];
    let whole = [&[255], &crate::device::first().bytes[..512]].concat();
    edits.iter().map(|edit| edit.to_vec()).chain([whole]).collect()
}

pub fn calls() -> Seeds {
    let calls: [&[u8]; 8] = [
        // Unlock, a link, consent, codes.
        &[0, 17, 0, 0, 0, 224, 1, 255, 5, 0, 1, 29, 0, 28, 30, 1, 31, 2],
        // Five wrong PINs, requests, a code of the user's own.
        &[0, 17, 190, 17, 190, 17, 190, 17, 190, 17, 190, 26, 27, 23, 236, 0, 17, 0],
        // A recovery code.
        &[0, 17, 0, 24, 25, 20, 22, 27],
        // A first start.
        &[1, 16, 0, 20, 17, 0, 21, 0, 130, 15, 15, 17, 130],
        // Offline by QR code and by typed values.
        &[0, 17, 0, 0, 0, 229, 1, 255, 5, 8, 235, 5, 0, 1, 5, 5, 29, 0],
        &[0, 17, 0, 0, 2, 232, 233, 234, 1, 255, 5, 0, 1, 5, 5, 11, 0],
        // A backup and its way back.
        &[0, 17, 0, 39, 234, 5, 8, 234, 5, 0, 1],
        // Names and order.
        &[0, 17, 0, 33, 0, 237, 33, 1, 237, 34, 1, 1, 3, 35, 2, 38, 237, 36, 0, 37],
    ];
    calls.iter().map(|call| call.to_vec()).collect()
}

/// The bodies of all files of tests/bad in these folders, without their header.
fn bad(folders: &[&str]) -> Seeds {
    let mut seeds = Seeds::new();
    for folder in folders {
        let folder =
            std::fs::read_dir(root().join("tests/bad").join(folder)).expect("a folder of the corpus");
        let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        for path in files {
            let file = std::fs::read(path).expect("a file of the corpus");
            let end = file.windows(2).position(|two| two == b"\n\n").expect("a blank line ends the header");
            let (head, body) = (&file[..end], &file[end + 2..]);
            let body = body.strip_suffix(b"\n").unwrap_or(body);
            let encoded = head.windows(16).any(|line| line == b"encoding: base64");
            seeds.push(if encoded { STANDARD.decode(body).expect("Base64") } else { body.to_vec() });
        }
    }
    short(seeds, 60_000)
}

/// All texts of a table of vectors.
fn texts(table: &str) -> Seeds {
    let file = std::fs::read(root().join(format!("tests/vectors/{table}.json"))).expect("a table");
    let mut found = Seeds::new();
    collect(&serde_json::from_slice(&file).expect("JSON"), &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(value: &Value, found: &mut Seeds) {
    match value {
        Value::String(text) => found.push(text.as_bytes().to_vec()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn short(seeds: Seeds, most: usize) -> Seeds {
    seeds.into_iter().filter(|seed| seed.len() <= most).collect()
}
