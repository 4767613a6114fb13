//! Plays one flow with the allocator of the command and the bindings; see `softtoken_memory::stage`.

use std::alloc::System;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

fn main() {
    softtoken_memory::stage::perform();
}
