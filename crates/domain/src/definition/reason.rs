//! Why people refuse: what a reason asks, what it counts as, and what reopens it.

use serde::{Deserialize, Deserializer, Serialize};

use super::CountsAs;
use crate::Span;

/// Why people refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalReason {
    /// What is recorded.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Details that are asked for.
    pub asks: Vec<Detail>,
    /// Those of `asks` that a refusal may lack. Definitions from before there were any have none.
    #[serde(default)]
    pub optional: Vec<Detail>,
    /// What a refusal for it counts as under the calling rules; absent is what its disposition counts as.
    #[serde(default)]
    pub counts_as: Option<CountsAs>,
    /// Alternatives: all conditions of one of them must hold for a refusal to be reopened; with none, nothing reopens it.
    #[serde(deserialize_with = "alternatives")]
    pub reopened_by: Vec<Vec<ReopenCondition>>,
}

impl RefusalReason {
    /// Whether a refusal is incomplete without this detail.
    #[must_use]
    pub fn requires(&self, detail: Detail) -> bool {
        self.asks.contains(&detail) && !self.optional.contains(&detail)
    }

    /// Whether its people come back by themselves on the day they named, whatever tariffs there are.
    #[must_use]
    pub fn comes_back_by_itself(&self) -> bool {
        self.reopened_by.iter().any(|alternative| alternative.as_slice() == [ReopenCondition::DateHasCome])
    }
}

/// Reads alternatives, or the one list of conditions that older definitions hold.
fn alternatives<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<ReopenCondition>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Alternatives(Vec<Vec<ReopenCondition>>),
        One(Vec<ReopenCondition>),
    }
    Ok(match Stored::deserialize(deserializer)? {
        Stored::Alternatives(alternatives) => alternatives,
        Stored::One(conditions) => vec![conditions],
    })
}

/// A detail of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The most the client would pay.
    PriceCeiling,
    /// The longest commitment the client would take, in months.
    MaxMonths,
    /// What the client would want.
    WantedFeatures,
    /// The postcode at which the client would take it, where that is not their address.
    Coverage,
    /// Who they stay with.
    Competitor,
    /// What they pay there.
    CompetitorPrice,
    /// When their present contract ends.
    ContractEnd,
    /// The day from which they want to be called again.
    CallAfter,
    /// The tariff that was offered and refused.
    TariffOffered,
    /// What they said, in the note of the report.
    Note,
}

impl Detail {
    /// Every detail.
    pub const ALL: [Self; 10] = [
        Self::PriceCeiling,
        Self::MaxMonths,
        Self::WantedFeatures,
        Self::Coverage,
        Self::Competitor,
        Self::CompetitorPrice,
        Self::ContractEnd,
        Self::CallAfter,
        Self::TariffOffered,
        Self::Note,
    ];

    /// The word used in campaign files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriceCeiling => "price_ceiling",
            Self::MaxMonths => "max_months",
            Self::WantedFeatures => "wanted_features",
            Self::Coverage => "coverage",
            Self::Competitor => "competitor",
            Self::CompetitorPrice => "competitor_price",
            Self::ContractEnd => "contract_end",
            Self::CallAfter => "call_after",
            Self::TariffOffered => "tariff_offered",
            Self::Note => "note",
        }
    }
}

/// What must hold of a tariff, a refusal and its person for the refusal to be reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenCondition {
    /// The price is at most the ceiling the client named.
    PriceWithinCeiling,
    /// The price is below that of the tariff offered then, as it was then.
    PriceBelowOffered,
    /// The price is below that of the tariff offered then by at least so many hundredths of it.
    BelowOfferedByPercent(u8),
    /// The price is below that of the tariff offered then by at least this amount, in minor units of the campaign's currency.
    BelowOfferedBy(i64),
    /// The price is below what the client pays a competitor.
    BelowCompetitor,
    /// The commitment is at most as long as the client would take.
    CommitmentShortEnough,
    /// The tariff has everything the client wanted, in the unit they wanted it in.
    HasWantedFeatures,
    /// The address is known, and the tariff is to be had there.
    CoversAddress,
    /// The client's present contract ends within this time (or has ended).
    ContractEndsWithin(Span),
    /// At least so many days have passed since the refusal.
    DaysSince(u16),
    /// The person was reopened fewer times than this in the last 365 days.
    ReopeningsAYear(u16),
    /// The day from which the client wants to be called has come. Alone it needs no tariff.
    DateHasCome,
}

