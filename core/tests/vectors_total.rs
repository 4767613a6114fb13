//! Every list of every vector file has a test that reads it, or is named here as work for later.
//!
//! The rows themselves are compared in the tests named below; this one counts them and fails when a
//! file or a list appears that nobody reads.

use std::path::PathBuf;

use serde_json::Value;

/// File, and a test that reads it; several tests may share a file.
const READ: &[(&str, &str)] = &[
    ("activation_v2.json", "profile_address.rs"),
    ("activation_v2.json", "profile_link.rs"),
    ("activation_v2.json", "profile_offline.rs"),
    ("activation_v2_contact.json", "contact_vectors.rs"),
    ("activation_v2_online.json", "exchange_vectors.rs"),
    ("backup.json", "backup_frozen.rs"),
    ("drafts_v1.json", "../src/activation/draft_tests.rs"),
    ("activation_v2.json", "unlock_vectors.rs"),
    ("entrust_v1.json", "codec_decimal.rs"),
    ("entrust_v1.json", "profile_sealed.rs"),
    ("entrust_v1.json", "profile_v1.rs"),
    ("migration.json", "doors_migration.rs"),
    ("mobilepass_legacy.json", "otp_variants.rs"),
    ("noise_nkpsk0.json", "../src/activation/exchange/noise_tests.rs"),
    ("otpauth.json", "doors_otpauth.rs"),
    ("pi_2step.json", "doors_two_step.rs"),
    ("pskc.json", "pskc_vectors.rs"),
    ("pskc_extra.json", "pskc_vectors.rs"),
    ("rfc4226.json", "otp_rfc4226.rs"),
    ("rfc6238.json", "otp_rfc6238.rs"),
    ("rfc6287.json", "otp_ocra.rs"),
    ("steam_motp_yandex.json", "otp_variants.rs"),
    ("tiqr.json", "otp_ocra.rs"),
];

/// Lists that wait for the network: privacyIDEA's push tokens, containers and the last step of its enrolment.
const LATER: &[(&str, &str)] = &[
    ("pi_2step.json", "/push/challenges"),
    ("pi_2step.json", "/push/answers"),
    ("pi_2step.json", "/two_step_finish/fields"),
    ("pi_container.json", "/signatures"),
];

#[test]
fn every_list_of_every_vector_file_is_read_or_named_as_later() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let (mut covered, mut later, mut problems) = (0, 0, Vec::new());
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|ext| ext == "json")) {
        let file = path.file_name().unwrap().to_str().unwrap();
        let value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut lists = Vec::new();
        collect("", &value, &mut lists);
        for (list, rows) in lists {
            if LATER.contains(&(file, list.as_str())) {
                later += rows;
                continue;
            }
            covered += rows;
            let tests: Vec<String> =
                READ.iter().filter(|(read, _)| *read == file).map(|(_, test)| test_source(test)).collect();
            let names = |text: &String| {
                list.split('/').filter(|part| !part.is_empty()).all(|part| text.contains(part))
            };
            if tests.iter().any(names) {
                eprintln!("vectors: {file}{list} {rows} rows");
            } else {
                problems.push(format!("{file}{list}: no test names this list"));
            }
        }
    }
    eprintln!("vectors: {covered} rows compared, {later} rows later");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(covered >= 480, "{covered} rows");
}

/// Lists of rows, with their paths; a list inside a row belongs to the row.
fn collect(path: &str, value: &Value, lists: &mut Vec<(String, usize)>) {
    match value {
        Value::Array(rows) => lists.push((path.to_owned(), rows.len())),
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| collect(&format!("{path}/{name}"), member, lists));
        }
        _ => {}
    }
}

/// The test's text.
fn test_source(test: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    std::fs::read_to_string(folder.join(test)).unwrap()
}
