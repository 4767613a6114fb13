//! Flows that bring identities in and out, and use them.

use qrcodegen::{QrCode, QrCodeEcc};
use softtoken_core::activation::entrust_v1::sealed::SealedQr;
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::{OfflineInput, argon2id};
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, TypedFields,
};
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::qr::LumaFrame;
use softtoken_core::secret::Key;
use softtoken_core::token::{Activation, ScanResult};
use zeroize::Zeroizing;

use super::{HOTP, PIN, TOTP, add, advance, begin, complete, end, note_secrets, ready};
use crate::world::World;

pub(super) fn qr_and_password(world: &World) {
    let token = ready(world);
    let (side, luma) = picture(LINK);
    let frame = LumaFrame::new(side, side, side, &luma).expect("a frame");
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let Ok(ScanResult::Started(activation)) = token.scan_frame(&frame, None, options) else {
        panic!("the code is found");
    };
    complete_sealed(world, &activation);
    drop(activation);
    end(world, token);
}

pub(super) fn link(world: &World) {
    let token = ready(world);
    let activation = begin(&token, LINK, true);
    complete_sealed(world, &activation);
    drop(activation);
    end(world, token);
}

pub(super) fn manual(world: &World) {
    let token = ready(world);
    typed(world, &token, "Manual");
    end(world, token);
}

/// The manual door without network; K_rec where the issuer is played.
pub(super) fn typed(
    world: &World,
    token: &std::sync::Arc<softtoken_core::SoftToken>,
    name: &str,
) -> Option<Key<32>> {
    let fields = || TypedFields {
        address: ADDRESS.to_owned(),
        serial_number: SERIAL.to_owned(),
        activation_code: Zeroizing::new(ACTIVATION_CODE.to_owned()),
    };
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let activation = token.begin_activation(ActivationSource::Typed(fields()), options).expect("typed");
    let code = complete(&activation, name);
    note_codes(world, &code);
    if !world.ledger.is_open() {
        return None;
    }
    let details: TypedDetails = fields().check().expect("good fields");
    let code = RegistrationCode::parse(&code).expect("a registration code");
    let issuer = OfflineInput::from_typed(&details).derive(code, &argon2id).expect("derived");
    world.ledger.note("seed", issuer.seed.expose());
    world.ledger.note("K_rec", issuer.recovery_key.expose());
    Some(issuer.recovery_key)
}

pub(super) fn entrust_v1(world: &World) {
    let token = ready(world);
    let activation = begin(&token, V1_LINK, false);
    password(&activation, QR_PASSWORD);
    let code = complete(&activation, "Old");
    drop(activation);
    note_codes(world, &code);
    if world.ledger.is_open() {
        for key in V1_KEYS {
            world.ledger.note("v1 key", softtoken_core::codec::hex::decode(key).expect("hex").expose());
        }
        let opened = SealedQr::parse(V1_LINK).and_then(|sealed| sealed.open(QR_PASSWORD));
        let details = opened.expect("the password is right").details;
        let offer = details.bring_over(&RegistrationCode::parse(&code).expect("a code"), None);
        world.ledger.note("seed", offer.credential.secret.expose());
    }
    drop(code);
    end(world, token);
}

pub(super) fn otpauth(world: &World) {
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    let list = ActivationSource::Text(Zeroizing::new(format!("{TOTP}\n{HOTP}\n")));
    let activation = token.begin_activation(list, ActivationOptions::default()).expect("a list");
    let ActivationState::Done { .. } = advance(&activation, ActivationInput::Consent { name: None }) else {
        panic!("added");
    };
    drop(activation);
    end(world, token);
}

pub(super) fn codes(world: &World) {
    note_secrets(world);
    let token = ready(world);
    add(&token, TOTP, "Work");
    let door = add(&token, HOTP, "Door");
    end(world, token);
    let token = world.start();
    token.unlock(PIN).expect("the PIN is right");
    let sheet = token.codes(None).expect("codes");
    for row in &sheet.codes {
        row.code.iter().chain(&row.next).for_each(|code| world.ledger.note("code", code.as_bytes()));
    }
    drop(sheet);
    token.next_code(door).expect("a code");
    token.resync_codes(door).expect("two codes");
    end(world, token);
}

