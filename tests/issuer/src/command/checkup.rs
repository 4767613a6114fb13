//! `doctor`: findings as lines or JSON.

use std::path::Path;
use std::process::ExitCode;

use softtoken_issuer::Result;
use softtoken_issuer::clock::{Clock, SystemClock};
use softtoken_issuer::doctor::{Level, examine, worst};
use softtoken_issuer::settings::Settings;

use super::Doctor;

pub(super) async fn run(file: &Path, doctor: &Doctor) -> Result<ExitCode> {
    let settings = Settings::read(file)?;
    let server = (!doctor.no_time_server).then_some(doctor.time_server.as_str());
    let findings = examine(&settings, file, SystemClock.now().0, server).await;
    let worst = worst(&findings);
    if doctor.json {
        println!("{}", serde_json::json!({ "worst": worst, "findings": findings }));
    } else {
        findings.iter().for_each(|finding| println!("{finding}"));
    }
    Ok(if worst == Level::Error { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
