//! Compares a secret with one wrong input, for callgrind; see `softtoken_memory::compare`.

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, case, place, folder] = arguments.as_slice() else { panic!("a case, a place and a folder") };
    softtoken_memory::compare::compare(case, place, Path::new(folder));
}
