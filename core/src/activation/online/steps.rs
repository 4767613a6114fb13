//! The steps: each stores first and hands out an effect second.

use std::sync::Arc;

use super::answers::{clock_offset, ended, exchange_error, unanswered};
use super::{HttpKind, HttpProblem, HttpRequest, Next, Now, Online, OnlineDraft, Order, World, stuck};
use crate::TokenError;
use crate::activation::exchange::{Exchange, ExchangeError, IssuerCard, OnlineOrder, Step};
use crate::activation::online_draft::Form;
use crate::error::{Unsupported, Untrusted};
use crate::identity::IdentityId;

impl OnlineDraft {
    /// The next effect of how far it is.
    pub(super) fn go(mut self, world: &mut dyn World) -> Result<Next, TokenError> {
        let exchange = match &self.form {
            Form::Order { order, .. } => {
                let order = Arc::clone(order);
                return match order.online(None, world.stretch())? {
                    Some(online) => self.claim(online, order, world),
                    None => {
                        self.store(false, world)?;
                        let request = HttpRequest::card(&order.address);
                        Ok(self.waits(|draft| Now::Answer { draft, request, order: Some(order) }))
                    }
                };
            }
            Form::Exchange { exchange, .. } => exchange,
        };
        match exchange.step() {
            Step::Password { tries_left } => {
                self.store(false, world)?;
                Ok(self.waits(|draft| Now::Password { draft, tries_left }))
            }
            Step::Verify(verify) => {
                self.store(false, world)?;
                Ok(self.waits(|draft| Now::Verify { draft, verify }))
            }
            Step::Send if exchange.awaits_verification() => self.send(None, world),
            Step::Send if exchange.agreement().is_some() && !exchange.has_opened() => self.agreed(world),
            Step::Send => self.send(None, world),
            Step::ShowCode(_) => {
                self.store(true, world)?;
                Ok(self.waits(|draft| Now::Code { draft, awaited: false }))
            }
            Step::Active => {
                // What is stored has the agreement too, and the answer would come again.
                world.finish_draft(self.id)?;
                Ok(Next::Done(self.id))
            }
            Step::Ended(refused) => end(self.id, ended(refused), world),
        }
    }

    /// The next request of the exchange. `order`: no byte of message 1 has left before.
    pub(super) fn send(
        mut self,
        order: Option<Arc<Order>>,
        world: &mut dyn World,
    ) -> Result<Next, TokenError> {
        let exchange = self.exchange_mut()?;
        let request = exchange.request(world.random()).map_err(exchange_error)?;
        let request = HttpRequest::of(&exchange.header().address, request);
        let grouped = exchange.has_opened();
        self.store(grouped, world)?;
        Ok(self.waits(|draft| Now::Answer { draft, request, order }))
    }

    /// Asks the issuer whether it took the registration code.
    pub(super) fn ask(self, world: &mut dyn World) -> Result<Next, TokenError> {
        self.send(None, world)
    }

    /// The typed address's keys: message 1 can be made.
    pub(super) fn take_card(self, body: &[u8], world: &mut dyn World) -> Result<Next, TokenError> {
        let Form::Order { order, .. } = &self.form else { return Err(TokenError::Internal) };
        let card = IssuerCard::decode(body).map_err(|_| REPLY)?;
        let known = world.known_issuer(&order.address)?;
        card.proof.check(&order.address, &card.handshake_key, known.as_ref()).map_err(|_| ISSUER)?;
        let online = order.online(Some(&card), world.stretch())?.ok_or(TokenError::Internal)?;
        let order = Arc::clone(order);
        self.claim(online, order, world)
    }

    /// An answer of the exchange.
    pub(super) fn take(mut self, body: &[u8], world: &mut dyn World) -> Result<Next, TokenError> {
        let (id, now) = (self.id, world.now());
        let Form::Exchange { exchange, clock_offset: offset } = &mut self.form else {
            return Err(TokenError::Internal);
        };
        let had = (exchange.agreement().is_some(), matches!(exchange.step(), Step::ShowCode(_)));
        match exchange.take(body) {
            Err(ExchangeError::Verification) => {
                return end(id, TokenError::Unsupported { what: Unsupported::ActivationType }, world);
            }
            other => other.map_err(exchange_error)?,
        }
        if let (Some(agreement), (false, _)) = (exchange.agreement(), had) {
            *offset = clock_offset(agreement.time, now);
        }
        let mut next = self.go(world)?;
        if let Next::Online(online) = &mut next
            && let Now::Code { awaited, .. } = &mut online.now
        {
            *awaited = had.1;
        }
        Ok(next)
    }

