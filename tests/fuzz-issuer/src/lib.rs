//! What the fuzzer sends to the reference issuer: requests of its REST interface, of its other addresses, and of
//! none, through the router in this process.
//!
//! An input is up to four requests (`request`). The oracle: no panic and no 5xx, whatever was sent; an answer of the
//! REST interface is JSON, an error one of the interface's typed ones, and its status is one that the OpenAPI
//! document names for that operation.
//!
//! A crate of its own, beside `softtoken-fuzz-targets`: with the issuer in every fuzz program, each of them would
//! look over ten times as many counters after each input.

mod request;
mod seeds;
mod world;

use softtoken_fuzz_targets::Target;

/// Requests to the issuer.
pub const REST: Target = Target { name: "rest", run, seeds: seeds::rest };

/// Sends the requests of one input and looks at every answer.
fn run(data: &[u8]) {
    world::with(|world| {
        for part in data.split(|byte| *byte == request::END).take(MOST) {
            if let Some(request) = request::Request::read(part) {
                world.send(&request);
            }
        }
    });
}

/// Requests of one input.
const MOST: usize = 4;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Without it, everything could be refused at the door.
    #[test]
    fn the_seeds_reach_what_is_behind_keys_paths_and_bodies() {
        let mut done = BTreeSet::new();
        for seed in seeds::rest() {
            world::with(|world| {
                for request in seed.split(|byte| *byte == request::END).filter_map(request::Request::read) {
                    if world.send(&request).is_some_and(|status| status.is_success()) {
                        done.insert((&request.operation.method, &request.operation.path));
                    }
                }
            });
        }
        let missing = request::OPERATIONS.iter().filter(|one| !done.contains(&(&one.method, &one.path)));
        let missing: Vec<_> = missing.map(|one| format!("{} {}", one.method, one.path)).collect();
        assert_eq!(missing, NEED_SECRETS);
    }

    /// Codes, challenges and registration codes, messages of devices, a device that has activated; and no page.
    const NEED_SECRETS: &[&str] = &[
        "POST /api/v1/authentication/users/authenticate/{authenticator}",
        "POST /api/v1/authentication/users/authenticate/{authenticator}/complete",
        "PUT /api/web/v1/tokens/{id}/activation",
        "POST /api/web/v1/tokens/{id}/challenge",
        "POST /api/web/v1/tokens/{id}/rekey",
        "PUT /api/web/v1/tokens/{id}/unlock",
        "PUT /api/web/v1/users/{id}/tokens/assign",
        "POST /softtoken/2/open",
        "POST /softtoken/2/sealed",
        "GET /",
    ];
}
