//! The database: whole, of this version, and with room to grow.

use softtoken_core::time::UnixTime;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::Finding;
use crate::mail::due::overdue;
use crate::settings::Settings;
use crate::store::SCHEMA_VERSION;

/// Reads the file; the issuer may be writing to it.
pub(super) async fn examine(settings: &Settings, now: u64) -> Vec<Finding> {
    let shown = settings.database.display();
    let options = SqliteConnectOptions::new().filename(&settings.database).create_if_missing(false);
    let mut findings = match options.disable_statement_logging().connect().await {
        Ok(mut connection) => {
            let mut findings = vec![version(&mut connection).await, whole(&mut connection).await];
            findings.extend(mails(&mut connection, UnixTime(now)).await);
            // Nothing depends on how this connection ends.
            let _ = connection.close().await;
            findings
        }
        Err(error) => {
            let fix = "Run `softtoken-issuer init`, correct the path, or bring it back from a backup.";
            vec![Finding::error("database", format!("{shown}: {error}"), fix)]
        }
    };
    findings.extend(room(settings));
    findings
}

async fn version(connection: &mut SqliteConnection) -> Finding {
    match sqlx::query_scalar::<_, i64>("PRAGMA user_version").fetch_one(connection).await {
        Ok(SCHEMA_VERSION) => Finding::ok("database", format!("version {SCHEMA_VERSION}")),
        Ok(other) => {
            let found = format!("version {other}, and this issuer knows {SCHEMA_VERSION}");
            Finding::error("database", found, "Use the issuer that made it.")
        }
        Err(error) => Finding::error("database", error.to_string(), "Bring it back from a backup."),
    }
}

async fn whole(connection: &mut SqliteConnection) -> Finding {
    match sqlx::query_scalar::<_, String>("PRAGMA integrity_check(1)").fetch_one(connection).await {
        Ok(text) if text == "ok" => Finding::ok("database", "whole"),
        Ok(text) => Finding::error("database", format!("damaged: {text}"), "Bring it back from a backup."),
        Err(error) => Finding::error("database", error.to_string(), "Bring it back from a backup."),
    }
}

/// Mails of orders that wait for a device in vain. A damaged database has said so before.
async fn mails(connection: &mut SqliteConnection, now: UnixTime) -> Option<Finding> {
    let serials = overdue(connection, now, LONGEST_WAY).await.ok().filter(|serials| !serials.is_empty())?;
    let found = format!("not handed over for the serial numbers {}", serials.join(", "));
    Some(Finding::warning(
        "mails",
        found,
        "Look for mail.failed and mail.lost in the log; order these again.",
    ))
}

fn room(settings: &Settings) -> Option<Finding> {
    let folder = settings.database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let space = rustix::fs::statvfs(folder.unwrap_or(std::path::Path::new("."))).ok()?;
    let free = space.f_bavail.saturating_mul(space.f_frsize) / MIB;
    let found = format!("{free} MiB free");
    Some(match free {
        ..100 => Finding::error("disk", found, "Make room: without it no code is accepted."),
        100..1024 => Finding::warning("disk", found, "Make room."),
        _ => Finding::ok("disk", found),
    })
}

/// Seconds after which no mail is tried any more.
const LONGEST_WAY: u64 = 600;
const MIB: u64 = 1024 * 1024;
