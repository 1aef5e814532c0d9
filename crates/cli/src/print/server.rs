//! Migrations, settings and checks of the installation.

use super::{count, listed, table};
use crate::doctor::{Check, Shown};

/// What `migrate` did.
pub(crate) fn migrated(database: &str, applied: &[i64]) -> String {
    match applied.len() {
        0 => format!("{database} is up to date."),
        many => {
            let numbers = listed(applied.iter().map(ToString::to_string));
            format!("{database}: applied {} ({numbers}).", count(many as i128, "migration"))
        }
    }
}

/// What `doctor` found.
pub(crate) fn doctor(settings: &[Shown], checks: &[Check]) -> String {
    let rows = settings.iter().map(|s| vec![s.setting.to_owned(), s.value.clone(), s.source.clone()]);
    let mut lines = vec![table(&["setting", "value", "from"], rows), String::new()];
    for check in checks {
        lines.push(format!("{} {}: {}", if check.passed { "✓" } else { "✗" }, check.check, check.found));
    }
    let failed = checks.iter().filter(|check| !check.passed).count();
    lines.push(match failed {
        0 => "\nEverything is in order.".to_owned(),
        some => format!("\n{} failed.", count(some as i128, "check")),
    });
    lines.join("\n")
}
