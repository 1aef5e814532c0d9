//! Whether the phone columns hold phone numbers.

use std::collections::BTreeMap;

use super::headers::{option, shown};
use super::plan::{File, Plan};
use crate::error::ListError;
use crate::inspection::Known;
use crate::phone::{self, Habit};

/// Fewer cells prove nothing.
const CELLS_MIN: usize = 10;
const VALID_PERCENT_MIN: usize = 50;

/// Asks about phone columns with few numbers in them. A column that only its header made one, and whose cells plainly
/// are something else, is left out where another has the numbers.
pub(super) fn check(plan: &mut Plan<'_>, trusted: bool) {
    if trusted {
        return;
    }
    let file = plan.file;
    let is_doubtful = |at: &usize| {
        let content = &file.contents[*at];
        content.filled >= CELLS_MIN && !content.mostly(content.phones, VALID_PERCENT_MIN)
    };
    let is_good = |at: &usize| file.contents[*at].mostly(file.contents[*at].phones, VALID_PERCENT_MIN);
    let has_good = plan.phones.iter().any(is_good);
    for at in plan.phones.clone().into_iter().filter(is_doubtful) {
        match (plan.columns[at].known, file.contents[at].plainly_other()) {
            (Known::Declared, _) => {}
            (Known::Certain | Known::Likely | Known::Assumed, Some(what)) if has_good => {
                let name = shown(&file.headers.names[at]);
                plan.notices
                    .push(format!("column {name:?} is kept as an attribute: its cells are {what}, not phone numbers"));
                plan.drop_phone(at, format!("its header is one of a phone number, but its cells are {what}"));
            }
            _ => plan.ask("phone_column_doubtful", doubt(plan, at)),
        }
    }
}

fn doubt(plan: &Plan<'_>, at: usize) -> String {
    let file = plan.file;
    let content = &file.contents[at];
    let header = shown(&file.headers.names[at]);
    let mut message = format!(
        "column {header:?} is to hold the phone number, but only {} % of its {} filled cells looked at are \
         telephone numbers",
        content.percent(content.phones),
        content.filled
    );
    if let Some(problem) = most_frequent_problem(file, at, content.habit) {
        message.push_str(&format!(" (most of the others: {problem})"));
    }
    match best(file, |other| plan.is_open(*other)) {
        Some((other, percent)) => {
            let header = &file.headers.names[other];
            let name = shown(header);
            message.push_str(&format!(
                "; column {name:?} holds numbers in {percent} % of its cells: are the two swapped? ({}); ",
                option(header, "phone")
            ));
        }
        None => message.push_str("; name the right column (--map 'HEADER=phone'); "),
    }
    message.push_str("if the column is right all the same, say --trust-phones");
    message
}

fn most_frequent_problem(file: &File<'_>, at: usize, habit: Habit) -> Option<String> {
    let mut problems: BTreeMap<String, usize> = BTreeMap::new();
    for cell in file.look.cells(at, file.headers.len()).into_iter().filter(|cell| !cell.is_empty()) {
        if let Err(problem) = phone::read_cell(cell, file.look.country, habit) {
            *problems.entry(problem.to_string()).or_default() += 1;
        }
    }
    problems.into_iter().max_by_key(|(_, count)| *count).map(|(problem, _)| problem)
}

/// The column with the largest share of telephone numbers, if it is half of its cells, and the percentage.
fn best(file: &File<'_>, may_be: impl Fn(&usize) -> bool) -> Option<(usize, usize)> {
    let share = |at: usize| (at, file.contents[at].percent(file.contents[at].phones));
    let columns =
        (0..file.contents.len()).filter(may_be).map(share).filter(|(_, percent)| *percent >= VALID_PERCENT_MIN);
    // The first of equals.
    columns.rev().max_by_key(|(_, percent)| *percent)
}

/// No column holds the phone number.
pub(super) fn missing(file: &File<'_>, has_header: bool) -> ListError {
    // The header stands on the line before the first client; a caller that knows better may say so.
    let first = file.look.sample.record(0).map_or(1, |record| record.lines.first);
    let line = if has_header { first.saturating_sub(1).max(1) } else { first };
    let suggestion = best(file, |_| true).map(|(at, percent)| (shown(&file.headers.names[at]), percent));
    let headers = file.headers.names.iter().map(|name| shown(name)).collect();
    ListError::MappingNeeded { line, headers, suggestion, besides: Vec::new() }
}

/// How numbers are read where that was found out for the whole column.
pub(super) fn reading(habit: Habit) -> Option<String> {
    let parts = [
        habit.plus.then(|| "+ is put before bare digits: they begin with a country code".to_owned()),
        habit
            .thousands
            .then(|| "commas between the digits are dropped: the whole column has them as thousands".to_owned()),
        habit.letter_o.then(|| "a letter O is read as a zero, as asked".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
