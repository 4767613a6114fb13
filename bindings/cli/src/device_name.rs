//! What an issuer calls this device in its portal and its mails: the name of the computer.
//!
//! It goes to the issuer of an activation over the network, encrypted, after consent; nowhere else.

use softtoken_core::activation::state::ActivationOptions;

/// The choices of an activation for which nothing was chosen.
pub fn options() -> ActivationOptions {
    ActivationOptions { device: of_this_computer(), ..ActivationOptions::default() }
}

/// The name of this computer, where it has one.
#[cfg(unix)]
pub fn of_this_computer() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

/// The name of this computer, where it has one.
#[cfg(not(unix))]
pub fn of_this_computer() -> Option<String> {
    std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
}
