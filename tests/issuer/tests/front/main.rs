//! What programs, mails and administrators see of the issuer.

mod activation;
mod check_up;
mod document;
mod headers;
mod letters;
mod mails;
mod refusals;
mod signin;
mod users;
mod world;
