//! Which column feeds which field.
//!
//! Per field the first of these decides: what somebody said for this load, what was kept from an earlier file with the
//! same header, the campaign's own headers, the headers that everybody knows, and for a file without header its cells.
//! Cells confirm what a header says. Nothing that would be dialled is guessed: where it is not clear, a person is
//! asked.

mod aliases;
mod content;
mod guess;
mod habits;
mod headers;
mod phones;
mod plan;

use std::collections::BTreeMap;

use relance_domain::definition::{FieldKind, StandardField};

use crate::cell::Habits;
use crate::error::ListError;
use crate::inspection::{ColumnUse, Known, Question};
use crate::options::Wishes;
use crate::phone::{self, Country};
use crate::table::Batch;
use crate::target::Target;

use aliases::Meaning;
use content::Look;
pub(crate) use headers::key;
use headers::{Headers, shown};
use plan::{File, Plan};

/// Whether everybody knows a header, as one of clients' phone numbers or of anything else.
pub(crate) fn is_known_header(header: &str) -> bool {
    aliases::meaning(&key(header)).is_some()
}

/// Whether everybody takes numbers from a column with this header.
pub(crate) fn is_phone_header(header: &str) -> bool {
    matches!(aliases::meaning(&key(header)), Some(Meaning::Field(StandardField::Phone, _)))
}

/// What the columns of a file are for.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// Where each field of a client is found in a record.
    pub(crate) columns: Columns,
    /// Every column in the order of the file.
    pub(crate) uses: Vec<ColumnUse>,
    /// What must be decided before a load.
    pub(crate) questions: Vec<Question>,
    /// What is worth knowing.
    pub(crate) notices: Vec<String>,
}

/// Where each field of a client is found in a record.
#[derive(Debug)]
pub(crate) struct Columns {
    /// The columns with numbers, the first to be dialled first. Empty only where a question asks for them.
    pub(crate) phones: Vec<PhoneColumn>,
    /// The column with the digits to dial behind the first number.
    pub(crate) extension: Option<usize>,
    /// The other standard fields: neither `Phone` nor `Extension` is among them.
    pub(crate) standard: BTreeMap<StandardField, usize>,
    /// The campaign's facts.
    pub(crate) facts: Vec<FactColumn>,
    /// The columns that feed nothing, by name. Empty columns without header are left out.
    pub(crate) attributes: Vec<(String, usize)>,
    consent: Habits,
    consent_date: Habits,
}

/// A column with phone numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhoneColumn {
    pub(crate) at: usize,
    /// How it writes them.
    pub(crate) habit: phone::Habit,
}

/// A column that holds a fact of the campaign.
#[derive(Debug, Clone)]
pub(crate) struct FactColumn {
    /// The fact's name in the campaign.
    pub(crate) name: String,
    pub(crate) kind: FieldKind,
    pub(crate) at: usize,
    /// How its cells are to be read.
    pub(crate) habits: Habits,
}

impl Columns {
    /// How the cells of a standard field are to be read.
    pub(crate) fn habits(&self, field: StandardField) -> Habits {
        if field == StandardField::Consent { self.consent } else { self.consent_date }
    }
}

/// Decides what each column is for, from the file's headers (`None`: it has none) and its first records. A workbook's
/// dates may be bare numbers.
pub(crate) fn map(
    headers: Option<&[String]>,
    sample: &Batch,
    target: &Target,
    wishes: &Wishes,
    from_workbook: bool,
) -> Result<Mapped, ListError> {
    let country: Country = target.country.parse()?;
    let look = Look {
        sample,
        country,
        code: &country.to_string(),
        currency: target.currency,
        letter_o: wishes.repair.letter_o,
        from_workbook,
    };
    let has_header = headers.is_some();
    let headers = Headers::of(headers, sample);
    let width = headers.len();
    let contents = (0..width).map(|at| look.content(&look.cells(at, width))).collect();
    let file = File { headers, contents, look, target };
    let mut plan = Plan::new(&file);
    plan.take_said(&wishes.mapping)?;
    if let Some(kept) = wishes.kept_mappings.iter().find(|kept| kept.header == file.headers.names) {
        plan.take_kept(&kept.mapping);
    }
    plan.take_campaign_headers();
    if has_header {
        guess::by_header(&mut plan)
    } else {
        guess::by_content(&mut plan)
    }
    if plan.phones.is_empty() && plan.questions.is_empty() {
        return Err(phones::missing(&file, has_header));
    }
    phones::check(&mut plan, wishes.trust_phones);
    let usual = Habits { serial_days: from_workbook, ..Habits::usual(target.currency, look.code) };
    Ok(finish(plan, usual))
}

