//! Everything that can be read in a vault, as text to be compared.

use softtoken_core::codec::hex;
use softtoken_core::identity::{Credential, IdentityId, Label, Record};
use softtoken_core::vault::{Vault, VaultError};

/// Everything that the device alone reveals.
pub fn locked_content(vault: &Vault) -> Result<String, VaultError> {
    let labels = vault.labels()?;
    let taken: Result<Vec<bool>, _> =
        labels.iter().map(|(_, label)| vault.is_name_taken(&label.name)).collect();
    let groups: Result<Vec<_>, _> = labels.iter().map(|(id, _)| vault.group_of(*id)).collect();
    let names: Vec<_> = labels.iter().map(|(id, label)| (id, shown(label))).collect();
    let tries = (vault.attempts()?, vault.count()?, vault.state(), vault.has_biometrics()?);
    Ok(format!("{names:?} {:?} {:?} {tries:?} {:?}", taken?, groups?, vault.waiting()?))
}

/// And what the PIN does.
pub fn open_content(vault: &Vault) -> Result<String, VaultError> {
    let labels = vault.labels()?;
    let names: Vec<_> = labels.iter().map(|(id, label)| (id, shown(label))).collect();
    let records: Vec<_> = vault.records()?.iter().map(|(id, record)| (*id, plain(record))).collect();
    let sealed: Vec<IdentityId> = vault.sealed()?.into_iter().map(|(id, _)| id).collect();
    for (id, record) in &records {
        assert_eq!(plain(&vault.record(*id)?), *record, "one by one");
    }
    let groups: Result<Vec<_>, _> = labels.iter().map(|(id, _)| vault.group_of(*id)).collect();
    let drafts = vault.drafts()?;
    let drafts: Vec<_> = drafts
        .iter()
        .map(|draft| {
            (
                draft.id,
                draft.name.as_ref().map(|name| name.as_str().to_owned()),
                hex::encode(draft.body.expose()),
            )
        })
        .collect();
    let recovery = vault.recovery_code()?.map(|code| code.shown());
    let rest = (sealed, vault.sealed_drafts()?.len(), vault.pin_digits()?, vault.waiting()?, recovery);
    let events = vault.events()?;
    Ok(format!(
        "{names:?} {records:?} {:?} {drafts:?} {rest:?} {:?}{EVENTS}{events:?}",
        groups?,
        vault.attempts()?.left()
    ))
}

pub fn without_events(content: &str) -> String {
    content.split(EVENTS).next().unwrap().to_owned()
}

fn shown(label: &Label) -> Vec<Option<&str>> {
    let Label { name, issuer, account, address, serial } = label;
    vec![Some(name.as_str()), Some(issuer), Some(account), address.as_deref(), serial.as_deref()]
}

/// A record with its secrets: those of a test are none.
fn plain(record: &Record) -> String {
    let Record { credential, recovery_key, policy, origin, clock_offset, added_at, stopped } = record;
    let Credential { spec, secret, otp_pin, counter } = credential;
    let key = recovery_key.as_ref().map(|key| hex::encode(key.expose()));
    let secrets = (hex::encode(secret.expose()), otp_pin.as_ref().map(|pin| hex::encode(pin.expose())), key);
    format!("{spec:?} {secrets:?} {counter} {policy:?} {origin:?} {clock_offset} {added_at:?} {stopped:?}")
}

const EVENTS: &str = " events ";
