//! The work of `softtoken_bench::work` with the allocator of the command and the bindings.

use std::alloc::System;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

fn main() {
    softtoken_bench::work::serve();
}
