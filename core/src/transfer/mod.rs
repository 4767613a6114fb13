//! Identities on their way in and out: files of issuers and of other apps.
//!
//! A reader here is a front door like those of `activation`: it gives offers and refusals, stores
//! nothing and asks for no consent. Files are untrusted; every limit is a named constant.
//!
//! | Module | Reads |
//! |---|---|
//! | [`backup`] | the encrypted backup of all identities, which it also writes |
//! | [`pskc`] | RFC 6030 key containers, plain or encrypted |

pub mod backup;
pub mod pskc;
