//! One file for each group of commands.

mod activation;
mod add;
mod backup;
mod codes;
mod contact;
mod doctor;
mod identities;
mod import;
mod log;
mod mails;
mod pending;
mod pictures;
mod unlock;
mod vault;
mod watch;

use clap_complete::Shell;
use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::error::Feature;

use crate::answer::Answer;
use crate::args::{Command, help};
use crate::context::Context;
use crate::device_key_desktop::SUPPORTED;
use crate::device_keys::Home;
use crate::failure::Failure;

/// Carries out one command.
pub fn run(context: &mut Context, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Init { keyring: true } if !SUPPORTED => Err(later(Feature::KeyStore)),
        Command::Init { keyring } => vault::init(context, if keyring { Home::KeyStore } else { Home::Files }),
        Command::Status => vault::status(context),
        Command::ChangePin(new) => vault::change_pin(context, new.new_pin_file.as_deref()),
        Command::Add(args) => add::add(context, *args),
        Command::Import(args) => import::import(context, &args),
        Command::Complete(named) => pending::complete(context, &named.name),
        Command::Abandon(named) => pending::abandon(context, &named.name),
        Command::Resume(args) => pending::resume(context, &args),
        Command::List => identities::list(context),
        Command::Rename { name, new } => identities::rename(context, &name, new),
        Command::Move { name, position } => identities::move_to(context, &name, position),
        Command::Remove { name, yes } => identities::remove(context, &name, yes),
        Command::Policy { name } => identities::policy(context, name.as_deref()),
        Command::Codes { name, at } => codes::codes(context, name.as_deref(), at),
        Command::Next(named) => codes::next(context, &named.name),
        Command::Respond { name, challenge, at, otp_pin_file } => {
            codes::respond(context, &name, &challenge, at, otp_pin_file.as_deref())
        }
        Command::Resync(named) => codes::resync(context, &named.name),
        Command::Watch { plain } => watch::watch(context, plain),
        Command::Doctor { address } => doctor::doctor(context, address.as_deref()),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Unlock { code, new_pin } => unlock::unlock(context, &code, new_pin.new_pin_file.as_deref()),
        Command::ForgotPin { yes } => unlock::forgot_pin(context, yes),
        Command::Backup(args) => backup::backup(context, &args),
        Command::Restore(args) => backup::restore(context, args),
        Command::Log => log::log(context),
    }
}

fn later(feature: Feature) -> Failure {
    TokenError::NotYet { feature }.into()
}

fn completions(shell: Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::parser(), "softtoken", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Answer::new(json!({"ok": true, "script": script}), script)
}
