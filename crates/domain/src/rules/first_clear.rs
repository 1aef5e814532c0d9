//! When may this call be made? Found by jumping from obstacle to obstacle, never by trying instants.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::check::beyond_rules;
use super::circumstances::Circumstances;
use super::hours::{self, Closing};
use super::judge::{decides, judge};
use super::moment::{Moment, start_of};
use super::place::Place;
use super::rule::{CallKind, Demand, Rule};
use super::set::{RuleSet, without_needless_defaults};
use super::standing::Standing;
use super::words::{Relationship, RuleKind};
use super::{Consent, LastEvents};
use crate::calling_hours::Window;

/// More jumps than this are given up: rules of hours that never meet take two a day.
const JUMPS_MAX: usize = 400;

/// The rules that can bind a call, on whatever day.
pub(super) struct Rules<'r> {
    of_place: Vec<&'r Rule>,
    own: &'r [Rule],
}

impl<'r> Rules<'r> {
    pub(super) fn concerning(set: &'r RuleSet, own: &'r [Rule], person: &Circumstances<'_>) -> Self {
        Self { of_place: set.concerning(person.place, person.call), own }
    }

    /// Those in force on any of the local days.
    pub(super) fn binding(&self, (first, last): (Date, Date)) -> Vec<&'r Rule> {
        let mut found: Vec<_> = self.of_place.iter().copied().filter(|rule| rule.in_force(first, last)).collect();
        without_needless_defaults(&mut found);
        found.extend(self.own);
        found
    }

    /// The first instant after `now` at which other rules can be in force.
    fn changes(&self, moment: &Moment<'_>) -> Option<Timestamp> {
        let days = self.of_place.iter().flat_map(|rule| [rule.from, rule.to.and_then(|to| to.tomorrow().ok())]);
        let ahead = days.flatten().filter(|day| *day > moment.first);
        let begins = |day: Date| moment.zones.iter().map(move |zone: &TimeZone| start_of(day, zone));
        ahead.flat_map(begins).filter(|at| *at > moment.now).min()
    }

    /// An instant, or an earlier one at which other rules can be in force.
    pub(super) fn until_change(&self, until: Timestamp, moment: &Moment<'_>) -> Timestamp {
        self.changes(moment).map_or(until, |changes| changes.min(until))
    }
}

/// The first instant from `now` on at which nothing stands in the way of the call, if nothing happens until then. `None`
/// where time alone does not clear it, as without a consent, or where it takes longer than anybody plans ahead.
#[must_use]
pub fn first_clear(now: Timestamp, set: &RuleSet, own: &[Rule], person: &Circumstances<'_>) -> Option<Timestamp> {
    if beyond_rules(set, person).is_some() {
        return None;
    }
    jump(Moment::new(now, set, person), &Rules::concerning(set, own, person), decides)
}

/// Whether the hours of all rules are open, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursOpening {
    /// Open, at least [`super::DIAL_SLACK`] more.
    Open {
        /// The window that closes first; `None` when no rule of hours binds.
        window: Option<Window>,
        /// When it closes, or other rules are in force.
        until: Timestamp,
    },
    /// Closed, or closed too soon.
    Closed {
        /// The first instant at which all are open; `None` when nothing says so.
        opens_at: Option<Timestamp>,
    },
}

/// Whether the hours of every rule that binds such calls are open for people of a place and zones, and until or from
/// when. It looks at nothing but hours, and at nobody's waiver: it serves many people of one place at once.
#[must_use]
pub fn hours_at(
    now: Timestamp,
    set: &RuleSet,
    own: &[Rule],
    call: &CallKind,
    place: &Place,
    zones: &[TimeZone],
) -> HoursOpening {
    let person = Circumstances {
        call,
        place,
        zones,
        consent: Consent::UNSAID,
        relationship: Relationship::None,
        registers: &std::collections::BTreeMap::new(),
        hits: &[],
        tries: &[],
        last: LastEvents::default(),
    };
    if beyond_rules(set, &person).is_some() {
        return HoursOpening::Closed { opens_at: None };
    }
    let moment = Moment::new(now, set, &person);
    let rules = Rules::concerning(set, own, &person);
    let mut closing: Option<Closing> = None;
    for rule in rules.binding((moment.first, moment.last)) {
        let Demand::Hours(demand) = &rule.demand else { continue };
        let (standing, of_rule) = hours::standing(demand, &moment);
        if standing != Standing::Clear {
            return HoursOpening::Closed { opens_at: first_open(moment, &rules) };
        }
        closing = [closing, of_rule].into_iter().flatten().min();
    }
    let (until, window) = closing.map_or((Timestamp::MAX, None), |(until, window)| (until, Some(window)));
    HoursOpening::Open { window, until: rules.until_change(until, &moment) }
}

/// When the hours of all rules are open.
pub(super) fn first_open(moment: Moment<'_>, rules: &Rules<'_>) -> Option<Timestamp> {
    jump(moment, rules, |rule| rule.kind() == RuleKind::Hours)
}

/// The first instant at which all of the rules that are asked about are clear. Every jump is to the last instant before
/// which one of them surely stands in the way, or to the one at which other rules can be in force.
fn jump(mut moment: Moment<'_>, rules: &Rules<'_>, asked: impl Fn(&Rule) -> bool) -> Option<Timestamp> {
    for _ in 0..JUMPS_MAX {
        let binding = rules.binding((moment.first, moment.last));
        let standings = binding.into_iter().filter(|rule| asked(rule)).map(|rule| judge(rule, &moment).standing);
        let next = match standings.max().unwrap_or(Standing::Clear) {
            Standing::Clear => return Some(moment.now),
            Standing::Wait(until) => rules.until_change(until, &moment),
            Standing::Never => rules.changes(&moment)?,
        };
        moment = moment.at(next);
    }
    None
}
