//! What a load did, or would do.

use relance_scheduler::{Inspection, Known, LoadReport, RejectGroup};
use relance_store::list::{ChangeCount, Changes, Join, LoadCounts};

use super::lists::counts;
use super::{count, facts, listed, sections, table};

/// What a load did, or would do.
pub(crate) fn loaded(report: &LoadReport, of_campaign: bool) -> String {
    let what = match report.list {
        Some(list) if report.resumed => format!("Loaded as list {list}, going on where an earlier load had stopped."),
        Some(list) => format!("Loaded as list {list}."),
        None => "This is what a load would do; nothing was stored.".to_owned(),
    };
    let next = match report.list {
        Some(list) if report.counts.rejected > 0 => {
            format!("To mend and load them again: relance list rejects {list} --out rejects.csv")
        }
        _ => String::new(),
    };
    sections([
        what,
        file(&report.inspection),
        columns(&report.inspection),
        if report.dry_run { sample(&report.inspection) } else { String::new() },
        if of_campaign { counts(&report.counts) } else { counts_alone(&report.counts) },
        report.rejects.iter().map(reject_group).collect::<Vec<_>>().join("\n"),
        noticed(report),
        changes(&report.changes),
        joins(report.joins, &report.join_examples),
        questions(&report.inspection),
        next,
    ])
}

/// What a file says where nobody was looked up.
fn counts_alone(counts: &LoadCounts) -> String {
    let rows = [
        ("rows read", counts.rows_read),
        ("  people to call", counts.new_leads),
        ("  twice in the file", counts.duplicates_in_file),
        ("  rejected", counts.rejected),
    ];
    let rows = rows.map(|(name, number)| format!("{name:27}{number:>9}")).join("\n");
    let more = "Only the file was looked at. With --campaign, people who are known or must not be called count too.";
    format!("{rows}\n\n{more}")
}

pub(super) fn file(inspection: &Inspection) -> String {
    let encoding = inspection.encoding.as_ref().map(|encoding| match inspection.encoding_known {
        Some(known) => format!("{encoding} ({})", known_in_words(known)),
        None => encoding.clone(),
    });
    let header = inspection.header_line.map_or_else(|| "none".to_owned(), |line| format!("line {line}"));
    let what = facts(&[
        ("format", inspection.format.as_str().to_owned()),
        ("read", inspection.part.clone().unwrap_or_default()),
        ("encoding", encoding.unwrap_or_default()),
        ("delimiter", inspection.delimiter.clone().unwrap_or_default()),
        ("header", header),
    ]);
    let notices = inspection.notices.iter().map(|notice| format!("Note: {notice}")).collect::<Vec<_>>();
    sections([what, notices.join("\n")])
}

/// How sure something is, in words.
fn known_in_words(known: Known) -> &'static str {
    match known {
        Known::Declared => "as you said",
        Known::Kept => "as kept from an earlier file",
        Known::Marked => "as the file says",
        Known::Certain => "certain",
        Known::Likely => "likely",
        Known::Assumed => "assumed: look at the sample",
    }
}

pub(super) fn columns(inspection: &Inspection) -> String {
    let row = |column: &relance_scheduler::ColumnUse| {
        let feeds = match (column.feeds.is_empty(), column.known) {
            // Nothing stands in it that is of the client.
            (true, Known::Certain) => "(left out)".to_owned(),
            (true, _) => "(kept as it is)".to_owned(),
            (false, _) => column.feeds.join(", "),
        };
        let sure = match (column.feeds.is_empty(), column.known) {
            (true, _) => "",
            (false, Known::Marked) => "as the campaign says",
            (false, known) => known_in_words(known),
        };
        vec![column.header.clone(), feeds, sure.to_owned(), column.reading.clone().unwrap_or_default()]
    };
    if inspection.columns.is_empty() {
        return String::new();
    }
    table(&["column", "feeds", "how sure", "read as"], inspection.columns.iter().map(row))
}

fn sample(inspection: &Inspection) -> String {
    let rows: Vec<String> =
        inspection.sample.iter().map(|row| format!("  line {}: {}", row.line, row.cells.join(" | "))).collect();
    if rows.is_empty() { String::new() } else { format!("Rows as they are read, numbers masked\n{}", rows.join("\n")) }
}

pub(super) fn reject_group(group: &RejectGroup) -> String {
    let mut lines = vec![format!("{}: {}", group.code.as_str(), count(group.rows, "row"))];
    lines.extend(group.examples.iter().map(|example| {
        let column = example.column.as_ref().map(|column| format!("{column}: ")).unwrap_or_default();
        format!("  line {}: {column}{}", example.line, example.message)
    }));
    lines.join("\n")
}

/// What is worth knowing of rows that were taken.
fn noticed(report: &LoadReport) -> String {
    let mut lines = Vec::new();
    if report.without_time_zone > 0 {
        lines.push(format!(
            "Nobody knows the time zone of {}: not callable.",
            count(report.without_time_zone, "new lead")
        ));
    }
    if report.repeated_headers > 0 {
        lines.push(format!("The header stands again on {}: left out.", count_of(report.repeated_headers, "row")));
    }
    for remark in &report.remarks {
        let first = listed(remark.lines.iter().map(ToString::to_string));
        let on = if remark.lines.len() == 1 { "on line" } else { "first on lines" };
        lines.push(format!("{}: {} ({on} {first})", remark.remark.in_words(), count(remark.rows, "row")));
    }
    let consent = &report.consent;
    if consent.given + consent.refused > 0 {
        lines.push(format!(
            "Consent: {} say yes, {} say no, {} say nothing.",
            consent.given, consent.refused, consent.unsaid
        ));
    }
    lines.join("\n")
}

fn count_of(number: u64, what: &str) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX), what)
}

fn changes(changes: &Changes) -> String {
    let line = |(what, change): (&String, &ChangeCount)| {
        let mut line = format!("  {what}: {} filled, {} replaced", change.filled, change.replaced);
        if let Some(example) = change.examples.first() {
            let before = example.before.as_deref().unwrap_or("nothing");
            line.push_str(&format!(" (client {}: {before} becomes {})", example.client, example.after));
        }
        line
    };
    let lines: Vec<String> = changes.0.iter().map(line).collect();
    if lines.is_empty() { String::new() } else { format!("Changes of people who were known\n{}", lines.join("\n")) }
}

fn joins(joins: i64, examples: &[Join]) -> String {
    if joins == 0 {
        return String::new();
    }
    let shown = examples
        .iter()
        .take(5)
        .map(|join| format!("\n  line {}: relance client merge {} {}", join.line, join.client, join.other));
    format!(
        "Two clients are one, says {}. They stay two unless you merge them:{}",
        count(joins, "row"),
        shown.collect::<String>()
    )
}

fn questions(inspection: &Inspection) -> String {
    if inspection.questions.is_empty() {
        return String::new();
    }
    let asked = inspection.questions.iter().map(|question| format!("  {}: {}", question.code, question.message));
    format!("To be decided before a load\n{}", asked.collect::<Vec<_>>().join("\n"))
}
