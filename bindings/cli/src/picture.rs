//! Picture files to 8-bit luma: PNG, JPEG and PGM/PPM, within limits, whatever the file claims.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageError, ImageReader, Limits};

/// One grey byte for each pixel, rows without gaps.
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height` bytes, 0 is black.
    pub luma: Vec<u8>,
}

/// Why a file gives no picture.
#[derive(Debug)]
pub enum PictureError {
    /// None of the formats, or a damaged one.
    NotAPicture,
    /// The file, or the picture in it, is larger than the limits.
    TooLarge,
    /// The file cannot be read.
    Unreadable(std::io::Error),
}

/// Reads the picture in `path`. What is transparent becomes white, as on paper.
pub fn load(path: &Path) -> Result<Picture, PictureError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(PictureError::Unreadable)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(PictureError::Unreadable)?;
    if bytes.len() as u64 > MAX_BYTES { Err(PictureError::TooLarge) } else { decode(&bytes) }
}

fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    let reader = || {
        let mut reader = ImageReader::new(Cursor::new(bytes));
        reader.limits(limits());
        reader.with_guessed_format().map_err(PictureError::Unreadable)
    };
    // The header first: a small file may claim a picture that fills the memory.
    let (width, height) = reader()?.into_dimensions().map_err(picture_error)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge);
    }
    let picture = reader()?.decode().map_err(picture_error)?;
    let luma = if picture.color().has_alpha() { on_white(&picture) } else { picture.into_luma8().into_raw() };
    Ok(Picture { width, height, luma })
}

fn on_white(picture: &DynamicImage) -> Vec<u8> {
    let mix = |luma: u8, alpha: u8| {
        let (luma, alpha) = (u32::from(luma), u32::from(alpha));
        let mixed = (luma * alpha + 255 * (255 - alpha) + 127) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    picture.to_luma_alpha8().pixels().map(|pixel| mix(pixel.0[0], pixel.0[1])).collect()
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn picture_error(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::NotAPicture,
    }
}

/// 32 MiB of file.
const MAX_BYTES: u64 = 32 << 20;
/// 64 million pixels: more than any phone's camera gives.
const MAX_PIXELS: u64 = 64 << 20;
/// Memory for decoding: four 16-bit channels of the largest picture.
const MAX_MEMORY: u64 = MAX_PIXELS * 8;

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, ImageFormat, Luma, LumaA, Rgb};

    use super::*;

    fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn grey() -> ImageBuffer<Luma<u8>, Vec<u8>> {
        ImageBuffer::from_fn(16, 8, |x, _| Luma([if x < 8 { 0 } else { 255 }]))
    }

    #[test]
    fn the_three_formats_give_the_same_luma() {
        for format in [ImageFormat::Png, ImageFormat::Pnm] {
            let picture = decode(&file(grey(), format)).unwrap();
            assert_eq!((picture.width, picture.height, picture.luma), (16, 8, grey().into_raw()));
        }
        let lossy = decode(&file(grey(), ImageFormat::Jpeg)).unwrap().luma;
        assert!(lossy[0] < 40 && lossy[15] > 215);
    }

    #[test]
    fn colours_become_grey_and_transparency_white() {
        let colours =
            ImageBuffer::from_fn(2, 1, |x, _| if x == 0 { Rgb([255_u8, 255, 255]) } else { Rgb([0, 0, 0]) });
        assert_eq!(decode(&file(colours, ImageFormat::Png)).unwrap().luma, [255, 0]);
        let clear = ImageBuffer::from_fn(3, 1, |x, _| LumaA([0_u8, [0, 128, 255][x as usize]]));
        assert_eq!(decode(&file(clear, ImageFormat::Png)).unwrap().luma, [255, 127, 0]);
    }

    #[test]
    fn what_is_no_picture_is_named_and_never_panics() {
        let png = file(grey(), ImageFormat::Png);
        for bytes in [
            &b""[..],
            b"P",
            b"otpauth://totp/x",
            b"GIF89a\x01\0\x01\0",
            b"P5\n9 9\n255\n",
            &png[..png.len() / 2],
        ] {
            assert!(matches!(decode(bytes), Err(PictureError::NotAPicture)), "{} bytes", bytes.len());
        }
        for cut in 0..png.len() {
            let _ = decode(&png[..cut]);
        }
    }

    #[test]
    fn a_header_that_claims_too_much_is_refused_before_memory_is_taken() {
        let claimed = b"P5\n60000 60000\n255\n";
        assert!(matches!(decode(claimed), Err(PictureError::TooLarge)));
    }

    #[test]
    fn a_missing_file_says_so() {
        let error = load(Path::new("there-is-no-such-picture.png"));
        assert!(
            matches!(error, Err(PictureError::Unreadable(error)) if error.kind() == std::io::ErrorKind::NotFound)
        );
    }
}
