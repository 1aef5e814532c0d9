//! Which column feeds which field, while it is being decided. What was decided first is not decided again.

use std::collections::BTreeMap;

use relance_domain::definition::StandardField;

use super::content::{Content, Look};
use super::headers::Headers;
use crate::error::ListError;
use crate::inspection::{Known, Question};
use crate::target::Target;
use relance_domain::list::MappedColumn;

/// What all steps look at.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) headers: Headers,
    pub(super) contents: Vec<Content>,
    pub(super) look: Look<'a>,
    pub(super) target: &'a Target,
}

/// What is decided so far.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) columns: Vec<Planned>,
    /// The phone columns, the first to be dialled first.
    pub(super) phones: Vec<usize>,
    /// Whether somebody said which columns hold the phone number: then no others are looked for.
    phones_said: bool,
    /// The other standard fields.
    pub(super) standard: BTreeMap<StandardField, usize>,
    /// The campaign's facts, by their place among its fields.
    pub(super) facts: BTreeMap<usize, usize>,
    pub(super) questions: Vec<Question>,
    pub(super) notices: Vec<String>,
}

/// What is decided of a column.
#[derive(Debug)]
pub(super) struct Planned {
    /// The fields it feeds, by name.
    pub(super) feeds: Vec<String>,
    pub(super) known: Known,
    pub(super) because: String,
    pub(super) reading: Option<String>,
    /// Whether somebody said what it feeds, or that it feeds nothing: then its header says no more.
    said: Option<Said>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    Standard,
    Fact,
}

/// A field of the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Standard(StandardField),
    Fact(usize),
}

/// Where a decision comes from.
#[derive(Debug)]
pub(super) struct Why {
    pub(super) known: Known,
    pub(super) because: String,
}

