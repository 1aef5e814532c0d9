//! From records to verdicts.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use relance_domain::definition::{Definition, FieldKind, StandardField};
use relance_domain::list::{ListedClient, Reject, RejectCode, Row, Verdict};
use relance_domain::phone::mask;
use relance_domain::zone::{self, Whereabouts};
use relance_domain::{E164, ZoneName};

use crate::cell::{self, Habits};
use crate::columns::{ColumnUse, Columns};
use crate::error::ListError;
use crate::options::{Encoding, ReadOptions};
use crate::phone::{self, Country, PhoneProblem};
use crate::record::{Lines, Record, Records};
use crate::source::Source;

/// Begins to read a file: checks its first bytes and maps its header to the campaign's fields.
pub fn read<R: Read>(input: R, definition: &Definition, options: &ReadOptions) -> Result<Rows<R>, ListError> {
    let country: Country = options.country.as_deref().unwrap_or(&definition.country).parse()?;
    let source = Source::new(input, options.encoding);
    let mut records = Records::new(source, options.delimiter, likely_encoding(country, options.encoding));
    let mut header = records.advance()?.ok_or(ListError::Empty)?;
    if is_delimiter_line(records.record(), options) {
        header = records.advance()?.ok_or(ListError::Empty)?;
    }
    let columns = Columns::map(records.record(), header.first, definition, options.delimiter)?;
    let code = country.to_string();
    let habits = Habits { currency: definition.currency, day_first: code != "US" };
    // The campaign's default zone is one of its own country: it says nothing of people elsewhere.
    let at_home = code == definition.country;
    let default_zone = definition.calling.default_time_zone.clone().filter(|_| at_home);
    Ok(Rows {
        records,
        judge: Judge { columns, country, code, habits, default_zone, seen: HashMap::new() },
        ended: false,
    })
}

/// The rows of a file, each with its verdict, in the order of the file. Records whose cells are all blank are no rows
/// and are left out. After an error there are no more.
pub struct Rows<R> {
    records: Records<R>,
    judge: Judge,
    ended: bool,
}

impl<R> std::fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("columns", &self.judge.columns.uses)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl<R> Rows<R> {
    /// The file's columns in order, and what each feeds.
    #[must_use]
    pub fn columns(&self) -> &[ColumnUse] {
        &self.judge.columns.uses
    }

    /// How many bytes of the file were read so far.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.records.source().bytes_read()
    }

    /// The SHA-256 of the file's bytes in hexadecimal digits; `None` before its end was reached.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.records.source().sha256()
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, ListError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.next_row().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

impl<R: Read> std::iter::FusedIterator for Rows<R> {}

impl<R: Read> Rows<R> {
    fn next_row(&mut self) -> Result<Option<Row>, ListError> {
        while let Some(lines) = self.records.advance()? {
            let record = self.records.record();
            if !record.is_blank() {
                return Ok(Some(Row { line: lines.first, verdict: self.judge.verdict(lines, record) }));
            }
        }
        Ok(None)
    }
}

/// What a row is judged by.
struct Judge {
    columns: Columns,
    country: Country,
    code: String,
    habits: Habits,
    default_zone: Option<ZoneName>,
    /// The numbers accepted so far and the lines they stand on: 16 bytes each.
    seen: HashMap<u64, u64>,
}

impl Judge {
    /// The first of these that holds: wrong field count, phone missing, phone invalid, duplicate, field invalid,
    /// accepted. A rejected row makes no later one a duplicate.
    fn verdict(&mut self, lines: Lines, record: Record<'_>) -> Verdict {
        self.examine(lines, record)
            .unwrap_or_else(|reject| Verdict::Rejected { reject, raw: record.fields().map(str::to_owned).collect() })
    }

    fn examine(&mut self, lines: Lines, record: Record<'_>) -> Result<Verdict, Reject> {
        self.check_field_count(lines, record)?;
        let phone = self.phone(record)?;
        let key = phone.reveal().bytes().skip(1).fold(0, |key, digit| key * 10 + u64::from(digit - b'0'));
        if let Some(first_line) = self.seen.get(&key) {
            return Ok(Verdict::DuplicateInFile { first_line: *first_line });
        }
        let client = self.client(phone, record)?;
        self.seen.insert(key, lines.first);
        Ok(Verdict::Accepted(Box::new(client)))
    }

    fn check_field_count(&self, lines: Lines, record: Record<'_>) -> Result<(), Reject> {
        let (found, expected) = (record.len(), self.columns.uses.len());
        if found == expected {
            return Ok(());
        }
        let cause = match lines.last {
            last if last > lines.first => format!("the row runs to line {last}: is a quote left open?"),
            _ => "is a delimiter missing, or one too many?".to_owned(),
        };
        let fields = if found == 1 { "field" } else { "fields" };
        let message = format!("{found} {fields} where the header has {expected}; {cause}");
        Err(Reject { code: RejectCode::WrongFieldCount, column: None, message })
    }

