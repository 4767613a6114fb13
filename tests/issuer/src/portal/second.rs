//! The second step of a user: whether there is one, and what can be used for it now.
//!
//! Invariant: a field for a code is there only when a code could be accepted.

use maud::{Markup, html};

use super::parts;
use super::signin::encoded;
use super::visit::Visit;
use crate::error::Result;

/// What a user's tokens can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Second {
    /// The password is not enough. A disabled token counts: else whoever can disable the last one without a code
    /// would need none any more.
    pub needed: bool,
    /// An active one shows codes.
    pub codes: bool,
    /// An active one answers challenges.
    pub challenges: bool,
}

impl Second {
    /// Of a user (an id).
    pub async fn of(visit: &Visit, user: &str) -> Result<Self> {
        let query = "SELECT \
            EXISTS (SELECT 1 FROM tokens WHERE user_id = ?1 \
                AND (state = 'ACTIVE' OR state = 'INACTIVE' AND seed IS NOT NULL)), \
            EXISTS (SELECT 1 FROM tokens WHERE user_id = ?1 AND state = 'ACTIVE' AND kind <> 'OCRA'), \
            EXISTS (SELECT 1 FROM tokens WHERE user_id = ?1 AND state = 'ACTIVE' AND kind = 'OCRA')";
        let (needed, codes, challenges) =
            sqlx::query_as(query).bind(user).fetch_one(visit.issuer.store.read()).await?;
        Ok(Self { needed, codes, challenges })
    }

    /// What else there is than a code: a challenge, or answers.
    pub fn other_ways(self, visit: &Visit, next: &str) -> Markup {
        let lang = visit.lang;
        html! {
            @if !self.codes && self.challenges { p { (lang.t("second-challenge")) } }
            @if !self.codes && !self.challenges {
                (parts::wrong(&lang.t("second-disabled"), &lang.t("second-disabled-way")))
            }
            @if self.challenges {
                (parts::post(visit, "/portal/sign-in/challenge", html! {
                    input type="hidden" name="next" value=(next);
                    button class=[self.codes.then_some("second")] { (lang.t("challenge-use")) }
                }))
            }
            p { a.button.plain href={"/portal/sign-in/misplaced?next=" (encoded(next))} { (lang.t("misplaced")) } }
        }
    }
}
