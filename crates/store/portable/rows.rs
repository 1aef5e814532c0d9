//! Rows of the database into values of the domain.

use jiff::Timestamp;
use relance_domain::lead::LeadState;
use relance_store::{Result, StoreError};
use serde::de::DeserializeOwned;

/// Where a value comes from, to name it when it cannot be read.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub table: &'static str,
    pub row: i64,
}

impl Origin {
    pub(super) fn new(table: &'static str, row: i64) -> Self {
        Self { table, row }
    }

    pub(super) fn corrupt(self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, column, row: self.row }
    }

    /// A value that must be there.
    pub(super) fn need<T>(self, column: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// A value that its type can read from text.
    pub(super) fn parse<T: std::str::FromStr>(self, column: &'static str, text: &str) -> Result<T> {
        text.parse().map_err(|_| self.corrupt(column))
    }

    /// The same, where there is a text.
    pub(super) fn parse_some<T: std::str::FromStr>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>> {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// An instant.
    pub(super) fn instant(self, column: &'static str, ms: i64) -> Result<Timestamp> {
        Timestamp::from_millisecond(ms).map_err(|_| self.corrupt(column))
    }

    /// The same, where there is one.
    pub(super) fn instant_some(self, column: &'static str, ms: Option<i64>) -> Result<Option<Timestamp>> {
        ms.map(|ms| self.instant(column, ms)).transpose()
    }

    /// A value kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|_| self.corrupt(column))
    }

    /// A value whose JSON form is one word.
    pub(super) fn word<T: DeserializeOwned>(self, column: &'static str, word: &str) -> Result<T> {
        serde_json::from_value(serde_json::Value::from(word)).map_err(|_| self.corrupt(column))
    }

    /// A lead's state.
    pub(super) fn lead_state(
        self,
        state: &str,
        due_at_ms: i64,
        block: Option<&str>,
        closed: Option<&str>,
    ) -> Result<LeadState> {
        self.need("state", LeadState::from_columns(state, due_at_ms, block, closed))
    }
}

/// A value as JSON text. The values kept so have no map with other keys than text, which is all that could fail.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("values kept as JSON have text keys")
}

/// Holds that a change of state touched exactly one row.
pub(super) fn exactly_one(touched: u64, what: &'static str) -> Result<()> {
    match touched {
        1 => Ok(()),
        0 => Err(StoreError::Busy(format!("{what}: somebody else changed it meanwhile").into())),
        _ => Err(StoreError::Database(format!("{what}: {touched} rows changed where one should").into())),
    }
}

/// Holds that a change of several states touched each of their rows.
pub(super) fn all_of(touched: u64, rows: usize, what: &'static str) -> Result<()> {
    match u64::try_from(rows) {
        Ok(rows) if touched == rows => Ok(()),
        Ok(rows) if touched > rows => {
            Err(StoreError::Database(format!("{what}: {touched} rows changed where {rows} should").into()))
        }
        _ => Err(StoreError::Busy(format!("{what}: somebody else changed one meanwhile").into())),
    }
}
