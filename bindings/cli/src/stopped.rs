//! An identity of which its issuer takes no codes: what happened, since when, and the way out.
//!
//! The list has no field for it, because the fields of its documents are fixed: a script hears of it as the error of
//! `codes NAME`, and as `issuer` of `policy NAME`.

use softtoken_core::error::StopReason;
use softtoken_core::identity::Stopped;
use softtoken_core::time::UnixTime;
use time::OffsetDateTime;

/// To stand behind a name.
pub fn note(Stopped { why, since }: Stopped) -> String {
    let day = day(since);
    match why {
        StopReason::Disabled => {
            format!(
                "disabled by its issuer on {day}; `softtoken policy NAME` asks whether it is enabled again"
            )
        }
        StopReason::Deleted => format!("ended by its issuer on {day}: deleted there; {WAY_OUT}"),
        StopReason::Replaced => format!("ended by its issuer on {day}: activated elsewhere; {WAY_OUT}"),
    }
}

/// To stand alone, where a code was asked for.
pub fn sentence(why: StopReason, since: UnixTime) -> String {
    format!("It shows no code: {}.", note(Stopped { why, since }))
}

/// For scripts.
pub fn word(why: StopReason) -> &'static str {
    match why {
        StopReason::Disabled => "disabled",
        StopReason::Deleted => "deleted",
        StopReason::Replaced => "replaced",
    }
}

/// `2026-11-22`, UTC.
fn day(since: UnixTime) -> String {
    let seconds = i64::try_from(since.0).ok();
    match seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()) {
        Some(t) => format!("{}-{:02}-{:02}", t.year(), u8::from(t.month()), t.day()),
        None => "an unknown day".to_owned(),
    }
}

/// What helps when an identity has ended.
pub const WAY_OUT: &str = "activate it again with a new mail, or `softtoken remove NAME`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_happened_when_and_the_way_out() {
        let since = UnixTime(1_795_338_000);
        assert_eq!(
            note(Stopped { why: StopReason::Deleted, since }),
            "ended by its issuer on 2026-11-22: deleted there; activate it again with a new mail, or `softtoken \
             remove NAME`"
        );
        assert!(sentence(StopReason::Disabled, since).contains("on 2026-11-22; `softtoken policy NAME`"));
        assert!(
            note(Stopped { why: StopReason::Replaced, since: UnixTime(u64::MAX) }).contains("an unknown day")
        );
    }
}
