//! One unlock and 1,000 codes, in a process of its own that has its allocator chosen.
//!
//! The key derivation is the standard one: its 64 MiB are the largest block that is wiped.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use softtoken_core::activation::state::{ActivationInput, ActivationOptions, ActivationSource};
use softtoken_core::testing::Fakes;
use softtoken_core::token::{OpenConfig, SoftToken};
use zeroize::Zeroizing;

/// Works once for each line of standard input and answers with two numbers: nanoseconds of the unlock,
/// and of the codes. So two processes can take turns, and meet the same load of the machine.
pub fn serve() {
    let folder = tempfile::tempdir_in(tmpfs()).expect("a folder");
    let config = OpenConfig { folder: folder.path().to_owned() };
    let token = SoftToken::open(config, Fakes::new(1).hooks()).expect("the vault opens");
    token.set_pin(PIN).expect("a new PIN");
    add(&token, IDENTITIES);
    for _ in std::io::stdin().lock().lines() {
        token.lock().expect("locked");
        let start = Instant::now();
        token.unlock(PIN).expect("the PIN is right");
        let unlocked = start.elapsed().as_nanos();
        let start = Instant::now();
        for _ in 0..CODES / IDENTITIES {
            black_box(token.codes(None).expect("codes"));
        }
        let coded = start.elapsed().as_nanos();
        let mut output = std::io::stdout().lock();
        writeln!(output, "{unlocked} {coded}").and_then(|()| output.flush()).expect("somebody listens");
    }
}

fn add(token: &Arc<SoftToken>, identities: u32) {
    let link =
        |n| format!("otpauth://totp/Bench:user{n}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bench\n");
    let list: String = (0..identities).map(link).collect();
    let source = ActivationSource::Text(Zeroizing::new(list));
    let activation = token.begin_activation(source, ActivationOptions::default()).expect("a list");
    let ticket = activation.step().expect("consent").ticket;
    activation.advance(ticket, ActivationInput::Consent { name: None }).expect("added");
}

fn tmpfs() -> PathBuf {
    let shm = PathBuf::from("/dev/shm");
    if shm.is_dir() { shm } else { std::env::temp_dir() }
}

const PIN: &[u8] = b"7294";
const IDENTITIES: u32 = 10;
const CODES: u32 = 1_000;
