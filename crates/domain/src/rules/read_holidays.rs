//! The holidays file → [`Holidays`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::holidays::{Calendar, Holidays};
use super::read::Claims;
use crate::toml_file::{CODES_UNIQUE, Section};

pub(super) fn holidays(root: &Section<'_>) -> Holidays {
    let years = root.need("table", "[table] and its keys below").and_then(|e| {
        e.section(|section| {
            section.need("generated_by", r#"generated_by = "by hand""#).and_then(|e| e.words(500));
            let years = section.need("years", "years = [2026, 2027]").map(|e| e.list()).unwrap_or_default();
            years.iter().filter_map(|e| e.number(1970..=9_998)).collect::<BTreeSet<i16>>()
        })
    });
    let years = years.unwrap_or_default();
    let calendars = root.need("calendars", "[[calendars]] and its keys below").map(|e| e.list()).unwrap_or_default();
    let claims = Claims::default();
    let read = |section: &Section<'_>| {
        let code = section.need("code", r#"code = "FR""#).and_then(|e| {
            let code = e.words(40)?;
            claims.claim("calendar", &code, CODES_UNIQUE, &e);
            Some(code)
        });
        let name = section.need("name", r#"name = "France""#).and_then(|e| e.words(200));
        let days = days(section, &years);
        Some((code?, Calendar { name: name?, days }))
    };
    let calendars = calendars.iter().filter_map(|e| e.section(read)?).collect();
    Holidays { years, calendars }
}

fn days(section: &Section<'_>, years: &BTreeSet<i16>) -> BTreeMap<Date, String> {
    let list = section.need("days", r#"days = [{ date = 2026-01-01, name = "New Year" }]"#);
    let mut days: BTreeMap<Date, String> = BTreeMap::new();
    for entry in list.map(|list| list.list()).unwrap_or_default() {
        let day = entry.section(|section| {
            let date = section.need("date", "date = 2026-01-01").and_then(|e| e.date());
            let name = section.need("name", r#"name = "New Year""#).and_then(|e| e.words(200));
            Some((date?, name?))
        });
        let Some((date, name)) = day.flatten() else { continue };
        if !years.contains(&date.year()) {
            entry.invalid(format!("{date} is of a year that `table.years` does not name: add the year or take it out"));
        } else if let Some(earlier) = days.insert(date, name) {
            entry.invalid(format!("{date} stands here already as {earlier:?}: every day once, with all its names"));
        }
    }
    days
}
