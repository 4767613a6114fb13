//! Files and folders: lengths, the top level, and the README's promise of two commands.

/// Lines of a source file: above `SOFT` it is named, above `HARD` it fails.
const SOFT: usize = 300;
const HARD: usize = 500;
const SOURCES: [&str; 3] = [".rs", ".kt", ".swift"];

const FOLDERS: [&str; 7] = [".cargo", ".ci", "android", "bindings", "core", "ios", "tests"];

const SET_UP: [&str; 2] = ["cargo xtask demo", "cargo xtask test"];

#[test]
fn no_source_file_is_longer_than_the_hard_cap() {
    let is_source = |path: &String| SOURCES.iter().any(|end| path.ends_with(end));
    let mut lengths: Vec<_> = crate::tracked()
        .into_iter()
        .filter(is_source)
        .map(|path| (std::fs::read_to_string(crate::root().join(&path)).unwrap().lines().count(), path))
        .collect();
    lengths.sort();
    for (lines, path) in lengths.iter().filter(|(lines, _)| *lines > SOFT) {
        println!("over {SOFT} lines: {path} has {lines}");
    }
    println!("{} source files, median {} lines", lengths.len(), lengths[lengths.len() / 2].0);
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= HARD, "{path} has {longest} lines; the hard cap is {HARD}");
}

#[test]
fn the_top_level_has_only_the_folders_of_the_layout() {
    let strangers: Vec<_> = crate::tracked()
        .into_iter()
        .filter(|path| path.split_once('/').is_some_and(|(folder, _)| !FOLDERS.contains(&folder)))
        .collect();
    assert!(strangers.is_empty(), "outside the layout: {strangers:?}");
}

#[test]
fn the_readme_sets_up_with_two_commands() {
    let readme = std::fs::read_to_string(crate::root().join("README.md")).unwrap();
    assert_eq!(first_shell_block(&readme), SET_UP);
}

#[test]
fn a_third_command_would_be_seen() {
    let readme = "# t\n```text\na\n```\n```sh\ncargo xtask demo   # why\nmake\n```\n```sh\nlater\n```\n";
    assert_eq!(first_shell_block(readme), ["cargo xtask demo", "make"]);
}

/// The lines that a mobile developer copies are lines that a test runs.
#[test]
fn the_quick_starts_are_what_the_kits_tests_run() {
    let readme = std::fs::read_to_string(crate::root().join("bindings/README.md")).unwrap();
    for (language, test) in [
        ("kotlin", "android/kit/src/test/kotlin/org/softtoken/kit/QuickStartTest.kt"),
        ("swift", "ios/Tests/KitTests/QuickStartTests.swift"),
    ] {
        let test = std::fs::read_to_string(crate::root().join(test)).unwrap();
        let run: Vec<_> = between(&test, "// quick start", "// end of quick start");
        assert!(run.len() > 8, "{language}: {run:?}");
        let code = format!("```{language}");
        let shown = readme.split(&*code).skip(1).map(|block| {
            let lines = block.split("```").next().unwrap().trim().lines();
            lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>()
        });
        assert!(shown.clone().any(|shown| shown == run), "{language}: the page does not show {run:#?}");
    }
}

/// The lines between two markers, without what indents them.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let lines = text.lines().map(str::trim).skip_while(|line| *line != from).skip(1);
    lines.take_while(|line| *line != to).filter(|line| !line.is_empty()).collect()
}

/// The commands of the first `sh` block, without their comments.
fn first_shell_block(text: &str) -> Vec<&str> {
    let block = text.lines().skip_while(|line| *line != "```sh").skip(1).take_while(|line| *line != "```");
    block.map(|line| line.split('#').next().unwrap().trim()).filter(|line| !line.is_empty()).collect()
}
