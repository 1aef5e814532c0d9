//! What a rule demands, in words for people who do not read its file.

use relance_domain::calling_hours::{Day, Window};
use relance_domain::rules::{
    Ban, Cap, ConsentDemand, ConsentModel, Cooldown, CooldownAfter, Counts, DayCount, Demand, Figure, HolidayHours,
    Hours, Per, RegisterDemand, Relationship, RetentionLimits, Rule, WindowType,
};

/// Whether a hand-out is decided by the rule.
pub(super) fn decides(rule: &Rule) -> bool {
    !matches!(rule.demand, Demand::Retention(_) | Demand::Record(_))
}

/// What a rule demands, one sentence or fragment each.
pub(super) fn demands(rule: &Rule) -> Vec<String> {
    let mut words = match &rule.demand {
        Demand::Hours(hours) => self::hours(hours),
        Demand::Cap(cap) => vec![self::cap(cap)],
        Demand::Cooldown(cooldown) => vec![self::cooldown(cooldown)],
        Demand::Consent(consent) => self::consent(consent),
        Demand::Dnc(register) => self::register(register),
        Demand::Ban(ban) => self::ban(ban),
        Demand::Retention(limits) => self::retention(limits),
        Demand::Record(record) => record.figures.iter().map(|(key, figure)| self::figure(key, figure)).collect(),
    };
    words.extend(rule.what.clone());
    words
}

fn hours(hours: &Hours) -> Vec<String> {
    let mut words = weekdays(hours);
    let calendar = hours.holidays.as_deref().unwrap_or("none");
    match &hours.holiday {
        HolidayHours::None => words.push(format!("no calls on holidays (calendar {calendar})")),
        HolidayHours::Same => {}
        HolidayHours::Windows(allowed) => {
            words.push(format!("on holidays only within {} (calendar {calendar})", windows(allowed)));
        }
    }
    if let Some(allowed) = &hours.eve_of_holiday {
        words.push(format!("on the eve of a holiday only within {} (calendar {calendar})", windows(allowed)));
    }
    if hours.waiver {
        words.push("a person's recorded consent to be called outside these hours lifts them".to_owned());
    }
    words
}

/// Days of the same hours together, as in `mon to fri 09:00-20:00`.
fn weekdays(hours: &Hours) -> Vec<String> {
    let of = |day: Day| hours.windows.0.get(&day).map_or_else(|| windows(&[]), |open| windows(open));
    let mut rows: Vec<(Day, Day, String)> = Vec::new();
    for day in Day::ALL {
        match rows.last_mut() {
            Some((_, last, open)) if *open == of(day) => *last = day,
            _ => rows.push((day, day, of(day))),
        }
    }
    let row = |(first, last, open): (Day, Day, String)| match first == last {
        true => format!("{} {open}", first.as_str()),
        false => format!("{} to {} {open}", first.as_str(), last.as_str()),
    };
    rows.into_iter().map(row).collect()
}

fn windows(windows: &[Window]) -> String {
    if windows.is_empty() {
        return "closed".to_owned();
    }
    windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn cap(cap: &Cap) -> String {
    let counted = match cap.counts {
        Counts::Attempts | Counts::Calls => "tries",
        Counts::Connected => "conversations, or tries of which nobody knows how they ended,",
    };
    let window = match cap.window_type {
        WindowType::Rolling => cap.window.in_words(),
        WindowType::CalendarDay | WindowType::CalendarMonth => format!("{} of the calendar", cap.window.in_words()),
    };
    format!("at most {} {counted} within {window}, counted per {}", cap.max, per(cap.per))
}

fn per(per: Per) -> &'static str {
    match per {
        Per::Seller => "person and seller",
        Per::Subject => "person, seller and subject of the call",
        Per::Number => "number",
    }
}

fn cooldown(cooldown: &Cooldown) -> String {
    let after = match cooldown.after {
        CooldownAfter::Refusal => "a refusal",
        CooldownAfter::OptOut => "an objection",
        CooldownAfter::Abandoned => "a call that was answered and nobody spoke on",
        CooldownAfter::Conversation => "a conversation",
        CooldownAfter::MachineHangUp => "a call that was ended because a machine seemed to answer",
    };
    let Some(duration) = cooldown.duration else { return format!("no call ever again after {after}") };
    let counted = match cooldown.counted {
        DayCount::Exact => "from the instant on",
        DayCount::FullDays => "in full days; the day itself does not count",
        DayCount::CalendarDays => "in days of the calendar; the day itself is the first",
    };
    format!("no call for {} after {after}, {counted}", duration.in_words())
}

