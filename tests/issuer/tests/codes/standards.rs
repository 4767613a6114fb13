//! The vectors of the RFCs, through the database and back.

use softtoken_core::codec::hex;
use softtoken_core::otp::Algorithm;
use softtoken_core::time::UnixTime;

use crate::world::{Row, World, vectors, word};

#[tokio::test]
async fn every_row_of_rfc_4226_is_accepted_once() {
    let (world, file) = (World::new().await, vectors("rfc4226.json"));
    let mut rows = 0;
    for row in file["vectors"].as_array().unwrap() {
        let counter = row["counter"].as_i64().unwrap();
        for digits in 6..=10 {
            let code = row[format!("otp{digits}")].as_str().unwrap();
            let token = world.add(Row { kind: "HOTP", period: 0, digits, counter, ..Row::default() }).await;
            assert_eq!(world.verify(&token, code).await, "ok", "{counter} {digits}");
            assert_eq!(world.number(&token, "counter").await, Some(counter + 1));
            assert_eq!(world.verify(&token, code).await, "invalid_response", "{counter} {digits}");
        }
        rows += 1;
    }
    for row in file["large_counters"]["vectors"].as_array().unwrap() {
        let counter: u64 = row["counter"].as_str().unwrap().parse().unwrap();
        rows += 1;
        // A column holds 63 bits; the last number of them cannot be counted up, so it is never accepted.
        let Ok(counter) = i64::try_from(counter) else { continue };
        let token = world.add(Row { kind: "HOTP", period: 0, digits: 6, counter, ..Row::default() }).await;
        let expected = if counter == i64::MAX { "invalid_response" } else { "ok" };
        assert_eq!(world.verify(&token, row["otp6"].as_str().unwrap()).await, expected, "{counter}");
    }
    eprintln!("vectors: rfc4226.json {rows} rows");
}

#[tokio::test]
async fn every_resynchronisation_of_rfc_4226_ends_as_the_vectors_say() {
    let file = vectors("rfc4226.json");
    let cases = file["resync"]["cases"].as_array().unwrap();
    for case in cases {
        let world = World::with(&format!("maxResetCounters = {}", case["window"])).await;
        let counter = case["server_counter"].as_i64().unwrap();
        let token = world.add(Row { kind: "HOTP", period: 0, digits: 6, counter, ..Row::default() }).await;
        let codes = [case["codes"][0].as_str().unwrap(), case["codes"][1].as_str().unwrap()];
        let result = word(world.issuer.resync_by_two_codes("test", &token, codes).await);
        let expected = if case["ok"].as_bool().unwrap() { "ok" } else { "invalid_response" };
        assert_eq!(result, expected, "{case}");
        let next = case["new_counter"].as_i64().unwrap_or(counter);
        assert_eq!(world.number(&token, "counter").await, Some(next), "{case}");
    }
    eprintln!("vectors: rfc4226.json {} resynchronisations", cases.len());
}

#[tokio::test]
async fn every_row_of_rfc_6238_is_accepted_once() {
    let (world, file) = (World::new().await, vectors("rfc6238.json"));
    let rows = file["vectors"].as_array().unwrap();
    for row in rows {
        let name = row["alg"].as_str().unwrap();
        let seed = hex::decode(file["seeds"][name].as_str().unwrap()).unwrap();
        let algorithm = Algorithm::parse(name).unwrap();
        world.clock.set(UnixTime(row["time"].as_u64().unwrap()));
        for digits in [6, 8] {
            let seed = seed.expose().to_vec();
            let token = world.add(Row { digits, algorithm, seed, ..Row::default() }).await;
            let code = row[format!("otp{digits}")].as_str().unwrap();
            assert_eq!(world.verify(&token, code).await, "ok", "{row}");
            assert_eq!(world.number(&token, "last_step").await, row["step"].as_i64());
            assert_eq!(world.verify(&token, code).await, "invalid_response", "{row}");
        }
    }
    eprintln!("vectors: rfc6238.json {} rows", rows.len());
}
