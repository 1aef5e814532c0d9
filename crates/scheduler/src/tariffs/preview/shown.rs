//! What a preview tells.

use jiff::Timestamp;
use relance_domain::forecast::{CallRate, Forecast, Work};
use relance_domain::reopening::HeldOutHow;
use serde::{Deserialize, Serialize};

/// What publishing a tariff would do. Every number is counted, none is sampled; what is guessed stands in `calls` and `orders` and
/// says what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPreview {
    /// The tariff's short name.
    pub tariff: String,
    /// When it begins; absent where that is now. It is counted as if it were now: who is asked again on a day in between is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Leads of its campaigns that stand refused, those that are taken back first among them.
    pub refusals: i64,
    /// Leads that the tariff it replaces, or an older version of it, has put back and that nobody has called since: publishing
    /// takes them back first, in whatever campaign, and then answers them anew like the others.
    pub taken_back: i64,
    /// Those it answers whose people come back at once.
    pub reopened_now: i64,
    /// Those it answers whose people come back later, when what holds them is over.
    pub reopened_later: i64,
    /// Those it answers that do not come back.
    pub held_back: i64,
    /// Of those who come back, at once or later, the ones whom the tariff's hold-out leaves alone; none where it has no hold-out.
    /// They are among the other numbers too, because their time comes when that of the hold-out is over.
    pub held_out: Option<HeldOutPeople>,
    /// Who comes back, at once or later, by reason.
    pub by_reason: Vec<ReasonShare>,
    /// The same by list, the largest first.
    pub by_list: Vec<PreviewShare>,
    /// The same by where they live, the largest first: a state or region such as `US:CA`, or the beginning of a postcode such as
    /// `FR:69*`.
    pub by_region: Vec<PreviewShare>,
    /// The same by how long ago they refused, the latest first.
    pub by_age: Vec<PreviewShare>,
    /// What holds people back, for a time or for good.
    pub held_by: Vec<HeldCount>,
    /// Of those who come back at once, the ones whose calls the calling rules forbid at present, and not for the hour alone: they
    /// wait in the queue.
    pub rules_forbid: Vec<HeldCount>,
    /// What calling those who come back would take, by campaign.
    pub calls: Vec<CallsAhead>,
    /// How many of them are to be expected to order, by campaign and reason.
    pub orders: Vec<OrdersAhead>,
    /// The same of all together for whom there is any history; none where there is none.
    pub orders_together: Option<Forecast>,
    /// A few of those who come back.
    pub examples: Vec<PreviewExample>,
}

/// People whom a hold-out leaves alone, so that what the tariff brings can be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldOutPeople {
    /// How many.
    pub refusals: i64,
    /// The share that is declared, of a hundred: the number differs from it, because each is chosen apart from the others.
    pub percent: u8,
    /// What becomes of them.
    pub how: HeldOutHow,
}

/// Answered refusals of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReasonShare {
    /// The reason.
    pub reason: String,
    /// How many come back, at once or later.
    pub refusals: i64,
}

/// Answered refusals that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewShare {
    /// What.
    pub name: String,
    /// How many come back, at once or later.
    pub refusals: i64,
}

/// Answered refusals that something holds back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldCount {
    /// For a time: `cool_down`, `attempt_cap`, `promised_callback`, `asked_later`. For good, or until something else changes:
    /// `region`, `suppressed`, `time_zone_unknown`, `licence_expired`, `already_reopened`, `with_operator`, `called_again`, `ordered`,
    /// `wrong_number`, `withdrawn`, `no_longer_refused`. Of the calling rules: the block that a lead would show.
    pub by: String,
    /// How many.
    pub refusals: i64,
    /// When the first of them is free again; none for what holds for good.
    pub first_until: Option<Timestamp>,
    /// When the last of them is free again.
    pub last_until: Option<Timestamp>,
    /// How many are free when; empty for what holds for good.
    pub free: Vec<BandCount>,
}

/// People who are free within a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BandCount {
    /// Within so many days, and not within those of the band before; none for later than all of them.
    pub within_days: Option<i64>,
    /// How many.
    pub refusals: i64,
}

/// What calling those who come back would take at the present rates of their campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CallsAhead {
    /// Short name of the campaign.
    pub campaign: String,
    /// Its people who come back.
    pub people: i64,
    /// Its calls of the last four weeks, the latest 20,000 at most: what the rest is reckoned from.
    pub rate: CallRate,
    /// When the first of those was.
    pub since: Option<Timestamp>,
    /// The work; none where too few calls were made to tell.
    pub work: Option<Work>,
}

/// How many orders to expect for a reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrdersAhead {
    /// Short name of the campaign.
    pub campaign: String,
    /// The reason.
    pub reason: String,
    /// People who come back.
    pub people: i64,
    /// Which earlier reopenings the guess rests on.
    pub rests_on: RestsOn,
    /// People who were called for those, and whose calling came to an end.
    pub tried: u64,
    /// Those of them who ordered.
    pub ordered: u64,
    /// The guess; none without history.
    pub forecast: Option<Forecast>,
}

/// Which earlier reopenings a guess rests on: the nearest of which any came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestsOn {
    /// Those of the same campaign for the same reason.
    CampaignAndReason,
    /// Those of the same campaign.
    Campaign,
    /// Those of the seller's campaigns.
    Seller,
    /// None: there is no history.
    Nothing,
}

/// Somebody who comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewExample {
    /// The number, masked.
    pub phone: String,
    /// Why, in words.
    pub because: String,
    /// Not before; none for at once.
    pub not_before: Option<Timestamp>,
}