fn consent(demand: &ConsentDemand) -> Vec<String> {
    let needed = match demand.model {
        ConsentModel::OptInWritten => "a yes whose day and wording are known",
        ConsentModel::OptIn if demand.proof => "a yes whose day and evidence are known",
        ConsentModel::OptIn => "a yes",
        ConsentModel::Presumed => "no consent, as interest may be presumed, unless the person refused",
        ConsentModel::None => "no consent, unless the person refused",
    };
    let mut words = vec![format!("a call needs {needed}")];
    words.extend(unless(&demand.unless, "needs none"));
    words.extend(demand.expires.map(|period| format!("it ends {} after the day it was given", period.in_words())));
    words.extend(demand.lapses_unused.map(|period| format!("it ends {} after its last use", period.in_words())));
    words
}

fn register(demand: &RegisterDemand) -> Vec<String> {
    let mut words = vec![format!(
        "numbers of {} are not called; a file of it must be loaded under the name {}",
        demand.registry, demand.register
    )];
    words.extend(
        demand
            .max_age
            .map(|age| format!("a file may be used for {}, the day that it tells of being the first", age.in_words())),
    );
    if demand.lifted_by_later_consent {
        words.push("a consent given on a later day than the registration lifts it".to_owned());
    }
    words.extend(unless(&demand.unless, "is not protected by it"));
    words
}

fn ban(ban: &Ban) -> Vec<String> {
    let such = match ban.sectors.as_slice() {
        [] => "no such calls at all".to_owned(),
        sectors => format!("no calls of the sector {}", sectors.join(", ")),
    };
    std::iter::once(such).chain(unless(&ban.unless, "may be called all the same")).collect()
}

fn unless(exempt: &[Relationship], verdict: &str) -> Option<String> {
    let bond = |relationship: &Relationship| match relationship {
        Relationship::None => "without a contract",
        Relationship::Contract => "with a contract in force",
        Relationship::FormerContract => "with a contract that has ended",
    };
    let bonds: Vec<&str> = exempt.iter().map(bond).collect();
    (!bonds.is_empty()).then(|| format!("a person {} {verdict}", bonds.join(" or ")))
}

fn retention(limits: &RetentionLimits) -> Vec<String> {
    let least = limits.min.map(|period| format!("data is kept for at least {}", period.in_words()));
    let most = limits.max.map(|period| format!("data is kept for at most {}", period.in_words()));
    least.into_iter().chain(most).collect()
}

fn figure(key: &str, figure: &Figure) -> String {
    let value = match figure {
        Figure::Flag(true) => "yes".to_owned(),
        Figure::Flag(false) => "no".to_owned(),
        Figure::Number(number) => number.to_string(),
        Figure::Decimal(text) | Figure::Text(text) => text.clone(),
        Figure::Texts(texts) => texts.join(", "),
        Figure::Period(period) => period.in_words(),
        Figure::Window(window) => window.as_str().replace('_', " "),
    };
    let (name, unit) = match (key.strip_suffix("_pct"), key.strip_suffix("_s")) {
        (Some(name), _) => (name, " per cent"),
        (_, Some(name)) => (name, " seconds"),
        _ => (key, ""),
    };
    format!("{}: {value}{unit}", name.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use relance_domain::rules::RuleSet;

    use super::*;

    fn of(id: &str) -> String {
        demands(RuleSet::shipped().rule(id).unwrap_or_else(|| panic!("no rule {id}"))).join("; ")
    }

    #[test]
    fn the_figures_of_every_kind_are_told() {
        for (id, says) in [
            (
                "FR-HOURS",
                "mon to fri 10:00-13:00 and 14:00-20:00; sat to sun closed; no calls on holidays (calendar FR)",
            ),
            ("FR-CAP-4-30", "at most 4 tries within 30 days"),
            ("FR-COOLDOWN-60", "no call for 60 days after a refusal"),
            ("FR-OBJECTION-FOREVER", "no call ever again after an objection"),
            ("FR-CONSENT-OPTIN", "a call needs a yes"),
            ("US-DNC-31", "a file may be used for 31 days"),
            ("FR-BAN-RENOV", "no calls of the sector"),
            ("FR-RETENTION-PROSPECT", "data is kept for at most"),
            ("US-ABANDON-3", "max: 3 per cent"),
            ("US-RING-15", "min ring: 15 seconds"),
        ] {
            let words = of(id);
            assert!(words.contains(says), "{id}: {words}");
        }
    }

    #[test]
    fn no_rule_says_nothing() {
        for rule in RuleSet::shipped().rules() {
            assert!(!demands(rule).is_empty(), "{}", rule.id);
        }
    }
}
