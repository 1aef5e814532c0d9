//! What applying a definition would change: a difference of meaning, not of text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan_order;
use crate::calling_hours::Day;
use crate::definition::{
    AttemptCap, CallbackPolicy, CallingProfile, ClientField, Definition, Detail, Disposition, Feature, FeatureKind,
    FieldKind, QueuePolicy, RefusalReason, ReopenCondition, Retry, StandardField,
};
use crate::pull::{Condition, Pull, PullFrom, Test};
use crate::reopening::{Budget, ReopeningPolicy};
use crate::rules::CallKind;

/// One thing that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// What, in words.
    #[schema(example = "calling hours on Monday")]
    pub what: String,
    /// What it is now; absent when it is new.
    #[schema(example = "09:00-20:00")]
    pub before: Option<String>,
    /// What it would be; absent when it would go.
    #[schema(example = "10:00-19:00")]
    pub after: Option<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, before, after } = self;
        match (before, after) {
            (Some(before), Some(after)) => write!(f, "{what}: {before} → {after}"),
            (None, Some(after)) => write!(f, "{what} added: {after}"),
            (Some(before), None) => write!(f, "{what} removed: {before}"),
            (None, None) => f.write_str(what),
        }
    }
}

/// What would change from the present definition to a new one; without a present one, everything is new.
#[must_use]
pub fn plan(old: Option<&Definition>, new: &Definition) -> Vec<Change> {
    let (old, new) = (old.map(facts).unwrap_or_default(), facts(new));
    let mut changes: Vec<Change> = Vec::new();
    for item in &new {
        match old.iter().find(|other| other.what == item.what) {
            Some(before) => changes.extend(between(before, item)),
            None => changes.push(Change { what: item.what.clone(), before: None, after: Some(item.summary()) }),
        }
    }
    let gone = old.iter().filter(|item| new.iter().all(|other| other.what != item.what));
    changes.extend(gone.map(|item| Change { what: item.what.clone(), before: Some(item.summary()), after: None }));
    changes.extend(LISTS.iter().filter_map(|list| moved(list, &old, &new)));
    changes
}

/// The lists whose order is seen by people, with the first word of their items.
const LISTS: [(&str, &str); 5] = [
    ("client fields", "client field `"),
    ("dispositions", "disposition `"),
    ("reasons", "reason `"),
    ("features", "feature `"),
    ("order form", "order field `"),
];

