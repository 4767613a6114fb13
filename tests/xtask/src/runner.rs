//! Runs a command, shows its output as it comes, and hands every line to whoever counts.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context, Result};

/// Runs `command` without standard input; both of its outputs go to ours line by line.
/// Returns whether it ended well.
pub fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    watch(command, |line| {
        // A closed terminal must not end the run half-way: the exit code still counts.
        let _ = writeln!(std::io::stdout(), "{line}");
        each(line);
    })
}

/// The same, showing nothing.
pub fn watch(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let (sender, lines) = channel();
    let outputs: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|out| Box::new(out) as _),
        child.stderr.take().map(|err| Box::new(err) as _),
    ];
    for output in outputs.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || pump(output, &sender));
    }
    drop(sender);
    for line in lines {
        each(&line);
    }
    Ok(child.wait()?.success())
}

/// Runs `command` quietly and returns its standard output; a failure carries what it said.
pub fn capture(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(
        output.status.success(),
        "{name} failed: {said}{}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    Ok(said)
}

fn pump(output: Box<dyn Read + Send>, lines: &Sender<String>) {
    for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
        if lines.send(text).is_err() {
            return;
        }
    }
}
