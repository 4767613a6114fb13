//! `softtoken-bindgen LANGUAGE LIBRARY FOLDER`: writes the bindings of an unstripped library.

use anyhow::{Result, bail};
use camino::Utf8Path;
use softtoken_bindgen::{Language, bindings};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [language, library, folder] = arguments.as_slice() else {
        bail!("usage: softtoken-bindgen kotlin|swift LIBRARY FOLDER");
    };
    bindings(Language::named(language)?, Utf8Path::new(library), Utf8Path::new(folder))
}