fn finish(mut plan: Plan<'_>, usual: Habits) -> Mapped {
    let file = plan.file;
    let client_fields = &file.target.client_fields;
    let facts: Vec<(usize, usize)> = plan.facts.iter().map(|(place, at)| (*place, *at)).collect();
    let facts = facts.into_iter().map(|(place, at)| {
        let field = &client_fields[place];
        let habits = habits_of(&mut plan, &field.kind, at, usual);
        FactColumn { name: field.name.clone(), kind: field.kind.clone(), at, habits }
    });
    let facts = facts.collect();
    let mut of_consent = |field, kind| {
        let at = plan.standard.get(&field).copied();
        at.map_or(usual, |at| habits_of(&mut plan, &kind, at, usual))
    };
    let consent = of_consent(StandardField::Consent, FieldKind::YesNo);
    let consent_date = of_consent(StandardField::ConsentDate, FieldKind::Date);
    for at in &plan.phones {
        let content = &file.contents[*at];
        plan.columns[*at].reading = phones::reading(content.habit);
    }
    say_repeated(&mut plan);
    let attributes = attributes(&mut plan);
    let mut standard = std::mem::take(&mut plan.standard);
    let phones = plan.phones.iter().map(|at| PhoneColumn { at: *at, habit: file.contents[*at].habit }).collect();
    let extension = standard.remove(&StandardField::Extension);
    let columns = Columns { phones, extension, standard, facts, attributes, consent, consent_date };
    Mapped { columns, uses: uses(plan.columns, &file.headers), questions: plan.questions, notices: plan.notices }
}

/// How a column of this kind is to be read; what was found out goes to the preview.
fn habits_of(plan: &mut Plan<'_>, kind: &FieldKind, at: usize, usual: Habits) -> Habits {
    let file = plan.file;
    let cells = file.look.cells(at, file.headers.len());
    let found = habits::of_column(kind, &cells, &file.contents[at], usual);
    let name = shown(&file.headers.names[at]);
    if let Some(notice) = found.notice {
        let notice = format!("column {name:?} {notice}");
        if !plan.notices.contains(&notice) {
            plan.notices.push(notice);
        }
    }
    if plan.columns[at].reading.is_none() {
        plan.columns[at].reading = found.reading;
    }
    found.habits
}

/// What our own file of rejected rows says of a row before its cells: nothing about the person.
const OUR_OWN: [&str; 4] = ["_line", "_code", "_column", "_message"];

/// The columns that feed nothing. One without header whose cells are empty is none.
fn attributes(plan: &mut Plan<'_>) -> Vec<(String, usize)> {
    let file = plan.file;
    let mut attributes = Vec::new();
    for (at, column) in plan.columns.iter_mut().enumerate() {
        if !column.feeds.is_empty() {
            continue;
        }
        let is_empty = file.headers.is_nameless(at) && file.contents[at].filled == 0;
        if OUR_OWN.contains(&file.headers.names[at].as_str()) {
            (column.known, column.because) = (Known::Certain, "it says why the row was rejected before".to_owned());
        } else if is_empty && column.known != Known::Declared {
            (column.known, column.because) = (Known::Certain, "it has no header and its cells are empty".to_owned());
        } else {
            attributes.push((file.headers.names[at].clone(), at));
        }
    }
    attributes
}

/// Says which of several columns with one header is used.
fn say_repeated(plan: &mut Plan<'_>) {
    let file = plan.file;
    for (header, columns) in file.headers.repeated() {
        let unused: Vec<usize> = columns.iter().copied().filter(|at| plan.columns[*at].feeds.is_empty()).collect();
        if unused.is_empty() {
            continue;
        }
        let places: Vec<String> = columns.iter().map(|at| (at + 1).to_string()).collect();
        let names: Vec<String> = unused.iter().map(|at| format!("{:?}", shown(&file.headers.names[*at]))).collect();
        plan.notices.push(format!(
            "columns {} are all headed {:?}: kept as attributes are {}",
            places.join(" and "),
            shown(header),
            names.join(" and ")
        ));
    }
}

fn uses(columns: Vec<plan::Planned>, headers: &Headers) -> Vec<ColumnUse> {
    let columns = columns.into_iter().zip(&headers.names);
    let uses = columns.map(|(column, name)| ColumnUse {
        header: name.clone(),
        feeds: column.feeds,
        known: column.known,
        because: column.because,
        reading: column.reading,
    });
    uses.collect()
}

#[cfg(test)]
mod tests;
