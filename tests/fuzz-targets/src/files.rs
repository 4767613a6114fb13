//! Files of issuers, of other apps, and our own backup.

use sha2::{Digest, Sha256};
use softtoken_core::transfer::backup::{SealedBackup, looks_like};
use softtoken_core::transfer::pskc::{Needs, PskcFile};
use zeroize::Zeroizing;

use crate::doors::check_offers;

/// A PSKC file, opened where that is quick.
pub fn pskc(data: &[u8]) {
    let Ok(xml) = std::str::from_utf8(data) else { return };
    let Ok(file) = PskcFile::parse(xml) else { return };
    let secret: Option<&[u8]> = match file.needs() {
        Needs::Nothing => None,
        Needs::PreSharedKey => Some(b"12345678901234567890123456789012"),
        // Ten million rounds are allowed; they are slow, and say nothing more.
        Needs::Password if has_few_rounds(xml) => Some(b"qwerty"),
        Needs::Password => return,
    };
    if let Ok(offers) = file.open(secret) {
        check_offers(&offers);
    }
}

/// Whether each count of rounds is written plainly with at most four digits.
fn has_few_rounds(xml: &str) -> bool {
    let counts =
        xml.split("IterationCount").skip(1).filter(|rest| !rest.starts_with("></") && rest.len() > 1);
    let short = |rest: &str| {
        let number = rest.trim_start_matches('>').split('<').next().unwrap_or_default();
        rest.starts_with(['>', '<', '/']) && number.len() <= 4
    };
    counts.into_iter().all(short)
}

/// A backup file as it is, and with a digest that fits.
pub fn backup(data: &[u8]) {
    read_backup(data);
    let Some((content, _)) = data.split_last_chunk::<32>() else { return };
    read_backup(&[content, &Sha256::digest(content)].concat());
}

fn read_backup(bytes: &[u8]) {
    let looks = looks_like(bytes);
    let Ok(file) = SealedBackup::parse(Zeroizing::new(bytes.to_vec())) else { return };
    assert!(looks, "read, but it does not look like a backup");
    // A gigabyte of memory is allowed; it is slow, and says nothing more. Offset 10 is the head's KiB.
    let small = bytes.get(10..14).is_some_and(|kib| kib[..3] == [0; 3]);
    let few = bytes.get(14..18).is_some_and(|passes| passes[..3] == [0; 3] && passes[3] < 4);
    if small && few {
        let _ = file.open("correct horse battery staple".as_bytes());
    }
}
