//! Checks of whether refusals can be reopened as their reasons declare.

use super::check::Subject;
use crate::definition::{CountsAs, Detail, RefusalReason, ReopenCondition};
use crate::toml_file::Problem;

/// What reopens a refusal is among what its reason asks for, and every condition stands once.
pub(super) fn reasons_answerable(subject: &Subject<'_>) -> Vec<Problem> {
    let reasons = subject.definition.reasons.iter().enumerate();
    reasons
        .flat_map(|(at, reason)| {
            let mut problems = unasked_conditions(subject, at, reason);
            problems.extend(odd_asks(subject, at, reason));
            problems
        })
        .collect()
}

/// Alternatives of one reason, at most. A preview counts their combinations, which double with each.
const MOST_ALTERNATIVES: usize = 6;

/// Where a condition stands in the file: `reasons.1.reopened_by.0`, or one deeper where there are alternatives.
fn path(reason: usize, alternatives: usize, alternative: usize, index: usize) -> String {
    match alternatives {
        1 => format!("reasons.{reason}.reopened_by.{index}"),
        _ => format!("reasons.{reason}.reopened_by.{alternative}.{index}"),
    }
}

fn unasked_conditions(subject: &Subject<'_>, at: usize, reason: &RefusalReason) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (alternative, conditions) in reason.reopened_by.iter().enumerate() {
        if conditions.is_empty() {
            let message =
                format!("{:?} has an alternative without conditions: write some, or take it out", reason.code);
            problems.push(subject.at(&format!("reasons.{at}.reopened_by"), message));
        }
        for (index, condition) in conditions.iter().enumerate() {
            let path = path(at, reason.reopened_by.len(), alternative, index);
            let word = condition.as_str();
            if conditions[..index].iter().any(|earlier| earlier.as_str() == word) {
                let message =
                    format!("{:?} names {word} twice among conditions that must all hold: once is enough", reason.code);
                problems.push(subject.at(&path, message));
            }
            if let Some(detail) = condition.looks_at().filter(|detail| !reason.asks.contains(detail)) {
                let detail = detail.as_str();
                let message = format!(
                    "{:?} is reopened by {word} but does not ask for {detail}: add \"{detail}\" to its asks",
                    reason.code
                );
                problems.push(subject.at(&path, message));
            }
        }
    }
    problems
}

fn odd_asks(subject: &Subject<'_>, at: usize, reason: &RefusalReason) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |key: &str, message: String| problems.push(subject.at(&format!("reasons.{at}.{key}"), message));
    let code = &reason.code;
    let repeated = reason.asks.iter().enumerate().find(|(index, detail)| reason.asks[..*index].contains(detail));
    if let Some((index, detail)) = repeated {
        add(&format!("asks.{index}"), format!("{code:?} asks for {} twice: once is enough", detail.as_str()));
    }
    if reason.asks.contains(&Detail::WantedFeatures) && subject.definition.features.is_empty() {
        add("asks", format!("{code:?} asks for wanted_features, but there are none: declare [[features]]"));
    }
    if reason.reopened_by.len() > MOST_ALTERNATIVES {
        let message = format!(
            "{code:?} has {} alternatives: leave at most {MOST_ALTERNATIVES}, because a preview counts every way in which they hold together",
            reason.reopened_by.len()
        );
        add("reopened_by", message);
    }
    if reason.comes_back_by_itself() && reason.reopened_by.len() > 1 {
        let message = format!(
            "{code:?} brings people back on the day they named, so that its other alternatives are never looked at: add date_has_come \
             to them, or leave it the only one"
        );
        add("reopened_by", message);
    }
    if reason.counts_as == Some(CountsAs::Objection) {
        let asks_when = reason.asks.contains(&Detail::CallAfter).then_some("asks for a day to call again");
        let wrong = asks_when.or((!reason.reopened_by.is_empty()).then_some("can be reopened"));
        if let Some(wrong) = wrong {
            let message = format!("{code:?} counts as an objection and {wrong}: whoever objects is not called again");
            add("counts_as", message);
        }
    }
    // The only condition over the date that stands beside others waits for a tariff; alone it does not.
    let waits = reason.reopened_by.iter().flatten().any(|condition| *condition == ReopenCondition::DateHasCome);
    if reason.asks.contains(&Detail::CallAfter) && !waits {
        let message = format!(
            "{code:?} asks for a day to call again that nothing looks at: add date_has_come to its reopened_by"
        );
        add("asks", message);
    }
    problems
}
