//! The clock: codes of tokens are compared with it, so half a minute off refuses everybody.

use rsntp::{AsyncSntpClient, Config};
use std::time::Duration;

use super::Finding;

/// Asks `server` (host or host:port) for the time.
pub(super) async fn examine(server: Option<&str>) -> Finding {
    let Some(server) = server else {
        return Finding::warning("clock", "was not compared", "Run it with --time-server HOST.");
    };
    let client = AsyncSntpClient::with_config(Config::default().timeout(TIME));
    match client.synchronize(server).await {
        Ok(result) => judge(result.clock_offset().as_secs_f64(), server),
        Err(error) => Finding::warning(
            "clock",
            format!("{server} did not say what time it is: {error}"),
            "Allow UDP port 123, or name your own time server with --time-server.",
        ),
    }
}

fn judge(offset: f64, server: &str) -> Finding {
    let found = format!("{offset:+.2} s to {server}");
    let fix = "Turn on time synchronisation (`timedatectl set-ntp true`, or chrony).";
    match offset.abs() {
        off if off > TOO_FAR => Finding::error("clock", found, fix),
        off if off > FAR => Finding::warning("clock", found, fix),
        _ => Finding::ok("clock", found),
    }
}

/// Half a step: from here on the window of codes that are accepted is eaten up.
const TOO_FAR: f64 = 15.0;
const FAR: f64 = 2.0;
const TIME: Duration = Duration::from_secs(5);
