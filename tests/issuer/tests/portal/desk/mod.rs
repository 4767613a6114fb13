//! The help desk's pages, and what nobody may do there.

mod access;
mod hardware;
mod keys;
mod log;
mod reviews;
mod rules;
mod stage;
mod tokens;
mod users;
