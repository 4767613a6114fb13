//! A device made of the core's own exchange against the issuer's router.

mod claims;
mod devices;
mod forget;
mod garbage;
mod link;
mod offline;
mod qr_code;
mod rotation;
mod serving;
mod typed;
mod unlock;
