//! Frames made here, and a handful of pictures: what is read, in which order, and what is never read.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};
use softtoken_core::qr::{Effort, LumaFrame, QrError, QrText, decoder_is_running, read, read_quick, scan};

/// A grey frame to paint codes on.
struct Scene {
    width: usize,
    luma: Vec<u8>,
}

/// Grey of the dark and the light modules.
struct Ink(u8, u8);

const PRINT: Ink = Ink(20, 235);

impl Scene {
    fn new(width: usize, height: usize, grey: u8) -> Self {
        Self { width, luma: vec![grey; width * height] }
    }

    /// Paints `code` with its quiet zone of 4 modules; `pitch` pixels a module.
    fn paint(mut self, code: &QrCode, left: usize, top: usize, pitch: usize, ink: Ink) -> Self {
        for y in 0..side(code, pitch) {
            for x in 0..side(code, pitch) {
                let module = |pixel: usize| i32::try_from(pixel / pitch).unwrap() - 4;
                let dark = code.get_module(module(x), module(y));
                self.luma[(top + y) * self.width + left + x] = if dark { ink.0 } else { ink.1 };
            }
        }
        self
    }

    fn texts(&self) -> Vec<String> {
        strings(&read(&self.frame()).unwrap_or_default())
    }

    fn frame(&self) -> LumaFrame<'_> {
        let width = u32::try_from(self.width).unwrap();
        let height = u32::try_from(self.luma.len() / self.width).unwrap();
        LumaFrame::new(width, height, width, &self.luma).ok().unwrap()
    }
}

fn side(code: &QrCode, pitch: usize) -> usize {
    (usize::try_from(code.size()).unwrap() + 8) * pitch
}

fn code(text: &str) -> QrCode {
    QrCode::encode_text(text, QrCodeEcc::Medium).unwrap()
}

fn strings(texts: &[QrText]) -> Vec<String> {
    texts.iter().map(|text| text.as_str().to_owned()).collect()
}

/// A link of `length` characters that no two neighbours share.
fn link(length: usize) -> String {
    "softtoken://activate?p="
        .chars()
        .chain((0..).map(|i: u32| char::from(b'A' + (i * i % 26) as u8)))
        .take(length)
        .collect()
}

#[test]
fn several_codes_in_one_frame_are_told_in_reading_order_and_once() {
    let scene = Scene::new(1000, 700, 235)
        .paint(&code(&link(80)), 130, 400, 4, PRINT)
        .paint(&code(&link(90)), 520, 20, 5, PRINT)
        .paint(&code(&link(100)), 30, 60, 5, PRINT)
        .paint(&code(&link(80)), 660, 420, 4, PRINT);
    assert_eq!(scene.texts(), [link(100), link(90), link(80)]);
}

#[test]
fn a_sheet_of_six_codes_is_read_whole() {
    for pitch in [3, 4, 5] {
        let texts: Vec<String> = (0..6).map(|number| link(150 + 7 * number)).collect();
        let place = |number: usize| (number % 3 * 420, number / 3 * 430);
        let sheet = texts.iter().enumerate().fold(Scene::new(1300, 900, 235), |sheet, (number, text)| {
            sheet.paint(&code(text), place(number).0, place(number).1, pitch, PRINT)
        });
        assert_eq!(sheet.texts(), texts, "{pitch} pixels a module");
    }
}

#[test]
fn light_modules_on_dark_ground_are_read() {
    let scene = Scene::new(320, 320, 30).paint(&code(&link(60)), 30, 30, 5, Ink(220, 30));
    assert_eq!(scene.texts(), [link(60)]);
}

#[test]
fn a_code_of_one_or_two_pixels_a_module_fills_its_whole_picture() {
    for pitch in [1, 2] {
        let code = code("otpauth://totp/a?secret=MFRGG");
        let side = side(&code, pitch);
        let scene = Scene::new(side, side, 235).paint(&code, 0, 0, pitch, Ink(0, 255));
        assert_eq!(scene.texts(), ["otpauth://totp/a?secret=MFRGG"], "{pitch} pixels a module");
    }
}

#[test]
fn a_code_of_little_contrast_is_read() {
    let scene = Scene::new(320, 320, 140).paint(&code(&link(60)), 40, 40, 5, Ink(115, 140));
    assert_eq!(scene.texts(), [link(60)]);
}

#[test]
fn an_activation_link_of_180_bytes_in_version_10_is_read_by_both_efforts() {
    let segments = [QrSegment::make_bytes(link(180).as_bytes())];
    let version = Version::new(10);
    let code = QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, version, version, None, false)
        .unwrap();
    let scene = Scene::new(640, 480, 235).paint(&code, 200, 100, 4, PRINT);
    assert_eq!(scene.texts(), [link(180)]);
    assert_eq!(strings(&read_quick(&scene.frame()).unwrap()), [link(180)]);
}

