//! Agreement beforehand.

use jiff::civil::Date;

use super::circumstances::{Consent, ConsentClass};
use super::moment::Moment;
use super::period::{Period, in_words};
use super::rule::ConsentDemand;
use super::standing::Standing;
use super::words::{ConsentModel, Relationship};
use crate::fault::{self, Fault};

/// Why a consent does not do.
enum Lack {
    /// It is not good enough.
    Class,
    /// It will only be given on that day.
    NotYet(Date),
    /// It ended after that day.
    Ended(Date, Period),
    /// It ends some time after a day that nobody knows.
    UnknownDay,
}

/// Whether a consent does, or nobody has to ask.
pub(super) fn standing(demand: &ConsentDemand, moment: &Moment<'_>) -> Standing {
    match lack(demand, moment) {
        None => Standing::Clear,
        Some(Lack::NotYet(day)) => Standing::until(moment.begins(day), moment.now),
        Some(_) => Standing::Never,
    }
}

fn lack(demand: &ConsentDemand, moment: &Moment<'_>) -> Option<Lack> {
    let consent = &moment.person.consent;
    if demand.unless.contains(&moment.person.relationship) {
        return None;
    }
    let least = least(demand);
    if consent.class < least {
        return Some(Lack::Class);
    }
    // Where nobody need say anything, nothing that was said can end.
    if least < ConsentClass::Given || fault::is_on(Fault::ConsentNeverEnds) {
        None
    } else {
        out_of_time(demand, consent, moment)
    }
}

/// The least consent that does.
fn least(demand: &ConsentDemand) -> ConsentClass {
    match demand.model {
        ConsentModel::OptInWritten => ConsentClass::Written,
        ConsentModel::OptIn if demand.proof => ConsentClass::Proven,
        ConsentModel::OptIn => ConsentClass::Given,
        ConsentModel::Presumed | ConsentModel::None => ConsentClass::Unsaid,
    }
}

/// Whether a consent is not yet or no longer in force. The day on which a period ends still counts.
fn out_of_time(demand: &ConsentDemand, consent: &Consent, moment: &Moment<'_>) -> Option<Lack> {
    if let Some(given) = consent.given_on.filter(|given| *given > moment.first) {
        return Some(Lack::NotYet(given));
    }
    let ended = |period: Option<Period>, since: Option<Date>| {
        let period = period?;
        match since.map(|since| period.after_day(since)) {
            None => Some(Lack::UnknownDay),
            Some(last) if last < moment.last => Some(Lack::Ended(last, period)),
            Some(_) => None,
        }
    };
    ended(demand.expires, consent.given_on)
        .or_else(|| ended(demand.lapses_unused, consent.last_used_on.or(consent.given_on)))
}

/// What the rule says of the consent, in a sentence.
pub(super) fn sentence(demand: &ConsentDemand, standing: Standing, moment: &Moment<'_>) -> String {
    let relationship = moment.person.relationship;
    if demand.unless.contains(&relationship) {
        return format!("the person has {}, which needs no consent", bond(relationship));
    }
    let needed = match least(demand) {
        ConsentClass::Written => "a consent whose day and wording are known",
        ConsentClass::Proven => "a consent whose day and evidence are known",
        ConsentClass::Given => "a consent",
        ConsentClass::Unsaid | ConsentClass::Refused => "no consent, unless the person refused",
    };
    let found = match moment.person.consent.class {
        ConsentClass::Refused => "the person refused",
        ConsentClass::Unsaid => "none is known",
        ConsentClass::Given => "the person said yes",
        ConsentClass::Proven => "the person said yes on a known day, with an evidence",
        ConsentClass::Written => "the person said yes on a known day, to known words",
    };
    let rest = match lack(demand, moment) {
        Some(Lack::NotYet(day)) => format!(", but only on {day}"),
        Some(Lack::Ended(last, period)) => format!(", but it ended after {}, on {last}", in_words(period)),
        Some(Lack::UnknownDay) => ", but nobody knows since when, and it does not last for ever".to_owned(),
        Some(Lack::Class) | None => String::new(),
    };
    let verdict = if standing == Standing::Clear { "" } else { "; that is not enough" };
    format!("this call needs {needed}; {found}{rest}{verdict}")
}

/// A relationship in words.
pub(super) fn bond(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::None => "no contract",
        Relationship::Contract => "a contract",
        Relationship::FormerContract => "a contract that has ended",
    }
}
