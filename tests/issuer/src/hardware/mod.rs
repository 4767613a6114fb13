//! Hardware tokens: seeds come in as PSKC (RFC 6030), users take their token by its serial number and a code.
//!
//! | Verb | From | To |
//! |---|---|---|
//! | [`import_hardware`](crate::Issuer::import_hardware) | – | UNASSIGNED |
//! | [`assign_to_self`](crate::Issuer::assign_to_self) | UNASSIGNED | ACTIVE, by the holder |
//! | [`assign_hardware`](crate::Issuer::assign_hardware) | UNASSIGNED | ACTIVE, by an administrator |
//! | [`unassign_hardware`](crate::Issuer::unassign_hardware) | any | UNASSIGNED |
//!
//! An unknown serial number and one that somebody has are not told apart.

mod assign;
mod import;

pub use import::{Imported, NotImported};
