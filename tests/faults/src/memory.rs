//! SQLite's allocator, wrapped: allocation n gives nothing.
#![allow(unsafe_code, reason = "SQLite takes its allocator as C functions")]

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use rusqlite::ffi;

use crate::stream::{Class, strikes};

/// The two that can fail.
struct Real {
    malloc: unsafe extern "C" fn(c_int) -> *mut c_void,
    realloc: unsafe extern "C" fn(*mut c_void, c_int) -> *mut c_void,
}

static REAL: OnceLock<Real> = OnceLock::new();

pub(crate) fn install() {
    // SAFETY: before the first use of SQLite in this process (`crate::install` says so), from one thread;
    // both calls take a pointer to a structure that lives as long as the call, and SQLite copies it.
    unsafe {
        let mut methods: ffi::sqlite3_mem_methods = std::mem::zeroed();
        let got = ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods);
        assert_eq!(got, ffi::SQLITE_OK, "SQLite was used before the allocator was installed");
        let (malloc, realloc) = methods.xMalloc.zip(methods.xRealloc).expect("SQLite has an allocator");
        REAL.get_or_init(|| Real { malloc, realloc });
        methods.xMalloc = Some(failing_malloc);
        methods.xRealloc = Some(failing_realloc);
        let set = ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut methods);
        assert_eq!(set, ffi::SQLITE_OK, "the allocator is installed");
        // The statistics have a mutex that all threads wait for, and nobody reads them.
        let set = ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0);
        assert_eq!(set, ffi::SQLITE_OK, "no statistics");
    }
}

unsafe extern "C" fn failing_malloc(size: c_int) -> *mut c_void {
    match (strikes(Class::Malloc), REAL.get()) {
        // SAFETY: SQLite's own allocator, with SQLite's own argument.
        (None, Some(real)) => unsafe { (real.malloc)(size) },
        _ => std::ptr::null_mut(),
    }
}

unsafe extern "C" fn failing_realloc(old: *mut c_void, size: c_int) -> *mut c_void {
    match (strikes(Class::Malloc), REAL.get()) {
        // SAFETY: SQLite's own allocator, with SQLite's own arguments. A null answer leaves `old` alone.
        (None, Some(real)) => unsafe { (real.realloc)(old, size) },
        _ => std::ptr::null_mut(),
    }
}
