//! What an unlock costs beside its key derivation: the durable writes that the order of a try demands, in
//! multiples of one fdatasync of the same disk in the same run.

use std::fs::OpenOptions;
use std::io::{Seek, Write};
use std::path::Path;

use crate::measure::{human, nanoseconds};
use crate::token::{Fixture, PIN};

/// Prints it. The vault lies beside the bench's own program, which is on a disk and not in memory.
pub fn print() {
    let disk = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
    let disk = disk.expect("the bench has a folder");
    let sync = fdatasync(&disk);
    let vault = Fixture::in_folder(&disk, 5, |_, hooks| hooks);
    let token = vault.start();
    let unlock = nanoseconds(1, || {
        token.unlock(PIN).expect("the PIN is right");
        token.lock().expect("lock")
    });
    token.unlock(PIN).expect("the PIN is right");
    let code = nanoseconds(10, || token.codes(None).expect("codes").codes.len());
    println!(
        "unlock and lock without the key derivation: {} on disk, {:.1} times one fdatasync ({}) of the same disk; \
         its two commits and the lock's sync 4 times each; all codes of 5 identities {} (target <= 2 ms for one)",
        human(unlock),
        unlock / sync,
        human(sync),
        human(code),
    );
}

/// One small write and its fdatasync.
fn fdatasync(folder: &Path) -> f64 {
    let path = folder.join("bench-fdatasync");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path).expect("a file");
    file.write_all(&[1; 65_536]).and_then(|()| file.sync_all()).expect("a disk");
    let took = nanoseconds(1, || {
        file.rewind().and_then(|()| file.write_all(&[2; 4096])).expect("a disk");
        file.sync_data().expect("a disk");
    });
    std::fs::remove_file(path).expect("our file");
    took
}
