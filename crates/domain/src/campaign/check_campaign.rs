//! Checks of what a campaign file says as a whole.

use super::check::Subject;
use crate::calling_hours::{Day, WeeklyHours};
use crate::definition::{CountsAs, Definition, FieldKind, OutcomeClass, StandardField};
use crate::script;
use crate::toml_file::{Problem, perhaps};

/// The script can be filled, and every merge field exists.
pub(super) fn script_merge_fields(subject: &Subject<'_>) -> Vec<Problem> {
    let definition = subject.definition;
    let problem = |line: u32, message: String| Problem {
        line: subject.document.line_within("script", line),
        ..subject.at("script", message)
    };
    let fields = match script::merge_fields(&definition.script) {
        Ok(fields) => fields,
        Err(error) => return vec![problem(error.line, format!("the script is not a template: {}", error.message))],
    };
    let known: Vec<String> =
        ["reopened", "offers", "operator.name", "campaign.name", "campaign.goal", "campaign.seller"]
            .into_iter()
            .map(str::to_owned)
            .chain(script::client_fields(definition).map(|name| format!("client.{name}")))
            .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let unknown: Vec<Problem> = fields
        .iter()
        .filter(|field| !script::exists(field, definition))
        .map(|field| {
            let line = definition.script.lines().position(|line| line.contains(field.as_str())).unwrap_or(0) + 1;
            let message = format!(
                "the script asks for `{field}`, which does not exist{}: use {}",
                perhaps(field, &known),
                known.join(", ")
            );
            problem(u32::try_from(line).unwrap_or(u32::MAX), message)
        })
        .collect();
    if !unknown.is_empty() {
        return unknown;
    }
    // What only filling it shows: unknown filters, fields of an offer that do not exist, loops without end.
    let tried = [false, true].map(|reopened| script::render(&definition.script, &script::trial(definition, reopened)));
    let mut errors: Vec<_> = tried.into_iter().filter_map(Result::err).collect();
    errors.dedup();
    errors
        .into_iter()
        .map(|error| problem(error.line, format!("the script cannot be filled: {}", error.message)))
        .collect()
}

fn unknown_field(name: &str, definition: &Definition) -> Option<String> {
    let known: Vec<&str> = script::client_fields(definition).collect();
    (!known.contains(&name)).then(|| {
        format!("{name:?} is no field of the client{}: the fields are {}", perhaps(name, &known), known.join(", "))
    })
}

/// Every field shown to the operator exists and stands once.
pub(super) fn shown_fields_exist(subject: &Subject<'_>) -> Vec<Problem> {
    let shown = &subject.definition.shown;
    let fault = |(at, name): (usize, &String)| {
        let twice = || shown[..at].contains(name).then(|| format!("{name:?} is shown twice: once is enough"));
        let message = unknown_field(name, subject.definition).or_else(twice)?;
        Some(subject.at(&format!("shown.{at}"), message))
    };
    shown.iter().enumerate().filter_map(fault).collect()
}

/// Order fields are filled from fields that exist and hold the same kind.
pub(super) fn order_prefill_exists(subject: &Subject<'_>) -> Vec<Problem> {
    let definition = subject.definition;
    let fault = |(at, field): (usize, &crate::definition::OrderField)| {
        let prefill = field.prefill.as_deref()?;
        let message = unknown_field(prefill, definition).or_else(|| {
            let source = kind_of(prefill, definition)?;
            (!fills(source, &field.kind)).then(|| {
                let (source, target) = (kind_in_words(source), kind_in_words(&field.kind));
                format!("{prefill:?} holds {source} and cannot fill {:?}, which holds {target}", field.name)
            })
        })?;
        Some(subject.at(&format!("order_form.{at}.prefill"), message))
    };
    definition.order_form.iter().enumerate().filter_map(fault).collect()
}

pub(super) fn kind_of<'a>(name: &str, definition: &'a Definition) -> Option<&'a FieldKind> {
    let standard = StandardField::ALL.iter().any(|field| field.as_str() == name);
    let own = || definition.client_fields.iter().find(|field| field.name == name).map(|field| &field.kind);
    if standard { Some(&FieldKind::Text) } else { own() }
}

fn fills(source: &FieldKind, target: &FieldKind) -> bool {
    match (source, target) {
        (_, FieldKind::Text) | (FieldKind::Integer, FieldKind::Money) => true,
        // What a list holds as text may be one; where it is not, the operator is told.
        (FieldKind::Text, FieldKind::Phone | FieldKind::Email | FieldKind::Identity(_)) => true,
        (FieldKind::Choice(source), FieldKind::Choice(target)) => source.iter().all(|choice| target.contains(choice)),
        (source, target) => source == target,
    }
}

pub(super) fn kind_in_words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "text".to_owned(),
        FieldKind::Integer => "a whole number".to_owned(),
        FieldKind::Money => "an amount".to_owned(),
        FieldKind::Date => "a date".to_owned(),
        FieldKind::YesNo => "yes or no".to_owned(),
        FieldKind::Choice(choices) => format!("one of {}", choices.join(", ")),
        FieldKind::Phone => "a phone number".to_owned(),
        FieldKind::Email => "an e-mail address".to_owned(),
        FieldKind::Identity(forms) => format!("a number of the form {}", forms.join(" or ")),
    }
}

/// An order, a refusal, a callback and an objection can be recorded.
pub(super) fn outcomes_complete(subject: &Subject<'_>) -> Vec<Problem> {
    let needed = [OutcomeClass::Order, OutcomeClass::Refusal, OutcomeClass::Callback, OutcomeClass::DoNotCall];
    let missing = needed.into_iter().filter(|class| subject.definition.dispositions.iter().all(|d| d.class != *class));
    missing
        .map(|class| {
            let class = class.as_str();
            let message = format!("no disposition is of class {class}: add one with class = \"{class}\"");
            subject.at("dispositions", message)
        })
        .collect()
}

