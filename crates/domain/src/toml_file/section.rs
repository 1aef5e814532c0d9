//! Walks a parsed TOML file key by key and collects everything that is wrong with it instead of stopping at the first.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::document::Document;
use super::problem::{Finding, Problem, perhaps};
use super::{CODES_UNIQUE, KNOWN_KEYS, NAMES_WELL_FORMED, REQUIRED_KEYS, VALUE_TYPES, VALUES_VALID};
use crate::abilities::is_code;

/// Reads a document's top level. Every key that `read` does not ask for is a finding.
pub(crate) fn read_root<T>(document: &Document<'_>, read: impl FnOnce(&Section<'_>) -> T) -> (T, Vec<Finding>) {
    let findings = RefCell::new(Vec::new());
    let section = Section {
        document,
        findings: &findings,
        table: &document.table,
        path: String::new(),
        part: String::new(),
        line: None,
        asked: RefCell::default(),
        open: Cell::new(false),
    };
    let value = read(&section);
    section.refuse_unknown_keys();
    let mut findings = findings.into_inner();
    findings.sort_by_key(|finding| finding.problem.line);
    (value, findings)
}

/// A table of the file.
pub(crate) struct Section<'r> {
    document: &'r Document<'r>,
    findings: &'r RefCell<Vec<Finding>>,
    table: &'r DeTable<'r>,
    path: String,
    part: String,
    line: Option<u32>,
    asked: RefCell<Vec<&'static str>>,
    /// Its keys are names of the file's own, so none is unknown.
    open: Cell<bool>,
}

/// A value of the file and where it stands.
pub(crate) struct Entry<'r> {
    document: &'r Document<'r>,
    findings: &'r RefCell<Vec<Finding>>,
    value: &'r Spanned<DeValue<'r>>,
    path: String,
    part: String,
    line: u32,
}

impl<'r> Section<'r> {
    /// The value of a key, if it is there.
    pub(crate) fn get(&self, key: &'static str) -> Option<Entry<'r>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        let (found, value) = self.table.get_key_value(key)?;
        Some(self.entry(key, found.span().start, value))
    }

    /// The value of a key; a finding when it is missing. The example shows how it is written.
    pub(crate) fn need(&self, key: &'static str, example: &str) -> Option<Entry<'r>> {
        let entry = self.get(key);
        if entry.is_none() {
            let path = join(&self.path, key);
            self.wrong(key, REQUIRED_KEYS, format!("`{path}` is missing: write it as in {example}"));
        }
        entry
    }

    /// Every key with its value: for tables whose keys are names of the file's own.
    pub(crate) fn all(&self) -> Vec<(String, Entry<'r>)> {
        self.open.set(true);
        let entry = |(key, value): (&'r Spanned<_>, _)| self.named_entry(key, value);
        self.table.iter().map(entry).collect()
    }

    fn named_entry(&self, key: &'r Spanned<DeString<'r>>, value: &'r Spanned<DeValue<'r>>) -> (String, Entry<'r>) {
        (key.get_ref().to_string(), self.entry(key.get_ref(), key.span().start, value))
    }

    /// Records that something is wrong with this table, under one of its keys.
    pub(crate) fn wrong(&self, key: &str, check: &'static str, message: String) {
        let part = if self.part.is_empty() { key.to_owned() } else { self.part.clone() };
        record(self.findings, part, self.document.file, self.line, check, message);
    }

    fn entry(&self, key: &str, at: usize, value: &'r Spanned<DeValue<'r>>) -> Entry<'r> {
        let part = if self.part.is_empty() { key.to_owned() } else { self.part.clone() };
        let (document, findings) = (self.document, self.findings);
        Entry { document, findings, value, path: join(&self.path, key), part, line: document.line_at(at) }
    }

    fn refuse_unknown_keys(&self) {
        let known = self.asked.borrow();
        let unknown = self.table.iter().filter(|(key, _)| !self.open.get() && !known.contains(&key.get_ref().as_ref()));
        for (key, value) in unknown {
            let (name, entry) = self.named_entry(key, value);
            let message = format!(
                "`{}` is not a key here{}: the keys are {}",
                entry.path,
                perhaps(&name, &known),
                known.join(", ")
            );
            entry.wrong(KNOWN_KEYS, message);
        }
    }

    /// `[[key]]` tables, each named by `name_key`, whose names are codes and differ. None is a finding when `example`
    /// shows how one is written.
    pub(crate) fn tables<T>(
        &self,
        key: &'static str,
        name_key: &'static str,
        example: Option<&str>,
        read: impl Fn(&Section<'r>, String) -> Option<T>,
    ) -> Vec<T> {
        self.named_tables(key, (name_key, Entry::code), example, read)
    }

    /// The same with names of another form than codes.
    pub(crate) fn named_tables<T>(
        &self,
        key: &'static str,
        (name_key, read_name): (&'static str, fn(&Entry<'r>) -> Option<String>),
        example: Option<&str>,
        read: impl Fn(&Section<'r>, String) -> Option<T>,
    ) -> Vec<T> {
        let list = match example {
            Some(example) => self.need(key, example),
            None => self.get(key),
        };
        let mut seen: Vec<(String, u32)> = Vec::new();
        let mut read_one = |section: &Section<'r>| {
            let named = section.need(name_key, &format!("{name_key} = \"price\""))?;
            let name = read_name(&named)?;
            match seen.iter().find(|(other, _)| *other == name) {
                Some((_, line)) => {
                    named.wrong(CODES_UNIQUE, format!("`{}` {name:?} stands on line {line} already", named.path));
                }
                None => seen.push((name.clone(), named.line)),
            }
            Some(name)
        };
        let entries = list.map(|list| list.list()).unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| {
                entry.section(|section| {
                    let name = read_one(section);
                    // Read the rest even without a name, so that its faults are found too.
                    read(section, name.unwrap_or_default())
                })?
            })
            .collect()
    }
}

