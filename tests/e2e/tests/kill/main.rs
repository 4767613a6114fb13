//! Real processes killed with SIGKILL in the middle of an activation, or of a later contact (`contacts`): the `softtoken` command in one half of the
//! kills, the `softtoken-issuer` program in the other. Whoever is left, or is started again, goes on.
//!
//! | Property | Checked after every kill |
//! |---|---|
//! | P2, I7: one order activates one device | the issuer's log has one activation; another device is refused and keeps nothing |
//! | P3: both sides agree or nobody is active | an identity is active only where its token is; its code signs in |
//! | P6, I6: resumed, no half identity | the list has nothing, one pending or one active; nothing was sent before there was a draft |
//! | P7, I9: the name is not lost | every list has it as it was first given |
//! | I8: a code is accepted once | the second time is refused; a code that was being verified in the kill, too |
//!
//! The moments are drawn from the time that an undisturbed activation takes, and more of them from its end, where
//! the messages are. What a kill does not show is what a power cut loses.
#![cfg(unix)]

mod contacts;
mod device;
mod issuer;
mod world;

use std::collections::BTreeMap;

use softtoken_core::random::Random;
use softtoken_figures::Effort;

use contacts::Deed;
use world::{Moment, World};

/// What one half has done.
#[derive(Default)]
pub(crate) struct Half {
    pub(crate) kills: u64,
    pub(crate) moments: BTreeMap<Moment, u64>,
    /// Of these kills, those in later contacts.
    pub(crate) later: BTreeMap<Deed, u64>,
    /// Tokens whose deletion the issuer has heard of.
    pub(crate) deleted: u64,
    /// Came too late: everything was done.
    pub(crate) missed: u64,
    pub(crate) activations: u64,
    pub(crate) while_verifying: u64,
}

impl Half {
    fn of(&self, moment: Moment) -> u64 {
        self.moments.get(&moment).copied().unwrap_or(0)
    }
}

#[test]
fn whoever_is_killed_in_an_activation_both_sides_end_with_one_whole_identity() {
    let effort = Effort::start("issuer-kills", 100, 5_001);
    let folder = tempfile::tempdir().unwrap();
    let random = |half: u64| Random::seeded(effort.seed().wrapping_mul(2).wrapping_add(half));
    let world = |name: &str| World::start(&folder.path().join(name));
    let (device, issuer) = std::thread::scope(|scope| {
        let device = scope.spawn(|| device::kills(&effort, world("device"), &random(0)));
        let issuer = issuer::kills(&effort, world("issuer"), &random(1));
        (device.join().unwrap(), issuer)
    });
    eprintln!("the command: {:?} {:?}", device.moments, device.later);
    eprintln!("the issuer: {:?} {:?}", issuer.moments, issuer.later);
    for (half, name) in [(&device, "command"), (&issuer, "issuer")] {
        let later: u64 = half.later.values().sum();
        assert!(later > 0, "not covered: the {name} never died in a later contact");
        assert!(
            half.kills - later > half.of(Moment::BeforeMessage1),
            "not covered: the {name} never died after message 1"
        );
        assert!(half.of(Moment::BeforeMessage1) > 0, "not covered: the {name} never died before message 1");
    }
    assert!(issuer.while_verifying > 0, "not covered: the issuer never died while it verified a code");
    let in_later =
        |deed| [&device, &issuer].map(|half| half.later.get(&deed).copied().unwrap_or(0)).iter().sum();
    let both = |moment| device.of(moment) + issuer.of(moment);
    effort.end(
        device.kills + issuer.kills,
        "kills",
        &[
            ("of the command", device.kills),
            ("of the issuer", issuer.kills),
            ("before message 1", both(Moment::BeforeMessage1)),
            ("between message 1 and message 3", both(Moment::Between)),
            ("after message 3, the device not knowing", both(Moment::AfterMessage3)),
            ("after the device knew", both(Moment::Done)),
            ("while asking for news", in_later(Deed::News)),
            ("in a rekey", in_later(Deed::Rekey)),
            ("in a reactivation", in_later(Deed::Reactivation)),
            ("in a deletion", in_later(Deed::Deletion)),
            ("deletions that the issuer knows of", device.deleted + issuer.deleted),
            ("too late, not counted", device.missed + issuer.missed),
            ("activations", device.activations + issuer.activations),
            ("further kills, of an issuer that verified a code", issuer.while_verifying),
        ],
    );
}

/// In one activation, at most: an issuer takes six claims of one device.
const DEATHS: u32 = 4;
