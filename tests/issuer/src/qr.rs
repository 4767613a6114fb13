//! QR codes as PNG pictures, black on white with the quiet zone that readers need.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::error::{Error, Result};

/// A PNG of `text`, 8 pixels for each module.
pub fn png(text: &str) -> Result<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_| Error::Internal("text too long for a QR code"))?;
    let modules = code.size() + 2 * QUIET;
    let side = u32::try_from(modules * SCALE).map_err(|_| Error::Internal("size of a QR code"))?;
    let mut pixels = Vec::new();
    for y in 0..modules * SCALE {
        for x in 0..modules * SCALE {
            let dark = code.get_module(x / SCALE - QUIET, y / SCALE - QUIET);
            pixels.push(if dark { 0 } else { 255 });
        }
    }
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let unusable = |_| Error::Internal("a QR code could not be drawn");
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).map_err(unusable)?;
    Ok(picture)
}

const QUIET: i32 = 4;
const SCALE: i32 = 8;
