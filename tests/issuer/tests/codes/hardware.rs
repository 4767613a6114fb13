//! Hardware tokens: seed files in, self-assignment by serial number and code.

use softtoken_core::codec::hex;
use softtoken_core::time::UnixTime;
use softtoken_issuer::hardware::NotImported;
use zeroize::Zeroizing;

use crate::world::{NOW, Row, STEP, World, code, vectors, word, wrong};

async fn import(world: &World, document: &serde_json::Value) -> softtoken_issuer::Result<Vec<String>> {
    let xml = Zeroizing::new(document["xml"].as_str().unwrap().to_owned());
    let secret =
        document["unlock"]["value"].as_str().map(|secret| Zeroizing::new(secret.as_bytes().to_vec()));
    let imported = world.issuer.import_hardware("admin", xml, secret).await?;
    assert_eq!(imported.left_out, []);
    Ok(imported.serials)
}

#[tokio::test]
async fn every_seed_file_of_the_vectors_becomes_a_token_that_its_holder_takes() {
    let file = vectors("pskc.json");
    let documents = file["documents"].as_array().unwrap();
    for document in documents {
        let (world, expect) = (World::new().await, &document["expect"]);
        let serials = import(&world, document).await.unwrap();
        let token = world.issuer.token_by_serial(&serials[0]).await.unwrap();
        assert_eq!((token.state.word(), token.user.as_deref()), ("UNASSIGNED", None));
        if expect["type"] == "ocra" {
            assert_eq!(word(world.issuer.assign_to_self("ann", &serials[0], "1").await), "invalid_response");
            world.issuer.assign_hardware("admin", &token.id, "ann").await.unwrap();
            assert!(world.issuer.create_challenge("test", &token.id).await.is_ok());
            continue;
        }
        world.clock.set(UnixTime(expect["check"]["time"].as_u64().unwrap_or(NOW)));
        let code = expect["check"]["code"].as_str().unwrap();
        assert_eq!(world.issuer.assign_to_self("ann", &serials[0], code).await.unwrap(), token.id);
        let taken = world.issuer.token(&token.id).await.unwrap();
        assert_eq!((taken.state.word(), taken.user.as_deref()), ("ACTIVE", Some("ann")));
        assert_eq!(world.verify(&token.id, code).await, "invalid_response", "the code is used");
    }
    let refused = file["reject"].as_array().unwrap();
    for document in refused {
        let world = World::new().await;
        assert_eq!(word(import(&world, document).await), "bad_value", "{}", document["why"]);
    }
    eprintln!("vectors: pskc.json {} rows", documents.len() + refused.len());
}

#[tokio::test]
async fn entries_that_cannot_be_used_are_left_out_and_the_rest_comes_in() {
    let world = World::new().await;
    let file = pskc(&[
        ("A1", "hotp", ""),
        ("", "hotp", ""),
        ("A2", "pin", ""),
        ("A3", "totp", "<Time><PlainValue>60</PlainValue></Time>"),
        ("A1", "hotp", ""),
        ("A4", "totp", ""),
    ]);
    let imported = world.issuer.import_hardware("admin", Zeroizing::new(file.clone()), None).await.unwrap();
    assert_eq!(imported.serials, ["A1", "A4"]);
    let why = [
        (2, NotImported::NoSerial),
        (3, NotImported::NotUnderstood),
        (4, NotImported::Unsupported),
        (5, NotImported::Exists),
    ];
    assert_eq!(imported.left_out, why);
    let again = world.issuer.import_hardware("admin", Zeroizing::new(file), None).await.unwrap();
    assert_eq!(again.serials, [""; 0]);
    assert_eq!(world.events("hardware.imported").await, 2);
}

#[tokio::test]
async fn a_thousand_tokens_come_in_at_once() {
    let world = World::new().await;
    let serials: Vec<_> = (0..1000).map(|n| format!("T{n:04}")).collect();
    let entries: Vec<_> = serials.iter().map(|serial| (serial.as_str(), "totp", "")).collect();
    let imported = world.issuer.import_hardware("admin", Zeroizing::new(pskc(&entries)), None).await.unwrap();
    assert_eq!(imported.serials, serials);
}

#[tokio::test]
async fn unknown_and_taken_serial_numbers_have_one_answer_and_a_wrong_code_another() {
    let world = World::new().await;
    let token = hardware(&world, "TOTP", 30).await;
    let assign = async |user: &str, serial: &str, code: &str| {
        world.issuer.assign_to_self(user, serial, code).await.map_err(|error| error.to_string())
    };
    let invalid = Err("The Token Serial Number you have entered is invalid.".to_owned());
    assert_eq!(assign("ann", "nothing", &code(STEP)).await, invalid);
    assert_eq!(assign("ann", &token, &wrong()).await, Err("Invalid Response.".to_owned()));
    assert_eq!(assign("ann", &format!(" {token} "), &code(STEP + 120)).await, Ok(token.clone()));
    assert_eq!(assign("ben", &token, &code(STEP + 121)).await, invalid, "ann has it");
    world.clock.pass(30);
    assert_eq!(world.verify(&token, &code(STEP + 121)).await, "ok", "its drift is known");
}