/// Something that comes and goes as a whole, with what can be said of it.
pub(super) struct Item {
    pub(super) what: String,
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Item {
    pub(super) fn one(what: impl Into<String>, fact: impl Into<String>) -> Self {
        Self { what: what.into(), facts: vec![("", fact.into())] }
    }

    fn summary(&self) -> String {
        let facts =
            self.facts.iter().map(|(name, fact)| if name.is_empty() { fact.clone() } else { format!("{name} {fact}") });
        facts.collect::<Vec<_>>().join("; ")
    }

    fn fact(&self, name: &str) -> Option<String> {
        self.facts.iter().find(|(other, _)| *other == name).map(|(_, fact)| fact.clone())
    }
}

fn between(before: &Item, after: &Item) -> Vec<Change> {
    let mut names: Vec<&str> = after.facts.iter().map(|(name, _)| *name).collect();
    names.extend(before.facts.iter().map(|(name, _)| *name).filter(|name| after.fact(name).is_none()));
    names
        .into_iter()
        .filter(|name| before.fact(name) != after.fact(name))
        .map(|name| {
            let what = if name.is_empty() { after.what.clone() } else { format!("{} {name}", after.what) };
            Change { what, before: before.fact(name), after: after.fact(name) }
        })
        .collect()
}

/// A list whose common items stand in another order.
fn moved((list, prefix): &(&str, &str), old: &[Item], new: &[Item]) -> Option<Change> {
    let order = |items: &[Item], others: &[Item]| {
        let common =
            items.iter().filter(|item| item.what.starts_with(prefix) && others.iter().any(|o| o.what == item.what));
        let codes = common.map(|item| item.what.trim_start_matches(prefix).trim_end_matches('`').to_owned());
        codes.collect::<Vec<_>>().join(", ")
    };
    let (before, after) = (order(old, new), order(new, old));
    (before != after).then(|| Change { what: format!("order of {list}"), before: Some(before), after: Some(after) })
}

/// Everything a definition says. Every struct is taken apart by name, so that a new field cannot be forgotten.
fn facts(definition: &Definition) -> Vec<Item> {
    let Definition {
        campaign,
        name,
        goal,
        seller,
        country,
        currency,
        lease,
        language,
        skills,
        calling,
        queue,
        reopening,
        script,
        shown,
        columns,
        client_fields,
        dispositions,
        reasons,
        features,
        callbacks,
        order_form,
        order,
        pulls,
    } = definition;
    let CallbackPolicy { horizon, personal_grace } = callbacks;
    let mut items = vec![
        Item::one("campaign", campaign),
        Item::one("name", name),
        Item::one("goal", goal),
        Item::one("seller", seller),
        Item::one("country", country),
        Item::one("currency", currency.code()),
        Item::one("lease", *lease),
        Item::one("language", language.as_deref().unwrap_or("any")),
        Item::one("skills of its operators", if skills.is_empty() { "none".to_owned() } else { skills.join(", ") }),
        Item::one("script", script),
        Item::one("fields shown", shown.join(", ")),
    ];
    items.extend(calling_facts(calling));
    items.extend(queue_facts(*queue));
    items.extend(reopening_facts(reopening));
    items.extend(columns.iter().map(|(field, headers)| column(*field, headers)));
    items.extend(client_fields.iter().map(client_field));
    items.extend(dispositions.iter().map(disposition));
    items.extend(reasons.iter().map(reason));
    items.extend(features.iter().map(feature));
    items.push(Item::one("callback horizon", *horizon));
    items.push(Item::one("personal callback's grace", *personal_grace));
    items.extend(plan_order::items(order_form, order));
    items.extend(pulls.iter().map(pull));
    items
}

fn calling_facts(calling: &CallingProfile) -> Vec<Item> {
    let CallingProfile { profile, demonstration, call, subject, default_time_zone, hours, caps, days_after_refusal } =
        calling;
    let CallKind { purpose, audience, mode, sector } = call;
    let mut items = vec![
        Item::one("calling profile", profile),
        Item::one("for demonstration only", yes_no(*demonstration)),
        Item::one("purpose of its calls", purpose.as_str()),
        Item::one("audience of its calls", audience.as_str()),
        Item::one("how its numbers are dialled", mode.as_str()),
        Item::one("days without a call after a refusal", days_after_refusal.to_string()),
    ];
    items.extend(sector.as_ref().map(|sector| Item::one("sector", sector)));
    items.extend(subject.as_ref().map(|subject| Item::one("subject of its calls", subject)));
    items.extend(default_time_zone.as_ref().map(|zone| Item::one("default time zone", zone.as_str())));
    items.extend(Day::ALL.map(|day| {
        let windows: Vec<String> = hours.0.get(&day).into_iter().flatten().map(ToString::to_string).collect();
        let windows = if windows.is_empty() { "closed".to_owned() } else { windows.join(", ") };
        Item::one(format!("calling hours on {}", day_name(day)), windows)
    }));
    // Caps are known by their windows; should two share one, both are said together.
    let mut by_window: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for AttemptCap { max, window } in caps {
        by_window.entry(*window).or_default().push(format!("at most {max}"));
    }
    items.extend(
        by_window.into_iter().map(|(window, max)| Item::one(format!("tries in any {window}"), max.join(" and "))),
    );
    items
}

fn queue_facts(queue: QueuePolicy) -> [Item; 3] {
    let QueuePolicy { order, fresh_per_hour, reopened_share } = queue;
    let order: Vec<&str> = order.classes().iter().map(|class| class.as_str()).collect();
    let limit = fresh_per_hour.map_or_else(|| "no limit".to_owned(), |most| format!("at most {most}"));
    let share = reopened_share.map_or_else(|| "by the order of the queue".to_owned(), |share| format!("{share} %"));
    [
        Item::one("order of the queue", order.join(", ")),
        Item::one("new leads per operator and hour", limit),
        Item::one("reopened leads among hand-outs", share),
    ]
}

fn reopening_facts(reopening: &ReopeningPolicy) -> [Item; 2] {
    let ReopeningPolicy { budget, first_operator } = reopening;
    let budget = budget.as_ref().map_or_else(
        || "no limit".to_owned(),
        |Budget { per_day, time_zone }| format!("at most {per_day}, by the days of {}", time_zone.as_str()),
    );
    let first = first_operator.map_or_else(|| "no time".to_owned(), |span| span.to_string());
    [
        Item::one("reopened leads callable per day", budget),
        Item::one("reopened leads kept for the operator who had the refusal", first),
    ]
}

fn day_name(day: Day) -> &'static str {
    match day {
        Day::Mon => "Monday",
        Day::Tue => "Tuesday",
        Day::Wed => "Wednesday",
        Day::Thu => "Thursday",
        Day::Fri => "Friday",
        Day::Sat => "Saturday",
        Day::Sun => "Sunday",
    }
}

