//! The black-box QR pictures of the ZXing project, when they lie beside the repository.
//!
//! Of 179 pictures with an expected text at least 165 are read, none with another text, and nothing is read
//! in the 47 pictures without a code. Texts are compared after charset normalisation: the core gives UTF-8 or
//! else ISO-8859-1, the expectations also know Shift_JIS and GB 18030.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use softtoken_core::qr::{Effort, LumaFrame, QrText, decoder_is_running, scan};

/// The ZXing project expects "photograph" here; the code says "photography" in every rendering that reads it,
/// and error correction cannot lengthen a text by a letter in its middle.
const EXPECTED_OTHERWISE: (&str, &str, &str) =
    ("qrcode-2/13.png", "aerial photograph ", "aerial photography ");

struct Case {
    name: String,
    width: u32,
    height: u32,
    luma: Vec<u8>,
    expected: Option<String>,
}

struct Seen {
    texts: Vec<QrText>,
    panics: u32,
    took: Duration,
}

#[test]
fn pictures_of_the_zxing_project_are_read_and_never_misread() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/qr/zxing");
    if !root.is_dir() {
        eprintln!(
            "skipped: qr-pictures: the 226 pictures of the ZXing project are not beside the repository"
        );
        return;
    }
    silence_caught_panics();
    let cases: Vec<Case> = pictures_below(&root).iter().map(|path| load(&root, path)).collect();
    let seen = read_on_two_threads(&cases);

    let (mut read, mut misread, mut false_finds, mut missed) = (0, Vec::new(), Vec::new(), Vec::new());
    for (case, seen) in cases.iter().zip(&seen) {
        match &case.expected {
            None if seen.texts.is_empty() => {}
            None => false_finds.push(&case.name),
            Some(_) if seen.texts.is_empty() => missed.push(&case.name),
            Some(expected) if seen.texts.iter().any(|text| says(text.as_str(), expected)) => read += 1,
            Some(_) => misread.push(&case.name),
        }
    }
    let with_text = cases.iter().filter(|case| case.expected.is_some()).count();
    let panics: u32 = seen.iter().map(|one| one.panics).sum();
    let hit = seen.iter().zip(&cases).filter(|(one, _)| !one.texts.is_empty());
    eprintln!(
        "qr_pictures: {read} of {with_text} read ({}%), {panics} decoder panics",
        read * 100 / with_text
    );
    eprintln!(
        "qr_pictures: median {:?} a picture, {:?} a picture that is read",
        median(seen.iter()),
        median(hit.map(|(one, _)| one))
    );
    let panicked = seen.iter().zip(&cases).filter(|(one, _)| one.panics > 0);
    eprintln!("qr_pictures: panics in {:?}", panicked.map(|(_, case)| &case.name).collect::<Vec<_>>());
    eprintln!("qr_pictures: not read: {missed:?}");
    assert_eq!((with_text, cases.len() - with_text), (179, 47));
    assert!(misread.is_empty(), "another text was read in {misread:?}");
    assert!(false_finds.is_empty(), "a text was read in {false_finds:?}");
    assert!(read >= 165, "{read} of {with_text} pictures were read");
}

/// As a program that owns its process may: the panics of the decoder are caught and counted.
fn silence_caught_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !decoder_is_running() {
            before(info);
        }
    }));
}

fn read_on_two_threads(cases: &[Case]) -> Vec<Seen> {
    let (front, back) = cases.split_at(cases.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| front.iter().map(look).collect::<Vec<_>>());
        let back: Vec<Seen> = back.iter().map(look).collect();
        let mut all = other.join().unwrap();
        all.extend(back);
        all
    })
}

#[expect(clippy::disallowed_methods, reason = "a test may measure")]
fn look(case: &Case) -> Seen {
    let frame = LumaFrame::new(case.width, case.height, case.width, &case.luma).ok().unwrap();
    let start = Instant::now();
    let found = scan(&frame, Effort::Full);
    Seen { texts: found.texts, panics: found.decoder_panics, took: start.elapsed() }
}

fn median<'a>(seen: impl Iterator<Item = &'a Seen>) -> Duration {
    let mut times: Vec<Duration> = seen.map(|one| one.took).collect();
    times.sort();
    times[times.len() / 2]
}

fn says(text: &str, expected: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    let expected = lines(expected);
    // ISO-8859-1 has one character for each byte, so the bytes can be had back.
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let decoded = |charset: &'static encoding_rs::Encoding| {
        bytes.as_ref().is_some_and(|bytes| lines(&charset.decode(bytes).0) == expected)
    };
    lines(text) == expected || decoded(encoding_rs::SHIFT_JIS) || decoded(encoding_rs::GB18030)
}

fn load(root: &Path, path: &Path) -> Case {
    let picture = image::open(path).unwrap().to_luma_alpha8();
    let (width, height) = picture.dimensions();
    let luma = picture.pixels().map(|pixel| on_white(pixel.0)).collect();
    let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    let mut expected = std::fs::read_to_string(path.with_extension("txt")).ok();
    if name == EXPECTED_OTHERWISE.0 {
        expected = expected.map(|text| text.replace(EXPECTED_OTHERWISE.1, EXPECTED_OTHERWISE.2));
    }
    Case { name, width, height, luma, expected }
}

fn on_white([luma, alpha]: [u8; 2]) -> u8 {
    let (luma, alpha) = (u32::from(luma), u32::from(alpha));
    u8::try_from((luma * alpha + 255 * (255 - alpha)) / 255).unwrap()
}

fn pictures_below(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut pictures: Vec<PathBuf> = entries(root).iter().flat_map(|set| entries(set)).collect();
    pictures.retain(|path| path.extension().is_some_and(|ending| ending == "png"));
    pictures.sort();
    pictures
}
