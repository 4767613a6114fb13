//! No secret stays in memory after any flow; without the allocator some do.

use std::path::Path;

use softtoken_figures::Effort;
use softtoken_memory::flows::{CANARY, FLOWS, FREE, LEAK, play};
use softtoken_memory::needles::{Needle, spell};
use softtoken_memory::scan::{Found, Scanner};
use softtoken_memory::stage::{self, SEED};
use softtoken_memory::world::{Ledger, World};

const WIPED: &str = env!("CARGO_BIN_EXE_memory-wiped");
const UNWIPED: &str = env!("CARGO_BIN_EXE_memory-unwiped");

/// One flow with and without the allocator.
struct Looked {
    needles: Vec<Needle>,
    wiped: Found,
    unwiped: Found,
    files: Found,
    looks: u64,
    bytes: u64,
}

fn look(flow: &str) -> Looked {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let ledger = Ledger::new(true);
    let world = World::new(&place("known"), SEED, &ledger, || {});
    let told = play(flow, &world, None);
    let needles: Vec<Needle> =
        ledger.secrets().iter().flat_map(|(what, secret)| spell(what, secret)).collect();
    let scanner = Scanner::new(&needles);
    let told = told.as_deref().map_or("", String::as_str);
    let inside = |program: &str, folder: &Path| {
        let (mut found, mut bytes) = (Found::new(), 0);
        let looks = stage::watch(program, flow, folder, told, |child| {
            bytes += scanner.process(child.id(), &mut found).unwrap();
        });
        (found, looks, bytes)
    };
    let (wiped, looks, bytes) = inside(WIPED, &place("wiped"));
    let (unwiped, ..) = inside(UNWIPED, &place("unwiped"));
    let mut files = Found::new();
    let log = format!("{:?}", world.fakes.log.take());
    scanner.bytes(log.as_bytes(), "log", &mut files);
    for name in ["vault.db", "vault.db-journal", "vault.lock", "other/vault.db"] {
        let content = |side: &str| std::fs::read(place(side).join(name)).ok();
        let known = content("known");
        // The same file means the same keys: the needles are those of the other process.
        assert!(known == content("wiped") && known == content("unwiped"), "{flow}: other secrets");
        scanner.bytes(&known.unwrap_or_default(), name, &mut files);
    }
    Looked { needles, wiped, unwiped, files, looks, bytes }
}

fn sum(found: &Found) -> u64 {
    found.values().sum()
}

fn show(flow: &str, side: &str, found: &Found) {
    for ((what, form, place), times) in found {
        eprintln!("  {flow} {side}: {times} times {what} {form} in {place}");
    }
}

#[test]
fn a_leaked_secret_is_found_in_every_spelling_and_on_the_stack() {
    let looked = look(LEAK);
    assert!(looked.needles.len() >= 12);
    for found in [&looked.wiped, &looked.unwiped] {
        for needle in spell("canary", CANARY) {
            let seen = |(what, form, place): &(&str, &str, String)| {
                *what == "canary" && *form == needle.form && !place.starts_with("[stack")
            };
            assert!(found.keys().any(seen), "{} was not found", needle.form);
        }
        assert!(found.contains_key(&("canary", "raw", "[stack]".to_owned())), "{found:?}");
    }
}

#[test]
fn a_freed_secret_is_wiped_by_the_allocator_and_found_without_it() {
    let looked = look(FREE);
    assert_eq!(sum(&looked.wiped), 0, "{:?}", looked.wiped);
    assert!(sum(&looked.unwiped) > 0);
}

#[test]
fn no_secret_stays_in_memory_or_in_a_file_after_any_flow() {
    let effort = Effort::start("memory-scan", FLOWS.len() as u64, SEED);
    let [mut needles, mut looks, mut found, mut without, mut in_files] = [0; 5];
    // One secret is freed for sure: how tidy the flows are does not decide whether the scan can see.
    without += sum(&look(FREE).unwiped);
    for flow in FLOWS {
        let looked = look(flow);
        show(flow, "wiped", &looked.wiped);
        show(flow, "without the allocator", &looked.unwiped);
        show(flow, "files", &looked.files);
        assert!(looked.needles.len() >= 40, "{flow}: too few look-ups");
        let (here, there) = (sum(&looked.wiped), sum(&looked.unwiped));
        eprintln!(
            "{flow}: {} look-ups, {} looks, {} bytes: {here} found; without the allocator {there}",
            looked.needles.len(),
            looked.looks,
            looked.bytes,
        );
        needles += looked.needles.len() as u64;
        looks += looked.looks;
        found += here;
        without += there;
        in_files += sum(&looked.files);
    }
    let notes = [
        ("look-ups", needles),
        ("times looked", looks),
        ("found", found),
        ("found in files and log", in_files),
        ("found without the allocator", without),
    ];
    effort.end(FLOWS.len() as u64, "flows", &notes);
    assert_eq!((found, in_files), (0, 0), "secrets stay");
    assert!(without > 0, "a scan that finds nothing without the allocator proves nothing");
}
