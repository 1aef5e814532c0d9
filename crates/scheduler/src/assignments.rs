//! A lead that an operator holds: for longer, handed back as not called, or taken by a supervisor.

use jiff::Timestamp;
use relance_domain::assignment::held_at_most;
use relance_domain::fault::{self, Fault};
use relance_domain::{AssignmentId, CampaignId, LeadId, UserId};
use relance_store::StoreError;
use relance_store::assignment::{HandOver, HandedBack, Held, Holder, Take, Taken};
use relance_store::claim::{HandOut, RunningCampaign};
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// The longest reason, in characters.
const REASON_MAX: usize = 500;
/// How often a campaign is loaded again whose definition changes meanwhile, before the take is given up as busy.
const RELOADS_MAX: u32 = 5;

/// A lead whose call goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldLead {
    /// The assignment.
    pub assignment: AssignmentId,
    /// When the lease runs out now.
    pub lease_until: Timestamp,
    /// The last instant until which it can be held.
    pub held_at_most: Timestamp,
}

/// A lead that was handed back. The same request gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandedBackLead {
    /// The assignment, which has ended.
    pub assignment: AssignmentId,
    /// The lead.
    pub lead: LeadId,
    /// When it was handed back.
    pub handed_back_at: Timestamp,
}

/// A lead that a supervisor took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TakenLead {
    /// The assignment that was taken, which has ended.
    pub assignment: AssignmentId,
    /// The operator who had it.
    pub operator: String,
    /// The lead.
    pub lead: LeadId,
    /// Where the lead stands: `ready`, `scheduled`, `assigned` or `closed`.
    pub lead_state: String,
    /// Who has it now.
    pub handed_to: Option<HandedTo>,
}

/// Who has a lead that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandedTo {
    /// The operator. They receive it when they ask for the next lead.
    pub operator: String,
    /// Their assignment.
    pub assignment: AssignmentId,
    /// When the lease runs out.
    pub lease_until: Timestamp,
}

impl Engine {
    /// Extends the lease of an assignment that the operator holds: to one more lease of its campaign from now, and to four
    /// from the hand-out at most.
    pub async fn hold_lead(&self, operator: UserId, assignment: AssignmentId, token: &str) -> Result<HeldLead> {
        let hand_out = self.shown_by(operator, assignment, token).await?;
        let lease = self.definition(hand_out.campaign, hand_out.campaign_version).await?.lease;
        let holder = Holder { assignment, token: token.to_owned(), operator };
        match self.store.hold(&holder, lease, self.now()).await? {
            Held::Until(lease_until) => {
                Ok(HeldLead { assignment, lease_until, held_at_most: held_at_most(hand_out.handed_at, lease) })
            }
            Held::Ended(ending) => Err(Error::Ended { assignment, ending }),
            Held::NotYours => Err(Error::NotYours(assignment)),
        }
    }

    /// Hands a lead back as not called: it goes where it was, and the hand-out is no try.
    pub async fn hand_back(
        &self,
        operator: UserId,
        assignment: AssignmentId,
        token: &str,
        reason: &str,
    ) -> Result<HandedBackLead> {
        let reason = checked_reason("the hand-back", reason)?;
        let holder = Holder { assignment, token: token.to_owned(), operator };
        match self.store.hand_back(&holder, reason, self.now()).await? {
            HandedBack::Done { lead, at } => {
                metrics::counter!("relance_hand_backs_total").increment(1);
                Ok(HandedBackLead { assignment, lead, handed_back_at: at })
            }
            HandedBack::Ended(ending) => Err(Error::Ended { assignment, ending }),
            HandedBack::NotYours => Err(Error::NotYours(assignment)),
        }
    }

    /// Takes a lead from whoever holds it. It goes where it was, or to another operator at once, by the rules of every
    /// hand-out. An outcome that its operator reports afterwards is late.
    pub async fn take_lead(
        &self,
        by: Option<UserId>,
        assignment: AssignmentId,
        reason: &str,
        to: Option<UserId>,
    ) -> Result<TakenLead> {
        let reason = checked_reason("the take", reason)?;
        let hand_out = self.store.hand_out(assignment).await?;
        for _ in 0..RELOADS_MAX {
            let to = match to {
                Some(operator) => Some(self.hand_over(operator, hand_out.campaign).await?),
                None => None,
            };
            let take = Take { assignment, by, reason: reason.to_owned(), to };
            match self.store.take(&take, self.now()).await? {
                Taken::Done { lead, lead_state, handed } => {
                    let handed_to = match handed {
                        Some(handed) => Some(self.handed_to(handed).await?),
                        None => None,
                    };
                    let operator = hand_out.operator_name;
                    return Ok(TakenLead { assignment, operator, lead, lead_state, handed_to });
                }
                Taken::Ended(ending) => return Err(Error::Ended { assignment, ending }),
                Taken::Outdated => {}
            }
        }
        Err(StoreError::Busy("the campaign keeps changing: ask again".into()).into())
    }

    async fn hand_over(&self, operator: UserId, campaign: CampaignId) -> Result<HandOver> {
        let campaigns = self.store.campaigns().await?;
        let present = campaigns.into_iter().find(|known| known.id == campaign);
        let version = present.ok_or_else(|| StoreError::not_found("campaign", campaign))?.version;
        let definition = self.definition(campaign, version).await?.as_ref().clone();
        self.store.use_rules(&self.rules, self.now()).await?;
        let law = self.law(&definition);
        let campaign = RunningCampaign { id: campaign, version, definition, law };
        Ok(HandOver { operator, token: self.chance.word(), campaign })
    }

    async fn handed_to(&self, assignment: AssignmentId) -> Result<HandedTo> {
        let hand_out = self.store.hand_out(assignment).await?;
        Ok(HandedTo { operator: hand_out.operator_name, assignment, lease_until: hand_out.lease_until })
    }

    /// An assignment, if the operator has it and shows its token; ended or not.
    pub(crate) async fn shown_by(&self, operator: UserId, assignment: AssignmentId, token: &str) -> Result<HandOut> {
        let found = self.hand_outs.ask(assignment).await?;
        let theirs = found.filter(|hand_out| {
            hand_out.operator == operator && (hand_out.token == token || fault::is_on(Fault::TokenUnchecked))
        });
        theirs.ok_or(Error::NotYours(assignment))
    }
}

/// A reason in words, without the space around it.
pub(crate) fn checked_reason<'a>(what: &'static str, reason: &'a str) -> Result<&'a str> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Err(Error::field(what, "reason", "is empty: say why, in a few words")),
        1..=REASON_MAX => Ok(reason),
        length => Err(Error::field(what, "reason", format!("has {length} characters: {REASON_MAX} are the most"))),
    }
}
