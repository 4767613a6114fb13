//! A contact under way: which request comes next, and what is stored before.
//!
//! | Before | Is stored |
//! |---|---|
//! | codes of the new seed are shown | new pair, old pair, group: one transaction |
//! | the next sealed request, which tells the issuer of it | the ways back of both |
//! | `Done` is shown | policy, state, clock offset, group; the old pair goes when nothing else lives |
//! | `Ended` is shown | why the identity shows no more codes |
//!
//! A session that the issuer has forgotten, and whatever else is not answered, is given up and begun anew.

use super::contact::{ContactEnd, ContactInput, ContactNews, ContactState, ContactStep};
use super::contact_desk::{Calling, Outcome, REPLY, contact_error, proof};
use super::desk::Desk;
use crate::TokenError;
use crate::activation::contact::{Caller, Contact, Report, Step, TokenState, Wish};
use crate::activation::driver::{HttpKind, HttpRequest};
use crate::activation::exchange::{IssuerCard, Refused};
use crate::activation::online::answers::{clock_offset, ended, unanswered};
use crate::activation::state::Ticket;
use crate::activation::world::Phase;
use crate::error::Unsupported;
use crate::identity::IdentityId;
use crate::random::Random;
use crate::time::UnixTime;
use crate::vault::DraftId;

/// One contact.
pub(super) struct Run {
    ticket: u64,
    who: Who,
    wish: Wish,
    device: String,
    /// It has another seed since this contact.
    renewed: bool,
    /// The issuer does not want another seed now.
    declined: bool,
    /// Sessions that the issuer did not know.
    forgotten: u8,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Who {
    Identity(IdentityId),
    Deletion(DraftId),
}

enum Stage {
    /// The issuer's card is asked for.
    Card {
        caller: Caller,
        wish: Wish,
        request: HttpRequest,
    },
    Talk {
        contact: Box<Contact>,
        request: HttpRequest,
        sent: UnixTime,
    },
    /// The way back of the new pair is missing.
    Arming {
        contact: Box<Contact>,
    },
    Done(ContactNews),
    Ended(ContactEnd),
    Failed {
        why: TokenError,
        retry: bool,
    },
}

impl Run {
    pub(super) fn of_identity(
        id: IdentityId,
        wish: Wish,
        device: String,
        desk: &mut Desk,
    ) -> Result<Self, TokenError> {
        if wish == Wish::Delete {
            return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
        }
        // Pending ones, and those that wait for their code, say so.
        desk.row(id)?;
        Self::begin(Who::Identity(id), wish, device, desk)
    }

    pub(super) fn of_deletion(id: DraftId, device: String, desk: &mut Desk) -> Result<Self, TokenError> {
        Self::begin(Who::Deletion(id), Wish::Delete, device, desk)
    }

    fn begin(who: Who, wish: Wish, device: String, desk: &Desk) -> Result<Self, TokenError> {
        let stage = Stage::card(who, wish, false, desk)?;
        let (renewed, declined, forgotten) = (false, false, 0);
        Ok(Self { ticket: 1, who, wish, device, renewed, declined, forgotten, stage })
    }

    pub(super) fn step(&self) -> ContactStep {
        let state = match &self.stage {
            Stage::Card { request, .. } | Stage::Talk { request, .. } => {
                ContactState::Exchange { request: request.clone() }
            }
            // Only another thread can see it.
            Stage::Arming { .. } => ContactState::Failed { why: TokenError::VaultBusy, retry: false },
            Stage::Done(news) => ContactState::Done { news: news.clone() },
            Stage::Ended(end) => ContactState::Ended { end: *end },
            Stage::Failed { why, retry } => ContactState::Failed { why: why.clone(), retry: *retry },
        };
        ContactStep { ticket: Ticket(self.ticket), state }
    }

