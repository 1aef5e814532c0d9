//! What rules of each kind demand, as they write it.

use super::period::Period;
use super::read::{Known, sorted};
use super::rule::{Ban, Cap, ConsentDemand, Cooldown, Demand, HolidayHours, Hours, RegisterDemand, RetentionLimits};
use super::words::{ConsentModel, CooldownAfter, Counts, DayCount, Per, Relationship, RuleKind, WindowType};
use crate::calling_hours::{Day, WeeklyHours, Window};
use crate::toml_file::{Entry, REQUIRED_KEYS, Section, perhaps};

const WINDOWS_APART: &str = "windows-apart";

/// Reads what a rule of a kind that decides demands.
pub(super) fn demand(section: &Section<'_>, kind: RuleKind, known: &Known<'_>) -> Option<Demand> {
    match kind {
        RuleKind::Hours => hours(section, known).map(Demand::Hours),
        RuleKind::Cap => cap(section).map(Demand::Cap),
        RuleKind::Cooldown => cooldown(section).map(Demand::Cooldown),
        RuleKind::Consent => consent(section).map(Demand::Consent),
        RuleKind::Dnc => register(section).map(Demand::Dnc),
        RuleKind::Ban => Some(Demand::Ban(ban(section))),
        RuleKind::Retention => retention(section).map(Demand::Retention),
        _ => None,
    }
}

