//! A refusal that a tariff put back: was the tariff offered, and did it meet what the person asked for?

use jiff::civil::Date;
use jiff::tz::{self, TimeZone};

use super::TOGETHER;
use super::books::{Books, OfferedTariff};
use super::facts::instant;
use super::found::{Findings, NotJudged, Promise};
use super::record::{ClientRecord, RefusalRecord, ReopeningRecord};
use crate::definition::{Definition, Features};
use crate::eligibility::Facts;
use crate::lead::{ClosedReason, LeadState};
use crate::matching::{StandingRefusal, alternative_met};
use crate::outcome::Refusal;
use crate::tariff::TariffState;
use crate::{Currency, Money};

const APART_MS: i64 = TOGETHER.seconds() * 1_000;

/// Judges a reopening.
#[must_use]
pub fn judge_reopening(one: &ReopeningRecord, books: &Books) -> Findings {
    let mut found = Findings::default();
    found.check(Promise::P7, "reopenings, each against its tariff, its refusal and the condition of its reason");
    let mut wrong = |what: &str| found.violation(Promise::P7, "reopening", one.id, what);
    let Some(refusal) = &one.refusal else {
        wrong("its refusal is not there");
        return found;
    };
    if refusal.lead != one.lead || refusal.campaign != one.campaign {
        wrong("its refusal is another lead's or campaign's");
        return found;
    }
    let Some(offered) = books.tariffs.get(&one.tariff) else {
        // A tariff that cannot be read is a violation of its own.
        if !books.unreadable_tariffs.contains(&one.tariff) {
            wrong("the version of its tariff is not kept");
        }
        return found;
    };
    if let Some(what) = not_offered(one, refusal, offered, books) {
        wrong(what);
        return found;
    }
    let Some(standing) = standing(one, refusal) else {
        let what = "what it asked for cannot be read";
        found.violation(Promise::P7, "refusal", refusal.id, what);
        return found;
    };
    meets(one, &standing, offered, books, &mut found);
    found
}

/// Why the tariff could not put anybody back.
fn not_offered(
    one: &ReopeningRecord,
    refusal: &RefusalRecord,
    offered: &OfferedTariff,
    books: &Books,
) -> Option<&'static str> {
    let at = one.reopened_at_ms;
    let Some(published) = offered.published_at_ms else { return Some("its tariff was never published") };
    if matches!(offered.state, None | Some(TariffState::Draft)) {
        Some("its tariff is a draft")
    } else if published > at.saturating_add(APART_MS) {
        Some("it is older than the publication of its tariff")
    } else if offered.retired_at_ms.is_some_and(|retired| retired.saturating_add(APART_MS) < at) {
        Some("its tariff had been retired before")
    } else if books
        .campaign_name(one.campaign)
        .is_some_and(|name| !offered.tariff.campaigns.iter().any(|of| of == name))
    {
        Some("its campaign does not offer the tariff")
    } else if refusal.refused_at_ms > at.saturating_add(APART_MS) {
        Some("its refusal is younger than it")
    } else {
        None
    }
}

/// Whether the tariff met what was asked for, by the definition of the day, and was to be had at the address.
fn meets(
    one: &ReopeningRecord,
    standing: &StandingRefusal,
    offered: &OfferedTariff,
    books: &Books,
    found: &mut Findings,
) {
    let at = one.reopened_at_ms;
    let (earlier, later) = (at.saturating_sub(APART_MS), at.saturating_add(APART_MS));
    let answers = |definition: &Definition| {
        let tariff = &offered.tariff;
        [at, earlier].into_iter().any(|now| alternative_met(tariff, standing, definition, instant(now)).is_some())
    };
    let is_met = books.definitions_between(one.campaign, earlier, later).into_iter().any(|by| answers(by));
    let covers = offered.tariff.covers(&standing.address());
    let zone = standing.zone.as_ref().and_then(|zone| zone.rules().ok());
    let licensed = zone.is_none_or(|zone| is_licensed(one, &zone));
    if is_met && covers && licensed {
        return;
    }
    let client = one.client.as_ref();
    // Of another address the tariff may have been to be had; the licence was over wherever the last day of it was over.
    let licensed_somewhere = is_licensed(one, &TimeZone::fixed(tz::offset(-12)));
    let moved = |client: &ClientRecord| {
        client.changed_at_ms.is_some_and(|when| when.saturating_add(APART_MS) >= at) || books.undone_since(at)
    };
    if client.is_none_or(|client| client.erased_at_ms.is_some()) {
        found.cannot_judge(Promise::P7, NotJudged::Erased);
    } else if client.is_some_and(|client| client.merged_at_ms.is_some_and(|when| when >= at)) {
        found.cannot_judge(Promise::P7, NotJudged::Merged);
    } else if is_met && licensed_somewhere && client.is_some_and(moved) {
        found.cannot_judge(Promise::P7, NotJudged::AddressChanged);
    } else {
        let what = match (is_met, covers) {
            (false, _) => "its tariff does not meet what the refusal asked for",
            (true, false) if licensed_somewhere => "its tariff is not to be had where the person lives",
            (true, _) => "the licence of the lead's list had ended",
        };
        found.violation(Promise::P7, "reopening", one.id, what);
    }
}

/// Whether the licence of the lead's list was not over in a zone.
fn is_licensed(one: &ReopeningRecord, zone: &TimeZone) -> bool {
    let last = one.licence_until.as_deref().and_then(|day| day.parse::<Date>().ok());
    last.is_none_or(|last| zone.to_datetime(instant(one.reopened_at_ms)).date() <= last)
}

/// The refusal as the rule of reopening looks at it; none where it cannot be read.
fn standing(one: &ReopeningRecord, refusal: &RefusalRecord) -> Option<StandingRefusal> {
    let currency: Currency = refusal.currency.parse().ok()?;
    let money = |minor: i64| Money { minor, currency };
    let wanted_features: Features = serde_json::from_str(&refusal.wanted_features).ok()?;
    let day = |text: &Option<String>| text.as_deref().map(str::parse).transpose().ok();
    let units = refusal.units.iter().filter_map(|pair| pair.split_once(' '));
    let client = one.client.clone().unwrap_or_default();
    Some(StandingRefusal {
        refusal: Refusal {
            reason: refusal.reason.clone(),
            price_ceiling: refusal.price_ceiling_minor.map(money),
            max_months: refusal.max_months,
            wanted_features,
            units: units.map(|(feature, unit)| (feature.to_owned(), unit.to_owned())).collect(),
            coverage: refusal.coverage.clone(),
            competitor: None,
            competitor_price: refusal.competitor_price_minor.map(money),
            contract_end: day(&refusal.contract_end)?,
            call_after: day(&refusal.call_after)?,
            tariff_offered: None,
        },
        refused_at: instant(refusal.refused_at_ms),
        offered: refusal.offered_price_minor.map(|minor| (String::new(), money(minor))),
        reopenings_of_year: u32::try_from(one.reopenings_of_year).unwrap_or(u32::MAX),
        lead: LeadState::Closed(ClosedReason::Refused),
        number: None,
        country: client.country,
        region: client.region,
        postcode: client.postcode,
        zone: client.time_zone.and_then(|zone| zone.parse().ok()),
        facts: Facts::default(),
    })
}