    pub(super) fn advance(
        &mut self,
        ticket: Ticket,
        input: ContactInput,
        desk: &mut Desk,
        random: &Random,
        now: UnixTime,
    ) -> Result<(), TokenError> {
        match (&self.stage, &input) {
            _ if ticket != Ticket(self.ticket) => return Err(TokenError::StaleInput),
            (
                Stage::Card { .. } | Stage::Talk { .. },
                ContactInput::Http { .. } | ContactInput::HttpProblem { .. },
            )
            | (Stage::Failed { retry: true, .. }, ContactInput::Retry) => {}
            _ => return Err(TokenError::StaleInput),
        }
        // Locked: it goes on after the unlock.
        if desk.phase() != Phase::Open {
            return Err(TokenError::VaultLocked);
        }
        let stage = std::mem::replace(&mut self.stage, Stage::failed(TokenError::Internal));
        let next = match (stage, input) {
            (_, ContactInput::Retry) => Stage::card(self.who, self.wish, self.declined, desk),
            (_, ContactInput::HttpProblem { problem }) => Err(unanswered(problem)),
            (Stage::Card { caller, wish, .. }, ContactInput::Http { status: OK, body }) => {
                self.take_card(caller, wish, &body, random, now)
            }
            (Stage::Talk { contact, sent, .. }, ContactInput::Http { status: OK, body }) => {
                self.take(contact, &body, desk, random, (sent, now))
            }
            (Stage::Talk { request, .. }, ContactInput::Http { status: UNKNOWN, .. })
                if request.kind == HttpKind::Sealed && self.forgotten < FORGOTTEN =>
            {
                self.forgotten = self.forgotten.saturating_add(1);
                Stage::card(self.who, self.wish, self.declined, desk)
            }
            (_, ContactInput::Http { status, .. }) => Err(TokenError::ServerRefused { status }),
        };
        self.stage = next.unwrap_or_else(Stage::failed);
        self.ticket = self.ticket.wrapping_add(1);
        Ok(())
    }

    /// The identity whose new pair needs its way back before the issuer hears that its codes are shown.
    pub(super) fn wants_arming(&self) -> Option<IdentityId> {
        match (&self.stage, self.who) {
            (Stage::Arming { .. }, Who::Identity(id)) => Some(id),
            _ => None,
        }
    }

    /// What came of that.
    pub(super) fn armed(&mut self, came: Result<(), TokenError>, random: &Random, now: UnixTime) {
        if !matches!(self.stage, Stage::Arming { .. }) {
            return;
        }
        let stage = std::mem::replace(&mut self.stage, Stage::failed(TokenError::Internal));
        let Stage::Arming { contact } = stage else { return };
        self.stage = came.and_then(|()| send(contact, random, now)).unwrap_or_else(Stage::failed);
        self.ticket = self.ticket.wrapping_add(1);
    }

    fn take_card(
        &mut self,
        caller: Caller,
        wish: Wish,
        body: &[u8],
        random: &Random,
        now: UnixTime,
    ) -> Result<Stage, TokenError> {
        let card = IssuerCard::decode(body).map_err(|_| REPLY)?;
        let contact = Contact::begin(caller, &card, wish, &self.device).map_err(contact_error)?;
        send(Box::new(contact), random, now)
    }

