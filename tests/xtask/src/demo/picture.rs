//! A text as a QR code in a PNG file, as an issuer's mail would show it.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of one module, and modules of white around the code (ISO/IEC 18004 asks for four).
const SCALE: usize = 6;
const MARGIN: i32 = 4;
const BLACK: u8 = 0;
const WHITE: u8 = 255;

/// A path as an argument.
pub fn path(path: &Path) -> Result<&str> {
    path.to_str().context("the folder's name is not text")
}

/// Draws `text` and writes it to `file`.
pub fn write(text: &str, file: &Path) -> Result<()> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).context("the text is too long for a QR code")?;
    let modules = || -MARGIN..code.size() + MARGIN;
    let mut pixels = Vec::new();
    for y in modules() {
        let shade = |x| if code.get_module(x, y) { BLACK } else { WHITE };
        let row: Vec<u8> = modules().flat_map(|x| [shade(x); SCALE]).collect();
        pixels.extend(row.repeat(SCALE));
    }
    let side = u32::try_from(modules().count() * SCALE)?;
    let mut encoder = png::Encoder::new(File::create(file)?, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}
