//! Why, the funnel, the report.

use relance_analytics::{ReasonLine, Report, VendorLine, YieldLine};
use relance_domain::rules::RuleFinding;
use relance_scheduler::{Funnel, LeadWhy, WhyAnswer};

use relance_store::register::Suppression;

use super::calls::decision;
use super::clients::merges;
use super::{DEMONSTRATION, count, indented, perhaps, sections, table};

/// Why each lead is called, or is not.
pub(crate) fn why(answer: &WhyAnswer) -> String {
    sections(answer.leads.iter().map(why_lead).chain([against(&answer.suppressions), merges(&answer.merged)]))
}

/// What keeps the person from being called.
pub(super) fn against(suppressions: &[Suppression]) -> String {
    if suppressions.is_empty() {
        return String::new();
    }
    let line = |suppression: &Suppression| {
        let Suppression { phone, seller, campaign, reason, since, by, register: _, as_of } = suppression;
        let whom = match (seller, campaign) {
            (_, Some(campaign)) => format!("in campaign {campaign}"),
            (Some(seller), None) => format!("for {seller}"),
            (None, None) => "for every seller".to_owned(),
        };
        let as_of = as_of.map(|day| format!(" as of {day}")).unwrap_or_default();
        let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        format!("  {phone} {whom}: {reason}{as_of}, entered {}{by}", super::instant(*since))
    };
    format!("Must not be called\n{}", suppressions.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn why_lead(lead: &LeadWhy) -> String {
    let head = format!("Lead {} ({}) of campaign {}, list {}", lead.lead, lead.phone, lead.campaign, lead.list);
    let asked =
        lead.merged_from.map(|asked| format!("Lead {asked} became one with this lead when two clients were merged."));
    let mut lines =
        vec![asked.into_iter().chain([head]).collect::<Vec<_>>().join("\n"), format!("  {}", lead.sentence)];
    let until = perhaps(lead.until);
    if !until.is_empty() {
        lines.push(format!("  Until: {until}"));
    }
    if !lead.place.is_nowhere() {
        let verdict = |rule: &RuleFinding| if rule.passed { "allows it" } else { "stands in the way" };
        let rules = lead.rules.iter().map(|rule| format!("    {} {}: {}", rule.id, verdict(rule), rule.sentence));
        lines.push(format!("  Calling rules of {}:", lead.place));
        lines.extend(rules);
        lines.extend(
            lead.callable_from.map(|at| format!("  The rules let them be called from {} on.", super::instant(at))),
        );
    }
    let until = lead.reserved_until.map_or_else(String::new, |until| format!(" until {}", super::instant(until)));
    lines.extend(lead.reserved_for.iter().map(|operator| format!("  Kept for {operator}{until}.")));
    lines.extend(lead.reopened_because.iter().map(|because| format!("  Reopened: {because}")));
    lines.extend(lead.score_because.iter().map(|because| format!("  Its place among them: {because}")));
    if let Some(last) = &lead.last_hand_out {
        let ended = last.ended_at.map_or_else(|| "still open".to_owned(), |at| format!("ended {}", super::instant(at)));
        let how = last.ending.map(|ending| format!(": {}", ending.in_words())).unwrap_or_default();
        // Whoever was erased left no reason.
        let reason = last.ended_because.as_ref().filter(|reason| !reason.is_empty());
        let because = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        lines.push(format!(
            "  Last handed out: assignment {} to {}, {}, {ended}{how}{because}",
            last.assignment,
            last.operator,
            super::instant(last.handed_at)
        ));
        if last.hand_backs > 0 {
            lines.push(format!("  Handed back as not called: {}", count(last.hand_backs, "time")));
        }
        lines.push(
            indented(&decision(&last.decision)).lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"),
        );
    }
    lines.join("\n")
}

/// Where the leads of a campaign stand.
pub(crate) fn funnel(funnel: &Funnel) -> String {
    let what = format!("Campaign {} is {}: {}.", funnel.campaign, funnel.state, count(funnel.total, "lead"));
    let rows = funnel.standings.iter().map(|at| vec![at.leads.to_string(), at.in_words.clone(), perhaps(at.next_at)]);
    let rows = if funnel.standings.is_empty() {
        String::new()
    } else {
        table(&["leads>", "where they stand", "next change"], rows)
    };
    let note = if funnel.demonstration { DEMONSTRATION.to_owned() } else { String::new() };
    sections([what, rows, note])
}

/// A campaign in numbers.
pub(crate) fn report(report: &Report) -> String {
    let funnel =
        report.funnel.iter().map(|step| vec![step.step.clone(), step.leads.to_string(), step.definition.clone()]);
    sections([
        format!("Campaign {}", report.campaign),
        table(&["step", "leads>", "what it counts"], funnel),
        section("Refusals by reason", &report.reasons.definition, &reasons(&report.reasons.lines)),
        section("Lists", &report.lists.definition, &lists(&report.lists.lines)),
        section("Reopenings", &report.reopenings.definition, &reopenings(&report.reopenings.lines)),
    ])
}

fn section(title: &str, definition: &str, lines: &str) -> String {
    format!("{title}\n({definition})\n\n{lines}")
}

fn reasons(lines: &[ReasonLine]) -> String {
    if lines.is_empty() {
        return "none yet".to_owned();
    }
    let row = |line: &ReasonLine| {
        let median = line.median_price_ceiling.map(|money| money.to_string()).unwrap_or_default();
        vec![line.reason.clone(), line.refusals.to_string(), median]
    };
    table(&["reason", "refusals>", "median ceiling>"], lines.iter().map(row))
}

fn lists(lines: &[VendorLine]) -> String {
    if lines.is_empty() {
        return "none yet".to_owned();
    }
    let row = |VendorLine { counts: c }: &VendorLine| {
        let numbers = [c.lists, c.rows_read, c.rejected, c.duplicates, c.leads, c.attempted, c.reached, c.ordered];
        std::iter::once(c.vendor.clone()).chain(numbers.map(|number| number.to_string())).collect()
    };
    let headers =
        ["vendor", "lists>", "rows>", "rejected>", "duplicates>", "leads>", "attempted>", "reached>", "ordered>"];
    table(&headers, lines.iter().map(row))
}

fn reopenings(lines: &[YieldLine]) -> String {
    if lines.is_empty() {
        return "none yet".to_owned();
    }
    let row = |line: &YieldLine| {
        let numbers = [line.reopened, line.attempted, line.ordered].map(|number| number.to_string());
        std::iter::once(line.tariff.clone()).chain(numbers).chain([line.revenue.to_string()]).collect()
    };
    table(&["tariff", "reopened>", "attempted>", "ordered>", "revenue>"], lines.iter().map(row))
}
