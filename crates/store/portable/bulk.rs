//! Many rows into one table: how they are told to [`crate::dialect::insert`].

/// A table and the columns that are filled, in order.
pub(crate) struct Target {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Number(i64),
    Text(&'a str),
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Rows on their way into a table, one after the other in one piece of memory.
pub(crate) struct Rows<'a> {
    pub(crate) target: &'static Target,
    pub(crate) values: Vec<Value<'a>>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(target: &'static Target) -> Self {
        Self { target, values: Vec::new() }
    }

    pub(crate) fn push<const N: usize>(&mut self, row: [Value<'a>; N]) {
        debug_assert_eq!(N, self.target.columns.len(), "a value for every column of {}", self.target.table);
        self.values.extend(row);
    }
}
