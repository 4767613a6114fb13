//! Every form of a stored draft, frozen: later versions read these bytes.

use serde_json::Value;

use super::online_draft::Form;
use super::order::Basis;
use super::pending::Pending;
use crate::codec::hex;
use crate::identity::{IdentityId, IdentityName, Origin};
use crate::time::UnixTime;

fn frozen() -> Vec<(String, Vec<u8>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/drafts_v1.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows = file["drafts"].as_array().unwrap();
    eprintln!("vectors: drafts_v1.json {} rows (drafts)", rows.len());
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    let bytes = |row| hex::decode(&text(row, "hex")).unwrap().expose().to_vec();
    rows.iter().map(|row| (text(row, "form"), bytes(row))).collect()
}

fn read(bytes: &[u8]) -> Result<Pending, crate::identity::encoding::EncodingError> {
    Pending::decode(IdentityId([5; 16]), IdentityName::new("Work").ok(), bytes)
}

#[test]
fn drafts_of_every_form_are_read_and_written_the_same() {
    let mut forms = Vec::new();
    for (form, bytes) in frozen() {
        let written = match read(&bytes).unwrap() {
            Pending::Complete(draft) => {
                assert_eq!(form, "offline");
                assert_eq!(draft.identity.record.origin, Origin::Offline);
                draft.encode().unwrap()
            }
            Pending::Online(draft) => {
                let found = match &draft.form {
                    Form::Order { order, device } => {
                        assert_eq!(device, "Test");
                        match &order.basis {
                            Basis::Link(_) => "link",
                            Basis::QrCode(..) => "qr code",
                            Basis::Typed(_) => "typed",
                        }
                    }
                    Form::Exchange { .. } if draft.registration_code().is_some() => "code awaited",
                    Form::Exchange { exchange, .. } if exchange.awaits_verification() => "verification asked",
                    Form::Exchange { exchange, .. } if exchange.has_opened() && form.ends_with("3") => {
                        "message 3"
                    }
                    Form::Exchange { exchange, .. } if exchange.has_opened() => {
                        "message 3 after verifications"
                    }
                    Form::Exchange { .. } if form.starts_with("verifications") => "verifications passed",
                    Form::Exchange { exchange, .. } if exchange.agreement().is_some() => "agreed",
                    Form::Exchange { .. } => "claiming",
                };
                assert_eq!(form, found);
                let label = draft.label();
                let found = (label.name.as_str(), label.address.as_deref(), label.serial.as_deref());
                assert_eq!(found, ("Work", Some("id.example.org"), Some("4824413456")));
                let identity = draft.identity(UnixTime(9));
                assert_eq!(identity.is_some(), draft.policy().is_some());
                if let Some(identity) = identity {
                    assert_eq!((identity.record.clock_offset, identity.record.added_at), (-90, UnixTime(9)));
                }
                assert_eq!(draft.stored, Some(draft.hash().unwrap()));
                draft.encode().unwrap()
            }
        };
        assert_eq!(written.expose(), bytes, "{form}");
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{form} cut at {end}");
        }
        forms.push(form);
    }
    let all = ["offline", "link", "qr code", "typed", "claiming", "agreed", "message 3", "code awaited"];
    let verified = ["verification asked", "verifications passed", "message 3 after verifications"];
    let all = [&all[..], &verified].concat();
    assert_eq!(forms, all);
}
