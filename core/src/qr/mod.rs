//! QR codes: a luma frame in, texts out.
//!
//! One function stands in front of the decoder crate ([`read`], and [`read_quick`] for camera frames;
//! [`scan`] also counts decoder panics), so the decoder can be replaced without touching a caller. Nothing
//! here opens files, decodes pictures or keeps a frame.
//!
//! Invariants: a text is returned only after Reed-Solomon accepted it, never empty, never twice; work is
//! bounded by counted steps, not by time, so one frame gives one answer on every machine; a panic of the
//! decoder never leaves this module.
//!
//! **Panics and the panic hook.** The decoder crate asserts on odd pictures. The panic is caught, but the
//! process-wide hook runs first and by default prints a line (numbers and source positions, no text of a
//! code). A library must not replace that hook; the program that owns the process may, and asks
//! [`decoder_is_running`]:
//! ```
//! let before = std::panic::take_hook();
//! std::panic::set_hook(Box::new(move |info| {
//!     if !softtoken_core::qr::decoder_is_running() {
//!         before(info);
//!     }
//! }));
//! ```
//!
//! **Limits of the decoder** (`rqrr`): no Micro QR, no structured append, no FNC1; ECI marks are ignored.

mod decoder;
mod frame;
mod gray;
mod ladder;
mod text;

pub use decoder::decoder_is_running;
pub use frame::{LumaFrame, MAX_PIXELS, MAX_SIDE};
pub use text::QrText;

/// Why a frame gives no texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// The width or the height is zero.
    #[error("the frame is empty")]
    Empty,
    /// More than [`MAX_PIXELS`] pixels, or a side longer than [`MAX_SIDE`].
    #[error("the frame is too large")]
    TooLarge,
    /// The stride is shorter than a row, or rows at that stride have no address.
    #[error("the stride does not fit the frame")]
    BadStride,
    /// Fewer bytes than the rows need.
    #[error("the frame is truncated")]
    Truncated,
    /// Nothing was read, and the decoder panicked on the way: log `LogEvent::QrDecoderPanicked` and treat
    /// the frame as one without a code.
    #[error("the QR decoder failed")]
    DecoderPanicked,
}

/// How much work a frame is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A camera frame: another follows at once, so only the attempts that read most per millisecond.
    Quick,
    /// A picture: every attempt that has been seen to read what the others do not.
    Full,
}

/// What [`scan`] found.
pub struct Scan {
    /// The texts in reading order, each once; empty when no code was read.
    pub texts: Vec<QrText>,
    /// Attempts in which the decoder panicked; the others ran all the same.
    pub decoder_panics: u32,
}

/// Reads a picture with [`Effort::Full`]: the texts in reading order, the top left code first. No code is an
/// empty list, not an error.
///
/// All codes of a sheet are looked for, but a picture with several may still give some of them only.
pub fn read(frame: &LumaFrame<'_>) -> Result<Vec<QrText>, QrError> {
    texts(scan(frame, Effort::Full))
}

/// Reads a camera frame with [`Effort::Quick`]: ends with the first code or codes that are read, and does not
/// try light codes on dark ground. Otherwise like [`read`].
pub fn read_quick(frame: &LumaFrame<'_>) -> Result<Vec<QrText>, QrError> {
    texts(scan(frame, Effort::Quick))
}

/// Like [`read`], never fails, and tells of decoder panics even when a text was read after them.
pub fn scan(frame: &LumaFrame<'_>, effort: Effort) -> Scan {
    ladder::climb(frame, effort, decoder::decode)
}

fn texts(scan: Scan) -> Result<Vec<QrText>, QrError> {
    match scan {
        Scan { texts, decoder_panics } if texts.is_empty() && decoder_panics > 0 => {
            Err(QrError::DecoderPanicked)
        }
        Scan { texts, .. } => Ok(texts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use decoder::Outcome;

    const FRAME: [u8; 64] = [200; 64];

    fn seen(text: &[u8]) -> Outcome {
        let code = text::Found::new(text.to_vec().into(), [(0, 0); 4]);
        Outcome::Seen { codes: vec![code], unread: 0 }
    }

    #[test]
    fn a_decoder_panic_becomes_a_typed_outcome_and_stops_no_later_attempt() {
        let frame = LumaFrame::new(8, 8, 8, &FRAME).ok().unwrap();
        let mut calls = 0_u32;
        let scan = ladder::climb(&frame, Effort::Full, |_| {
            calls += 1;
            decoder::guarded(|| std::panic::resume_unwind(Box::new("as the decoder would")))
        });
        assert!(calls > 1);
        assert_eq!(scan.decoder_panics, calls);
        assert_eq!(texts(scan).err(), Some(QrError::DecoderPanicked));
        assert!(!decoder_is_running());
    }

    #[test]
    fn a_text_read_after_a_panic_is_returned_and_the_panic_still_counted() {
        let frame = LumaFrame::new(8, 8, 8, &FRAME).ok().unwrap();
        let mut first = true;
        let scan = ladder::climb(&frame, Effort::Quick, |_| {
            if std::mem::take(&mut first) {
                return decoder::guarded(|| std::panic::resume_unwind(Box::new("as the decoder would")));
            }
            decoder::guarded(|| seen(b"otpauth://x"))
        });
        assert_eq!(scan.decoder_panics, 1);
        assert_eq!(scan.texts.first().map(QrText::as_str), Some("otpauth://x"));
    }

    #[test]
    fn a_panic_hook_can_ask_while_the_decoder_runs_and_only_then() {
        let outcome = decoder::guarded(|| {
            assert!(decoder_is_running());
            seen(b"x")
        });
        assert!(matches!(outcome, Outcome::Seen { codes, .. } if codes.len() == 1));
        assert!(!decoder_is_running());
    }
}
