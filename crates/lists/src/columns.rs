//! Which column feeds which field.

use std::collections::BTreeMap;

use relance_domain::definition::{Definition, FieldKind, StandardField};
use unicode_normalization::UnicodeNormalization;

use crate::error::ListError;
use crate::options::Delimiter;
use crate::record::Record;

/// A column of a file and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnUse {
    /// The header as it stands in the file.
    pub header: String,
    /// The fields it feeds, by their names in the campaign; empty for a column that is left out.
    pub feeds: Vec<String>,
}

/// Where each field of a client is found in a record.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) uses: Vec<ColumnUse>,
    pub(crate) phone: usize,
    standard: BTreeMap<StandardField, usize>,
    pub(crate) facts: Vec<FactColumn>,
}

/// A column that holds a fact of the campaign.
#[derive(Debug)]
pub(crate) struct FactColumn {
    pub(crate) name: String,
    pub(crate) kind: FieldKind,
    pub(crate) at: usize,
}

impl Columns {
    /// Reads the header. Of the headers that a field accepts, the first that is there counts; letter case, surrounding
    /// space and the way accents are encoded do not.
    pub(crate) fn map(
        header: Record<'_>,
        line: u64,
        definition: &Definition,
        cut_at: Delimiter,
    ) -> Result<Self, ListError> {
        check_delimiter(header, line, cut_at)?;
        let headers: Vec<String> = header.fields().map(|cell| cell.trim().to_owned()).collect();
        let keys: Vec<String> = headers.iter().map(|header| key(header)).collect();
        let mut uses: Vec<ColumnUse> =
            headers.into_iter().map(|header| ColumnUse { header, feeds: Vec::new() }).collect();
        let mut find = |accepted: &[String], field: &str| -> Result<Option<usize>, ListError> {
            let Some(at) = accepted.iter().find_map(|name| position(&keys, name)) else { return Ok(None) };
            if let Some(second) = keys.iter().skip(at + 1).position(|other| *other == keys[at]) {
                let header = uses[at].header.clone();
                return Err(ListError::DuplicateColumn { line, header, first: at + 1, second: at + second + 2 });
            }
            uses[at].feeds.push(field.to_owned());
            Ok(Some(at))
        };
        let mut standard = BTreeMap::new();
        for (field, accepted) in &definition.columns {
            if let Some(at) = find(accepted, field.as_str())? {
                standard.insert(*field, at);
            }
        }
        let mut facts = Vec::new();
        for field in &definition.client_fields {
            if let Some(at) = find(&field.columns, &field.name)? {
                facts.push(FactColumn { name: field.name.clone(), kind: field.kind.clone(), at });
            }
        }
        match standard.get(&StandardField::Phone) {
            Some(phone) => Ok(Self { phone: *phone, uses, standard, facts }),
            None => Err(no_phone(uses, line, definition)),
        }
    }

    pub(crate) fn standard(&self, field: StandardField) -> Option<usize> {
        self.standard.get(&field).copied()
    }
}

/// A header as it is compared.
fn key(header: &str) -> String {
    let plain: String = header.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn position(keys: &[String], accepted: &str) -> Option<usize> {
    let accepted = key(accepted);
    keys.iter().position(|key| *key == accepted && !key.is_empty())
}

/// A header that is one column, but would be several with another delimiter, was cut with the wrong one.
fn check_delimiter(header: Record<'_>, line: u64, declared: Delimiter) -> Result<(), ListError> {
    if header.len() > 1 {
        return Ok(());
    }
    let columns = |delimiter: Delimiter| header.field(0).split(delimiter.character()).count();
    let others = Delimiter::ALL.into_iter().filter(|delimiter| *delimiter != declared);
    match others.max_by_key(|delimiter| columns(*delimiter)) {
        Some(likely) if columns(likely) > 1 => {
            Err(ListError::OtherDelimiter { line, declared, likely, columns: columns(likely) })
        }
        _ => Ok(()),
    }
}

/// A first record with as many digits as a phone number has is a client: its cells are not repeated in a message.
fn no_phone(uses: Vec<ColumnUse>, line: u64, definition: &Definition) -> ListError {
    let accepted = definition.columns.get(&StandardField::Phone).cloned().unwrap_or_default();
    let digits = |column: &ColumnUse| column.header.chars().filter(char::is_ascii_digit).count();
    if uses.iter().any(|column| digits(column) >= 6) {
        return ListError::NoHeader { line, accepted };
    }
    ListError::NoPhoneColumn { line, found: uses.into_iter().map(|column| column.header).collect(), accepted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_without_case_space_and_encoding() {
        assert_eq!(key("  N°\u{a0}de  Téléphone "), key("n° de te\u{301}le\u{301}phone"));
        assert_eq!(key("TÉL"), key("tél"));
        assert_ne!(key("tel"), key("tél"));
        assert_eq!(position(&["".to_owned()], " "), None);
    }
}