fn column(field: StandardField, headers: &[String]) -> Item {
    Item::one(format!("columns of {}", field.as_str()), quoted(headers))
}

fn client_field(field: &ClientField) -> Item {
    let ClientField { name, label, kind, columns } = field;
    let facts = vec![("label", label.clone()), ("kind", kind_in_words(kind)), ("columns", quoted(columns))];
    Item { what: format!("client field `{name}`"), facts }
}

fn disposition(disposition: &Disposition) -> Item {
    let Disposition { code, label, class, counts_as, retry } = disposition;
    let mut facts = vec![("label", label.clone()), ("class", class.as_str().to_owned())];
    facts.push(("counts as", counts_as.as_str().to_owned()));
    facts.extend(retry.map(|Retry { after, max, other_time }| {
        let when = if other_time { ", at another part of the day or week" } else { "" };
        ("retry", format!("{after}, at most {max}{when}"))
    }));
    Item { what: format!("disposition `{code}`"), facts }
}

fn reason(reason: &RefusalReason) -> Item {
    let RefusalReason { code, label, asks, optional, counts_as, reopened_by } = reason;
    let all_of =
        |conditions: &Vec<ReopenCondition>| conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let alternatives: Vec<String> = reopened_by.iter().map(all_of).collect();
    let words = |details: &[Detail]| details.iter().map(|detail| detail.as_str()).collect::<Vec<_>>().join(", ");
    let lists = [
        ("asks", words(asks)),
        ("optional", words(optional)),
        ("counts as", counts_as.map(|counts| counts.as_str().to_owned()).unwrap_or_default()),
        ("reopened by", alternatives.join(", or ")),
    ];
    let facts = std::iter::once(("label", label.clone())).chain(lists.into_iter().filter(|(_, list)| !list.is_empty()));
    Item { what: format!("reason `{code}`"), facts: facts.collect() }
}

fn feature(feature: &Feature) -> Item {
    let Feature { code, label, kind } = feature;
    let kind = match kind {
        FeatureKind::Has => "there or not".to_owned(),
        FeatureKind::AtLeast(unit) => format!("at least so many {unit}"),
    };
    Item { what: format!("feature `{code}`"), facts: vec![("label", label.clone()), ("kind", kind)] }
}

fn pull(pull: &Pull) -> Item {
    let Pull { name, from, every, source, vendor, consent_basis } = pull;
    let mut facts = match from {
        PullFrom::Clients(conditions) => {
            let conditions: Vec<String> = conditions.iter().map(condition).collect();
            let all = if conditions.is_empty() { "everybody".to_owned() } else { conditions.join(" and ") };
            vec![("from", "clients".to_owned()), ("where", all)]
        }
        PullFrom::Database { database, query } => {
            vec![("from", format!("database {database}")), ("query", query.clone())]
        }
    };
    facts.push(("every", every.map_or_else(|| "on request only".to_owned(), |span| span.to_string())));
    facts.push(("source", source.as_str().to_owned()));
    facts.extend(vendor.clone().map(|vendor| ("vendor", vendor)));
    facts.extend(consent_basis.clone().map(|basis| ("consent basis", basis)));
    Item { what: format!("pull `{name}`"), facts }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Field { field, tests } => {
            let tests = tests.iter().map(|test| match test {
                Test::Is(value) => format!("is {value:?}"),
                Test::IsNot(value) => format!("is not {value:?}"),
                Test::OneOf(values) => format!("is one of {}", quoted(values)),
                Test::Over(bound) => format!("is over {bound}"),
                Test::Under(bound) => format!("is under {bound}"),
            });
            format!("{field} {}", tests.collect::<Vec<_>>().join(" and "))
        }
        Condition::Refused { reason, campaign, after, before } => {
            let campaign = campaign.as_ref().map(|campaign| format!(" in {campaign}")).unwrap_or_default();
            let after = after.map(|day| format!(" after {day}")).unwrap_or_default();
            let before = before.map(|day| format!(" before {day}")).unwrap_or_default();
            format!("refused over {reason}{campaign}{after}{before}")
        }
    }
}

pub(super) fn kind_in_words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Choice(choices) => format!("choice of {}", quoted(choices)),
        FieldKind::Identity(forms) => format!("identity of the form {}", quoted(forms)),
        kind => kind.as_str().to_owned(),
    }
}

pub(super) fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn yes_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}
