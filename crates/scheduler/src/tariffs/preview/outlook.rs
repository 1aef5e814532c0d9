//! What a preview guesses: the work that calling people takes, and the orders it may bring.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::forecast::{self, Trials};
use relance_domain::{CampaignId, Span};
use relance_store::preview::PastReopenings;
use relance_store::tariff::OfferedBy;

use super::shown::{CallsAhead, OrdersAhead, RestsOn};
use crate::{Engine, Result};

/// How far back calls tell of the present rates.
const LATELY: Span = Span::days(28);
/// Calls that a rate, and calls for reopenings that a history is taken from, at most: the latest tell the most.
const CALLS_MOST: i64 = 20_000;

/// People of a campaign who come back, by reason.
pub(super) type Back = BTreeMap<String, i64>;

impl Engine {
    pub(super) async fn calls_ahead(&self, by: &OfferedBy, back: &Back, now: Timestamp) -> Result<CallsAhead> {
        let late = self.store.late_calls(by.campaign, LATELY.before(now), CALLS_MOST).await?;
        let people: i64 = back.values().sum();
        Ok(CallsAhead {
            campaign: by.definition.campaign.clone(),
            people,
            rate: late.rate,
            since: late.since,
            work: late.rate.work(u64::try_from(people).unwrap_or_default()),
        })
    }

    pub(super) async fn orders_ahead(&self, by: &OfferedBy, back: &Back) -> Result<Vec<OrdersAhead>> {
        let own = self.store.past_reopenings(by.campaign, CALLS_MOST).await?;
        let of_campaign = total(&own);
        let of_seller = match of_campaign.tried {
            0 => self.past_of_seller(by).await?,
            _ => of_campaign,
        };
        let ahead = back.iter().filter(|(_, people)| **people > 0).map(|(reason, people)| {
            let same = own.iter().find(|past| past.reason == *reason).map(|past| past.trials).unwrap_or_default();
            let (rests_on, past) = nearest([
                (RestsOn::CampaignAndReason, same),
                (RestsOn::Campaign, of_campaign),
                (RestsOn::Seller, of_seller),
            ]);
            OrdersAhead {
                campaign: by.definition.campaign.clone(),
                reason: reason.clone(),
                people: *people,
                rests_on,
                tried: past.tried,
                ordered: past.orders,
                forecast: forecast::orders(u64::try_from(*people).unwrap_or_default(), past),
            }
        });
        Ok(ahead.collect())
    }

    async fn past_of_seller(&self, by: &OfferedBy) -> Result<Trials> {
        let campaigns = self.store.campaigns().await?;
        let others = campaigns.iter().filter(|other| other.seller == by.definition.seller && other.id != by.campaign);
        let others: Vec<CampaignId> = others.map(|other| other.id).collect();
        let mut past = Trials::default();
        for campaign in others {
            past = past + total(&self.store.past_reopenings(campaign, CALLS_MOST).await?);
        }
        Ok(past)
    }
}

fn total(past: &[PastReopenings]) -> Trials {
    past.iter().map(|past| past.trials).sum()
}

fn nearest(known: [(RestsOn, Trials); 3]) -> (RestsOn, Trials) {
    let tried = known.into_iter().find(|(_, trials)| trials.tried > 0);
    tried.unwrap_or((RestsOn::Nothing, Trials::default()))
}
