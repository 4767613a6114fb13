//! The *Activate Identity* page: what it is, a name, a yes.
//!
//! A name comes from `--name`, else from the person, else it is the pre-filled one. After a clash a
//! person chooses again with a free name as default; a script ends with that name as suggestion.

use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationInput, ActivationStep, ConsentSummary, Ticket};
use softtoken_core::error::{Needed, Part};

use super::{Driver, Machine, pages};
use crate::failure::Failure;
use crate::texts::{self, printable};

/// The page as the state machine gives it.
pub(super) struct ConsentPage<'a> {
    pub summary: &'a ConsentSummary,
    /// Pre-filled; may be empty.
    pub name: &'a str,
    /// After a clash: a free name.
    pub taken: Option<&'a str>,
}

/// A name, and whether a person just typed it.
struct Name {
    text: String,
    typed: bool,
}

impl Driver<'_> {
    /// Answers the page.
    pub(super) fn consent(
        &mut self,
        machine: &dyn Machine,
        ticket: Ticket,
        page: &ConsentPage,
    ) -> Result<ActivationStep, Failure> {
        let entries = page.summary.entries.len();
        if entries != 1 && self.choices.name.is_some() {
            return Err(Failure::usage(format!("--name fits one identity, and these are {entries}.")));
        }
        let first_time = !std::mem::replace(&mut self.consent_seen, true);
        if !self.choices.yes {
            if !self.context.ask.is_person() {
                return Err(TokenError::ConsentNeeded.into());
            }
            if first_time {
                self.context.ask.say(&pages::consent(page.summary));
            }
        }
        let name = if entries == 1 { Some(self.name(page, first_time)?) } else { None };
        if !self.choices.yes && !self.agreed {
            self.agreed = self.context.ask.agrees(pages::question(page.summary));
            if !self.agreed {
                machine.advance(ticket, ActivationInput::Decline)?;
                return Err(Failure::from(TokenError::ConsentNeeded).saying("Nothing was added."));
            }
        }
        let (typed, name) = name.map_or((false, None), |name| (name.typed, Some(name.text)));
        match machine.advance(ticket, ActivationInput::Consent { name }) {
            Err(error @ TokenError::NotUnderstood { part: Part::Name, .. }) if typed => {
                self.context.ask.say(&texts::sentence(&error));
                Ok(machine.step()?)
            }
            other => Ok(other?),
        }
    }

    fn name(&mut self, page: &ConsentPage, first_time: bool) -> Result<Name, Failure> {
        if let Some(chosen) = self.choices.name.as_ref().filter(|_| first_time) {
            return Ok(Name { text: chosen.clone(), typed: false });
        }
        let person = self.context.ask.is_person();
        match (page.taken, page.name) {
            (Some(free), _) if !person => Err(TokenError::NameTaken { suggestion: free.to_owned() }.into()),
            (Some(free), _) => {
                self.context.ask.say(texts::NAME_TAKEN);
                self.ask_name(free)
            }
            (None, "") if !person => Err(Failure::needs(Needed::Name)),
            (None, prefilled) if self.choices.yes && !prefilled.is_empty() => {
                Ok(Name { text: prefilled.to_owned(), typed: false })
            }
            (None, prefilled) => self.ask_name(prefilled),
        }
    }

    /// Asks until there is a name; an empty line takes the default.
    fn ask_name(&mut self, default: &str) -> Result<Name, Failure> {
        let prompt = match default {
            "" => "Name: ".to_owned(),
            default => format!("Name [{}]: ", printable(default)),
        };
        loop {
            let line = self.context.ask.line(&prompt).ok_or_else(|| Failure::needs(Needed::Name))?;
            match (line.trim(), default) {
                ("", "") => {}
                ("", default) => return Ok(Name { text: default.to_owned(), typed: false }),
                (name, _) => return Ok(Name { text: name.to_owned(), typed: true }),
            }
        }
    }
}
