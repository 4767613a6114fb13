//! Pictures of faces, looked at without a portal.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use softtoken_issuer::{Error, Result};

use super::{Review, beside};

pub(super) async fn run(file: &Path, command: Review) -> Result<()> {
    let issuer = beside(file).await?;
    match command {
        Review::List => {
            for one in issuer.waiting_reviews().await? {
                println!("{}  {}  {}  {}", one.id, one.serial, plain(&one.user), plain(&one.device));
            }
        }
        Review::Picture { id, file, by } => {
            let picture = issuer.review_picture(&by, &id).await?;
            let mut options = OpenOptions::new();
            let mut opened = options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&file)
                .map_err(|error| Error::Settings(format!("{}: {error}", file.display())))?;
            opened.write_all(&picture.bytes)?;
            println!("{}", picture.media_type);
        }
        Review::Approve { id, by } => issuer.decide_review(&by, &id, true).await?,
        Review::Refuse { id, by } => issuer.decide_review(&by, &id, false).await?,
    }
    issuer.store.close().await;
    Ok(())
}

/// Names come from strangers; a terminal must not obey them.
fn plain(text: &str) -> String {
    text.replace(char::is_control, "?")
}
