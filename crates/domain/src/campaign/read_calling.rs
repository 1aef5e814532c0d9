//! `[calling]` → [`CallingProfile`].

use std::collections::BTreeMap;

use super::read::{label, span};
use crate::Span;
use crate::calling_hours::{Day, WeeklyHours, Window};
use crate::definition::{AttemptCap, CallingProfile};
use crate::toml_file::{Entry, Section};

/// Reads the calling profile.
pub(super) fn profile(section: &Section<'_>) -> CallingProfile {
    let days = section.need("days_after_refusal", "days_after_refusal = 60").and_then(|e| e.number(0..=3_660));
    let caps = section.need("caps", r#"caps = [{ max = 4, window = "30d" }]"#).map(|e| e.list()).unwrap_or_default();
    CallingProfile {
        profile: label(section, "profile", r#"profile = "weekdays""#),
        demonstration: section.get("demonstration").and_then(|e| e.flag()).unwrap_or(false),
        subject: section.get("subject").and_then(|e| e.short_name()),
        default_time_zone: section.get("default_time_zone").and_then(|e| e.parsed()),
        hours: section
            .need("hours", r#"hours = { mon = ["09:00-20:00"] }"#)
            .and_then(|e| hours(&e))
            .unwrap_or_default(),
        caps: caps.iter().filter_map(|e| e.section(cap)?).collect(),
        days_after_refusal: days.unwrap_or(0),
    }
}

fn cap(section: &Section<'_>) -> Option<AttemptCap> {
    let max = section.need("max", "max = 4").and_then(|e| e.number(1..=10_000));
    let window = section.need("window", r#"window = "30d""#).and_then(|e| span(&e, 1, Span::days(3_660)));
    Some(AttemptCap { max: max?, window: window? })
}

/// A table of days, or the word `always`.
fn hours(entry: &Entry<'_>) -> Option<WeeklyHours> {
    match entry.raw().as_str() {
        Some("always") => Some(WeeklyHours::always()),
        Some(_) => {
            entry.invalid(r#"write the days with their windows, as in { mon = ["09:00-20:00"] }, or "always""#);
            None
        }
        None => entry.section(|section| {
            let windows = |day: Day| Some((day, windows(&section.get(day.as_str())?)));
            WeeklyHours(Day::ALL.into_iter().filter_map(windows).collect::<BTreeMap<_, _>>())
        }),
    }
}

fn windows(entry: &Entry<'_>) -> Vec<Window> {
    entry.list().iter().filter_map(Entry::parsed).collect()
}
