//! What is left of a device and its disk at every moment at which a process may die, and what can still be
//! done with it.

use std::sync::{Arc, Mutex};

use softtoken_core::testing::KeyCopy;
use softtoken_core::vault::{Vault, VaultError};

use crate::vault_common::{Home, answer, identity, issued};

pub const NEW_PIN: &str = "806423";
pub const WRONG: &str = "551739";
pub const A: u8 = 0xaa;
pub const SERIAL_A: &str = "4824413456";

/// What somebody finds who takes the device and the disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    pub keys: KeyCopy,
    pub file: Vec<u8>,
    /// Guesses that the device had answered by then.
    pub guesses: usize,
}

pub fn image(home: &Home) -> Image {
    Image { keys: home.device.copy(), file: std::fs::read(home.db()).unwrap(), guesses: guesses(home) }
}

pub fn restore(home: &Home, image: &Image) {
    home.device.restore(&image.keys);
    std::fs::write(home.db(), &image.file).unwrap();
}

/// A closed vault with an issuer's identity and a local one, armed, and `wrong` tries gone.
pub fn prepared(wrong: usize) -> (Home, Image) {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![issued("A", "a.example", SERIAL_A, A), identity("Local")]).unwrap();
    home.settle(&mut vault).unwrap();
    vault.lock();
    (0..wrong).for_each(|_| drop(home.unlock(&mut vault, WRONG)));
    drop(vault);
    let image = image(&home);
    (home, image)
}

/// Runs `work` from `start` again and again, dying one call later each time; gives both images of each death.
pub fn images(home: &Home, start: &Image, work: impl Fn(&mut Vault)) -> Vec<Image> {
    let mut images = Vec::new();
    for calls in 0.. {
        restore(home, start);
        let mut vault = home.open().unwrap();
        home.device.take_calls();
        let before = Arc::new(Mutex::new(std::fs::read(home.db()).unwrap()));
        let (seen, file) = (Arc::clone(&before), home.db());
        home.device.watch(move |_| *seen.lock().unwrap() = std::fs::read(&file).unwrap());
        home.device.die_after(calls);
        work(&mut vault);
        let died = home.device.revive();
        drop(vault);
        let after = image(home);
        images.push(Image { file: before.lock().unwrap().clone(), ..after.clone() });
        images.push(after);
        images.dedup();
        home.device.watch(|_| ());
        if !died {
            break;
        }
    }
    assert!(images.len() > 8, "{}", images.len());
    images
}

pub fn guesses(home: &Home) -> usize {
    home.device.take_calls().iter().filter(|call| call.starts_with("eval pin.")).count()
}

/// Wrong PINs until it blocks: how many the device answered.
pub fn guess_until_blocked(home: &Home) -> usize {
    home.device.take_calls();
    for _ in 0..12 {
        let mut vault = home.open().unwrap();
        match home.unlock(&mut vault, WRONG) {
            Err(VaultError::Blocked) => return guesses(home),
            Err(VaultError::WrongPin { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("it never blocks");
}

pub fn opens_with_a_code(home: &Home) {
    let mut vault = home.open().unwrap();
    let waiting = vault.waiting().unwrap();
    let code = answer(&waiting[0], A);
    home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
    assert_eq!(vault.records().unwrap().len(), 1);
    drop(vault);
    let mut vault = home.open().unwrap();
    home.unlock(&mut vault, NEW_PIN).unwrap();
    home.settle(&mut vault).unwrap();
}
