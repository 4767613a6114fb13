//! The registry of proofs. A new proof is one row here and one `Effort::start` in its test.

/// One proof.
pub struct Row {
    /// What its test calls it.
    pub name: &'static str,
    /// What it shows, for the report.
    pub title: &'static str,
    /// Who runs it.
    pub runner: Runner,
    /// How long a campaign should be; `None` where the short form already does everything.
    pub campaign: Option<Goal>,
    /// Whether figures differ between two runs of the same tree: they depend on timing or on the machine.
    pub varies: bool,
}

/// What runs a proof.
pub enum Runner {
    /// One test program of a package, and the packages whose programs it starts.
    Tests { package: &'static str, test: &'static str, starts: &'static [&'static str] },
    /// The fuzzer, target by target.
    Fuzzer,
}

/// Where a campaign ends: at its count or after its minutes, whichever comes first.
pub struct Goal {
    /// In words, for the report.
    pub text: &'static str,
    /// In the unit of the proof; `None` where the proof knows its own end.
    pub count: Option<u64>,
    /// For each target where the fuzzer runs it.
    pub minutes: u64,
}

/// The row called `name`.
pub fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

const fn tests(package: &'static str, test: &'static str) -> Runner {
    Runner::Tests { package, test, starts: &[] }
}

const fn goal(text: &'static str, count: Option<u64>) -> Option<Goal> {
    Some(Goal { text, count, minutes: 30 })
}

/// In the order of the report.
pub const ROWS: &[Row] = &[
    Row {
        name: "pin-machine",
        title: "exhaustive search of the PIN machine: tries × crash after every step × vault file restored × \
                second process × unlock code; wrong orders and restored device keys are found",
        runner: tests("softtoken-pin-machine", "search"),
        campaign: None,
        varies: false,
    },
    Row {
        name: "model-sequences",
        title: "sequences against a small model: simulated device, virtual clock, crash, rollback, clock \
                jump, reinstall",
        runner: tests("softtoken-core", "lock_model"),
        campaign: goal("10^6 sequences", Some(1_000_000)),
        varies: false,
    },
    Row {
        name: "crash-images",
        title: "recorded file system: every operation × every I/O event × {nothing unsynced survives, torn \
                subsets of 512 and 4096 bytes}, then open and check",
        runner: tests("softtoken-faults", "crash_images"),
        campaign: goal("5·10^6 images", Some(5_000_000)),
        varies: false,
    },
    Row {
        name: "faults",
        title: "I/O error, full disk, short write, failed sync, failed allocation at event 1, 2, …, once and \
                sticky",
        runner: tests("softtoken-faults", "fault_loops"),
        campaign: goal("pairs of faults", None),
        varies: false,
    },
    Row {
        name: "kill-9",
        title: "`kill -9` of a child that does random operations, at least half of them inside an open \
                transaction",
        runner: tests("softtoken-processes", "kill"),
        campaign: goal("50,000 kills", Some(50_000)),
        varies: true,
    },
    Row {
        name: "issuer-kills",
        title: "`kill -9` of either side of an activation or a later contact, at random points: the command in \
                one half, the issuer in the other; gone on until both sides have one whole identity",
        runner: Runner::Tests {
            package: "softtoken-e2e",
            test: "kill",
            starts: &["softtoken-cli", "softtoken-issuer"],
        },
        campaign: goal("5,000 kills", Some(5_000)),
        varies: true,
    },
    Row {
        name: "issuer-load",
        title: "64 devices at once activate and sign in ten times each over a network that loses 5 % of the \
                answers and doubles 2 % of the requests, with 10 % replays; then the database is compared",
        runner: tests("softtoken-issuer", "load"),
        campaign: goal("20,000 activations, 200,000 sign-ins", Some(20_000)),
        varies: true,
    },
    Row {
        name: "races",
        title: "two processes and 16 threads: races for one PIN try, churn of code, lock and unlock",
        runner: tests("softtoken-processes", "races"),
        campaign: goal("churn of code, lock and unlock", None),
        varies: true,
    },
    Row {
        name: "memory-scan",
        title: "memory of the process after each flow and a lock: no copy of seed, keys, PIN or unlock code, \
                raw, hex, Base32 or Base64; without the allocator some are found",
        runner: tests("softtoken-memory", "scan"),
        campaign: None,
        varies: true,
    },
    Row {
        name: "bit-flips",
        title: "one-bit flips over a whole vault file and backup file",
        runner: tests("softtoken-core", "bit_flips"),
        campaign: goal("every bit", None),
        varies: false,
    },
    Row {
        name: "fuzz",
        title: "fuzz targets: every parser, row plaintext, file open, QR frame, sequences of calls; corpus \
                replayed, and 30 seconds of fuzzing in all",
        runner: Runner::Fuzzer,
        campaign: Some(Goal { text: "10 minutes for each target", count: None, minutes: 10 }),
        varies: true,
    },
    Row {
        name: "vectors",
        title: "vectors of Wycheproof, RFC 5869, 6070, 7914 and 9106 for the primitives in use",
        runner: tests("softtoken-core", "primitives"),
        campaign: None,
        varies: false,
    },
    Row {
        name: "constant-work",
        title: "equal instruction counts (callgrind) for wrong inputs that differ in the first, the last, \
                every character",
        runner: tests("softtoken-memory", "constant_work"),
        campaign: None,
        varies: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_titles_fit_a_table() {
        for (at, row) in ROWS.iter().enumerate() {
            assert!(ROWS[..at].iter().all(|other| other.name != row.name && other.title != row.title));
            assert!(!row.title.contains(" | ") && !row.title.contains('\n'));
            assert!(find(row.name).unwrap().title == row.title);
        }
        assert!(find("faultz").is_none());
    }
}
