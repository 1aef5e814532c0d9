//! The campaigns of the simulated site, each with what its definitions promise.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use relance_domain::Span;
use relance_domain::calling_hours::{Day, WeeklyHours};
use relance_domain::definition::{AttemptCap, Definition, StandardField};
use relance_domain::rules::RuleSet;

use super::almanac::{Edition, Limits, Week};
use crate::builders;

/// Two campaigns of one seller, which share caps and objections, and one of another.
pub(super) const CAMPAIGNS: [&str; 3] = ["fibre", "mobile", "loan"];

/// The sellers of the campaigns.
pub(super) const SELLERS: [&str; 3] = [builders::SELLER, builders::SELLER, "Loans Example"];

/// Definitions that a campaign has in turn.
pub(super) const VARIANTS: usize = 3;

const ALL_DAY: Week = [&[(0, 1_440)]; 7];
const OFFICE: Week =
    [&[(540, 1_140)], &[(540, 1_140)], &[(540, 1_140)], &[(540, 1_140)], &[(540, 1_080)], &[(600, 780)], &[]];
const EVENINGS: Week = [
    &[(1_020, 1_260)],
    &[(1_020, 1_260)],
    &[(1_020, 1_260)],
    &[(1_020, 1_260)],
    &[(1_020, 1_260)],
    &[(540, 1_140)],
    &[],
];
const EVERY_DAY: Week = [&[(480, 1_320)]; 7];

/// What a definition of a campaign promises: of each campaign one set of limits for every variant.
pub(super) fn limits(campaign: usize, variant: usize) -> Limits {
    let lease_minutes = [15, 30, 20][variant];
    match campaign {
        0 => Limits {
            week: [ALL_DAY, OFFICE, EVERY_DAY][variant],
            caps: &[(20, 720)],
            days_after_refusal: 0,
            lawful: true,
            lease_minutes,
        },
        1 => Limits {
            week: [OFFICE, EVENINGS, EVERY_DAY][variant],
            caps: [&[(2, 24), (5, 168)][..], &[(1, 24), (5, 168)], &[(2, 24), (4, 168)]][variant],
            days_after_refusal: [2, 1, 3][variant],
            lawful: false,
            lease_minutes,
        },
        _ => Limits {
            week: [EVERY_DAY, OFFICE, ALL_DAY][variant],
            caps: [&[(3, 168)][..], &[(3, 168), (1, 12)], &[(4, 168)]][variant],
            days_after_refusal: 1,
            lawful: false,
            lease_minutes,
        },
    }
}

/// The definition that says so.
pub(super) fn definition(campaign: usize, variant: usize) -> Definition {
    let limits = limits(campaign, variant);
    let mut definition = builders::definition(CAMPAIGNS[campaign]);
    definition.seller = SELLERS[campaign].to_owned();
    definition.lease = Span::minutes(limits.lease_minutes);
    let calling = &mut definition.calling;
    calling.demonstration = !limits.lawful;
    calling.default_time_zone = Some(builders::zone("Europe/Paris"));
    calling.hours = hours(&limits.week);
    calling.days_after_refusal = u32::try_from(limits.days_after_refusal).unwrap_or(0);
    let cap = |(max, hours): &(usize, i64)| AttemptCap {
        max: u32::try_from(*max).unwrap_or(u32::MAX),
        window: Span::minutes(hours * 60),
    };
    calling.caps = limits.caps.iter().map(cap).collect();
    for (field, header) in [
        (StandardField::LastName, "last_name"),
        (StandardField::TimeZone, "time zone"),
        (StandardField::Consent, "consent"),
        (StandardField::ConsentDate, "consent date"),
    ] {
        definition.columns.insert(field, vec![header.to_owned()]);
    }
    definition
}

fn hours(week: &Week) -> WeeklyHours {
    let shown = |(from, to): &(u16, u16)| {
        let text = format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
        text.parse().expect("a window")
    };
    let days: BTreeMap<_, _> =
        Day::ALL.into_iter().zip(week).map(|(day, windows)| (day, windows.iter().map(shown).collect())).collect();
    WeeklyHours(days)
}

/// The rules of an edition.
pub(super) fn rules(edition: Edition) -> Arc<RuleSet> {
    match edition {
        Edition::Shipped => RuleSet::shipped(),
        Edition::Stricter => Arc::clone(&STRICTER),
    }
}

static STRICTER: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let shipped = RuleSet::shipped();
    let [pack, holidays] = shipped.texts();
    let pack = after(pack, "id = \"FR-CAP-4-30\"", "max = 4\n", "max = 3\n");
    let pack = after(&pack, "id = \"FR-CONSENT-OPTIN\"", "proof = true\n", "proof = true\nexpires = \"P2M\"\n");
    Arc::new(RuleSet::compile(("stricter", &pack), ("holidays", holidays)).expect("the stricter rules are in order"))
});

/// The text with one place changed behind a mark.
fn after(text: &str, mark: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(mark).expect("the shipped rules have the rule");
    format!("{before}{mark}{}", rest.replacen(from, to, 1))
}
