//! The facade's verbs on pictures: from luma to an activation. The text of a QR code never leaves the core.

use std::sync::Arc;

use super::{Activation, SoftToken};
use crate::TokenError;
use crate::activation::state::{ActivationOptions, ActivationSource};
use crate::ports::{LogEvent, LogLevel};
use crate::qr::{self, Effort, LumaFrame};

/// What was seen in a picture or camera frame.
pub enum ScanResult {
    /// No QR code.
    Nothing,
    /// Several different texts, and none was picked.
    Several {
        /// How many.
        count: u32,
    },
    /// An activation began with the text, which never leaves the core.
    Started(Activation),
}

impl SoftToken {
    /// Looks for QR codes in one frame of a running camera (8-bit luma, `stride` bytes a line) and starts
    /// an activation from the one there is, or from the one that `pick` names (from 0 in reading order).
    /// Made for many frames a second: a hard frame is left to the next one.
    ///
    /// # Errors
    /// Those of [`begin_activation`](Self::begin_activation).
    pub fn scan_frame(
        self: &Arc<Self>,
        frame: &LumaFrame<'_>,
        pick: Option<u32>,
        options: ActivationOptions,
    ) -> Result<ScanResult, TokenError> {
        self.scan(frame, Effort::Quick, pick, options)
    }

    /// The same for a single picture, with every attempt the decoder knows.
    pub fn scan_picture(
        self: &Arc<Self>,
        picture: &LumaFrame<'_>,
        pick: Option<u32>,
        options: ActivationOptions,
    ) -> Result<ScanResult, TokenError> {
        self.scan(picture, Effort::Full, pick, options)
    }

    fn scan(
        self: &Arc<Self>,
        frame: &LumaFrame<'_>,
        effort: Effort,
        pick: Option<u32>,
        options: ActivationOptions,
    ) -> Result<ScanResult, TokenError> {
        let scan = qr::scan(frame, effort);
        if scan.decoder_panics > 0 {
            self.log(LogLevel::Warning, LogEvent::QrDecoderPanicked);
        }
        let count = u32::try_from(scan.texts.len()).unwrap_or(u32::MAX);
        let chosen = match (count, pick) {
            (0, _) => return Ok(ScanResult::Nothing),
            (1, None) => 0,
            (_, None) => return Ok(ScanResult::Several { count }),
            (_, Some(pick)) => usize::try_from(pick).unwrap_or(usize::MAX),
        };
        match scan.texts.into_iter().nth(chosen) {
            None => Ok(ScanResult::Several { count }),
            Some(text) => self
                .begin_activation(ActivationSource::Text(text.into_string()), options)
                .map(ScanResult::Started),
        }
    }
}