pub(super) fn backup_and_restore(world: &World) {
    note_secrets(world);
    world.ledger.note("password", BACKUP_PASSWORD);
    let token = ready(world);
    add(&token, TOTP, "Work");
    typed(world, &token, "Manual");
    let file = token.export_backup(BACKUP_PASSWORD).expect("a backup");
    end(world, token);
    let neighbour = world.neighbour();
    let token = ready(&neighbour);
    let source = ActivationSource::File(Zeroizing::new(file.bytes.to_vec()));
    let activation = token.begin_activation(source, ActivationOptions::default()).expect("a backup");
    password(&activation, b"wrong horse, wrong battery");
    password(&activation, BACKUP_PASSWORD);
    let ActivationState::Done { added, .. } = advance(&activation, ActivationInput::Consent { name: None })
    else {
        panic!("restored");
    };
    assert_eq!(added.len(), 2);
    drop((activation, file));
    end(world, token);
}

pub(super) fn rename_and_remove(world: &World) {
    note_secrets(world);
    let token = ready(world);
    let work = add(&token, TOTP, "Work");
    let door = add(&token, HOTP, "Door");
    token.rename(work, "Office").expect("a new name");
    token.reorder(door, 0).expect("a new place");
    token.remove(door).expect("removed");
    end(world, token);
}

fn complete_sealed(world: &World, activation: &Activation) {
    password(activation, QR_PASSWORD);
    let code = complete(activation, "Sealed");
    note_codes(world, &code);
    if world.ledger.is_open() {
        let payload = LinkPayload::parse(LINK).expect("a link");
        let code = RegistrationCode::parse(&code).expect("a registration code");
        let issuer = OfflineInput::from_link(&payload, QR_PASSWORD).expect("offline");
        let issuer = issuer.derive(code, &argon2id).expect("derived");
        world.ledger.note("seed", issuer.seed.expose());
        world.ledger.note("K_rec", issuer.recovery_key.expose());
        world.ledger.note("S", payload.secret.expose());
        world.ledger.note("link", LINK.split('#').nth(1).expect("a payload").as_bytes());
    }
}

/// The registration code grouped and plain, and the activation code of the two doors that have one.
fn note_codes(world: &World, registration_code: &str) {
    let plain = |text: &str| text.replace('-', "").into_bytes();
    world.ledger.note("registration code", registration_code.as_bytes());
    world.ledger.note("registration code", &plain(registration_code));
    world.ledger.note("activation code", ACTIVATION_CODE.as_bytes());
    world.ledger.note("activation code", &plain(ACTIVATION_CODE));
    world.ledger.note("QR password", QR_PASSWORD);
}

fn password(activation: &Activation, password: &[u8]) {
    let ticket = activation.step().expect("a step").ticket;
    activation.supply_password(ticket, password).expect("a password is asked for");
}

/// A QR code in 8-bit luma, four pixels a module, with its quiet zone.
fn picture(text: &str) -> (u32, Vec<u8>) {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits");
    let side = (code.size() + 8) * 4;
    let dark = |at: i32| code.get_module(at % side / 4 - 4, at / side / 4 - 4);
    let luma = (0..side * side).map(|at| if dark(at) { 0 } else { 255 }).collect();
    (side.unsigned_abs(), luma)
}

/// The issuer of the typed door.
pub(super) const ADDRESS: &str = "a.example.org";
pub(super) const SERIAL: &str = "48244-13456";
const ACTIVATION_CODE: &str = "1745-7712-6942-8698";
/// Of both QR codes.
const QR_PASSWORD: &[u8] = b"54998317";
const BACKUP_PASSWORD: &[u8] = b"correct horse, correct battery";
/// `activation_v2.json`, the first offline QR code.
const LINK: &str = "https://go.example.test/a#2.AgIBLwhh-04MwaHa5aBkJq0v89ho6rx_nNfssa7_zBMBik6FIPAJiTCnVHSLfdy0PvdaDb86DSY4GvTrpKmOqptOagEfjrUQAggAHnDb2IBpZHAuZXhhbXBsZS50ZXN0";
/// `entrust_v1.json`, the public sample, and its keys.
const V1_LINK: &str = "igmobileotp://?action=secactivate&enc=VRUq6IoLWQRCMRITZEHtHUSWJiPwgu%2FN1BFyUHE5kxuHIEYoE3zmNTrAHeeUM5S3gzCnTy%2F%2Bdnbu%2FsjjQW%2BNEISx8C4ra8rLpxOl8E8w4KXHgjeBRgdvSzl%2BbzX5RYRrQlWgK8hsBT4pQYE0eFgW2TmRbzXu1Mu7XjKDcwsJLew32jQC2qyPLP8hljnv2rHwwsMfhQwgJUJYfctwLWWEDUFukEckaZ4O&v=1&mac=mhVL8BWKaishMa5%2B";
const V1_KEYS: [&str; 2] =
    ["44db25dafdd577b404f8d7e8115bb60b", "3c1734e9775681a5017b9c7b83b3efd12304641335e449e98e3a6ce4a82a068f"];