#[tokio::test]
async fn codes_are_searched_120_steps_or_100_counters_away() {
    let world = World::with("maxResetsPerHour = 100").await;
    for (kind, period, middle, away, expected) in [
        ("TOTP", 30, STEP, -120_i64, "ok"),
        ("TOTP", 30, STEP, 121, "invalid_response"),
        ("TOTP", 30, STEP, -121, "invalid_response"),
        ("HOTP", 0, 0, 99, "ok"),
        ("HOTP", 0, 0, 100, "invalid_response"),
    ] {
        let token = hardware(&world, kind, period).await;
        let code = code(middle.saturating_add_signed(away));
        assert_eq!(word(world.issuer.assign_to_self("ann", &token, &code).await), expected, "{kind} {away}");
    }
}

#[tokio::test]
async fn five_tries_an_hour_for_a_user_and_for_a_token() {
    let (world, wrong) = (World::new().await, wrong());
    let token = hardware(&world, "TOTP", 30).await;
    for _ in 0..4 {
        assert_eq!(
            word(world.issuer.assign_to_self("ann", "nothing", &wrong).await),
            "invalid_serial_number"
        );
    }
    assert_eq!(word(world.issuer.assign_to_self("ann", &token, &wrong).await), "invalid_response");
    assert_eq!(word(world.issuer.assign_to_self("ann", &token, &code(STEP)).await), "too_many_tries");
    for _ in 0..4 {
        assert_eq!(word(world.issuer.assign_to_self("ben", &token, &wrong).await), "invalid_response");
    }
    assert_eq!(word(world.issuer.assign_to_self("ben", &token, &code(STEP)).await), "invalid_response");
    world.clock.pass(3600);
    assert_eq!(word(world.issuer.assign_to_self("ben", &token, &code(STEP + 120)).await), "ok");
}

#[tokio::test]
async fn a_token_that_comes_back_goes_to_another_and_its_used_codes_stay_used() {
    let world = World::new().await;
    let token = hardware(&world, "TOTP", 30).await;
    assert_eq!(word(world.issuer.assign_to_self("ann", &token, &code(STEP)).await), "ok");
    assert_eq!(word(world.issuer.assign_hardware("admin", &token, "ben").await), "not_found");
    world.issuer.unassign_hardware("admin", &token).await.unwrap();
    assert_eq!(world.verify(&token, &code(STEP + 1)).await, "invalid_response", "nobody signs in with it");
    assert_eq!(word(world.issuer.assign_to_self("ben", &token, &code(STEP)).await), "invalid_response");
    assert_eq!(word(world.issuer.assign_hardware("admin", &token, "nobody").await), "not_found");
    assert_eq!(word(world.issuer.assign_to_self("ben", &token, &code(STEP + 1)).await), "ok");
    assert_eq!(word(world.issuer.unassign_hardware("admin", &world.totp().await).await), "not_found");
}

#[tokio::test]
async fn two_users_who_name_one_token_at_once_do_not_share_it() {
    let world = World::new().await;
    let token = hardware(&world, "HOTP", 0).await;
    let (first, second) = (code(0), code(1));
    let (ann, ben) = tokio::join!(
        world.issuer.assign_to_self("ann", &token, &first),
        world.issuer.assign_to_self("ben", &token, &second)
    );
    assert_eq!(usize::from(ann.is_ok()) + usize::from(ben.is_ok()), 1);
}

/// An unassigned token with the usual seed; its serial number is its id.
async fn hardware(world: &World, kind: &'static str, period: i64) -> String {
    world
        .add(Row { user: None, class: "HARDWARE", state: "UNASSIGNED", kind, period, ..Row::default() })
        .await
}

/// A plain seed file: serial number, algorithm, more data of each entry.
fn pskc(entries: &[(&str, &str, &str)]) -> String {
    let seed = hex::decode("3132333435363738393031323334353637383930").unwrap();
    assert_eq!(seed.expose(), b"12345678901234567890");
    let mut file = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">".to_owned();
    for (serial, algorithm, data) in entries {
        file += &format!(
            "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>\
             <Key Id=\"k\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\"><Data>\
             <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>{data}</Data></Key></KeyPackage>"
        );
    }
    file + "</KeyContainer>"
}
