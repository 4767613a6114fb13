//! Hardware tokens, keys of the issuer that do not fit, and the issuer's check-up.

use serde_json::{Value, json};
use softtoken_e2e::process::Issuer;
use softtoken_e2e::seeds::{HOTP_SERIAL, pskc};
use softtoken_e2e::token::Token;
use softtoken_e2e::{program, text};

use super::stage::{Stage, added, code, typed};

#[test]
fn a_hardware_token_is_assigned_by_its_serial_number_and_a_response() {
    let stage = Stage::new();
    let user = stage.rest.user("anna").unwrap();
    stage.rest.import(&pskc()).unwrap();
    let invalid = json!("The Token Serial Number you have entered is invalid.");
    // RFC 4226, appendix D: the codes of counters 0, 1, 2.
    let (status, answer) = stage.rest.assign(&user, "HW-9999", Some("755224")).unwrap();
    assert_eq!((status, &answer["errorMessage"]), (400, &invalid));
    let (status, answer) = stage.rest.assign(&user, HOTP_SERIAL, Some("000000")).unwrap();
    assert_eq!((status, &answer["errorMessage"]), (400, &json!("Invalid Response.")));
    assert_eq!(stage.rest.assign(&user, HOTP_SERIAL, Some("755224")).unwrap().0, 204);
    assert_eq!(stage.sign_in("anna", "287082").0, 200);
    assert_ne!(stage.sign_in("anna", "287082").0, 200, "a code is good once");
    let (status, answer) = stage.rest.assign(&user, HOTP_SERIAL, Some("359152")).unwrap();
    assert_eq!((status, &answer["errorMessage"]), (400, &invalid), "it has a holder");
}

#[test]
fn a_key_file_of_another_realm_never_makes_a_bad_code() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("issuer");
    let mut issuer = Issuer::start(&program("softtoken-issuer").unwrap(), &home, "").unwrap();
    let rest = issuer.rest();
    let id = rest.soft_token(&rest.user("anna").unwrap()).unwrap();
    let order = rest.order(&id, &json!({ "type": "CLASSIC" })).unwrap();
    let phone = Token::open(&program("softtoken").unwrap(), &folder.path().join("phone")).unwrap();
    let document = phone.add_typed("Work", typed(&order), &["--offline"]).unwrap();
    let registration = text(added(&document), "registration_code").unwrap();

    issuer.kill();
    let file = home.join("keys/seeds.key");
    let other = std::fs::read(&file).unwrap().iter().map(|byte| byte ^ 0x01).collect::<Vec<_>>();
    std::fs::write(&file, other).unwrap();
    issuer.resume().unwrap();
    let answer = rest.complete(&id, registration, Some(&code(&phone, "Work"))).unwrap();
    assert_eq!(answer.1["errorMessage"], "Registration code does not match", "{answer:?}");
    assert_ne!(rest.state(&id).unwrap(), "ACTIVE");
    let events = rest.get("/api/web/v1/reports/auditevents").unwrap().1.to_string();
    assert!(events.contains("key"), "the audit log names the reason: {events}");
}

#[test]
fn the_check_up_names_what_is_wrong_and_how_to_repair_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("issuer");
    let issuer = Issuer::start(&program("softtoken-issuer").unwrap(), &home, "").unwrap();
    let look = || -> (Option<i32>, Value) {
        let output = issuer.command(&["doctor", "--json", "--no-time-server"]).output().unwrap();
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    };
    let (code, report) = look();
    assert_eq!(code, Some(0), "{report}");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(home.join("keys/seeds.key"), open).unwrap();
    let (code, report) = look();
    assert_eq!(code, Some(1), "{report}");
    let findings = report["findings"].as_array().unwrap();
    let wrong = findings.iter().find(|finding| finding.to_string().contains("seeds.key")).unwrap();
    assert!(wrong["fix"].as_str().is_some_and(|fix| fix.contains("chmod")), "{wrong}");
}
