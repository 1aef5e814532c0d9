//! Why a refusal was reopened, in words.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::definition::{Definition, FeatureKind, FeatureValue, Features};

/// A condition that holds: what was wrong then, what is right now. Either may have nothing to say.
pub(super) struct Met {
    pub(super) then: String,
    pub(super) now: Option<String>,
}

/// Features with their amounts and units.
pub(super) fn features(features: &Features, units: &BTreeMap<String, String>, definition: &Definition) -> String {
    let words = features.iter().map(|(code, value)| match (definition.feature(code), value) {
        (Some(feature), FeatureValue::Amount(amount)) => match (&feature.kind, units.get(code)) {
            (_, Some(unit)) | (FeatureKind::AtLeast(unit), None) => format!("{} {amount} {unit}", feature.label),
            (FeatureKind::Has, None) => feature.label.clone(),
        },
        (Some(feature), FeatureValue::Has(_)) => feature.label.clone(),
        (None, _) => code.clone(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

/// `refused on 3 March: over 30.00 USD a month; Fibre 25 now costs 24.99 USD a month`
pub(super) fn because(refused_at: Timestamp, zone: &TimeZone, now: Timestamp, met: &[Met]) -> String {
    let on = day(zone.to_datetime(refused_at).date(), zone.to_datetime(now).date());
    let mut sentence = format!("refused on {on}");
    let then: Vec<_> = met.iter().map(|met| met.then.as_str()).filter(|then| !then.is_empty()).collect();
    let mut answers: Vec<_> = met.iter().filter_map(|met| met.now.as_deref()).collect();
    answers.dedup();
    for (mark, words) in [(": ", then), ("; ", answers)] {
        if !words.is_empty() {
            sentence.push_str(mark);
            sentence.push_str(&words.join(", "));
        }
    }
    sentence
}

/// `3 March`, with the year when it is more than half a year away.
pub(super) fn day(day: Date, today: Date) -> String {
    let near = |edge: Result<Date, _>| edge.unwrap_or(today);
    let (from, to) = (near(today.checked_sub(6.months())), near(today.checked_add(6.months())));
    let format = if from <= day && day <= to { "%-d %B" } else { "%-d %B %Y" };
    day.strftime(format).to_string()
}