impl<'a> Plan<'a> {
    pub(super) fn new(file: &'a File<'a>) -> Self {
        let blank = || Planned {
            feeds: Vec::new(),
            known: Known::Likely,
            because: "no field is known by this header".to_owned(),
            reading: None,
            said: None,
        };
        Self {
            file,
            columns: (0..file.headers.len()).map(|_| blank()).collect(),
            phones: Vec::new(),
            phones_said: false,
            standard: BTreeMap::new(),
            facts: BTreeMap::new(),
            questions: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// What somebody said for this load. A column or field that is not there is an error.
    pub(super) fn take_said(&mut self, mapping: &[MappedColumn]) -> Result<(), ListError> {
        for MappedColumn { column, field } in mapping {
            let columns = self.file.headers.meant_by(column);
            let Some(first) = columns.first() else { return Err(self.unknown_column(column)) };
            let why = Why { known: Known::Declared, because: "as told with this load".to_owned() };
            let Some(field) = self.field(field)? else {
                self.leave(&columns, why);
                continue;
            };
            let fed_by = self.fed_by(field).filter(|at| at != first && field != Field::Standard(StandardField::Phone));
            if let Some(other) = fed_by {
                let columns = [other, *first].map(|at| self.file.headers.names[at].clone());
                return Err(ListError::FieldTwice { field: self.name(field), columns });
            }
            self.say(field, &columns, why);
        }
        self.phones_said = !self.phones.is_empty();
        Ok(())
    }

    /// What an earlier file with this header was mapped to, as far as it is there and nobody said otherwise.
    pub(super) fn take_kept(&mut self, mapping: &[MappedColumn]) {
        for MappedColumn { column, field } in mapping {
            let of_phone = field.trim() == StandardField::Phone.as_str();
            let columns: Vec<usize> = self
                .file
                .headers
                .meant_by(column)
                .into_iter()
                .filter(|at| self.columns[*at].said != Some(Said::Nothing))
                .collect();
            let declared = |at: &usize| self.columns[*at].known == Known::Declared;
            if columns.is_empty() || columns.iter().any(declared) || (of_phone && self.phones_said) {
                continue;
            }
            let why = Why { known: Known::Kept, because: "as in an earlier file of this vendor".to_owned() };
            match self.field(field) {
                Ok(None) => self.leave(&columns, why),
                Ok(Some(field)) if of_phone || self.fed_by(field).is_none() => self.say(field, &columns, why),
                _ => {}
            }
        }
        self.phones_said = !self.phones.is_empty();
    }

    /// The campaign's own headers: for the phone number all that are there, else the first.
    pub(super) fn take_campaign_headers(&mut self) {
        for (field, accepted) in &self.file.target.columns {
            let columns = accepted.iter().flat_map(|header| self.file.headers.headed(header));
            let is_free = |at: &usize| !matches!(self.columns[*at].said, Some(Said::Nothing | Said::Standard));
            let mut columns: Vec<usize> = columns.filter(is_free).collect();
            if *field != StandardField::Phone {
                columns.truncate(1);
            }
            for at in columns {
                self.feed(*field, at, Why { known: Known::Marked, because: "header of the campaign".to_owned() });
            }
        }
        for (place, field) in self.file.target.client_fields.iter().enumerate() {
            let mut columns = field.columns.iter().flat_map(|header| self.file.headers.headed(header));
            let is_free = |at: &usize| !matches!(self.columns[*at].said, Some(Said::Nothing | Said::Fact));
            if let Some(at) = columns.find(is_free).filter(|_| !self.facts.contains_key(&place)) {
                self.facts.insert(place, at);
                self.mark(at, &field.name, Why { known: Known::Marked, because: "header of the campaign".to_owned() });
            }
        }
    }

    /// Lets a column feed a standard field, unless the field is fed already or the phone columns were named.
    pub(super) fn feed(&mut self, field: StandardField, at: usize, why: Why) {
        if field == StandardField::Phone {
            if self.phones_said || self.phones.contains(&at) {
                return;
            }
            self.phones.push(at);
        } else {
            if self.standard.contains_key(&field) {
                return;
            }
            self.standard.insert(field, at);
        }
        self.mark(at, field.as_str(), why);
    }

    /// Whether a column may be looked at for a standard field that nobody named it for.
    pub(super) fn is_open(&self, at: usize) -> bool {
        self.columns[at].said.is_none() && !self.phones.contains(&at) && self.standard.values().all(|fed| *fed != at)
    }

    pub(super) fn looks_for_phones(&self) -> bool {
        !self.phones_said
    }

    /// Takes a phone column back: it is kept as an attribute.
    pub(super) fn drop_phone(&mut self, at: usize, because: String) {
        self.phones.retain(|phone| *phone != at);
        let column = &mut self.columns[at];
        column.feeds.retain(|field| field != StandardField::Phone.as_str());
        if column.feeds.is_empty() {
            (column.known, column.because) = (Known::Likely, because);
        }
    }

    pub(super) fn ask(&mut self, code: &str, message: String) {
        self.questions.push(Question { code: code.to_owned(), message });
    }

    fn mark(&mut self, at: usize, field: &str, why: Why) {
        let column = &mut self.columns[at];
        // Of two fields the first was decided by the stronger reason.
        if column.feeds.is_empty() {
            (column.known, column.because) = (why.known, why.because);
        }
        if !column.feeds.iter().any(|fed| fed == field) {
            column.feeds.push(field.to_owned());
        }
    }

    fn say(&mut self, field: Field, columns: &[usize], why: Why) {
        let Why { known, because } = why;
        let columns = if field == Field::Standard(StandardField::Phone) { columns } else { &columns[..1] };
        for at in columns {
            let why = Why { known, because: because.clone() };
            match field {
                Field::Standard(field) => self.feed(field, *at, why),
                Field::Fact(place) => {
                    self.facts.insert(place, *at);
                    let name = self.file.target.client_fields[place].name.clone();
                    self.mark(*at, &name, why);
                }
            }
            let said = if matches!(field, Field::Fact(_)) { Said::Fact } else { Said::Standard };
            // Said to feed both: neither is looked for any more.
            let twice = self.columns[*at].said.is_some_and(|before| before != said);
            self.columns[*at].said = Some(if twice { Said::Nothing } else { said });
        }
    }

    fn leave(&mut self, columns: &[usize], why: Why) {
        for at in columns {
            let column = &mut self.columns[*at];
            (column.said, column.known, column.because) = (Some(Said::Nothing), why.known, why.because.clone());
        }
    }

    fn fed_by(&self, field: Field) -> Option<usize> {
        match field {
            Field::Standard(StandardField::Phone) => self.phones.first().copied(),
            Field::Standard(field) => self.standard.get(&field).copied(),
            Field::Fact(place) => self.facts.get(&place).copied(),
        }
    }

    /// A field by name; `None` for `-`, which is none.
    fn field(&self, name: &str) -> Result<Option<Field>, ListError> {
        let name = name.trim();
        if name == "-" {
            return Ok(None);
        }
        let standard = StandardField::ALL.into_iter().find(|field| field.as_str() == name).map(Field::Standard);
        let fact = || self.file.target.client_fields.iter().position(|field| field.name == name).map(Field::Fact);
        standard.or_else(fact).map(Some).ok_or_else(|| {
            let standard = StandardField::ALL.iter().map(|field| field.as_str().to_owned());
            let facts = self.file.target.client_fields.iter().map(|field| field.name.clone());
            ListError::UnknownField { field: name.to_owned(), known: standard.chain(facts).collect() }
        })
    }

    fn name(&self, field: Field) -> String {
        match field {
            Field::Standard(field) => field.as_str().to_owned(),
            Field::Fact(place) => self.file.target.client_fields[place].name.clone(),
        }
    }

    fn unknown_column(&self, column: &str) -> ListError {
        let found = self.file.headers.names.iter().map(|name| super::headers::shown(name)).collect();
        ListError::UnknownColumn { column: super::headers::shown(column), found }
    }
}