    /// No answer. As long as nothing of message 1 has left, it is as it was before, and the user may choose
    /// to go on without network.
    pub(super) fn unanswered(
        mut self,
        kind: HttpKind,
        problem: HttpProblem,
        order: Option<Arc<Order>>,
        world: &mut dyn World,
    ) -> Next {
        let (id, why) = (self.id, unanswered(problem));
        let asking = self.registration_code().is_some();
        let left = match (kind, problem) {
            (HttpKind::Card, _) | (_, HttpProblem::NoNetwork | HttpProblem::Tls) => false,
            (_, HttpProblem::Timeout | HttpProblem::TooLarge) => true,
        };
        let mut order = order.filter(|_| !left);
        if let (Some(order), Form::Exchange { exchange, .. }) = (&order, &self.form) {
            let (order, device) = (Arc::clone(order), exchange.device().to_owned());
            self.form = Form::Order { order, device };
        }
        if order.is_some() && self.store(false, world).is_err() {
            // What is stored says that message 1 may have left, and that counts.
            order = None;
        }
        let order = order.filter(|order| why == TokenError::NoNetwork && order.offline.is_some());
        stuck(id, why, order, asking)
    }

    /// Another password after a wrong one.
    pub(super) fn supply_password(&mut self, password: &[u8]) -> Result<(), TokenError> {
        Ok(self.exchange_mut()?.supply_password(password)?)
    }

    /// Message 1, the first time.
    fn claim(
        mut self,
        online: OnlineOrder,
        order: Arc<Order>,
        world: &mut dyn World,
    ) -> Result<Next, TokenError> {
        let Form::Order { device, .. } = &self.form else { return Err(TokenError::Internal) };
        let known = world.known_issuer(&order.address)?;
        let exchange = Exchange::begin(online, device, known, world.random()).map_err(exchange_error)?;
        self.form = Form::Exchange { exchange: Box::new(exchange), clock_offset: 0 };
        self.send(Some(order), world)
    }

    /// Both sides have keys. Before message 3 is made: a PIN that is long enough, then the group.
    fn agreed(mut self, world: &mut dyn World) -> Result<Next, TokenError> {
        let exchange = self.exchange_mut()?;
        let agreement = exchange.agreement().ok_or(TokenError::Internal)?;
        let rules = agreement.policy.pin;
        // Another activation may have come to know the address since this one began.
        let known = world.known_issuer(&exchange.header().address)?;
        let fits = |known| known == agreement.issuer || Some(known) == exchange.known_issuer();
        if known.is_some_and(|known| !fits(known)) {
            return Err(ISSUER);
        }
        if world.pin_is_too_short(rules)? {
            self.store(false, world)?;
            return Ok(self.waits(|_| Now::Pin { rules }));
        }
        world.put_online(&mut self, true)?;
        Ok(self.waits(|draft| Now::Arming { draft }))
    }

    /// Stores it, unless the same is stored already.
    fn store(&mut self, grouped: bool, world: &mut dyn World) -> Result<(), TokenError> {
        if self.stored == Some(self.hash()?) { Ok(()) } else { world.put_online(self, grouped) }
    }

    pub(super) fn waits(self, now: impl FnOnce(Self) -> Now) -> Next {
        Next::Online(Box::new(Online { id: self.id, now: now(self) }))
    }

    pub(super) fn exchange_mut(&mut self) -> Result<&mut Exchange, TokenError> {
        match &mut self.form {
            Form::Exchange { exchange, .. } => Ok(exchange),
            Form::Order { .. } => Err(TokenError::Internal),
        }
    }
}

/// Deletes it, for good.
pub(super) fn end(id: IdentityId, why: TokenError, world: &mut dyn World) -> Result<Next, TokenError> {
    world.delete_draft(id)?;
    Ok(Next::Ended(why))
}

const REPLY: TokenError = TokenError::Untrusted { what: Untrusted::Reply };
const ISSUER: TokenError = TokenError::Untrusted { what: Untrusted::Issuer };
