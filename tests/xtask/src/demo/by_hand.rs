//! After the parts: everything stays up, with an activation to play with.

use anyhow::Result;

use super::{Stage, picture};

/// Shows how to go on by hand, until Enter.
pub fn stay(stage: &Stage) -> Result<()> {
    let provider = stage.provider()?;
    let mail = provider.order("eve")?;
    let folder = stage.folder.join("eve");
    std::fs::create_dir_all(&folder)?;
    let (program, folder) = (picture::path(&stage.program)?, picture::path(&folder)?);
    println!("\nThe issuer and its mail server stay up. In another terminal:\n");
    println!("  alias softtoken='{program} --vault {folder}/vault --keys {folder}/keys'");
    println!("  softtoken init && softtoken add -        then paste the link from this mail");
    println!("  softtoken watch\n");
    for line in mail.text()?.lines() {
        println!("    {line}");
    }
    println!("\nEnter ends it.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}
