//! From the built library to Kotlin and Swift, and from these to the golden texts of the public surface.
//!
//! The library must not be stripped: the generator reads its symbols. Nothing here is shipped.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

mod mend;
mod surface;

pub use surface::surface;

/// A language that bindings are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `org/softtoken/softtoken.kt`.
    Kotlin,
    /// `SoftToken.swift`, `SoftTokenFFI.h`, `SoftTokenFFI.modulemap`.
    Swift,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Kotlin, Self::Swift];

    /// By its name, in lower case.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "kotlin" => Ok(Self::Kotlin),
            "swift" => Ok(Self::Swift),
            other => bail!("no such language: {other} (kotlin and swift there are)"),
        }
    }

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }

    /// Where the generated source is, under the folder given to [`bindings`].
    pub fn source(self) -> &'static str {
        match self {
            Self::Kotlin => "org/softtoken/softtoken.kt",
            Self::Swift => "SoftToken.swift",
        }
    }
}

/// Writes the bindings of `library` (a cdylib with its symbols) under `folder`, as `uniffi.toml` says.
pub fn bindings(language: Language, library: &Utf8Path, folder: &Utf8Path) -> Result<()> {
    generate(GenerateOptions {
        languages: vec![match language {
            Language::Kotlin => TargetLanguage::Kotlin,
            Language::Swift => TargetLanguage::Swift,
        }],
        source: library.to_owned(),
        out_dir: folder.to_owned(),
        config_override: Some(Utf8PathBuf::from(CONFIG)),
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })?;
    let source = folder.join(language.source());
    // A wrong key in the configuration is ignored by the generator; the name of the file gives it away.
    if !source.exists() {
        bail!("{source} was not written: {CONFIG} or {library} is not what it should be");
    }
    Ok(std::fs::write(&source, mend::mend(language, std::fs::read_to_string(&source)?)?)?)
}

/// The public surface of freshly generated bindings.
pub fn surface_of(language: Language, library: &Utf8Path, folder: &Utf8Path) -> Result<String> {
    bindings(language, library, folder)?;
    let source = folder.join(language.source());
    let source = std::fs::read_to_string(&source).with_context(|| format!("cannot read {source}"))?;
    Ok(surface(language, &source))
}

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../uniffi.toml");
