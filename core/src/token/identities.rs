//! The facade's verbs on identities and their codes.

use super::codes::{self, Moment};
use super::{ClockView, CodeSheet, CodeView, PolicyView, ResyncView, SoftToken};
use crate::TokenError;
use crate::doctor::{self, ClockReading};
use crate::error::Unsupported;
use crate::identity::{IdentityId, IdentityName, IdentityView};
use crate::otp::{CodeSpec, ocra};
use crate::ports::{LogEvent, LogLevel};
use crate::time::UnixTime;

impl SoftToken {
    /// Active identities in the user's order, then pending ones.
    pub fn identities(&self) -> Result<Vec<IdentityView>, TokenError> {
        self.desk()?.views()
    }

    /// The identity with this id (32 hexadecimal digits) or name, however the name is written.
    ///
    /// # Errors
    /// `UnknownIdentity`.
    pub fn find(&self, name_or_id: &str) -> Result<IdentityView, TokenError> {
        let wanted = IdentityName::new(name_or_id).map(|name| name.skeleton()).ok();
        let id = IdentityId::from_hex(name_or_id);
        let views = self.desk()?.views()?;
        let by_name = |view: &IdentityView| {
            IdentityName::new(&view.name).map(|name| Some(name.skeleton()) == wanted).unwrap_or(false)
        };
        let place =
            views.iter().position(|view| Some(view.id) == id).or_else(|| views.iter().position(by_name));
        place.and_then(|place| views.into_iter().nth(place)).ok_or(TokenError::UnknownIdentity)
    }

    /// All codes in one call: now (each identity's learned clock offset applied), or at a time the user named. None of
    /// those that are [stopped](IdentityView::stopped).
    pub fn codes(&self, at: Option<UnixTime>) -> Result<CodeSheet, TokenError> {
        let moment = self.moment(at)?;
        let mut desk = self.desk()?;
        let rows = desk.rows()?.filter(|row| row.record.stopped.is_none());
        let rows = rows.map(|row| codes::code_view(row.id, row.name, row.record, moment));
        Ok(codes::sheet(moment, rows.collect::<Result<_, _>>()?))
    }

    /// The next code of an event-based identity. The counter is saved before the code is returned, so
    /// a code is never shown twice.
    ///
    /// # Errors
    /// `Unsupported{ForThisKind}` for other kinds; `Stopped`.
    pub fn next_code(&self, id: IdentityId) -> Result<CodeView, TokenError> {
        let mut desk = self.desk()?;
        desk.code_row(id)?;
        let counter = desk.use_counters(id, 1)?;
        let row = desk.row(id)?;
        codes::counted_view(row.id, row.name, row.record, counter)
    }

    /// The two codes an issuer asks for after a drift: the current and the following one, with their
    /// numbers. An event-based identity uses up both counters before they are returned.
    ///
    /// # Errors
    /// `Unsupported{ForThisKind}` for challenge-based identities; `Stopped`.
    pub fn resync_codes(&self, id: IdentityId) -> Result<ResyncView, TokenError> {
        let now = self.clock().now()?;
        let mut desk = self.desk()?;
        match &desk.code_row(id)?.record.credential.spec {
            CodeSpec::Hotp { .. } | CodeSpec::MobilePass => {
                let counter = desk.use_counters(id, 2)?;
                codes::resync_by_counter(desk.row(id)?.record, counter)
            }
            CodeSpec::Ocra { .. } => Err(TokenError::Unsupported { what: Unsupported::ForThisKind }),
            CodeSpec::Totp { .. } | CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex => {
                codes::resync_by_time(desk.row(id)?.record, now)
            }
        }
    }

