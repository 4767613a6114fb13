//! Ten thousand identities. Times are printed, not judged: `cargo test --release --test vault_load -- --nocapture`.
#![allow(clippy::disallowed_methods)]

mod vault_common;

use std::time::Instant;

use vault_common::{Home, identity, name};

const MANY: usize = 10_000;

#[test]
fn ten_thousand_identities_are_added_listed_and_read() {
    let home = Home::new();
    let mut vault = home.create();
    let batch: Vec<_> = (0..MANY).map(|n| identity(&format!("Identity number {n:05}"))).collect();
    let ids = timed("add, one transaction", || vault.add(batch).unwrap());
    drop(vault);
    let mut vault = timed("open, with integrity_check", || home.open().unwrap());
    home.unlock(&mut vault, vault_common::PIN).unwrap();
    let labels = timed("labels", || vault.labels().unwrap());
    assert_eq!(labels.len(), MANY);
    assert!(labels.iter().zip(&ids).all(|((listed, _), added)| listed == added));
    let mut bytes = 0;
    timed("records", || vault.each_record(|_, record| bytes += record.credential.secret.len()).unwrap());
    assert_eq!(bytes, MANY * "Identity number 00000".len());
    timed("name taken? (all)", || {
        assert!(labels.iter().all(|(_, label)| vault.is_name_taken(&label.name).unwrap()));
    });
    timed("move one", || vault.move_to(ids[MANY - 1], 0).unwrap());
    timed("add one", || vault.add(vec![identity("One more")]).unwrap());
    timed("rename one", || vault.rename(ids[7], &name("Another name")).unwrap());
    let record = vault.record(ids[5]).unwrap();
    timed("update one record", || vault.update_record(ids[5], &record).unwrap());
    assert_eq!(vault.labels().unwrap()[0].0, ids[MANY - 1]);
    let size = std::fs::metadata(home.db()).unwrap().len();
    eprintln!("{:>24}: {} bytes each", "file", size / u64::try_from(MANY).unwrap());
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    eprintln!("{what:>24}: {:?}", start.elapsed());
    done
}
