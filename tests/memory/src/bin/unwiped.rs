//! Plays one flow with the system's allocator: a scan that finds nothing here finds nothing at all.

fn main() {
    softtoken_memory::stage::perform();
}
