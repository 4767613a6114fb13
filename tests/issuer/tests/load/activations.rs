//! Devices that activate, all at the same time.

use std::sync::Arc;

use axum::http::StatusCode;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::{Exchange, ExchangeError, OnlineOrder, RequestKind, Step};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::random::Random;

use crate::wire::{Delivery, Parcel, Wire};
use crate::world::{Device, Ordered};

/// Activates all of them, so many at a time.
pub(crate) async fn all(wire: &Arc<Wire>, orders: Vec<Ordered>) -> Vec<Device> {
    let mut shares: Vec<Vec<Ordered>> = (0..TASKS).map(|_| Vec::new()).collect();
    for (at, order) in orders.into_iter().enumerate() {
        shares[at % TASKS].push(order);
    }
    let tasks = shares.into_iter().map(|share| {
        let wire = Arc::clone(wire);
        tokio::spawn(async move {
            let mut devices = Vec::new();
            for order in share {
                devices.push(activate(&wire, order).await);
            }
            devices
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut devices = Vec::new();
    for task in tasks {
        devices.extend(task.await.unwrap());
    }
    devices
}

/// One device, until it is active.
async fn activate(wire: &Wire, order: Ordered) -> Device {
    let random = Random::seeded(order.seed);
    let label = format!("device {}", order.seed);
    let mut device = Exchange::begin(door(&order), &label, None, &random).unwrap();
    let mut sent: Vec<Parcel> = Vec::new();
    while matches!(device.step(), Step::Send) {
        let request = device.request(&random).unwrap();
        let kind = request.kind;
        let parcel = Parcel::device(kind.path(), request.body);
        sent.push(parcel.clone());
        match wire.send(&parcel, &random).await {
            Delivery::Lost | Delivery::Cut => continue,
            Delivery::Answered(answer, twin) => {
                assert_eq!(answer.0, StatusCode::OK);
                assert!(twin.is_none_or(|twin| twin == answer), "two answers to one request");
                device.take(&answer.1).unwrap();
            }
        }
        // Somebody who has listened sends what he has heard, and it changes nothing for the device.
        if kind == RequestKind::Open && random.below(10).unwrap() == 0 {
            let (status, again) = wire.replay(&parcel).await;
            assert_eq!(status, StatusCode::OK);
            assert!(matches!(device.take(&again), Err(ExchangeError::NotNow | ExchangeError::BadReply)));
        }
    }
    assert!(matches!(device.step(), Step::Active));
    if random.below(10).unwrap() == 0 {
        for parcel in &sent {
            let (status, _) = wire.replay(parcel).await;
            assert!(status == StatusCode::OK || status == StatusCode::CONFLICT, "{status}");
        }
    }
    if random.below(10).unwrap() == 0 {
        assert_eq!(refusal(wire, &order, &random).await, Refused::AlreadyUsed);
    }
    let agreement = device.agreement().unwrap();
    assert!(agreement.holder[..] == order.holder);
    Device {
        token: order.made.token.clone(),
        order: order.made.order.clone(),
        user: order.user,
        label,
        key: agreement.keys.seed.expose().to_vec(),
        recovery: agreement.keys.recovery.expose().to_vec(),
        ahead: i64::try_from(random.below(3).unwrap()).unwrap() - 1,
        last: 0,
        random,
    }
}

/// What another device hears that has the same link or QR code.
async fn refusal(wire: &Wire, order: &Ordered, random: &Random) -> Refused {
    let mut other = Exchange::begin(door(order), "a stranger", None, random).unwrap();
    let request = other.request(random).unwrap();
    let (status, answer) = wire.replay(&Parcel::device(request.kind.path(), request.body)).await;
    assert_eq!(status, StatusCode::OK);
    other.take(&answer).unwrap();
    match other.step() {
        Step::Ended(refused) => refused,
        _ => panic!("a second device was not refused"),
    }
}

fn door(order: &Ordered) -> OnlineOrder {
    match (&order.made.link_https, &order.made.qr_text, &order.made.password) {
        (Some(link), ..) => OnlineOrder::from_link(&LinkPayload::parse(link).unwrap()).unwrap(),
        (None, Some(text), Some(password)) => {
            OnlineOrder::from_qr_code(&LinkPayload::parse(text).unwrap(), password.as_bytes()).unwrap()
        }
        _ => panic!("an order without a door"),
    }
}

/// At the same time.
pub(crate) const TASKS: usize = 64;
