//! From a text, a picture or typed values to an identity.
//!
//! The front doors parse and store nothing; the state machine asks for what is missing and stores at the end.

pub mod request;
