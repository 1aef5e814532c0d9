//! Phones that must not be called.

use relance_scheduler::{RegisterReport, RegisterShown, SuppressedPhone};
use relance_store::register::Register;
use relance_store::suppression::KeyRotation;

use super::loaded::{columns, file, reject_group};
use super::{count, instant, sections, table};

/// A phone that must not be called.
pub(crate) fn suppressed(suppressed: &SuppressedPhone) -> String {
    format!("{} will not be called again; {} closed.", suppressed.phone, count(suppressed.leads_closed, "lead"))
}

/// For whom a register holds.
fn scope(register: &Register) -> String {
    match (&register.campaign, &register.seller) {
        (Some(campaign), _) => format!("campaign {campaign}"),
        (None, Some(seller)) => seller.clone(),
        (None, None) => "every seller".to_owned(),
    }
}

/// What loading a file of a register did.
pub(crate) fn loaded(report: &RegisterReport) -> String {
    let Register { register, as_of, numbers, .. } = &report.register;
    let whom = scope(&report.register);
    let what = format!("The register {register} as of {as_of} counts now: {} for {whom}.", count(*numbers, "number"));
    let replaced = report
        .replaced
        .as_ref()
        .map(|old| format!("It replaces the file as of {} with {}.", old.as_of, count(old.numbers, "number")));
    let rows = [
        ("rows read", report.rows_read),
        ("  twice in the file", report.duplicates),
        ("  without a number", report.rejected),
    ];
    sections([
        [Some(what), replaced].into_iter().flatten().collect::<Vec<_>>().join("\n"),
        file(&report.inspection),
        columns(&report.inspection),
        rows.map(|(name, number)| format!("{name:27}{number:>9}")).join("\n"),
        report.rejects.iter().map(reject_group).collect::<Vec<_>>().join("\n"),
    ])
}

/// The registers that count.
pub(crate) fn registers(registers: &[RegisterShown]) -> String {
    if registers.is_empty() {
        return "No register was loaded yet: relance suppress load FILE --register NAME --as-of DATE --country CODE"
            .to_owned();
    }
    let row = |shown: &RegisterShown| {
        vec![
            shown.register.register.clone(),
            scope(&shown.register),
            shown.register.as_of.to_string(),
            count(shown.age_days, "day"),
            shown.register.numbers.to_string(),
            instant(shown.register.loaded_at),
        ]
    };
    table(&["register", "holds for", "as of", "age>", "numbers>", "loaded"], registers.iter().map(row))
}

/// What replacing the key came to.
pub(crate) fn rotated(rotation: &KeyRotation) -> String {
    format!(
        "Every suppression is hashed with key version {} now; {} had an older one.",
        rotation.version, rotation.nested
    )
}
