//! `init`: a settings file with comments, keys, database and the first API key.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use minijinja::{Environment, context};
use softtoken_issuer::rest::keys::Role;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Error, Result};

use super::{Init, beside};

pub(super) async fn run(file: &Path, init: &Init) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let text = text(init)?;
    // Checked before anything is written.
    Settings::from_toml(&text, folder)?;
    write_new(file, &text)?;
    let issuer = beside(file).await?;
    let key = issuer.create_api_key("command line", "first key", Role::Admin).await?;
    issuer.store.close().await;
    println!("{}", *key);
    eprintln!("This API key (role ADMIN) is shown once: keep it safe.");
    eprintln!(
        "Settings are in {}. Next: softtoken-issuer doctor, then softtoken-issuer serve.",
        file.display()
    );
    Ok(())
}

fn text(init: &Init) -> Result<String> {
    let quoted = |value: &dyn ToString| toml::Value::String(value.to_string()).to_string();
    let path = |path: &std::path::PathBuf| std::path::absolute(path).map(|path| quoted(&path.display()));
    let values = context! {
        address => quoted(&init.address),
        listen => quoted(&init.listen),
        certificate => init.certificate.as_ref().map(path).transpose()?,
        key => init.key.as_ref().map(path).transpose()?,
        smtp => init.smtp.as_ref().map(|url| quoted(url)),
        from => init.mail_from.as_ref().map(|from| quoted(from)),
    };
    let unusable = |_| Error::Internal("the template of the settings");
    Environment::empty().render_str(TEMPLATE, values).map_err(unusable)
}

/// It may hold the mail server's password: for its owner only. An older file stays.
fn write_new(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut opened =
        options.open(file).map_err(|error| Error::Settings(format!("{}: {error}", file.display())))?;
    Ok(opened.write_all(text.as_bytes())?)
}

const TEMPLATE: &str = include_str!("settings.toml");
