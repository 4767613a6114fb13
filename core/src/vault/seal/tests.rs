//! Sealed values open in their own place, unchanged, and nowhere else.

use super::*;

const VAULT: [u8; 16] = [7; 16];
const TABLES: [Table; 15] = [
    Table::Header,
    Table::PinSlot,
    Table::GroupInfo,
    Table::GroupKey,
    Table::Label,
    Table::Record,
    Table::DraftName,
    Table::Draft,
    Table::Listing,
    Table::Arming,
    Table::WrapInfo,
    Table::Wrap,
    Table::Recovery,
    Table::DraftRecovery,
    Table::Backup,
];

fn place(table: Table) -> Place<'static> {
    Place { vault_id: &VAULT, table, row: [3; 16], version: 1, context: &[] }
}

fn sealed(table: Table, content: &[u8]) -> Vec<u8> {
    seal(&Random::seeded(1), &[9; 32], &place(table), content).unwrap()
}

#[test]
fn a_sealed_value_opens_again_and_hides_its_length() {
    for table in TABLES {
        for length in [0, 1, 32, 123, 124, 125, 508, 509, 5000] {
            let content = vec![0xa5; length];
            let value = sealed(table, &content);
            let opened = open(&[9; 32], &place(table), &value).unwrap();
            assert!(opened.ct_eq(&content), "{table:?} {length}");
            assert_eq!((value.len() - HEAD - TAG) % table.block(), 0);
        }
    }
    assert_eq!(sealed(Table::Record, &[1; 10]).len(), sealed(Table::Record, &[1; 508]).len());
    assert_eq!(sealed(Table::Label, &[1; 10]).len(), sealed(Table::Label, &[1; 124]).len());
}

#[test]
fn every_flipped_bit_is_noticed() {
    for (table, length) in [(Table::Label, 60), (Table::Record, 300), (Table::PinSlot, 32)] {
        let value = sealed(table, &vec![0x5a; length]);
        for bit in 0..value.len() * 8 {
            let mut changed = value.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&[9; 32], &place(table), &changed).is_err(), "{table:?} bit {bit}");
        }
    }
}

#[test]
fn every_cut_or_longer_value_is_noticed() {
    let value = sealed(Table::Label, b"name");
    for length in 0..value.len() {
        assert!(open(&[9; 32], &place(Table::Label), &value[..length]).is_err());
    }
    let mut longer = value;
    longer.push(0);
    assert_eq!(open(&[9; 32], &place(Table::Label), &longer).err(), Some(SealError::Forged));
}

#[test]
fn a_value_opens_in_its_own_place_only() {
    let value = sealed(Table::Record, b"secret");
    let here = place(Table::Record);
    for elsewhere in [
        Place { vault_id: &[8; 16], ..here },
        Place { row: [4; 16], ..here },
        Place { version: 2, ..here },
        Place { table: Table::Draft, ..here },
        Place { context: b"1", ..here },
    ] {
        assert!(open(&[9; 32], &elsewhere, &value).is_err());
    }
    // Vault and version are in the associated data only, so the key fits and the tag does not.
    assert_eq!(open(&[9; 32], &Place { version: 2, ..here }, &value).err(), Some(SealError::Forged));
    assert_eq!(open(&[8; 32], &here, &value).err(), Some(SealError::OtherKey));
}

#[test]
fn no_two_tables_share_number_or_label() {
    let numbers: std::collections::HashSet<_> = TABLES.iter().map(|t| t.number()).collect();
    let labels: std::collections::HashSet<_> = TABLES.iter().map(|t| t.label()).collect();
    assert_eq!((numbers.len(), labels.len()), (TABLES.len(), TABLES.len()));
}

#[test]
fn the_same_content_never_looks_the_same() {
    let random = Random::seeded(5);
    let once = seal(&random, &[9; 32], &place(Table::Label), b"x").unwrap();
    let twice = seal(&random, &[9; 32], &place(Table::Label), b"x").unwrap();
    assert_ne!(once, twice);
}

#[test]
fn a_known_value_stays_readable() {
    // Both computed from FORMAT.md by another implementation (Python `cryptography`).
    let derived = derive(&[0x0b; 22], b"root").unwrap();
    assert_eq!(hex(derived.expose()), DERIVED);
    assert_eq!(hex(&sealed(Table::PinSlot, b"0123456789abcdef0123456789abcdef")), SEALED);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const DERIVED: &str = "05ac67385d953c0f56d91344554d192ad1e2fea4f789bea280336f67dd94078d";
const SEALED: &str = concat!(
    "783825822a6f9e62da2190e828e4c9d2576e5977e3a0b3620b092dfb9e9996fada443fcd35b187ff",
    "651c17ee0aabb6ff464e841e85732a413c529a28931cb0959ca6ee6c1f34a0d1fd046c2927c7ab15",
    "8d28fc133b992de7adc08058492dba936dc08a61",
);
