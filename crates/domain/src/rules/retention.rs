//! How long a person's data is kept.

use jiff::civil::Date;

use super::place::Place;
use super::rule::{CallKind, Demand};
use super::set::RuleSet;

/// From what day data may and must go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention<'r> {
    /// The first day on which every rule allows that the records of the calls and consents go; absent when no rule
    /// keeps them.
    pub may_erase_from: Option<Date>,
    /// The first day on which a rule demands that the person's data goes; absent when none does. It may come before the
    /// other: what a law keeps is then kept without the rest.
    pub must_erase_from: Option<Date>,
    /// The rules that say so.
    pub rules: Vec<&'r str>,
}

/// How long the data of a person is kept who was created on a day and last spoken with on another, by the rules that
/// bind such calls to the place today.
#[must_use]
pub fn retention<'r>(
    today: Date,
    set: &'r RuleSet,
    place: &Place,
    call: &CallKind,
    created: Date,
    last_contact: Option<Date>,
) -> Retention<'r> {
    let since = last_contact.map_or(created, |contact| contact.max(created));
    let mut found = Retention::default();
    for rule in set.binding(place, call, (today, today)) {
        let Demand::Retention(limits) = &rule.demand else { continue };
        found.rules.push(&rule.id);
        let keep = limits.min.map(|least| least.after_day(since));
        let erase = limits.max.map(|most| most.after_day(since));
        found.may_erase_from = found.may_erase_from.max(keep);
        found.must_erase_from = [found.must_erase_from, erase].into_iter().flatten().min();
    }
    found
}
