//! What can happen in a life.

use proptest::prelude::*;

/// One thing that happens. Names, PINs and places are numbers: what they mean depends on the world.
#[derive(Debug, Clone)]
pub enum Step {
    Unlock {
        right: bool,
        trouble: Trouble,
    },
    ChangePin {
        trouble: Trouble,
    },
    Forget {
        trouble: Trouble,
    },
    Redeem {
        issuer: usize,
        right: bool,
        trouble: Trouble,
    },
    Recover {
        trouble: Trouble,
    },
    Settle {
        trouble: Trouble,
    },
    Acknowledge,
    Reopen,
    Lock,
    Add {
        issuer: Option<usize>,
    },
    AddTaken,
    Rename {
        at: usize,
    },
    RenameTaken {
        at: usize,
    },
    Remove {
        at: usize,
    },
    Move {
        at: usize,
        to: usize,
    },
    Count {
        at: usize,
    },
    PutDraft {
        issuer: Option<usize>,
    },
    FinishDraft,
    DropDraft,
    Keep,
    PutBack,
    /// The plug is pulled in the middle of a wrong try, and the file put back before the next start.
    GuessAndPutBack {
        calls: u64,
    },
    Wait {
        seconds: u64,
    },
    /// The clock jumps back, or the device starts again.
    Jump {
        reboot: bool,
    },
    /// Another process wants the vault.
    Intruder,
    /// The file on a device that never had its keys.
    OtherDevice,
    /// The program's data is gone, the device keys are not.
    Reinstall,
    LoseCount,
    LosePinKey,
    LoseCodeKeys,
}

/// What the device does to a flow.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    None,
    /// The process dies after so many calls.
    Dies(u64),
    /// The call after so many fails; the process lives on.
    Fails(u64),
    /// From then on nothing can be deleted.
    NoDelete(u64),
}

impl Step {
    /// Its kind.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split([' ', '{']).next().unwrap_or_default().to_owned()
    }
}

/// A trouble-free call, mostly.
fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        6 => Just(Trouble::None),
        4 => (0_u64..30).prop_map(Trouble::Dies),
        1 => (0_u64..20).prop_map(Trouble::Fails),
        1 => (0_u64..6).prop_map(Trouble::NoDelete),
    ]
}

/// Of an owner, a clumsy device, and somebody who puts files back.
pub fn step() -> impl Strategy<Value = Step> {
    let issuer = || prop_oneof![Just(None), (0_usize..2).prop_map(Some)];
    let at = || 0_usize..8;
    let pin = prop_oneof![
        6 => (any::<bool>(), trouble()).prop_map(|(right, trouble)| Step::Unlock { right, trouble }),
        2 => trouble().prop_map(|trouble| Step::Unlock { right: false, trouble }),
        1 => trouble().prop_map(|trouble| Step::ChangePin { trouble }),
        1 => trouble().prop_map(|trouble| Step::Forget { trouble }),
        4 => (0_usize..2, any::<bool>(), trouble())
            .prop_map(|(issuer, right, trouble)| Step::Redeem { issuer, right, trouble }),
        2 => trouble().prop_map(|trouble| Step::Recover { trouble }),
        1 => trouble().prop_map(|trouble| Step::Settle { trouble }),
        1 => Just(Step::Acknowledge),
        2 => Just(Step::Reopen),
        1 => Just(Step::Lock),
    ];
    let identities = prop_oneof![
        2 => issuer().prop_map(|issuer| Step::Add { issuer }),
        1 => Just(Step::AddTaken),
        1 => at().prop_map(|at| Step::Rename { at }),
        1 => at().prop_map(|at| Step::RenameTaken { at }),
        1 => at().prop_map(|at| Step::Remove { at }),
        1 => (at(), at()).prop_map(|(at, to)| Step::Move { at, to }),
        3 => at().prop_map(|at| Step::Count { at }),
        1 => issuer().prop_map(|issuer| Step::PutDraft { issuer }),
        1 => Just(Step::FinishDraft),
        1 => Just(Step::DropDraft),
    ];
    let world = prop_oneof![
        3 => Just(Step::Keep),
        2 => Just(Step::PutBack),
        1 => (5_u64..10).prop_map(|calls| Step::GuessAndPutBack { calls }),
        2 => (0_u64..40).prop_map(|seconds| Step::Wait { seconds }),
        2 => any::<bool>().prop_map(|reboot| Step::Jump { reboot }),
        1 => Just(Step::Intruder),
        1 => Just(Step::OtherDevice),
        1 => Just(Step::Reinstall),
        1 => Just(Step::LoseCount),
        1 => Just(Step::LosePinKey),
        1 => Just(Step::LoseCodeKeys),
    ];
    prop_oneof![20 => pin, 9 => identities, 5 => world]
}

/// A thief without the PIN, who copies the file and puts it back, and pulls the plug.
pub fn theft() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Unlock { right: false, trouble: Trouble::None }),
        2 => (0_u64..12).prop_map(|n| Step::Unlock { right: false, trouble: Trouble::NoDelete(n) }),
        6 => (5_u64..10).prop_map(|calls| Step::GuessAndPutBack { calls }),
        1 => Just(Step::Reopen),
        2 => Just(Step::Keep),
        3 => Just(Step::PutBack),
    ]
}
