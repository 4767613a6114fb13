//! Camera frames: flags, width, then luma bytes.

use softtoken_core::qr::{Effort, LumaFrame, scan};

/// Any geometry, any pixels: at most one text twice never, no empty text.
pub fn run(data: &[u8]) {
    let [flags, low, high, luma @ ..] = data else { return };
    let width = u32::from(u16::from_le_bytes([*low, *high]));
    let padding = u32::from(flags >> 4);
    let stride = width + padding;
    let rows = u32::try_from(luma.len()).unwrap_or(u32::MAX) / stride.max(1);
    // One more row than there is must be refused.
    assert!(LumaFrame::new(width, rows + 2, stride, luma).is_err());
    let Ok(frame) = LumaFrame::new(width, rows, stride, luma) else { return };
    let effort = if flags & 1 == 0 { Effort::Quick } else { Effort::Full };
    let seen = scan(&frame, effort);
    let texts: Vec<_> = seen.texts.iter().map(|text| text.as_str()).collect();
    assert!(texts.iter().all(|text| !text.is_empty()), "an empty text");
    for (at, text) in texts.iter().enumerate() {
        assert!(!texts[..at].contains(text), "a text twice");
    }
}