#[test]
fn a_link_of_350_bytes_is_read() {
    let scene = Scene::new(480, 480, 235).paint(&code(&link(350)), 50, 50, 4, PRINT);
    assert_eq!(scene.texts(), [link(350)]);
}

#[test]
fn a_small_code_in_a_photograph_of_many_pixels_is_read_at_its_full_size() {
    let scene = Scene::new(4000, 3000, 200).paint(&code(&link(60)), 2001, 1501, 2, PRINT);
    assert_eq!(scene.texts(), [link(60)]);
}

#[test]
fn bytes_between_the_rows_are_not_looked_at() {
    let (width, stride) = (300_usize, 317_usize);
    let scene = Scene::new(width, 300, 235).paint(&code(&link(40)), 20, 20, 5, PRINT);
    let mut luma: Vec<u8> = Vec::new();
    for (y, row) in scene.luma.chunks(width).enumerate() {
        luma.extend_from_slice(row);
        luma.extend((width..stride).map(|x| if (x + y) % 2 == 0 { 0 } else { 255 }));
    }
    luma.truncate(stride * 299 + width);
    let frame = LumaFrame::new(300, 300, 317, &luma).ok().unwrap();
    assert_eq!(strings(&read(&frame).unwrap()), [link(40)]);
}

#[test]
fn a_code_that_says_nothing_is_no_finding() {
    let scene = Scene::new(200, 200, 235).paint(&code(""), 10, 10, 5, PRINT);
    assert!(scene.texts().is_empty());
}

#[test]
fn a_code_damaged_beyond_its_error_correction_gives_no_text() {
    let mut scene = Scene::new(320, 320, 235).paint(&code(&link(100)), 20, 20, 5, PRINT);
    for row in scene.luma.chunks_mut(320).skip(100).take(70) {
        row[70..210].fill(20);
    }
    assert!(scene.texts().is_empty());
}

#[test]
fn the_pictures_of_others_are_read() {
    let texts = |name: &str| open(name, |frame| strings(&read(&frame).unwrap()));
    assert_eq!(texts("tiny.png"), ["Morden"]);
    assert_eq!(texts("card.png"), ["MECARD:N:Sean Owen;TEL:+12125658770;EMAIL:srowen@google.com;;"]);
    let graffiti = "http://arnaud.sahuguet.com/graffiti/test.php?ll=-74.00309961503218,40.74102573163046,0";
    assert_eq!(texts("photo.png"), [graffiti]);
    assert!(texts("no-code.png").is_empty());
}

#[test]
fn the_bytes_of_a_text_in_another_charset_can_be_had_back() {
    let text = open("shift-jis.png", |frame| strings(&read(&frame).unwrap())).remove(0);
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let japanese = encoding_rs::SHIFT_JIS.decode(&bytes).0;
    assert_eq!(japanese.trim_end(), "Google \u{30e2}\u{30d0}\u{30a4}\u{30eb}\r\nhttp://google.jp");
}

/// Also holds that the fence is still needed: a decoder that no longer panics here makes this fail.
#[test]
fn a_picture_over_which_the_decoder_panics_is_survived_and_counted() {
    static FLAGGED: AtomicU32 = AtomicU32::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match decoder_is_running() {
        true => _ = FLAGGED.fetch_add(1, Ordering::Relaxed),
        false => before(info),
    }));
    open("decoder-panics.png", |frame| {
        let found = scan(&frame, Effort::Full);
        assert!(found.decoder_panics > 0);
        assert_eq!(found.texts.is_empty(), read(&frame).err() == Some(QrError::DecoderPanicked));
    });
    assert!(FLAGGED.load(Ordering::Relaxed) > 0);
    assert!(!decoder_is_running());
}

/// Noise is full of false corners: without counted steps the decoder searches such frames for minutes.
#[test]
fn a_frame_of_noise_ends_and_gives_nothing() {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    let luma: Vec<u8> = (0..1280 * 720).map(|_| next()).collect();
    let frame = LumaFrame::new(1280, 720, 1280, &luma).ok().unwrap();
    assert!(scan(&frame, Effort::Full).texts.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic_and_never_give_a_text(
        (width, height) in (1_u32..100, 1_u32..100),
        padding in 0_u32..5,
        bytes in prop::collection::vec(any::<u8>(), 0..12_000),
        coarse in any::<bool>(),
    ) {
        let bytes: Vec<u8> = if coarse { bytes.iter().map(|byte| byte / 128 * 255).collect() } else { bytes };
        if let Ok(frame) = LumaFrame::new(width, height, width + padding, &bytes) {
            prop_assert!(scan(&frame, Effort::Full).texts.is_empty());
        }
    }
}

fn open<T>(name: &str, look: impl FnOnce(LumaFrame<'_>) -> T) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/pictures").join(name);
    let picture = image::open(path).unwrap().to_luma8();
    let (width, height) = picture.dimensions();
    look(LumaFrame::new(width, height, width, &picture).ok().unwrap())
}
