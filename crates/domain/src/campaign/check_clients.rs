//! Checks of how the headers of a list find their fields.

use super::check::Subject;
use crate::definition::StandardField;
use crate::toml_file::Problem;

/// The columns of the phone number are named.
pub(super) fn phone_has_columns(subject: &Subject<'_>) -> Vec<Problem> {
    if phone_columns(subject).is_empty() {
        let message = "no column holds the phone number: write its headers under [columns], as in phone = [\"Phone\"]";
        return vec![subject.at("columns.phone", message.to_owned())];
    }
    Vec::new()
}

fn phone_columns<'a>(subject: &Subject<'a>) -> &'a [String] {
    subject.definition.columns.get(&StandardField::Phone).map(Vec::as_slice).unwrap_or_default()
}

/// Every client field names its columns and has a name of its own.
pub(super) fn client_fields_have_columns(subject: &Subject<'_>) -> Vec<Problem> {
    let fields = subject.definition.client_fields.iter().enumerate();
    fields
        .filter_map(|(at, field)| {
            if StandardField::ALL.iter().any(|standard| standard.as_str() == field.name) {
                let message = format!("{:?} is a standard field: name its headers under [columns] instead", field.name);
                return Some(subject.at(&format!("client_fields.{at}.name"), message));
            }
            let message = format!(
                "{:?} names no columns: write the headers that hold it, as in columns = [\"City\"]",
                field.name
            );
            field.columns.is_empty().then(|| subject.at(&format!("client_fields.{at}.columns"), message))
        })
        .collect()
}

/// The header of `clients.csv` has a column for the phone number.
pub(super) fn clients_header_has_phone(subject: &Subject<'_>) -> Vec<Problem> {
    let Some(clients) = subject.clients else { return Vec::new() };
    let columns = phone_columns(subject);
    let header = clients.text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let has_phone = [',', ';', '\t', '|'].into_iter().any(|delimiter| {
        header.split(delimiter).any(|cell| columns.iter().any(|column| same(cell.trim().trim_matches('"'), column)))
    });
    if has_phone || columns.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "no column is headed {}: name the header of the phone number under [columns] of the campaign",
        columns.iter().map(|column| format!("{column:?}")).collect::<Vec<_>>().join(" or ")
    );
    vec![Problem { file: clients.path.clone(), line: Some(1), check: String::new(), message }]
}

/// Headers are the same whatever their case and the space around and within them.
fn same(header: &str, column: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    plain(header) == plain(column)
}
