//! `[calling]` → [`CallingProfile`].

use std::collections::BTreeMap;

use super::read::{label, span};
use crate::Span;
use crate::calling_hours::{Day, WeeklyHours, Window};
use crate::definition::{AttemptCap, CallingProfile};
use crate::rules::{Audience, CallKind, DialMode, Purpose};
use crate::toml_file::{Entry, REQUIRED_KEYS, Section};

/// The words for the rules that a profile names, and whether it is one for demonstration.
const RULES: [(&str, bool); 2] = [("law", false), ("demonstration", true)];

/// Reads the calling profile. What it says of hours, caps and cool-downs comes on top of the calling rules.
pub(super) fn profile(section: &Section<'_>) -> CallingProfile {
    let demonstration = rules(section);
    let days = section.get("days_after_refusal").and_then(|e| e.number(0..=3_660));
    let caps = section.get("caps").map(|e| e.list()).unwrap_or_default();
    CallingProfile {
        profile: label(section, "profile", r#"profile = "weekdays""#),
        demonstration: demonstration.unwrap_or(false),
        call: call(section, demonstration == Some(true)),
        subject: section.get("subject").and_then(|e| e.short_name()),
        default_time_zone: section.get("default_time_zone").and_then(|e| e.parsed()),
        hours: section.get("hours").and_then(|e| hours(&e)).unwrap_or_else(WeeklyHours::always),
        caps: caps.iter().filter_map(|e| e.section(cap)?).collect(),
        days_after_refusal: days.unwrap_or(0),
    }
}

/// Which rules the profile names.
fn rules(section: &Section<'_>) -> Option<bool> {
    if let Some(entry) = section.get("rules") {
        return entry.word(&RULES);
    }
    let message = "the profile names no rules: write rules = \"law\" to hold its calls to the calling rules of the place \
                   where each person is, or rules = \"demonstration\" for a campaign in which nobody is real";
    section.wrong("rules", REQUIRED_KEYS, message.to_owned());
    None
}

/// What kind of calls they are. A campaign for demonstration need not say it.
fn call(section: &Section<'_>, demonstration: bool) -> CallKind {
    let entry = |key, example| if demonstration { section.get(key) } else { section.need(key, example) };
    let ordinary = ordinary();
    CallKind {
        purpose: entry("purpose", r#"purpose = "marketing""#)
            .and_then(|e| e.word(&purposes()))
            .unwrap_or(ordinary.purpose),
        audience: entry("audience", r#"audience = "b2c""#)
            .and_then(|e| e.word(&[("b2c", Audience::B2c), ("b2b", Audience::B2b)]))
            .unwrap_or(ordinary.audience),
        mode: section
            .get("mode")
            .and_then(|e| {
                e.word(&[
                    ("manual", DialMode::Manual),
                    ("automated", DialMode::Automated),
                    ("prerecorded", DialMode::Prerecorded),
                ])
            })
            .unwrap_or(ordinary.mode),
        sector: section.get("sector").and_then(|e| e.short_name()),
    }
}

fn purposes() -> Vec<(&'static str, Purpose)> {
    Purpose::WORDS.iter().copied().filter(|(_, purpose)| *purpose != Purpose::Any).collect()
}

/// Consumers, called by hand to sell them something.
pub(super) fn ordinary() -> CallKind {
    CallKind { purpose: Purpose::Marketing, audience: Audience::B2c, mode: DialMode::Manual, sector: None }
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
