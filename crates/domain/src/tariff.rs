//! Tariffs: what is offered, at what price, where and when.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::definition::Features;
use crate::{Money, ZoneName};

/// A checked tariff: the content of a file in `tariffs/`. Read it with [`crate::campaign::read_tariff`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Short name: lower-case letters, digits and hyphens. Unique.
    pub tariff: String,
    /// The name people read.
    pub name: String,
    /// What it costs, each period.
    pub price: Money,
    /// What `price` is per, as people say it: "month".
    pub per: String,
    /// What is paid besides.
    pub fees: Vec<Fee>,
    /// What it offers.
    pub features: Features,
    /// Where it is to be had: codes of region, or prefixes of postcodes; empty means everywhere.
    pub regions: Vec<String>,
    /// The first day it is to be had.
    pub valid_from: Date,
    /// The last day it is to be had, if there is one.
    pub valid_until: Option<Date>,
    /// The zone that those days are counted in.
    pub time_zone: ZoneName,
    /// The campaigns that offer it.
    pub campaigns: Vec<String>,
}

/// Something paid besides the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fee {
    /// What for.
    pub name: String,
    /// How much.
    pub amount: Money,
}

/// What a tariff is in its life. A retired one is never published again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TariffState {
    /// Known, not offered.
    Draft,
    /// Offered; refusals it answers are reopened.
    Published,
    /// No longer offered.
    Retired,
}

impl TariffState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Retired];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Retired => "retired",
        }
    }
}

impl Tariff {
    /// Whether it is to be had at `now`.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> bool {
        let Ok(zone) = self.time_zone.rules() else { return false };
        let today = zone.to_datetime(now).date();
        self.valid_from <= today && self.valid_until.is_none_or(|last| today <= last)
    }

    /// Whether it is to be had at an address. Where the tariff names regions, an unknown address is not covered.
    #[must_use]
    pub fn covers(&self, region: Option<&str>, postcode: Option<&str>) -> bool {
        let in_region = |code: &String| region.is_some_and(|region| region.eq_ignore_ascii_case(code));
        let in_postcode = |prefix: &String| {
            prefix.bytes().all(|b| b.is_ascii_digit()) && postcode.is_some_and(|postcode| postcode.starts_with(prefix))
        };
        self.regions.is_empty() || self.regions.iter().any(|code| in_region(code) || in_postcode(code))
    }
}