    fn phone(&self, record: Record<'_>) -> Result<E164, Reject> {
        let cell = record.field(self.columns.phone);
        phone::read(cell, self.country).map_err(|problem| {
            let column = Some(self.columns.uses[self.columns.phone].header.clone());
            match problem {
                PhoneProblem::Missing => {
                    let message = "the cell is empty: write the number to call".to_owned();
                    Reject { code: RejectCode::PhoneMissing, column, message }
                }
                problem => {
                    Reject { code: RejectCode::PhoneInvalid, column, message: format!("{}: {problem}", masked(cell)) }
                }
            }
        })
    }

    fn client(&self, phone: E164, record: Record<'_>) -> Result<ListedClient, Reject> {
        let text = |field| self.text(record, field);
        let mut client = ListedClient {
            phone,
            reference: text(StandardField::Reference)?,
            first_name: text(StandardField::FirstName)?,
            last_name: text(StandardField::LastName)?,
            street: text(StandardField::Street)?,
            city: text(StandardField::City)?,
            postcode: text(StandardField::Postcode)?,
            region: text(StandardField::Region)?,
            country: self.code.clone(),
            zone: None,
            facts: self.facts(record)?,
        };
        let stated = self.stated_zone(record)?;
        let whereabouts = Whereabouts {
            stated: stated.as_ref(),
            country: &self.code,
            region: client.region.as_deref(),
            postcode: client.postcode.as_deref(),
        };
        client.zone = zone::resolve(whereabouts, self.default_zone.as_ref());
        Ok(client)
    }

    fn text(&self, record: Record<'_>, field: StandardField) -> Result<Option<String>, Reject> {
        let Some(at) = self.columns.standard(field) else { return Ok(None) };
        self.cell(record, at, &FieldKind::Text)
    }

    fn facts(&self, record: Record<'_>) -> Result<BTreeMap<String, String>, Reject> {
        let mut facts = BTreeMap::new();
        for fact in &self.columns.facts {
            if let Some(value) = self.cell(record, fact.at, &fact.kind)? {
                facts.insert(fact.name.clone(), value);
            }
        }
        Ok(facts)
    }

    /// An empty cell says nothing, whatever its column.
    fn cell(&self, record: Record<'_>, at: usize, kind: &FieldKind) -> Result<Option<String>, Reject> {
        match record.field(at).trim() {
            "" => Ok(None),
            cell => cell::read(cell, kind, self.habits).map(Some).map_err(|wrong| self.field_invalid(at, cell, &wrong)),
        }
    }

    fn stated_zone(&self, record: Record<'_>) -> Result<Option<ZoneName>, Reject> {
        let Some(at) = self.columns.standard(StandardField::TimeZone) else { return Ok(None) };
        match record.field(at).trim() {
            "" => Ok(None),
            name => name.parse().map(Some).map_err(|_| {
                self.field_invalid(
                    at,
                    name,
                    "is not a time zone: write a name of the IANA database, as in Europe/Paris",
                )
            }),
        }
    }

    fn field_invalid(&self, at: usize, cell: &str, wrong: &str) -> Reject {
        let column = Some(self.columns.uses[at].header.clone());
        Reject { code: RejectCode::FieldInvalid, column, message: format!("{} {wrong}", masked(cell)) }
    }
}

const MASKED_LENGTH_MAX: usize = 30;

/// A cell as a message may show it.
fn masked(cell: &str) -> String {
    let cell = cell.trim();
    let beginning: String = cell.chars().take(MASKED_LENGTH_MAX).collect();
    format!("{:?}", mask(&beginning))
}

/// Excel's first line `sep=;` says what is known already.
fn is_delimiter_line(record: Record<'_>, options: &ReadOptions) -> bool {
    let delimiter = options.delimiter.character();
    record.len() == 2 && record.field(0).eq_ignore_ascii_case("sep=") && record.field(1).is_empty()
        || record.len() == 1 && record.field(0).eq_ignore_ascii_case(&format!("sep={delimiter}"))
}

/// The encoding to suggest where the declared one fails.
fn likely_encoding(country: Country, declared: Encoding) -> Encoding {
    if declared != Encoding::default() {
        return Encoding::default();
    }
    Encoding(match country.to_string().as_str() {
        "BG" | "BY" | "KG" | "KZ" | "MK" | "RS" | "RU" | "TJ" | "UA" => encoding_rs::WINDOWS_1251,
        "AL" | "BA" | "CZ" | "HR" | "HU" | "ME" | "PL" | "RO" | "SI" | "SK" => encoding_rs::WINDOWS_1250,
        "GR" | "CY" => encoding_rs::WINDOWS_1253,
        "TR" => encoding_rs::WINDOWS_1254,
        _ => encoding_rs::WINDOWS_1252,
    })
}
