//! The clipboard of the terminal, by the escape sequence OSC 52: works over ssh too, and needs no
//! library of the desktop. A terminal that does not know it ignores it.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Asks the terminal to put `text` on the clipboard.
pub fn to_clipboard(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(sequence(text).as_bytes())?;
    out.flush()
}

fn sequence(text: &str) -> String {
    format!("\x1b]52;c;{}\x07", STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_code_goes_out_in_base64_between_osc_52_and_bell() {
        assert_eq!(super::sequence("123456"), "\x1b]52;c;MTIzNDU2\x07");
    }
}
