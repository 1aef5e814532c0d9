//! Tariffs: what is offered, at what price, where and when.

mod rate;
mod region;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::definition::Features;
use crate::reopening::{Budget, HoldOut};
use crate::{Currency, Money, ZoneName};

pub use rate::{ExchangeRate, NotARate, Rate};
pub use region::{Address, Region};

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
    /// How many months the client commits to; 0 for none.
    #[serde(default)]
    pub commitment_months: u32,
    /// What kinds of service it is, in codes such as `internet`, `mobile` or `loan`.
    #[serde(default)]
    pub services: Vec<String>,
    /// What it offers.
    pub features: Features,
    /// The units that its file wrote behind amounts of features; where it wrote none, the campaign's unit is meant.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Where it is to be had, in the notation of [`Region`]; empty means everywhere.
    pub regions: Vec<String>,
    /// Rates into the currencies of campaigns that count in another.
    #[serde(default)]
    pub rates: Vec<Rate>,
    /// The tariff that ends when this one starts.
    #[serde(default)]
    pub replaces: Option<String>,
    /// How many leads that it reopened become callable in a day of `time_zone`, in each campaign; none is no limit of its own.
    #[serde(default)]
    pub reopened_per_day: Option<u32>,
    /// The share of the refusals it answers that it leaves alone, to be measured against them.
    #[serde(default)]
    pub hold_out: Option<HoldOut>,
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
    /// What it allows of itself in a day.
    #[must_use]
    pub fn budget(&self) -> Option<Budget> {
        self.reopened_per_day.map(|per_day| Budget { per_day, time_zone: self.time_zone.clone() })
    }

    /// The day it is at `now` where the tariff counts its days.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Date {
        self.time_zone.rules().map_or(Date::MAX, |zone| zone.to_datetime(now).date())
    }

    /// Whether it is to be had at `now`.
    #[must_use]
    pub fn valid_at(&self, now: Timestamp) -> bool {
        let today = self.today(now);
        self.valid_from <= today && !self.has_ended(now)
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|last| last < self.today(now))
    }

    /// The instant its first day begins; the end of time where its zone is not known any more.
    #[must_use]
    pub fn starts_at(&self) -> Timestamp {
        let start = self.time_zone.rules().ok().and_then(|zone| self.valid_from.to_zoned(zone).ok());
        start.map_or(Timestamp::MAX, |start| start.timestamp())
    }

    /// Its price in a currency: as it is, or by a declared rate.
    #[must_use]
    pub fn price_in(&self, currency: Currency) -> Option<Money> {
        self.in_currency(self.price, currency)
    }

    /// An amount of the tariff in a currency: as it is, or by a declared rate.
    #[must_use]
    pub fn in_currency(&self, amount: Money, currency: Currency) -> Option<Money> {
        if amount.currency == currency {
            return Some(amount);
        }
        self.rates.iter().find(|rate| rate.to == currency)?.convert(amount)
    }

    /// Its price in every currency that it has one in.
    pub fn prices(&self) -> impl Iterator<Item = Money> {
        std::iter::once(self.price).chain(self.rates.iter().filter_map(|rate| rate.convert(self.price)))
    }

    /// Whether it is to be had at an address. Where the tariff names places, an address that is not known is not covered.
    #[must_use]
    pub fn covers(&self, address: &Address<'_>) -> bool {
        let places = || self.regions.iter().filter_map(|text| Region::parse(text));
        self.regions.is_empty() || places().any(|region| region.holds(address))
    }
}
