//! Devices that sign in, all at the same time, once in every step of thirty seconds.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use softtoken_core::otp::{Algorithm, Digits, hotp};
use softtoken_issuer::clock::ManualClock;

use crate::activations::TASKS;
use crate::wire::{Answer, Delivery, Parcel, Wire};
use crate::world::{Device, PERIOD, now};

/// Every device signs in so many times; time passes in between.
pub(crate) async fn all(
    wire: &Arc<Wire>,
    clock: &ManualClock,
    devices: Vec<Device>,
    steps: u64,
) -> Vec<Device> {
    let mut shares: Vec<Vec<Device>> = (0..TASKS).map(|_| Vec::new()).collect();
    for (at, device) in devices.into_iter().enumerate() {
        shares[at % TASKS].push(device);
    }
    for _ in 0..steps {
        clock.pass(PERIOD);
        let step = now(clock) / PERIOD;
        let tasks = shares.into_iter().map(|mut share| {
            let wire = Arc::clone(wire);
            tokio::spawn(async move {
                for device in &mut share {
                    sign_in(&wire, device, step).await;
                }
                share
            })
        });
        let tasks: Vec<_> = tasks.collect();
        shares = Vec::new();
        for task in tasks {
            shares.push(task.await.unwrap());
        }
    }
    shares.into_iter().flatten().collect()
}

/// One code, sent until somebody has heard that it was accepted, or that it was accepted before.
async fn sign_in(wire: &Wire, device: &mut Device, step: u64) {
    let step = step.saturating_add_signed(device.ahead);
    let parcel = parcel(device, step);
    let mut heard = false;
    loop {
        match wire.send(&parcel, &device.random).await {
            Delivery::Lost => heard = true,
            Delivery::Cut => {
                // Nobody knows: the next answer may be either.
                if is_accepted(&wire.plain(&parcel).await) {
                    assert!(!heard, "accepted twice");
                }
                break;
            }
            Delivery::Answered(answer, twin) => {
                let accepted = usize::from(is_accepted(&answer))
                    + usize::from(twin.is_some_and(|twin| is_accepted(&twin)));
                assert_eq!(accepted, usize::from(!heard), "of one code");
                break;
            }
        }
    }
    // The code that was just accepted, or, if that is still in the window, the one before it.
    if device.random.below(10).unwrap() == 0 {
        let before = device.last > 0 && device.random.below(2).unwrap() == 0;
        let replayed = if before { self::parcel(device, device.last) } else { parcel };
        assert!(!is_accepted(&wire.replay(&replayed).await), "a replay was accepted");
    }
    device.last = step;
}

fn parcel(device: &Device, step: u64) -> Parcel {
    let code = hotp(&device.key, step, Algorithm::Sha256, Digits::EIGHT);
    Parcel::portal(PATH, &json!({ "userId": device.user, "response": code.as_str() }))
}

fn is_accepted((status, body): &Answer) -> bool {
    assert!(*status == StatusCode::OK || status.is_client_error(), "{status}");
    let refused = String::from_utf8_lossy(body);
    assert!(*status == StatusCode::OK || refused.contains("Invalid Response."), "{refused}");
    *status == StatusCode::OK
}

const PATH: &str = "/api/v1/authentication/users/authenticate/TOKEN/complete";