fn hours(section: &Section<'_>, known: &Known<'_>) -> Option<Hours> {
    let windows = section.need("windows", r#"windows = { mon = ["09:00-20:00"] }"#).and_then(|e| {
        e.section(|week| {
            let of_day = |day: Day| Some((day, self::windows(&week.get(day.as_str())?)));
            WeeklyHours(Day::ALL.into_iter().filter_map(of_day).collect())
        })
    });
    let kinds = [("none", 0), ("same", 1), ("windows", 2)];
    let holiday = section.need("holiday", r#"holiday = "none""#).and_then(|e| e.word(&kinds));
    let holiday = match holiday {
        Some(0) => Some(HolidayHours::None),
        Some(1) => Some(HolidayHours::Same),
        Some(_) => section
            .need("holiday_windows", r#"holiday_windows = ["09:00-20:00"]"#)
            .map(|e| HolidayHours::Windows(self::windows(&e))),
        None => {
            section.get("holiday_windows");
            None
        }
    };
    let eve_of_holiday = section.get("eve_of_holiday").map(|e| self::windows(&e));
    let looks_at_holidays = holiday.as_ref().is_some_and(|h| *h != HolidayHours::Same) || eve_of_holiday.is_some();
    let calendar = match section.get("holidays") {
        Some(entry) => calendar(&entry, known),
        None if looks_at_holidays => {
            section.need("holidays", r#"holidays = "FR", a calendar of the holidays file"#);
            None
        }
        None => None,
    };
    let waiver = flag(section, "waiver");
    Some(Hours { windows: windows?, holiday: holiday?, eve_of_holiday, holidays: calendar, waiver })
}

fn calendar(entry: &Entry<'_>, known: &Known<'_>) -> Option<String> {
    let code = entry.words(40)?;
    if let Some(holidays) = known.holidays
        && !holidays.calendars.contains_key(&code)
    {
        let codes: Vec<&str> = holidays.calendars.keys().map(String::as_str).collect();
        let near = perhaps(&code, &codes);
        entry.invalid(format!("{code:?} is not a calendar of the holidays file{near}: use {}", codes.join(", ")));
        return None;
    }
    Some(code)
}

/// Windows of one day, sorted. Those that share a minute are a finding.
fn windows(entry: &Entry<'_>) -> Vec<Window> {
    let windows = sorted(entry.list().iter().filter_map(Entry::parsed).collect::<Vec<Window>>());
    for pair in windows.windows(2) {
        if pair[0].overlaps(pair[1]) {
            let message =
                format!("the windows {} and {} overlap: write one window, or two that do not", pair[0], pair[1]);
            entry.wrong(WINDOWS_APART, message);
        }
    }
    windows
}

fn cap(section: &Section<'_>) -> Option<Cap> {
    let max = section.need("max", "max = 4").and_then(|e| e.number(1..=10_000));
    let entry = section.need("window", r#"window = "P30D""#);
    let window: Option<Period> = entry.as_ref().and_then(Entry::parsed);
    let types = WindowType::WORDS;
    let window_type = section.need("window_type", r#"window_type = "rolling""#).and_then(|e| e.word(types));
    let counts = section.need("counts", r#"counts = "attempts""#).and_then(|e| e.word(Counts::WORDS));
    let per = per(section);
    let fits = match (window_type?, window?) {
        (WindowType::Rolling, _) | (WindowType::CalendarDay, Period::Days(_)) => true,
        (WindowType::CalendarMonth, Period::Months(_)) => true,
        (WindowType::CalendarDay | WindowType::CalendarMonth, _) => false,
    };
    if let (Some(entry), false) = (&entry, fits) {
        entry.invalid("does not fit the window type: write days for calendar_day and months for calendar_month");
        return None;
    }
    Some(Cap { max: max?, window: window?, window_type: window_type?, counts: counts?, per: per? })
}

fn cooldown(section: &Section<'_>) -> Option<Cooldown> {
    let after = section.need("after", r#"after = "refusal""#).and_then(|e| e.word(CooldownAfter::WORDS));
    let entry = section.need("duration", r#"duration = "P60D""#);
    let duration = entry.as_ref().and_then(period_or_forever);
    let counted = section.get("counted").map_or(Some(DayCount::Exact), |e| e.word(DayCount::WORDS));
    let per = per(section);
    let in_hours = matches!(duration, Some(Some(period)) if !period.counts_days());
    if let (Some(entry), true, Some(DayCount::FullDays | DayCount::CalendarDays)) = (&entry, in_hours, counted) {
        entry.invalid("hours cannot be counted in days: write days, or counted = \"exact\"");
    }
    Some(Cooldown { after: after?, duration: duration?, counted: counted?, per: per? })
}

/// A period, or `None` for the word `forever`.
pub(super) fn period_or_forever(entry: &Entry<'_>) -> Option<Option<Period>> {
    match entry.raw().as_str() {
        Some("forever") => Some(None),
        _ => entry.parsed().map(Some),
    }
}

fn consent(section: &Section<'_>) -> Option<ConsentDemand> {
    let model = section.need("model", r#"model = "opt_in""#).and_then(|e| e.word(ConsentModel::WORDS));
    Some(ConsentDemand {
        proof: flag(section, "proof"),
        unless: unless(section),
        expires: section.get("expires").and_then(|e| e.parsed()),
        lapses_unused: section.get("lapses_unused").and_then(|e| e.parsed()),
        model: model?,
    })
}

fn register(section: &Section<'_>) -> Option<RegisterDemand> {
    let register = section.need("register", r#"register = "bloctel""#).and_then(|e| e.short_name());
    let registry = section.need("registry", r#"registry = "Bloctel""#).and_then(|e| e.words(300));
    Some(RegisterDemand {
        max_age: section.get("max_age").and_then(|e| e.parsed()),
        lifted_by_later_consent: flag(section, "lifted_by_later_consent"),
        unless: unless(section),
        register: register?,
        registry: registry?,
    })
}

fn ban(section: &Section<'_>) -> Ban {
    let sectors = section.get("sectors").map(|e| e.list()).unwrap_or_default();
    Ban { sectors: sorted(sectors.iter().filter_map(Entry::short_name).collect()), unless: unless(section) }
}

fn retention(section: &Section<'_>) -> Option<RetentionLimits> {
    let (min, max) = (section.get("min"), section.get("max"));
    if min.is_none() && max.is_none() {
        let message = "`rules.min` or `rules.max` is missing: write one of them, as in max = \"P3Y\"";
        section.wrong("max", REQUIRED_KEYS, message.to_owned());
        return None;
    }
    Some(RetentionLimits { min: min.and_then(|e| e.parsed()), max: max.and_then(|e| e.parsed()) })
}

fn per(section: &Section<'_>) -> Option<Per> {
    section.need("per", r#"per = "seller""#).and_then(|e| e.word(Per::WORDS))
}

fn flag(section: &Section<'_>, key: &'static str) -> bool {
    section.get(key).and_then(|e| e.flag()).unwrap_or(false)
}

/// Relationships that lift a rule.
fn unless(section: &Section<'_>) -> Vec<Relationship> {
    let words = [("contract", Relationship::Contract), ("former_contract", Relationship::FormerContract)];
    let list = section.get("unless").map(|e| e.list()).unwrap_or_default();
    sorted(list.iter().filter_map(|e| e.word(&words)).collect())
}