impl ReopenCondition {
    /// The word used in campaign files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriceWithinCeiling => "price_within_ceiling",
            Self::PriceBelowOffered => "price_below_offered",
            Self::BelowOfferedByPercent(_) => "below_offered_by_percent",
            Self::BelowOfferedBy(_) => "below_offered_by",
            Self::BelowCompetitor => "below_competitor",
            Self::CommitmentShortEnough => "commitment_short_enough",
            Self::HasWantedFeatures => "has_wanted_features",
            Self::CoversAddress => "covers_address",
            Self::ContractEndsWithin(_) => "contract_ends_within",
            Self::DaysSince(_) => "days_since",
            Self::ReopeningsAYear(_) => "reopenings_a_year",
            Self::DateHasCome => "date_has_come",
        }
    }

    /// The detail of the refusal that it looks at, if it looks at one that is asked for.
    #[must_use]
    pub fn looks_at(self) -> Option<Detail> {
        match self {
            Self::PriceWithinCeiling => Some(Detail::PriceCeiling),
            Self::BelowCompetitor => Some(Detail::CompetitorPrice),
            Self::CommitmentShortEnough => Some(Detail::MaxMonths),
            Self::HasWantedFeatures => Some(Detail::WantedFeatures),
            Self::ContractEndsWithin(_) => Some(Detail::ContractEnd),
            Self::DateHasCome => Some(Detail::CallAfter),
            Self::PriceBelowOffered | Self::BelowOfferedByPercent(_) | Self::BelowOfferedBy(_) => {
                Some(Detail::TariffOffered)
            }
            // The rest is known without asking.
            Self::CoversAddress | Self::DaysSince(_) | Self::ReopeningsAYear(_) => None,
        }
    }

    /// Whether it waits for a day: a tariff that is published goes on looking at refusals that have such a condition, those made
    /// since its publication included.
    #[must_use]
    pub fn is_timed(self) -> bool {
        matches!(self, Self::ContractEndsWithin(_) | Self::DaysSince(_) | Self::DateHasCome)
    }
}

impl std::fmt::Display for ReopenCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::BelowOfferedByPercent(percent) => write!(f, " {percent}"),
            Self::BelowOfferedBy(minor) => write!(f, " {minor} minor units"),
            Self::ContractEndsWithin(span) => write!(f, " {span}"),
            Self::DaysSince(number) | Self::ReopeningsAYear(number) => write!(f, " {number}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_before_are_read_as_they_were_meant() {
        let stored = r#"{"code":"price","label":"Price","asks":["price_ceiling"],
            "reopened_by":["price_within_ceiling",{"contract_ends_within":"30d"}]}"#;
        let reason: RefusalReason = serde_json::from_str(stored).expect("a reason");
        assert!(reason.requires(Detail::PriceCeiling) && !reason.requires(Detail::Note));
        let both = vec![ReopenCondition::PriceWithinCeiling, ReopenCondition::ContractEndsWithin(Span::days(30))];
        assert_eq!(reason.reopened_by, [both]);
        let written = serde_json::to_string(&reason).expect("JSON");
        assert_eq!(serde_json::from_str::<RefusalReason>(&written).expect("a reason"), reason);
        let none: RefusalReason =
            serde_json::from_str(r#"{"code":"a","label":"A","asks":[],"reopened_by":[]}"#).expect("a reason");
        assert!(none.reopened_by.is_empty());
    }
}
