//! Registers of numbers that must not be called.

use jiff::ToSpan;
use jiff::civil::Date;

use super::circumstances::{ConsentClass, RegisterHit};
use super::consent::bond;
use super::findings::ObstacleKind;
use super::moment::Moment;
use super::period::in_words;
use super::rule::RegisterDemand;
use super::standing::Standing;

/// Where a number stands with a register.
enum State<'a> {
    /// The register does not protect such people.
    Exempt,
    /// There is no file of it.
    NoFile,
    /// The newest file must not be used any more since that day, or not before it.
    Stale { file: Date, since: Date },
    /// The newest file is dated in the future.
    Ahead(Date),
    /// The number is not in it.
    Free(Date),
    /// The number is in it, and a later consent lifts that.
    Lifted,
    /// The number is in it.
    Registered(&'a RegisterHit),
}

/// Whether the register has a fresh file without the number.
pub(super) fn standing(demand: &RegisterDemand, moment: &Moment<'_>) -> (Standing, ObstacleKind) {
    match state(demand, moment) {
        State::Exempt | State::Free(_) | State::Lifted => (Standing::Clear, ObstacleKind::Registered),
        State::NoFile | State::Stale { .. } | State::Ahead(_) => (Standing::Never, ObstacleKind::RegisterTooOld),
        State::Registered(_) => (Standing::Never, ObstacleKind::Registered),
    }
}

fn state<'a>(demand: &RegisterDemand, moment: &Moment<'a>) -> State<'a> {
    let person = moment.person;
    if demand.unless.contains(&person.relationship) {
        return State::Exempt;
    }
    let Some(file) = person.registers.get(&demand.register).copied() else { return State::NoFile };
    // A day of tolerance, because the file's day need not be that of the person's zone.
    if file > moment.last.checked_add(1.day()).unwrap_or(Date::MAX) {
        return State::Ahead(file);
    }
    let since = demand.max_age.map(|age| age.after_day(file));
    if let Some(since) = since.filter(|since| *since <= moment.last) {
        return State::Stale { file, since };
    }
    let mut hits = person.hits.iter().filter(|hit| hit.register == demand.register).peekable();
    if hits.peek().is_none() {
        return State::Free(file);
    }
    hits.find(|hit| !is_lifted(demand, hit, moment)).map_or(State::Lifted, State::Registered)
}

/// Whether a consent that was given on a later day than the registration lifts it.
fn is_lifted(demand: &RegisterDemand, hit: &RegisterHit, moment: &Moment<'_>) -> bool {
    let consent = &moment.person.consent;
    let later = match (hit.since, consent.given_on) {
        (Some(since), Some(given)) => since < given && given <= moment.first,
        _ => false,
    };
    demand.lifted_by_later_consent && consent.class >= ConsentClass::Given && later
}

/// What the register says, in a sentence.
pub(super) fn sentence(demand: &RegisterDemand, moment: &Moment<'_>) -> String {
    let (name, short) = (&demand.registry, &demand.register);
    match state(demand, moment) {
        State::Exempt => format!("the person has {}, which {name} does not cover", bond(moment.person.relationship)),
        State::NoFile => format!("there is no file of {name} here: load one as {short}"),
        State::Stale { file, since } => {
            let age = demand.max_age.map(in_words).unwrap_or_default();
            format!(
                "the file of {name} is of {file} and may be used for {age}, until {since}: load a newer one as {short}"
            )
        }
        State::Ahead(file) => format!("the file of {name} is dated {file}, in the future: load one with its true day"),
        State::Free(file) => format!("the number is not in the file of {name} of {file}"),
        State::Lifted => format!("the number is in {name}, and the person has consented since"),
        State::Registered(hit) => {
            let since = hit.since.map(|since| format!(" since {since}")).unwrap_or_default();
            let but = if demand.lifted_by_later_consent { ", and no later consent is known" } else { "" };
            format!("the number is in {name}{since}{but}")
        }
    }
}