    fn take(
        &mut self,
        mut contact: Box<Contact>,
        body: &[u8],
        desk: &mut Desk,
        random: &Random,
        (sent, now): (UnixTime, UnixTime),
    ) -> Result<Stage, TokenError> {
        let agreed = contact.agreement().map(|agreement| agreement.keys.seed.duplicate());
        contact.take(body).map_err(contact_error)?;
        let mut end = |id, end| {
            desk.ended(id, contact.caller(), agreed.as_ref(), (end, now))?;
            Ok(Stage::Ended(end))
        };
        match (contact.step(), self.who) {
            (Step::Send, _) => send(contact, random, now),
            (Step::Renewed(profile), Who::Identity(id)) => {
                let agreement = contact.agreement().ok_or(TokenError::Internal)?;
                desk.contacted(id, contact.caller(), agreement, Outcome::Renewed(profile)).map_err(proof)?;
                self.renewed = true;
                Ok(Stage::Arming { contact })
            }
            (Step::Done(report), Who::Identity(id)) => self.done(id, &contact, &report, desk, (sent, now)),
            (Step::Deleted | Step::Refused(_), Who::Deletion(id)) => {
                desk.drop_deletion(id)?;
                Ok(Stage::Ended(ContactEnd::Told))
            }
            (Step::Deleted, Who::Identity(id)) => end(id, ContactEnd::DeletedByIssuer),
            (Step::Refused(Refused::Superseded), Who::Identity(id)) => end(id, ContactEnd::ReplacedElsewhere),
            (Step::Refused(Refused::Declined), _) if contact.wish() == Wish::Rekey && !self.declined => {
                // A token that is disabled, or whose new seed is shown: there is other news.
                self.declined = true;
                Stage::card(self.who, self.wish, self.declined, desk)
            }
            (Step::Refused(refused), Who::Identity(_)) => {
                Ok(Stage::Failed { why: ended(refused), retry: false })
            }
            (Step::Renewed(_) | Step::Done(_), Who::Deletion(_)) => Err(REPLY),
        }
    }

    fn done(
        &mut self,
        id: IdentityId,
        contact: &Contact,
        report: &Report,
        desk: &mut Desk,
        (sent, now): (UnixTime, UnixTime),
    ) -> Result<Stage, TokenError> {
        let agreement = contact.agreement().ok_or(TokenError::Internal)?;
        // The answer to a request that was carried for long may be as old as that.
        let prompt = now.0.checked_sub(sent.0).is_some_and(|seconds| seconds <= PROMPT);
        let offset = prompt.then(|| clock_offset(report.time, now));
        let active = report.state == TokenState::Active;
        let said = Outcome::Said {
            policy: report.policy,
            clock_offset: offset,
            alone: report.alone,
            disabled: (!active).then_some(now),
        };
        let clock_offset = desk.contacted(id, contact.caller(), agreement, said).map_err(proof)?;
        let wanted = report.rekey_wanted || self.wish == Wish::Rekey;
        let may = !self.renewed && !self.declined && report.alone && contact.wish() == Wish::Refresh;
        if wanted && active && may {
            self.wish = Wish::Rekey;
            return Stage::card(self.who, self.wish, self.declined, desk);
        }
        Ok(Stage::Done(ContactNews {
            id,
            active,
            renewed: self.renewed,
            alone: report.alone,
            policy: report.policy,
            needs_pin: desk.needs_pin()?,
            clock_offset,
        }))
    }
}

impl Stage {
    fn card(who: Who, wish: Wish, declined: bool, desk: &Desk) -> Result<Self, TokenError> {
        let (caller, wish) = match who {
            Who::Identity(id) => {
                let Calling { caller, offline, old_pair } = desk.calling(id)?;
                let wish = match wish {
                    _ if old_pair || declined => Wish::Refresh,
                    Wish::Refresh if offline => Wish::Rekey,
                    other => other,
                };
                (caller, wish)
            }
            Who::Deletion(id) => {
                let queued = desk.deletions()?.into_iter().find(|(queued, ..)| *queued == id);
                (queued.ok_or(TokenError::UnknownIdentity)?.2.caller, Wish::Delete)
            }
        };
        let request = HttpRequest::card(caller.address());
        Ok(Self::Card { caller, wish, request })
    }

    fn failed(why: TokenError) -> Self {
        Self::Failed { why, retry: true }
    }
}

fn send(mut contact: Box<Contact>, random: &Random, now: UnixTime) -> Result<Stage, TokenError> {
    let request = contact.request(random).map_err(contact_error)?;
    let request = HttpRequest::of(contact.caller().address(), request);
    Ok(Stage::Talk { contact, request, sent: now })
}

const OK: u16 = 200;
const UNKNOWN: u16 = 404;
/// Sessions that an issuer may forget before it is taken for a fault.
const FORGOTTEN: u8 = 3;
/// Seconds after which the time of an answer says nothing about a clock.
const PROMPT: u64 = 60;
