//! The work of `softtoken_bench::work` with the system's allocator.

fn main() {
    softtoken_bench::work::serve();
}
