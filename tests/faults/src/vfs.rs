//! SQLite's file system, wrapped: the default for every connection of this process.
//!
//! Files whose name begins with `vault.db` are recorded; all fail when told to. A journal's first sync
//! syncs its folder too, as the unix file system of SQLite does for every journal that it may create.
#![allow(unsafe_code, reason = "SQLite takes its file system as C functions")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rusqlite::ffi;
use rusqlite::ffi::{SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use crate::stream::{Class, Event, FileId, How, happened, strikes};

/// What SQLite allocates for a file: ours first, then the file of the real file system.
#[repr(C, align(8))]
struct Shim {
    base: sqlite3_file,
    file: Option<FileId>,
    syncs_folder: bool,
}

struct Real(*mut sqlite3_vfs);

// SAFETY: a registered VFS is never freed and its functions may be called from every thread.
unsafe impl Send for Real {}
// SAFETY: as above; nobody writes to it.
unsafe impl Sync for Real {}

static REAL: OnceLock<Real> = OnceLock::new();

pub(crate) fn install() {
    // SAFETY: a null name asks for the default VFS; the copy that is registered is leaked, so it lives for
    // ever, and its name is static.
    unsafe {
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!real.is_null(), "SQLite has a file system");
        REAL.get_or_init(|| Real(real));
        let mut shim = *real;
        shim.szOsFile += c_int::try_from(size_of::<Shim>()).expect("small");
        shim.zName = c"softtoken-faults".as_ptr();
        shim.pNext = std::ptr::null_mut();
        shim.xOpen = Some(open);
        shim.xDelete = Some(delete);
        shim.xAccess = Some(access);
        let registered = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(shim)), 1);
        assert_eq!(registered, SQLITE_OK, "the file system is registered");
    }
}

fn real_vfs() -> *mut sqlite3_vfs {
    REAL.get().expect("installed").0
}

/// SAFETY: `file` is what `open` was given: a `Shim`, followed by the real file.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    unsafe { file.cast::<u8>().add(size_of::<Shim>()).cast() }
}

/// SAFETY: as for `real`, and the real file is open.
unsafe fn methods(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    unsafe { &*(*real(file)).pMethods }
}

/// SAFETY: as for `real`; no other reference to this file is alive, SQLite uses it from one thread.
unsafe fn shim<'f>(file: *mut sqlite3_file) -> &'f mut Shim {
    unsafe { &mut *file.cast::<Shim>() }
}

/// SAFETY: `name` is null or ends with a zero.
unsafe fn path(name: *const c_char) -> Option<PathBuf> {
    let name = (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) })?;
    Some(PathBuf::from(name.to_str().ok()?))
}

