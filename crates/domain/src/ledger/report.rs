//! What an operator reported, and what was made of it: the attempt, the refusal, the promise. The report was kept as it came, and the
//! campaign's definition of the day says what each disposition means.

use jiff::civil::Date;
use serde::Deserialize;

use super::books::Books;
use super::facts::instant;
use super::found::{Findings, Promise};
use super::record::{AttemptRecord, HandOutRecord, PersonRecord, PromiseMade, RefusalMade};
use crate::definition::{CountsAs, Definition, Features};
use crate::outcome::{CallbackReport, RefusalReport, counts_as};
use crate::{Currency, Money};

/// What a report says of what was made of it. One that an erasure has emptied says nothing.
#[derive(Default, Deserialize)]
struct Report {
    disposition: Option<String>,
    refusal: Option<RefusalReport>,
    callback: Option<CallbackReport>,
}

impl Report {
    fn read(one: &HandOutRecord) -> Option<Result<Self, serde_json::Error>> {
        one.report.as_deref().map(serde_json::from_str)
    }
}

/// An attempt, its refusal and its promise say what was reported.
pub(super) fn agrees(
    person: &PersonRecord,
    one: &HandOutRecord,
    attempt: &AttemptRecord,
    books: &Books,
    found: &mut Findings,
) {
    let of_attempt = (attempt.client, attempt.lead, attempt.campaign, &attempt.seller, attempt.list, attempt.operator);
    let of_assignment = (person.client, one.lead, one.campaign, &one.seller, one.list, one.operator);
    let mut wrong = |what: &str| found.violation(Promise::P3, "attempt", attempt.id, what);
    if of_attempt != of_assignment || attempt.reopening != one.reopening {
        wrong("it says of another call than its assignment");
    }
    if Some(attempt.recorded_at_ms) != one.ended_at_ms {
        wrong("it was recorded at another instant than the one at which its assignment ended");
    }
    let is_erased = person.record.as_ref().is_some_and(|client| client.erased_at_ms.is_some());
    let report = match Report::read(one) {
        Some(Ok(report)) => report,
        Some(Err(_)) => return wrong("the report that it was made of cannot be read"),
        None => return,
    };
    match &report.disposition {
        Some(said) if *said != attempt.disposition => wrong("its disposition is not the one that was reported"),
        None if !is_erased => wrong("the report that it was made of is gone"),
        _ => {}
    }
    // A version that is not kept is told of with the hand-out that names it.
    let Some(definition) = books.definition(one.campaign, one.campaign_version) else { return };
    if let Some(what) = means_otherwise(one, attempt, &report, definition, books) {
        wrong(what);
    }
    if let (Some(said), Some(kept)) = (&report.refusal, &attempt.refusal)
        && let Some(what) = refused_otherwise(said, kept, definition.currency)
    {
        found.violation(Promise::P3, "refusal", kept.id, format!("its {what} is not the one that was reported"));
    }
    if let Some(kept) = &attempt.promise
        && let Some(what) =
            promised_otherwise(report.callback.as_ref(), kept, attempt).or_else(|| put_off(kept, one, books))
    {
        found.violation(Promise::P6, "callback", kept.id, what);
    }
}

/// What of an attempt is not what its campaign's definition says of its disposition.
fn means_otherwise(
    one: &HandOutRecord,
    attempt: &AttemptRecord,
    report: &Report,
    definition: &Definition,
    books: &Books,
) -> Option<&'static str> {
    let Some(disposition) = definition.disposition(&attempt.disposition) else {
        return Some("its disposition is none of its campaign's");
    };
    if disposition.class.as_str() != attempt.class {
        return Some("its class is not that of its disposition");
    }
    let by_class = !books.says_what_counts(one.campaign, one.campaign_version)
        && CountsAs::of_class(disposition.class).as_str() == attempt.counts_as;
    let counted = counts_as(reason(report, attempt), disposition, definition);
    (counted.as_str() != attempt.counts_as && !by_class)
        .then_some("it counts as something else than its disposition and its reason say")
}

/// The reason of a refusal; where an erasure has emptied the report, the one that is kept.
fn reason<'a>(report: &'a Report, attempt: &'a AttemptRecord) -> Option<&'a str> {
    let said = report.refusal.as_ref().map(|refusal| refusal.reason.as_str());
    let kept = || attempt.refusal.as_ref().map(|refusal| refusal.reason.as_str());
    if report.disposition.is_some() { said } else { kept() }
}

/// Whether the person asked not to be called again, by what was reported, whatever was made of it.
pub(super) fn objected(one: &HandOutRecord, attempt: &AttemptRecord, books: &Books) -> bool {
    let reported = || {
        let report = Report::read(one)?.ok()?;
        let definition = books.definition(one.campaign, one.campaign_version)?;
        let said = report.disposition.as_deref().unwrap_or(&attempt.disposition);
        Some(counts_as(reason(&report, attempt), definition.disposition(said)?, definition) == CountsAs::Objection)
    };
    attempt.counts_as == "objection" || reported().unwrap_or(false)
}

/// What of a refusal is not what was reported.
fn refused_otherwise(said: &RefusalReport, kept: &RefusalMade, currency: Currency) -> Option<&'static str> {
    let minor = |text: &Option<String>| {
        text.as_deref().and_then(|text| Money::parse_decimal(text, currency).ok()).map(|sum| sum.minor)
    };
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let coverage = said.coverage.as_deref().map(str::trim).filter(|postcode| !postcode.is_empty());
    let wanted = serde_json::from_str::<Features>(&kept.wanted_features).ok();
    let differs = [
        ("reason", said.reason != kept.reason),
        ("price ceiling", minor(&said.price_ceiling) != kept.price_ceiling_minor || currency.code() != kept.currency),
        ("longest commitment", said.max_months.map(i64::from) != kept.max_months),
        ("list of wanted features", wanted.as_ref() != Some(&said.wanted_features)),
        ("postcode", coverage != kept.coverage.as_deref()),
        ("competitor's price", minor(&said.competitor_price) != kept.competitor_price_minor),
        ("end of a contract", day(said.contract_end) != kept.contract_end),
        ("day to call again", day(said.call_after) != kept.call_after),
    ];
    differs.into_iter().find_map(|(what, differs)| differs.then_some(what))
}

/// A promise that is open is not put off for longer than the rules can hold a person back.
fn put_off(kept: &PromiseMade, one: &HandOutRecord, books: &Books) -> Option<&'static str> {
    let latest = books.put_off_until(one.campaign, instant(kept.due_at_ms))?;
    let is_far = kept.callable_at_ms.is_some_and(|at| instant(at) > latest);
    is_far.then_some("it is put off for longer than the rules can hold anybody back")
}

/// What of a promise is not what was reported. Of an erased report only who may own it is known.
fn promised_otherwise(
    said: Option<&CallbackReport>,
    kept: &PromiseMade,
    attempt: &AttemptRecord,
) -> Option<&'static str> {
    let is_theirs = kept.owner == Some(attempt.operator);
    let is_anybodys = kept.owner.is_none();
    let owner_is_right = match said.map(|said| said.personal) {
        Some(true) => is_theirs || (is_anybodys && kept.escalated),
        Some(false) => is_anybodys,
        None => is_theirs || is_anybodys,
    };
    if said.is_some_and(|said| said.due_at.as_millisecond() != kept.due_at_ms) {
        Some("it is due at another instant than was promised")
    } else if kept.by != attempt.operator {
        Some("somebody else is said to have promised it")
    } else if !owner_is_right {
        Some("it is another operator's than was promised, or anybody's without having waited too long for its own")
    } else {
        None
    }
}
