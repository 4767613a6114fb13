//! `backup` and `restore`: one encrypted file, proven before "done" is said.

use std::path::Path;

use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::error::Needed;
use softtoken_core::token::{LeftOutReason, LeftOutView};
use zeroize::Zeroizing;

use super::import;
use crate::answer::Answer;
use crate::args::{BackupFile, ImportArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::private_folder;
use crate::texts::printable;

/// Writes all identities into one file. The core opens it again and compares before it is written.
pub fn backup(context: &mut Context, args: &BackupFile) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let password = password(context, args.password_file.as_deref())?;
    let made = token.export_backup(&password)?;
    private_folder::replace(&args.file, &made.bytes)
        .map_err(|error| Failure::file(&args.file, error.into()))?;
    let left_out: Vec<_> = made
        .left_out
        .iter()
        .map(|one| json!({"id": one.id.to_hex(), "name": one.name, "reason": one.reason.name()}))
        .collect();
    let mut text = format!(
        "{} identities are in {}. It was restored into memory and compared: nothing is missing.",
        made.identities,
        printable(&args.file.to_string_lossy())
    );
    made.left_out.iter().for_each(|one| text.push_str(&format!("\n! {}", left_out_sentence(one))));
    Ok(Answer::new(json!({"ok": true, "identities": made.identities, "left_out": left_out}), text))
}

/// Adds what is in the file to the vault. Nothing is overwritten: a taken name gets a free one beside it.
pub fn restore(context: &mut Context, args: BackupFile) -> Result<Answer, Failure> {
    // To name file and password is to agree; every identity that comes in is listed afterwards.
    let args = ImportArgs { files: vec![args.file], password_file: args.password_file, yes: true };
    import::import(context, &args)
}

/// From a file, else asked twice: a mistyped password would make the backup worthless.
fn password(context: &mut Context, file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if let Some(file) = file {
        return context.secrets.file(file);
    }
    let none = || Failure::needs(Needed::Password);
    if !context.ask.is_person() {
        return Err(none());
    }
    let first = context.ask.secret("Password of the backup (at least 8 characters): ").ok_or_else(none)?;
    let second = context.ask.secret("The same password again: ").ok_or_else(none)?;
    if *first != *second {
        return Err(Failure::from(TokenError::WrongPassword { tries_left: None })
            .saying("The two passwords differ. Nothing was written.".to_owned()));
    }
    Ok(Zeroizing::new(first.as_bytes().to_vec()))
}

fn left_out_sentence(one: &LeftOutView) -> String {
    let why = match one.reason {
        LeftOutReason::Forbidden => "its issuer forbids backups",
        LeftOutReason::Pending => "it is pending, and an activation belongs to one device",
        LeftOutReason::NeedsUnlockCode => "it waits for its unlock code",
        LeftOutReason::NotRestorable => "a restore would refuse it",
    };
    format!("{} is not in it: {why}.", printable(&one.name))
}
