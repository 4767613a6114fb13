//! Nobody else reads this process: no core dump, and on Linux no debugger and no `/proc/PID/mem` for
//! programs of the same user.
//!
//! It does not help against root, swap and hibernation. What stays in memory is little: the allocator
//! (`zeroizing-alloc`, the same crate for command and bindings) wipes every block with its full size when
//! it is freed, through a function pointer that is read volatile, so that no optimiser sees a dead store.
//! It has no `realloc` of its own: a block that grows is a new one, and the old one is freed and wiped.

/// Before anything secret is read. A system that refuses is no reason to stop: the dump is a second
/// line of defence.
pub fn keep_out_of_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _refused = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _refused = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