fn known(path: &Path) -> Option<FileId> {
    match path.file_name()?.to_str()? {
        "vault.db" => Some(FileId::Db),
        "vault.db-journal" => Some(FileId::Journal),
        _ => None,
    }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes, and arguments that the real function takes; `pMethods` tells
    // it whether `close` must be called.
    unsafe {
        (*file).pMethods = std::ptr::null();
        if strikes(Class::Open).is_some() {
            return ffi::SQLITE_CANTOPEN;
        }
        let id = path(name).and_then(|path| known(&path));
        let open = (*real_vfs()).xOpen.expect("every VFS opens");
        let result = open(real_vfs(), name, real(file), flags, out);
        if (*real(file)).pMethods.is_null() {
            return result;
        }
        let syncs_folder = id == Some(FileId::Journal) && flags & ffi::SQLITE_OPEN_CREATE != 0;
        file.cast::<Shim>().write(Shim { base: sqlite3_file { pMethods: &METHODS }, file: id, syncs_folder });
        if let (Some(id), SQLITE_OK) = (id, result) {
            happened(|| Event::Open(id));
        }
        result
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    if strikes(Class::Delete).is_some() {
        return ffi::SQLITE_IOERR_DELETE;
    }
    // SAFETY: the real function with SQLite's own arguments.
    let result = unsafe { (*real_vfs()).xDelete.expect("every VFS deletes")(real_vfs(), name, sync) };
    // SAFETY: SQLite's names end with a zero.
    if let (Some(id), SQLITE_OK) = (unsafe { path(name) }.and_then(|path| known(&path)), result) {
        happened(|| Event::Delete(id, sync != 0));
    }
    result
}

unsafe extern "C" fn access(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    if strikes(Class::Access).is_some() {
        return ffi::SQLITE_IOERR_ACCESS;
    }
    // SAFETY: the real function with SQLite's own arguments.
    unsafe { (*real_vfs()).xAccess.expect("every VFS has it")(real_vfs(), name, flags, out) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes an open file once.
    unsafe { methods(file).xClose.expect("v1")(real(file)) }
}

unsafe extern "C" fn read(file: *mut sqlite3_file, to: *mut c_void, len: c_int, at: sqlite3_int64) -> c_int {
    if strikes(Class::Read).is_some() {
        return ffi::SQLITE_IOERR_READ;
    }
    // SAFETY: the real function with SQLite's own arguments.
    unsafe { methods(file).xRead.expect("v1")(real(file), to, len, at) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    len: c_int,
    at: sqlite3_int64,
) -> c_int {
    let (len, failed) = match strikes(Class::Write) {
        None => (len, SQLITE_OK),
        Some(How::Short) => (len / 2, ffi::SQLITE_IOERR_WRITE),
        Some(How::Full) => return ffi::SQLITE_FULL,
        Some(_) => return ffi::SQLITE_IOERR_WRITE,
    };
    // SAFETY: the real function with SQLite's own arguments, or a part of them; `from` has `len` bytes.
    unsafe {
        let result = methods(file).xWrite.expect("v1")(real(file), from, len, at);
        if let (Some(id), SQLITE_OK) = (shim(file).file, result) {
            let (len, at) = (usize::try_from(len).expect("a length"), usize::try_from(at).expect("a place"));
            happened(|| Event::Write(id, at, std::slice::from_raw_parts(from.cast::<u8>(), len).to_vec()));
        }
        if result == SQLITE_OK { failed } else { result }
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    if strikes(Class::Truncate).is_some() {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    // SAFETY: the real function with SQLite's own arguments.
    unsafe {
        let result = methods(file).xTruncate.expect("v1")(real(file), size);
        if let (Some(id), SQLITE_OK) = (shim(file).file, result) {
            happened(|| Event::Truncate(id, usize::try_from(size).expect("a size")));
        }
        result
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    if strikes(Class::Sync).is_some() {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: the real function with SQLite's own arguments.
    unsafe {
        let result = methods(file).xSync.expect("v1")(real(file), flags);
        let shim = shim(file);
        if let (Some(id), SQLITE_OK) = (shim.file, result) {
            happened(|| Event::Sync(id));
            if std::mem::take(&mut shim.syncs_folder) {
                happened(|| Event::SyncFolder);
            }
        }
        result
    }
}

macro_rules! passed_on {
    ($($name:ident $field:ident ($($arg:ident: $kind:ty),*);)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $arg: $kind)*) -> c_int {
            // SAFETY: the real function with SQLite's own arguments.
            unsafe { methods(file).$field.expect("v1")(real(file) $(, $arg)*) }
        }
    )*};
}

passed_on! {
    file_size xFileSize(out: *mut sqlite3_int64);
    lock xLock(level: c_int);
    unlock xUnlock(level: c_int);
    check_reserved_lock xCheckReservedLock(out: *mut c_int);
    file_control xFileControl(op: c_int, argument: *mut c_void);
    sector_size xSectorSize();
    device_characteristics xDeviceCharacteristics();
}

/// Version 1: no shared memory and no mapped pages, which the vault does not use either.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};
