//! The report of a campaign: its numbers, each with its definition.

use relance_domain::Money;
use relance_store::question::{FUNNEL, LIST_QUALITY, ListQuality, REASONS, REOPENINGS};
use relance_store::{Result, Store};
use serde::{Deserialize, Serialize};

/// A campaign in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// The campaign's short name.
    pub campaign: String,
    /// From loaded to ordered.
    pub funnel: Vec<FunnelStep>,
    /// Why people refuse.
    pub reasons: Section<ReasonLine>,
    /// What the lists are worth.
    pub lists: Section<VendorLine>,
    /// What each tariff's reopenings brought.
    pub reopenings: Section<YieldLine>,
}

/// A step of the funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FunnelStep {
    /// Its name.
    pub step: String,
    /// Leads that reached it.
    pub leads: i64,
    /// What it counts.
    pub definition: String,
}

/// A table with the definition of what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Section<T> {
    /// What it counts.
    pub definition: String,
    /// Its lines.
    pub lines: Vec<T>,
}

/// Refusals of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReasonLine {
    /// The reason's code.
    pub reason: String,
    /// How many.
    pub refusals: i64,
    /// The middle ceiling.
    pub median_price_ceiling: Option<Money>,
}

/// What the lists of a vendor are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VendorLine {
    /// The counts.
    #[serde(flatten)]
    pub counts: ListQuality,
}

/// What a tariff's reopenings brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct YieldLine {
    /// The tariff's short name.
    pub tariff: String,
    /// Refusals it reopened.
    pub reopened: i64,
    /// Of those, tried since.
    pub attempted: i64,
    /// Orders of those calls that stand.
    pub ordered: i64,
    /// Sum of those orders' prices.
    pub revenue: Money,
}

/// Asks for the report of a campaign.
pub async fn report(store: &dyn Store, campaign: &str) -> Result<Report> {
    let campaign = store.campaign(campaign).await?;
    let currency = store.definition(campaign.id, campaign.version).await?.currency;
    let money = |minor: i64| Money { minor, currency };
    let numbers = store.report(campaign.id).await?;
    let funnel = FUNNEL.iter().zip(numbers.funnel).map(|((step, definition), leads)| FunnelStep {
        step: (*step).to_owned(),
        leads,
        definition: (*definition).to_owned(),
    });
    let reasons = numbers.reasons.into_iter().map(|count| ReasonLine {
        reason: count.reason,
        refusals: count.refusals,
        median_price_ceiling: count.median_price_ceiling_minor.map(money),
    });
    let yields = numbers.reopenings.into_iter().map(|brought| YieldLine {
        tariff: brought.tariff,
        reopened: brought.reopened,
        attempted: brought.attempted,
        ordered: brought.ordered,
        revenue: money(brought.revenue_minor),
    });
    Ok(Report {
        campaign: campaign.campaign,
        funnel: funnel.collect(),
        reasons: Section { definition: REASONS.to_owned(), lines: reasons.collect() },
        lists: Section {
            definition: LIST_QUALITY.to_owned(),
            lines: numbers.lists.into_iter().map(|counts| VendorLine { counts }).collect(),
        },
        reopenings: Section { definition: REOPENINGS.to_owned(), lines: yields.collect() },
    })
}
