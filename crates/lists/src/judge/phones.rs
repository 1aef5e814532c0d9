//! The numbers of a row: of all its phone columns, and all of a cell.

use relance_domain::definition::StandardField;
use relance_domain::list::{ListedPhone, Phones, Reject, RejectCode, Remark, Remarks};

use super::{Judge, masked};
use crate::cell;
use crate::phone::{self, Country, PhoneProblem};
use crate::table::Record;

/// The longest extension of a switchboard.
const EXTENSION_DIGITS_MAX: usize = 10;

/// The numbers of a row.
pub(super) struct Read {
    pub(super) phones: Phones,
    /// Whether the first is a fixed line.
    pub(super) fixed_line: bool,
}

impl Judge {
    /// All numbers of a row in the order of its columns. One that can be called is enough.
    pub(super) fn phones(&self, record: &Record<'_>, remarks: &mut Remarks) -> Result<Read, Reject> {
        let country = self.row_country(record);
        let mut all: Option<Read> = None;
        let mut problem = None;
        for column in &self.columns.phones {
            match phone::read_cell(record.cell(column.at), country, column.habit) {
                Ok(read) => {
                    remarks.add_all(read.remarks);
                    let first_column = self.columns.phones.first().is_some_and(|first| first.at == column.at);
                    let mut phones = read.phones;
                    if let Some(first) = phones.first_mut().filter(|first| first.extension.is_none() && first_column) {
                        first.extension = self.extension(record, remarks);
                    }
                    phones.into_iter().for_each(|phone| add(&mut all, phone, read.fixed_line));
                }
                Err(PhoneProblem::Missing) => {}
                Err(wrong) => problem = problem.or(Some((column.at, wrong))),
            }
        }
        match (all, problem) {
            (Some(all), left_out) => {
                if left_out.is_some() {
                    remarks.add(Remark::NumberLeftOut);
                }
                Ok(all)
            }
            (None, Some((at, wrong))) => {
                let message = format!("{}: {wrong}", masked(record.cell(at)));
                Err(self.reject(RejectCode::PhoneInvalid, at, message))
            }
            (None, None) => {
                let at = self.columns.phones.first().map_or(usize::MAX, |column| column.at);
                let message = "the cell is empty: write the number to call".to_owned();
                Err(self.reject(RejectCode::PhoneMissing, at, message))
            }
        }
    }

    /// The country whose plan a row's national numbers are read in: that of its address, where the row names one.
    fn row_country(&self, record: &Record<'_>) -> Country {
        self.stated_country(record).and_then(|code| code.parse().ok()).unwrap_or(self.country)
    }

    /// The code of the country that the row names; none where it names none that is known.
    pub(super) fn stated_country(&self, record: &Record<'_>) -> Option<String> {
        cell::country(record.cell(*self.columns.standard.get(&StandardField::Country)?))
    }

    /// What the row's column for it says is dialled behind the number.
    fn extension(&self, record: &Record<'_>, remarks: &mut Remarks) -> Option<String> {
        let cell = record.cell(self.columns.extension?).trim();
        let cell = cell.strip_suffix(".0").unwrap_or(cell).trim_start_matches(|c: char| !c.is_ascii_digit());
        let is_one = (1..=EXTENSION_DIGITS_MAX).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
        if is_one {
            remarks.add(Remark::ExtensionKept);
        }
        is_one.then(|| cell.to_owned())
    }
}

fn add(all: &mut Option<Read>, phone: ListedPhone, fixed_line: bool) {
    match all {
        Some(all) => all.phones.add(phone),
        None => *all = Some(Read { phones: Phones::new(phone), fixed_line }),
    }
}
