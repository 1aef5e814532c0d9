//! The calling rules, and what they say of a call.

use relance_scheduler::{RuleApplied, RuleList, RulePack, RuleShown, TestedCall, ZoneFrom};

use super::{count, facts, indented, sections, table};

/// The pack in one line.
pub(crate) fn pack(pack: &RulePack) -> String {
    let RulePack { name, edition, version, rules, unverified, .. } = pack;
    format!(
        "{name} of {edition}, version {version}: {}, {unverified} of them unverified",
        count(*rules as i128, "rule")
    )
}

/// Which rules there are.
pub(crate) fn list(list: &RuleList) -> String {
    let row = |rule: &RuleShown| {
        let verified = if rule.verified { "yes" } else { "NO" };
        vec![
            rule.id.clone(),
            rule.jurisdiction.clone(),
            rule.kind.to_string(),
            in_force(rule),
            verified.to_owned(),
            rule.demands.join("; "),
        ]
    };
    let rows = match list.rules.as_slice() {
        [] => "No rule is like that.".to_owned(),
        rules => table(&["rule", "in", "kind", "in force", "verified", "what it demands"], rules.iter().map(row)),
    };
    let warning = list.pack.warning.as_ref().map(|warning| format!("Warning: {warning}.")).unwrap_or_default();
    sections([rows, format!("{} of {}.", count(list.rules.len() as i128, "rule"), pack(&list.pack)), warning])
}

fn in_force(rule: &RuleShown) -> String {
    match (rule.from, rule.to) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("to {to}"),
        (Some(from), Some(to)) => format!("{from} to {to}"),
    }
}

/// Everything about one rule.
pub(crate) fn rule(rule: &RuleShown) -> String {
    let decides = match rule.decides {
        true => "yes: hand-outs are decided by it",
        false => "no: it is kept for the record",
    };
    let verified = match rule.verified {
        true => "yes",
        false => "NO: nobody has read a source that settles it",
    };
    facts(&[
        ("rule", rule.id.clone()),
        ("in", format!("{} ({})", rule.jurisdiction_name, rule.jurisdiction)),
        ("kind", rule.kind.to_string()),
        ("demands", rule.demands.join("\n")),
        ("decides", decides.to_owned()),
        ("binds", format!("audience {}, purpose {}, dialled {}", rule.audience, rule.purpose, rule.mode)),
        ("in force", in_force(rule)),
        ("basis", rule.basis.to_string()),
        ("source", rule.source.clone()),
        ("address", rule.source_url.clone().unwrap_or_default()),
        ("evidence", rule.evidence.to_string()),
        ("verified", verified.to_owned()),
        ("note", rule.note.clone().unwrap_or_default()),
        ("conflict", rule.conflict.clone().unwrap_or_default()),
    ])
}

/// What the rules say of a call.
pub(crate) fn tested(call: &TestedCall) -> String {
    let place = match call.jurisdictions.as_slice() {
        [] => "none whose rules are known".to_owned(),
        names => names.join(", "),
    };
    let head = facts(&[
        ("number", call.phone.clone()),
        ("place", place),
        ("local time", clocks(call)),
        ("rules", pack(&call.pack)),
    ]);
    // Where nobody knows the law, the defaults are no answer.
    let rules = if call.place.is_nowhere() { &[][..] } else { &call.rules };
    let assumed: Vec<String> = call.assumptions.iter().map(|assumed| format!("- {assumed}")).collect();
    sections([
        format!("{}\n{}", verdict(call), first(call)),
        head,
        rules.iter().map(applied).collect::<Vec<_>>().join("\n"),
        call.pack.warning.as_ref().map(|warning| format!("Warning: {warning}.")).unwrap_or_default(),
        format!("Taken as given:\n{}", indented(&assumed.join("\n"))),
    ])
}

fn verdict(call: &TestedCall) -> String {
    let Some(obstacle) = &call.obstacle else { return "The call may be made.".to_owned() };
    let by = obstacle.rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    format!("The call may NOT be made{by} ({}): {}.", obstacle.kind.as_str(), obstacle.sentence)
}

fn first(call: &TestedCall) -> String {
    match (&call.obstacle, &call.callable_from_local, call.local_times.first()) {
        (None, ..) => match (&call.window, call.open_until) {
            (Some(window), Some(_)) => format!("The hours are {window}."),
            _ => "No hours end it.".to_owned(),
        },
        (Some(_), Some(local), Some(clock)) => format!("It may be made from {local} on, in {}.", clock.time_zone),
        _ => "Time alone does not change that.".to_owned(),
    }
}

/// What the clocks show, and how their zones were found.
fn clocks(call: &TestedCall) -> String {
    let by = match call.zones_from {
        ZoneFrom::Given => "as given",
        ZoneFrom::Address => "by the address",
        ZoneFrom::Number => "by the number",
        ZoneFrom::Nothing => return format!("unknown; it is {}", call.at),
    };
    let many = call.local_times.len();
    let shown =
        call.local_times.iter().take(ZONES_SHOWN).map(|clock| format!("{} in {}", clock.local_time, clock.time_zone));
    let more = if many > ZONES_SHOWN { format!("\nand {} more zones", many - ZONES_SHOWN) } else { String::new() };
    format!("{} ({by}){more}", shown.collect::<Vec<_>>().join("\n"))
}

/// More zones than these are counted.
const ZONES_SHOWN: usize = 4;

fn applied(rule: &RuleApplied) -> String {
    let RuleApplied { finding, source, verified } = rule;
    let mark = if finding.passed { "✓" } else { "✗" };
    let unverified = if *verified { "" } else { " (unverified)" };
    let text = format!("{mark} {} ({}): {}", finding.id, finding.kind, finding.sentence);
    format!("{text}\n    {source}{unverified}")
}