    /// The response of a challenge-based identity (RFC 6287). A suite with a counter uses it up before
    /// the response is returned; a suite with a PIN takes `otp_pin`, or the one stored with the identity.
    ///
    /// # Errors
    /// `Unsupported{ForThisKind}` for other kinds; `NotUnderstood{Challenge}`; `InputNeeded{OtpPin}`; `Stopped`.
    pub fn respond(
        &self,
        id: IdentityId,
        challenge: &str,
        otp_pin: Option<&[u8]>,
        at: Option<UnixTime>,
    ) -> Result<CodeView, TokenError> {
        let moment = self.moment(at)?;
        let mut desk = self.desk()?;
        let (response, counter) = {
            let record = desk.code_row(id)?.record;
            let CodeSpec::Ocra { suite } = &record.credential.spec else {
                return Err(TokenError::Unsupported { what: Unsupported::ForThisKind });
            };
            let counter = suite.needs_counter().then_some(record.credential.counter);
            let stored = record.credential.otp_pin.as_ref().map(|pin| pin.expose());
            let inputs = ocra::Inputs {
                counter,
                question: challenge,
                pin: otp_pin.or(stored),
                session: None,
                time: Some(moment.for_record(record)),
            };
            (ocra::respond(suite, record.credential.secret.expose(), &inputs)?, counter)
        };
        // A challenge that the suite refuses has cost no counter; now it is used up, and then shown.
        if counter.is_some() {
            desk.use_counters(id, 1)?;
        }
        let row = desk.row(id)?;
        Ok(CodeView { code: Some(codes::text(&response)), counter, ..codes::empty_row(row.id, row.name) })
    }

    /// Gives an identity another name.
    ///
    /// # Errors
    /// `NameTaken` with a free name, `NotUnderstood{Name}`.
    pub fn rename(&self, id: IdentityId, name: &str) -> Result<IdentityView, TokenError> {
        let name = IdentityName::new(name)?;
        let mut desk = self.desk()?;
        desk.rename(id, name)?;
        desk.view(id)
    }

    /// Moves an identity to `position` (counted from 0) among the active ones; too large means last.
    pub fn reorder(&self, id: IdentityId, position: u32) -> Result<IdentityView, TokenError> {
        let mut desk = self.desk()?;
        desk.move_to(id, position)?;
        desk.view(id)
    }

    /// Removes an identity, active or pending, for good. What its issuer is to be told stays in
    /// [`pending_deletions`](Self::pending_deletions) until it was.
    pub fn remove(&self, id: IdentityId) -> Result<(), TokenError> {
        let now = self.clock().now().ok();
        self.desk()?.remove(id, now)?;
        self.log(LogLevel::Info, LogEvent::IdentityRemoved);
        Ok(())
    }

    /// What the issuers demand: of one identity, or of all.
    pub fn policy_view(&self, id: Option<IdentityId>) -> Result<Vec<PolicyView>, TokenError> {
        let mut desk = self.desk()?;
        let views: Vec<_> = desk
            .rows()?
            .filter(|row| id.is_none_or(|id| id == row.id))
            .map(|row| PolicyView {
                id: row.id,
                name: row.name.to_owned(),
                issuer: row.issuer.to_owned(),
                policy: row.record.policy,
            })
            .collect();
        if views.is_empty() && id.is_some() { Err(TokenError::UnknownIdentity) } else { Ok(views) }
    }

    /// The offline clock doctor. Needs no PIN; learned offsets are listed when the vault is open.
    pub fn diagnose_clock(&self) -> Result<ClockView, TokenError> {
        let reading = ClockReading { now: self.clock().now()?, elapsed: self.clock().elapsed()? };
        let offsets = match self.desk()?.rows() {
            Ok(rows) => rows
                .filter(|row| row.record.clock_offset != 0)
                .map(|row| (row.id, row.record.clock_offset))
                .collect(),
            Err(_) => Vec::new(),
        };
        Ok(ClockView {
            now: reading.now,
            implausible: doctor::is_implausible(reading.now),
            jumped: doctor::jump(self.opened, reading),
            offsets,
        })
    }

    fn moment(&self, at: Option<UnixTime>) -> Result<Moment, TokenError> {
        match at {
            Some(time) => Ok(Moment::At(time)),
            None => Ok(Moment::Now(self.clock().now()?)),
        }
    }
}
