//! Every block that goes back to the allocator is wiped first, with its full size.
//!
//! Texts and buffers that cross (a PIN's copy inside a record, a code on its way to a screen) pass through
//! buffers that no type of ours wipes; the allocator does. The same crate as in the command.

use std::alloc::System;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);
