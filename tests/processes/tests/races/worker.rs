//! One of two processes that want the same vault.
//!
//! ```text
//! in:  open <folder> | use <pin> | leave          out: won | busy <µs> | used <counter> | left | failed <why>
//! ```

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use softtoken_core::TokenError;
use softtoken_core::token::{SoftToken, TokenState};

use crate::common::{add, keys, open};

/// Does what the parent says until the pipe is closed.
pub fn run() {
    let mut token: Option<Arc<SoftToken>> = None;
    // The test runner has begun a line.
    say("");
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match word {
            "open" => {
                let begun = Instant::now();
                match open(Path::new(rest), Arc::new(keys(Path::new(rest)))) {
                    Ok(opened) => {
                        token = Some(opened);
                        "won".to_owned()
                    }
                    Err(TokenError::VaultBusy) => format!("busy {}", begun.elapsed().as_micros()),
                    Err(other) => format!("failed {other:?}"),
                }
            }
            "use" => match token.as_ref().map(|token| use_it(token, rest.as_bytes())) {
                Some(Ok(counter)) => format!("used {counter}"),
                other => format!("failed {:?}", other.map(Result::err)),
            },
            "leave" => {
                token = None;
                "left".to_owned()
            }
            _ => format!("failed {line}"),
        };
        say(&answer);
    }
}

/// Makes what is missing, unlocks, and uses one code up.
fn use_it(token: &Arc<SoftToken>, pin: &[u8]) -> Result<u64, TokenError> {
    match token.state()? {
        TokenState::Fresh => {
            token.set_pin(pin)?;
            add(token, "Door", true)?;
        }
        TokenState::Ready => {}
        _ => token.unlock(pin)?,
    }
    let id = token.find("Door")?.id;
    Ok(token.next_code(id)?.counter.unwrap_or(u64::MAX))
}

fn say(answer: &str) {
    std::io::stdout().write_all(format!("{answer}\n").as_bytes()).unwrap();
}
