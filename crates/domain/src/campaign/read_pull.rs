//! `[[pulls]]` → [`Pull`].

use jiff::civil::Date;
use toml::de::DeValue;

use super::read::span;
use crate::Span;
use crate::list::ListSource;
use crate::pull::{Condition, Pull, PullFrom, Test};
use crate::toml_file::{Entry, KNOWN_KEYS, Section};

/// What a pull cannot be repeated faster than, in seconds.
const EVERY_LEAST_S: i64 = 60;
/// What a query can begin with that only reads.
const READING_WORDS: [&str; 3] = ["select", "with", "values"];

/// Reads a pull.
pub(super) fn pull(section: &Section<'_>, name: String) -> Option<Pull> {
    let from =
        section.need("from", r#"from = "clients""#).and_then(|e| e.word(&[("clients", true), ("database", false)]));
    let conditions = section.get("where");
    let database = section.get("database");
    let query = section.get("query");
    let every = section.get("every").and_then(|e| span(&e, EVERY_LEAST_S, Span::days(366)));
    let words = ListSource::ALL.map(|source| (source.as_str(), source));
    let source = section.need("source", r#"source = "existing""#).and_then(|e| e.word(&words));
    let vendor = section.get("vendor").and_then(|e| e.words(200));
    let consent_basis = section.get("consent_basis").and_then(|e| e.words(1_000));
    let from = if from? {
        for entry in [&database, &query].into_iter().flatten() {
            entry.wrong(KNOWN_KEYS, "this belongs to from = \"database\" only: take it out or change `from`".into());
        }
        let conditions = conditions.map(|e| e.list()).unwrap_or_default();
        PullFrom::Clients(conditions.iter().filter_map(|e| e.section(condition)?).collect())
    } else {
        if let Some(entry) = conditions {
            let message = "`where` belongs to from = \"clients\" only: write the conditions into the query instead";
            entry.wrong(KNOWN_KEYS, message.into());
        }
        let database = database.or_else(|| section.need("database", r#"database = "crm""#));
        let query = query.or_else(|| section.need("query", r#"query = "SELECT phone, city FROM customers""#));
        PullFrom::Database { database: database.and_then(|e| e.short_name())?, query: query.and_then(|e| reading(&e))? }
    };
    Some(Pull { name, from, every, source: source?, vendor, consent_basis })
}

/// A query that can only be one that reads. The other database is asked to hold it to that.
fn reading(entry: &Entry<'_>) -> Option<String> {
    let query = entry.words(20_000)?;
    let first =
        query.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--")).unwrap_or_default();
    let first: String = first.chars().take_while(char::is_ascii_alphabetic).collect();
    if !READING_WORDS.contains(&first.to_lowercase().as_str()) {
        entry.invalid(
            r#"is no query that reads: begin with SELECT, WITH or VALUES, as in "SELECT phone FROM customers""#,
        );
        return None;
    }
    Some(query)
}

fn condition(section: &Section<'_>) -> Option<Condition> {
    let (field, reason) = (section.get("field"), section.get("refused"));
    let tests = tests(section);
    let (campaign, after, before) = (section.get("campaign"), section.get("after"), section.get("before"));
    match (field, reason) {
        (Some(field), None) => {
            for entry in [&campaign, &after, &before].into_iter().flatten() {
                entry.wrong(
                    KNOWN_KEYS,
                    "this belongs to `refused` only: a field has is, is_not, one_of, over and under".into(),
                );
            }
            if tests.as_ref().is_some_and(Vec::is_empty) {
                field.invalid("has no test: add is, is_not, one_of, over or under");
            }
            Some(Condition::Field { field: field.code()?, tests: tests? })
        }
        (None, Some(reason)) => {
            if tests.as_ref().is_some_and(|tests| !tests.is_empty()) {
                reason.wrong(KNOWN_KEYS, "is, is_not, one_of, over and under belong to `field`: take them out".into());
            }
            let day = |entry: Option<Entry<'_>>| entry.as_ref().map_or(Some(None), |e| e.date().map(Some));
            let (after, before): (Option<Date>, Option<Date>) = (day(after)?, day(before)?);
            let campaign = campaign.map_or(Some(None), |e| e.short_name().map(Some))?;
            Some(Condition::Refused { reason: reason.code()?, campaign, after, before })
        }
        (Some(_), Some(reason)) => {
            reason.invalid("stands beside `field`: write them as two conditions");
            None
        }
        (None, None) => {
            section.need("field", r#"{ field = "city", is = "Lyon" } or { refused = "price" }"#);
            None
        }
    }
}

/// Every test of a field; none where one of them cannot be read.
fn tests(section: &Section<'_>) -> Option<Vec<Test>> {
    let one = |key: &'static str, test: fn(String) -> Test| {
        section.get(key).map_or(Some(None), |entry| value(&entry).map(|value| Some(test(value))))
    };
    let (is, is_not) = (one("is", Test::Is), one("is_not", Test::IsNot));
    let (over, under) = (one("over", Test::Over), one("under", Test::Under));
    let one_of = section.get("one_of").map_or(Some(None), |entry| {
        let choices = entry.list();
        let values: Vec<String> = choices.iter().filter_map(value).collect();
        if choices.is_empty() {
            entry.invalid("has no choices: write at least one value");
        }
        (!values.is_empty() && values.len() == choices.len()).then_some(Some(Test::OneOf(values)))
    });
    Some([is?, is_not?, one_of?, over?, under?].into_iter().flatten().collect())
}

/// A value as the client base writes it.
fn value(entry: &Entry<'_>) -> Option<String> {
    match entry.raw() {
        DeValue::String(_) => entry.words(1_000),
        DeValue::Boolean(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        DeValue::Integer(_) => entry.number::<i64>(i64::MIN..=i64::MAX).map(|number| number.to_string()),
        DeValue::Datetime(_) => entry.date().map(|date| date.to_string()),
        _ => {
            entry.wrong_type("the value in quotes, as in \"80.50\"");
            None
        }
    }
}
