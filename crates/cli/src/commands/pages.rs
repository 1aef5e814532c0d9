//! Answers that come in pages of rows, each with the cursor of the next.

use anyhow::Result;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::out;
use crate::transport::{Api, Call};

/// A page of rows.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Page<T> {
    /// The rows.
    pub(super) rows: Vec<T>,
    /// The cursor of the next page, where there is one.
    pub(super) next: Option<i64>,
}

/// Which pages are asked for.
pub(super) enum Pages {
    /// One.
    One,
    /// All, from the first one on.
    All,
}

/// Asks for pages and hands each on as it comes.
pub(super) async fn each<T: DeserializeOwned>(
    api: &Api,
    pages: Pages,
    first: Option<i64>,
    call: impl Fn(Option<i64>) -> Call,
    mut take: impl FnMut(Page<T>) -> Result<()>,
) -> Result<()> {
    let mut cursor = first;
    loop {
        let page: Page<T> = api.ask(call(cursor)).await?.decode()?;
        cursor = page.next;
        take(page)?;
        if cursor.is_none() || matches!(pages, Pages::One) {
            return Ok(());
        }
    }
}

/// Prints all pages as one page of JSON, without keeping them.
pub(super) async fn as_one_json(api: &Api, first: Option<i64>, call: impl Fn(Option<i64>) -> Call) -> Result<()> {
    // A refusal comes before the first page, and then nothing is printed.
    let mut before = "{\"rows\":[";
    let printed = |page: Page<Box<RawValue>>| {
        for row in page.rows {
            out::bytes(format!("{before}{row}").as_bytes())?;
            before = ",";
        }
        Ok(())
    };
    each(api, Pages::All, first, call, printed).await?;
    out::line(if before == "," { "],\"next\":null}" } else { "{\"rows\":[],\"next\":null}" })
}