impl<'r> Entry<'r> {
    /// Records that something is wrong with this value.
    pub(crate) fn wrong(&self, check: &'static str, message: String) {
        record(self.findings, self.part.clone(), self.document.file, Some(self.line), check, message);
    }

    /// Records that the value is not valid; the path is put before the message.
    pub(crate) fn invalid(&self, message: impl Display) {
        self.wrong(VALUES_VALID, format!("`{}`: {message}", self.path));
    }

    /// The line it stands on, from 1.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    /// The raw value, for keys that take several types.
    pub(crate) fn raw(&self) -> &'r DeValue<'r> {
        self.value.get_ref()
    }

    /// Records that the value has the wrong type.
    pub(crate) fn wrong_type(&self, wanted: &str) {
        let found = match self.raw() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(VALUE_TYPES, format!("`{}` is {found}: write {wanted}", self.path));
    }

    /// Text.
    pub(crate) fn text(&self) -> Option<&'r str> {
        match self.raw() {
            DeValue::String(text) => Some(text),
            _ => {
                self.wrong_type("text in quotes");
                None
            }
        }
    }

    /// Text that says something in at most so many characters.
    pub(crate) fn words(&self, most: usize) -> Option<String> {
        let text = self.text()?;
        let length = text.chars().count();
        if text.trim().is_empty() || length > most {
            self.invalid(format!("has {length} characters: write something of at most {most}"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A code: what is recorded and what templates name.
    pub(crate) fn code(&self) -> Option<String> {
        let text = self.text()?;
        if is_code(text) {
            return Some(text.to_owned());
        }
        let right = "write a letter and then at most 63 lower-case letters, digits and underscores, as in no_answer";
        self.wrong(NAMES_WELL_FORMED, format!("`{}` {text:?} is not a code: {right}", self.path));
        None
    }

    /// A short name: what addresses and commands name.
    pub(crate) fn short_name(&self) -> Option<String> {
        let text = self.text()?;
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let edges = !text.starts_with('-') && !text.ends_with('-');
        if (1..=64).contains(&text.len()) && edges && text.bytes().all(allowed) {
            return Some(text.to_owned());
        }
        let right = "write 1 to 64 lower-case letters, digits and inner hyphens, as in fibre-winback";
        self.wrong(NAMES_WELL_FORMED, format!("`{}` {text:?} is not a short name: {right}", self.path));
        None
    }

    /// Text that is read as another type.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self) -> Option<T> {
        self.text()?.parse().map_err(|error: T::Err| self.invalid(error)).ok()
    }

    /// One of the words of a closed list.
    pub(crate) fn word<T: Clone>(&self, words: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| value.clone());
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.invalid(format!("{text:?} is not known here{}: use {}", perhaps(text, &known), known.join(", ")));
        }
        found
    }

    /// A whole number within a range.
    pub(crate) fn number<T: TryFrom<i64>>(&self, range: std::ops::RangeInclusive<i64>) -> Option<T> {
        let DeValue::Integer(integer) = self.raw() else {
            self.wrong_type("a whole number without quotes");
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let valid = number.filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok());
        if valid.is_none() {
            self.invalid(format!("{integer} is out of range: write {} to {}", range.start(), range.end()));
        }
        valid
    }

    /// A date, with or without quotes.
    pub(crate) fn date(&self) -> Option<Date> {
        let text = match self.raw() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type("a date, as in 2026-11-23");
                return None;
            }
        };
        let is_date = text.len() == "2026-11-23".len();
        let date = text.parse().ok().filter(|_| is_date);
        if date.is_none() {
            self.invalid(format!("{text:?} is not a date: write year, month and day, as in 2026-11-23"));
        }
        date
    }

    /// True or false.
    pub(crate) fn flag(&self) -> Option<bool> {
        match self.raw() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong_type("true or false without quotes");
                None
            }
        }
    }

    /// The elements of a list.
    pub(crate) fn list(&self) -> Vec<Entry<'r>> {
        let DeValue::Array(list) = self.raw() else {
            self.wrong_type("a list in brackets");
            return Vec::new();
        };
        list.iter()
            .map(|value| Entry {
                value,
                path: self.path.clone(),
                part: self.part.clone(),
                line: self.document.line_at(value.span().start),
                ..*self
            })
            .collect()
    }

    /// A list of texts, none of them blank.
    pub(crate) fn texts(&self, most: usize) -> Vec<String> {
        self.list().iter().filter_map(|entry| entry.words(most)).collect()
    }

    /// The value as a table.
    pub(crate) fn section<T>(&self, read: impl FnOnce(&Section<'r>) -> T) -> Option<T> {
        let DeValue::Table(table) = self.raw() else {
            self.wrong_type("a table");
            return None;
        };
        let section = Section {
            document: self.document,
            findings: self.findings,
            table,
            path: self.path.clone(),
            part: self.part.clone(),
            line: Some(self.line),
            asked: RefCell::default(),
            open: Cell::new(false),
        };
        let value = read(&section);
        section.refuse_unknown_keys();
        Some(value)
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn record(
    findings: &RefCell<Vec<Finding>>,
    part: String,
    file: &str,
    line: Option<u32>,
    check: &'static str,
    message: String,
) {
    let problem = Problem { file: file.to_owned(), line, check: check.to_owned(), message };
    findings.borrow_mut().push(Finding { part, problem });
}
