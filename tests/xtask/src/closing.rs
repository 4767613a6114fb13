//! The lines in which runners of tests say how a run ended.

/// Whose closing line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runner {
    Plain,
    Maven,
    XcTest,
    SwiftTesting,
}

/// Passed, failed and skipped, alone on a line.
pub fn closing_line(line: &str) -> Option<(Runner, [usize; 3])> {
    let plain = || Some((Runner::Plain, plain(line)?));
    let maven = || Some((Runner::Maven, maven(line)?));
    let xctest = || Some((Runner::XcTest, xctest(line)?));
    let swift_testing = || Some((Runner::SwiftTesting, swift_testing(line)?));
    plain().or_else(maven).or_else(xctest).or_else(swift_testing)
}

/// `N passed, N failed` with an optional `, N skipped`.
fn plain(line: &str) -> Option<[usize; 3]> {
    let mut parts = line.split(", ");
    let passed = count(parts.next()?, "passed")?;
    let failed = count(parts.next()?, "failed")?;
    let skipped = parts.next().map_or(Some(0), |part| count(part, "skipped"))?;
    parts.next().is_none().then_some([passed, failed, skipped])
}

/// `[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0`; with a time at its end it is a class's and not the module's.
fn maven(line: &str) -> Option<[usize; 3]> {
    let line = ["[INFO] ", "[WARNING] ", "[ERROR] "].iter().find_map(|prefix| line.strip_prefix(prefix))?;
    let mut counts = [0_usize; 4];
    let mut parts = line.split(", ");
    for (count, word) in counts.iter_mut().zip(["Tests run: ", "Failures: ", "Errors: ", "Skipped: "]) {
        *count = parts.next()?.strip_prefix(word)?.parse().ok()?;
    }
    let [run, failures, errors, skipped] = counts;
    let failed = failures + errors;
    parts.next().is_none().then_some([run.checked_sub(failed + skipped)?, failed, skipped])
}

/// `Executed 3 tests, with 1 test skipped and 0 failures (0 unexpected) in 0.01 (0.02) seconds`.
fn xctest(line: &str) -> Option<[usize; 3]> {
    let (run, rest) = line.strip_prefix("Executed ")?.split_once(" test")?;
    let before = |word: &str| -> Option<usize> {
        rest.split(word).next().filter(|head| head.len() < rest.len())?.rsplit(' ').next()?.parse().ok()
    };
    let failed = before(" failure")?;
    let skipped = before(" test skipped").or_else(|| before(" tests skipped")).unwrap_or(0);
    Some([run.parse::<usize>().ok()?.checked_sub(failed + skipped)?, failed, skipped])
}

/// `✔ Test run with 7 tests passed after 0.2 seconds.`, `✘ Test run with 7 tests failed after 0.2 seconds with 2 issues.`
fn swift_testing(line: &str) -> Option<[usize; 3]> {
    let (run, rest) = line.split_once("Test run with ")?.1.split_once(" test")?;
    let run: usize = run.parse().ok()?;
    let issues = rest.rsplit_once(" with ").and_then(|(_, issues)| issues.split(' ').next()?.parse().ok());
    match rest.trim_start_matches('s').trim_start() {
        rest if rest.contains("passed after") => Some([run, 0, 0]),
        // Issues are no tests: a run that failed counts at least one, and never more than it ran.
        rest if rest.contains("failed after") => {
            let failed = issues.unwrap_or(1).clamp(1, run.max(1));
            Some([run.saturating_sub(failed), failed, 0])
        }
        _ => None,
    }
}

/// The number before `word` in `3 passed; 0 failed; …`.
pub fn count(text: &str, word: &str) -> Option<usize> {
    text.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
}
