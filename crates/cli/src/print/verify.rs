//! What a verification found.

use relance_domain::ledger::Violation;
use relance_scheduler::{PromiseVerified, Verification};

use super::{count, instant, sections, table};

/// Each promise with what was checked of it, then the rows that break one.
pub(crate) fn verification(found: &Verification) -> String {
    let verdict = match found.violations_total {
        0 => "Every promise that the ledger can show was kept".to_owned(),
        rows => {
            format!("{} a promise", if rows == 1 { "1 row breaks".to_owned() } else { format!("{rows} rows break") })
        }
    };
    let head = format!("{verdict}, as of {}.", instant(found.as_of));
    let promises = found.promises.iter().map(promise);
    sections(std::iter::once(head).chain(promises).chain([violations(found)]))
}

fn promise(of: &PromiseVerified) -> String {
    let verdict = match of.violations {
        0 => "holds".to_owned(),
        rows => format!("broken by {}", count(rows, "row")),
    };
    let mut lines = vec![format!("{:?}  {}: {verdict}", of.promise, of.in_words)];
    lines.extend(of.checked.iter().map(|checked| format!("  checked     {:>11}  {}", checked.rows, checked.what)));
    let not_judged = of.not_judged.iter();
    lines.extend(not_judged.map(|rows| format!("  not judged  {:>11}  because {}", rows.rows, rows.because)));
    lines.join("\n")
}

fn violations(found: &Verification) -> String {
    if found.violations.is_empty() {
        return String::new();
    }
    let row = |violation: &Violation| {
        let Violation { promise, table, row, what } = violation;
        vec![format!("{promise:?}"), table.clone(), row.to_string(), what.clone()]
    };
    let told = u64::try_from(found.violations.len()).unwrap_or(u64::MAX);
    let more = match found.violations_total.saturating_sub(told) {
        0 => String::new(),
        rows => format!("{} more; of each promise the first hundred are shown.", count(rows, "row")),
    };
    sections([table(&["promise", "table", "row>", "what is wrong"], found.violations.iter().map(row)), more])
}
