//! `softtoken-stand`: prints `stand http://127.0.0.1:PORT`, and ends when its standard input does.

use std::io::{Read, Write};

use anyhow::Result;
use softtoken_journeys::stand::Control;

fn main() -> Result<()> {
    let control = Control::open()?;
    let mut output = std::io::stdout();
    writeln!(output, "stand {}", control.url())?;
    output.flush()?;
    std::thread::spawn(move || control.serve());
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}
