//! The suites of the kits: Maven with JUnit, and SwiftPM in a Debian root that has Swift 6.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::bindings::{self, Bindings};

/// Programs and the Debian packages that they are in.
pub const PROGRAMS: [(&str, &str); 3] =
    [("javac", "openjdk-17-jdk-headless"), ("mvn", "maven"), ("unshare", "util-linux")];

/// Builds and tests the Maven modules.
pub fn kotlin(root: &Path) -> Result<Command> {
    let Bindings { stand, .. } = bindings::make(root, &FOR_TESTS)?;
    let mut maven = Command::new("mvn");
    // Its own progress lines would be thousands; tests print theirs.
    maven.args(["--batch-mode", "--no-transfer-progress", "verify", "--file", "android/pom.xml"]);
    maven.arg(format!("-Dsofttoken.stand={}", stand.display()));
    maven.arg(format!("-Dsofttoken.journeys={}", root.join("tests/journeys").display()));
    Ok(maven)
}

/// Builds and tests the Swift package.
pub fn swift(root: &Path) -> Result<Command> {
    let Bindings { library, stand } = bindings::make(root, &FOR_TESTS)?;
    let library = library.display();
    let mut swift = Command::new(root.join("ios/tools/swift-root.sh"));
    swift.args(["swift", "test", "--package-path", "ios"]);
    // 6.0.3's libswiftObservation names one symbol that nobody has.
    for flag in [format!("-L{library}"), format!("-rpath={library}"), "--allow-shlib-undefined".to_owned()] {
        swift.arg("-Xlinker").arg(flag);
    }
    swift.env("SWIFT_ROOT_BIND", root).env("SWIFT_ROOT_MORE", stand.parent().unwrap_or(root));
    swift.env("SWIFT_ROOT_ENV", "SOFTTOKEN_STAND SOFTTOKEN_JOURNEYS SOFTTOKEN_BENCH SOFTTOKEN_LONG");
    swift.env("SOFTTOKEN_STAND", stand).env("SOFTTOKEN_JOURNEYS", root.join("tests/journeys"));
    Ok(swift)
}

/// The library with a panic on demand.
const FOR_TESTS: [&str; 2] = ["--features", "testing"];
