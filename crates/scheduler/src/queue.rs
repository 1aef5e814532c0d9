//! The funnel: where the leads of a campaign stand, each counted once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::LaneId;
use relance_domain::campaign::state::CampaignState;
use relance_domain::definition::Definition;
use relance_domain::eligibility::lane_opening;
use relance_domain::funnel::{LaneOpening, Standing, Surroundings, standing};
use relance_store::campaign::{Campaign, Lane};
use relance_store::user::User;
use serde::{Deserialize, Serialize};

use crate::{Engine, Result};

/// Where the leads of a campaign stand. The counts add up to the total.
///
/// What holds for a whole lane (campaign, share of the list, zone, place, register, consent, hours) is decided at the moment of the
/// question. What holds for one person is not: caps, cool-downs, an assignment open in another campaign, a register that the number
/// stands in, the list's licence and the age of a consent are looked at when a search for a lead meets it, which then writes the
/// reason and until when on it. Until then such a lead is counted as its lane stands, mostly as callable, so that this count can be too
/// high by them. A search never hands such a lead out, and passes each once. What it wrote holds until the time that it wrote, even
/// where the reason goes earlier (a call elsewhere that ends before its lease); after that the lead is counted by its lane again. [`Engine::why`](crate::Engine::why) puts one lead to the whole check, and says so beforehand. An
/// objection or a suppression closes all leads of the person at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Funnel {
    /// The campaign's short name.
    pub campaign: String,
    /// Where the campaign stands.
    pub state: CampaignState,
    /// The calling profile only serves to show the product.
    pub demonstration: bool,
    /// All leads.
    pub total: i64,
    /// How many stand where.
    pub standings: Vec<StandingCount>,
}

/// Leads that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StandingCount {
    /// Where.
    pub standing: Standing,
    /// In words.
    pub in_words: String,
    /// How many.
    pub leads: i64,
    /// The first instant at which that changes for one of them, where it is known.
    pub next_at: Option<Timestamp>,
}

impl Engine {
    /// The funnel of a campaign.
    pub async fn funnel(&self, campaign: &str) -> Result<Funnel> {
        let campaign = self.store.campaign(campaign).await?;
        self.funnel_of(&campaign, None).await
    }

    /// The funnel of a campaign; for an operator who asks, only what they may be given is callable.
    pub(crate) async fn funnel_of(&self, campaign: &Campaign, asking: Option<&User>) -> Result<Funnel> {
        let now = self.now();
        let definition = self.definition(campaign.id, campaign.version).await?;
        let law = self.law(&definition);
        let registers = self.store.register_days(&campaign.seller, campaign.id).await?;
        let lanes = self.store.lanes(campaign.id).await?;
        let opening = |lane: &Lane| {
            let opening = lane_opening(now, &law, &lane.for_rules(), &registers);
            (lane.id, (opening, asking.and_then(|user| kept_from(user, &definition, lane))))
        };
        let openings: BTreeMap<LaneId, (LaneOpening, Option<Standing>)> = lanes.iter().map(opening).collect();
        let mut counts: BTreeMap<Standing, (i64, Option<Timestamp>)> = BTreeMap::new();
        for row in self.store.funnel(campaign.id, now).await? {
            let Some((lane, kept_from)) = openings.get(&row.lane).copied() else { continue };
            let (place, until) = standing(row.state, Surroundings { campaign: campaign.state, lane }, now);
            // The next of those who wait for a budget go when its next day begins, unless some of today's is left.
            let until = match (place, &definition.reopening.budget) {
                (Standing::Budget, Some(budget)) => Some(budget.release_at(now, 0)),
                _ => until,
            };
            let place = match place {
                Standing::Callable | Standing::Reserved if asking.is_some() => kept_from.unwrap_or(Standing::Callable),
                place => place,
            };
            let (leads, next_at) = counts.entry(place).or_default();
            *leads += row.leads;
            *next_at = next_at.iter().copied().chain(until.filter(|at| *at < Timestamp::MAX)).min();
        }
        let standings: Vec<StandingCount> = counts
            .into_iter()
            .map(|(standing, (leads, next_at))| StandingCount {
                standing,
                in_words: standing.in_words().to_owned(),
                leads,
                next_at,
            })
            .collect();
        Ok(Funnel {
            campaign: campaign.campaign.clone(),
            state: campaign.state,
            demonstration: definition.calling.demonstration,
            total: standings.iter().map(|count| count.leads).sum(),
            standings,
        })
    }
}

/// Why an operator is not given the leads of a lane, though they may be called.
fn kept_from(user: &User, definition: &Definition, lane: &Lane) -> Option<Standing> {
    let traits = &lane.traits;
    let speaks =
        |language: &String| user.languages.contains(language) || definition.language.as_ref() == Some(language);
    if traits.reserved_for.is_some_and(|operator| operator != user.id) {
        Some(Standing::Reserved)
    } else if !definition.skills.iter().all(|skill| user.skills.contains(skill)) {
        Some(Standing::SkillMissing)
    } else if !traits.language.as_ref().is_none_or(speaks) {
        Some(Standing::LanguageNotSpoken)
    } else {
        None
    }
}