/// Only outcomes that leave the client to be tried again have a retry.
pub(super) fn retry_where_it_makes_sense(subject: &Subject<'_>) -> Vec<Problem> {
    let fault = |(at, disposition): (usize, &crate::definition::Disposition)| {
        disposition.retry?;
        let because = match disposition.class {
            OutcomeClass::Order => "the client has accepted",
            OutcomeClass::Refusal => "the client has declined, and only a tariff that answers it reopens a refusal",
            OutcomeClass::Callback => "the promise itself says when to call",
            OutcomeClass::WrongNumber => "the number belongs to somebody else",
            OutcomeClass::DoNotCall => "the person must not be called again",
            OutcomeClass::NoAnswer | OutcomeClass::Busy | OutcomeClass::Machine | OutcomeClass::Language => {
                return None;
            }
            OutcomeClass::Unreachable | OutcomeClass::Other => return None,
        };
        let message = format!("{:?} has a retry, but {because}: take the retry out", disposition.code);
        Some(subject.at(&format!("dispositions.{at}.retry"), message))
    };
    subject.definition.dispositions.iter().enumerate().filter_map(fault).collect()
}

/// No two caps have one window, and none is made idle by another.
pub(super) fn caps_sane(subject: &Subject<'_>) -> Vec<Problem> {
    let caps = &subject.definition.calling.caps;
    let fault = |(at, cap): (usize, &crate::definition::AttemptCap)| {
        let twin = caps[..at].iter().find(|other| other.window == cap.window);
        let stricter = caps.iter().find(|other| other.window > cap.window && other.max <= cap.max);
        let message = match (twin, stricter) {
            (Some(other), _) => format!("two caps over {}: keep the one of {}", cap.window, cap.max.min(other.max)),
            (None, Some(other)) => format!(
                "at most {} in {} is never reached, because at most {} are allowed in {}: lower it or take it out",
                cap.max, cap.window, other.max, other.window
            ),
            (None, None) => return None,
        };
        Some(subject.at(&format!("calling.caps.{at}"), message))
    };
    caps.iter().enumerate().filter_map(fault).collect()
}

/// Some hours are open and none overlap.
pub(super) fn hours_open(subject: &Subject<'_>) -> Vec<Problem> {
    let WeeklyHours(hours) = &subject.definition.calling.hours;
    if hours.values().all(Vec::is_empty) {
        let message = "no hours are open, so nobody would be called: write a window, as in mon = [\"09:00-20:00\"]";
        return vec![subject.at("calling.hours", message.to_owned())];
    }
    let overlap = |day: Day| {
        let windows = hours.get(&day)?;
        let (at, window) = windows.iter().enumerate().find(|(at, w)| windows[..*at].iter().any(|o| o.overlaps(**w)))?;
        let other = windows[..at].iter().find(|other| other.overlaps(*window))?;
        let message = format!("{window} overlaps {other}: write them as one window, or apart");
        Some(subject.at(&format!("calling.hours.{}.{at}", day.as_str()), message))
    };
    Day::ALL.into_iter().filter_map(overlap).collect()
}

/// A profile that is held to no calling rules is named so.
pub(super) fn demonstration_says_so(subject: &Subject<'_>) -> Vec<Problem> {
    let calling = &subject.definition.calling;
    let named = calling.profile.to_lowercase().contains("demonstration");
    let message = match (calling.demonstration, named) {
        (true, false) => {
            format!(
                "{:?} is for demonstration: put the word into its name, which every decision shows",
                calling.profile
            )
        }
        (false, true) => {
            "the profile is named for demonstration: write rules = \"demonstration\", or name it otherwise".to_owned()
        }
        _ => return Vec::new(),
    };
    vec![subject.at("calling.profile", message)]
}

/// An objection is recorded as one.
pub(super) fn objections_count(subject: &Subject<'_>) -> Vec<Problem> {
    let fault = |(at, disposition): (usize, &crate::definition::Disposition)| {
        let of_class = disposition.class == OutcomeClass::DoNotCall;
        let message = match (of_class, disposition.counts_as) {
            (true, CountsAs::Objection) => return None,
            (true, other) => format!(
                "{:?} is of class do_not_call and counts as {}: whoever says so is not called again, so that it counts as an objection",
                disposition.code,
                other.as_str()
            ),
            (false, CountsAs::Objection) if disposition.class == OutcomeClass::Order => {
                format!("{:?} is an order and counts as an objection: it cannot be both", disposition.code)
            }
            _ => return None,
        };
        Some(subject.at(&format!("dispositions.{at}.counts_as"), message))
    };
    subject.definition.dispositions.iter().enumerate().filter_map(fault).collect()
}

/// Callbacks can be promised, and their operator's time ends within the horizon.
pub(super) fn callback_horizon(subject: &Subject<'_>) -> Vec<Problem> {
    let callbacks = subject.definition.callbacks;
    if callbacks.horizon.seconds() == 0 {
        let message =
            "no callback could be promised: write how far ahead one may be, as in horizon = \"60d\"".to_owned();
        return vec![subject.at("callbacks.horizon", message)];
    }
    if callbacks.personal_grace >= callbacks.horizon {
        let message = format!(
            "a personal callback would wait {} for its operator, as long as callbacks are kept at all ({}): shorten it",
            callbacks.personal_grace, callbacks.horizon
        );
        return vec![subject.at("callbacks.personal_grace", message)];
    }
    Vec::new()
}
