//! The pages of one's own authenticators, with a phone made of the core's own exchange.

mod activate;
mod complete;
mod hardware;
mod list;
mod more;
mod phone;
mod reset;
mod strangers;
