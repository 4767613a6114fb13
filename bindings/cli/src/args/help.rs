//! The first page of help: commands in groups, in the order in which people need them.
//!
//! Names are listed here, their sentences come from the parser; a test compares both.

use clap::builder::StyledStr;
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{Command, CommandFactory};

/// Headings bold, what one types in cyan, placeholders dim.
pub const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(Style::new().dimmed());

/// Below the options.
pub const AFTER: &str = "\
`softtoken COMMAND --help` explains a command and shows an example.
PIN and passwords are asked for, or read from files; they are never arguments.
Certificates of issuers are checked against the system's list, or the file SSL_CERT_FILE.";

/// The parser with the grouped first page.
pub fn parser() -> Command {
    let command = super::Cli::command();
    let page = first_page(&command);
    command.help_template(page)
}

fn first_page(command: &Command) -> StyledStr {
    let (bold, literal) = (STYLES.get_header(), STYLES.get_literal());
    let mut page = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (heading, names) in GROUPS {
        page.push_str(&format!("\n{bold}{heading}:{bold:#}\n"));
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            page.push_str(&format!("  {literal}{name:12}{literal:#} {about}\n"));
        }
    }
    page.push_str(&format!("\n{bold}Options:{bold:#}\n{{options}}{{after-help}}"));
    StyledStr::from(page)
}

const GROUPS: &[(&str, &[&str])] = &[
    ("Start", &["init", "add", "import", "restore"]),
    ("Codes", &["codes", "watch", "next", "respond", "resync"]),
    ("Pending activations", &["complete", "resume", "abandon"]),
    ("Identities", &["list", "rename", "move", "remove", "policy"]),
    ("Vault", &["status", "change-pin", "forgot-pin", "unlock", "backup", "doctor", "log"]),
    ("Shell", &["completions"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_exactly_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = super::super::Cli::command();
        let mut real: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        grouped.sort_unstable();
        real.sort_unstable();
        assert_eq!(grouped, real);
    }

    #[test]
    fn every_command_has_a_sentence_and_an_example() {
        for sub in super::super::Cli::command().get_subcommands() {
            let (name, example) = (sub.get_name(), sub.get_after_help().map(ToString::to_string));
            assert!(sub.get_about().is_some(), "{name} has no sentence");
            assert!(example.is_some_and(|text| text.contains("Example")), "{name} has no example");
        }
    }

    #[test]
    fn the_parser_is_sound() {
        parser().debug_assert();
    }

    #[test]
    fn no_secret_is_an_option_of_its_own() {
        for sub in super::super::Cli::command().get_subcommands() {
            for arg in sub.get_arguments().filter_map(|arg| arg.get_long()) {
                assert!(!["pin", "password", "new-pin", "otp-pin"].contains(&arg), "--{arg}");
            }
        }
    }
}
