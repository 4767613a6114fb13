//! Codes at the issuer: verification, resynchronisation, challenges, hardware tokens. The clock stands
//! where a test puts it, and randomness is seeded.

mod challenge;
mod hardware;
mod races;
mod resync;
mod standards;
mod verify;
mod world;
