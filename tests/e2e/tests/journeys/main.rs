//! The rows of the product from end to end: the `softtoken` command, a running issuer on loopback, and mails
//! through a real mail server. `tests/JOURNEYS.md` says which test plays which row.

mod activation;
mod certificates;
mod codes;
mod ended;
mod hardware;
mod lock;
mod refusals;
mod rekey;
mod stage;
mod verification;
