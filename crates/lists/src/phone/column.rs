//! How the numbers of a whole column are written.
//!
//! A spreadsheet that takes numbers for amounts drops their plus. In a plan without fixed lengths what is left may be a
//! number at home and another behind a plus (47.5 % of German ones are both), so that one cell cannot tell; a column
//! can.

use super::clean::{self, Digits};
use super::{Country, Habit, number, read_cell};

/// The share of bare cells that must be numbers behind a plus.
const PLUS_SHARE_MIN_PERCENT: usize = 95;
/// The share of bare cells that may be numbers as they stand too. Of German numbers without plus the fixed lines of
/// Cologne are the worst measured, with 67 %; those of Papenburg (04961) without their 0 are all both.
const HOME_SHARE_MAX_PERCENT: usize = 80;
/// Fewer bare cells than this tell nothing by their shares: then none of them may be a number as it stands.
const FEW: usize = 20;

/// What a sample of a column's cells tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnHabit {
    /// How its numbers are written.
    pub(crate) habit: Habit,
    /// How many cells are not empty.
    pub(crate) filled: usize,
    /// How many of those hold a number to call, read so.
    pub(crate) valid: usize,
}

/// Finds out how the numbers of a column are written. `letter_o`: letters O are to be read as zeros.
///
/// Only bare cells decide about the plus: digits with neither a plus nor a 0 in front. It is missing where at least 95
/// of 100 are numbers behind it, and at most 80 are numbers as they stand. Then all bare cells are read so, and those
/// that are no number behind a plus are none.
pub(crate) fn column_habit<'c>(
    cells: impl Iterator<Item = &'c str> + Clone,
    country: Country,
    letter_o: bool,
) -> ColumnHabit {
    let cells = cells.filter(|cell| !cell.trim().is_empty());
    let filled = cells.clone().count();
    let grouped = cells.clone().filter(|cell| clean::is_grouped(clean::unwrapped(cell))).count();
    let mut habit = Habit { plus: false, letter_o, thousands: grouped * 2 > filled };
    habit.plus = lacks_plus(cells.clone(), country, habit);
    let valid = cells.filter(|cell| read_cell(cell, country, habit).is_ok()).count();
    ColumnHabit { habit, filled, valid }
}

fn lacks_plus<'c>(cells: impl Iterator<Item = &'c str>, country: Country, habit: Habit) -> bool {
    let (mut bare, mut behind_plus, mut as_they_stand) = (0, 0, 0);
    for digits in cells.filter_map(|cell| bare_digits(cell, habit)) {
        let readings = number::readings(&digits, country);
        bare += 1;
        behind_plus += usize::from(readings.behind_plus);
        as_they_stand += usize::from(readings.as_they_stand);
    }
    bare > 0
        && behind_plus * 100 >= bare * PLUS_SHARE_MIN_PERCENT
        && as_they_stand * 100 <= bare * if bare < FEW { 0 } else { HOME_SHARE_MAX_PERCENT }
}

/// The digits of a cell that has nothing else to say: no plus, no leading 0, no words, one number.
fn bare_digits(cell: &str, habit: Habit) -> Option<Digits> {
    let digits = Digits::of_simple_cell(cell).or_else(|| {
        let text = clean::plain(cell).ok().filter(|text| !clean::is_date(text))?;
        let (text, _) = clean::repaired(&text, habit.thousands).ok()?;
        clean::digits(&text, habit.letter_o).ok()
    })?;
    Some(digits).filter(|digits| !digits.plus() && !digits.as_str().starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn habit(cells: &[&str], code: &str) -> ColumnHabit {
        column_habit(cells.iter().copied(), code.parse().expect("a country"), false)
    }

    /// Numbers of one block as a spreadsheet leaves them.
    fn german(count: usize) -> Vec<String> {
        (0..count).map(|at| format!("49177915{:05}", 89_000 + at * 7)).collect()
    }

    #[test]
    fn case_36_a_column_that_lacks_the_plus_is_read_behind_one() {
        let mut cells = german(97);
        cells.extend(["".to_owned(), "017791589104".to_owned(), "+4930123456".to_owned(), "néant".to_owned()]);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let found = habit(&cells, "DE");
        assert!(found.habit.plus);
        assert_eq!((found.filled, found.valid), (100, 99));
        assert!(habit(&["33612345678", "33145678910"], "FR").habit.plus);
        assert!(habit(&["33612345678.0", "3.3145678910E+10"], "FR").habit.plus);
        assert!(habit(&["79161234567", "7 (916) 123-45-67"], "RU").habit.plus);
    }

    #[test]
    fn a_column_of_home_numbers_is_not() {
        assert!(!habit(&["0612345678", "01 45 67 89 10", "+33612345678"], "FR").habit.plus);
        assert!(!habit(&["612345678", "145678910"], "FR").habit.plus);
        assert!(!habit(&["9495550122", "19495550122"], "US").habit.plus);
        assert!(!habit(&["8121234567", "88121234567"], "RU").habit.plus);
        assert!(!habit(&["3012345678", "17791589104"], "DE").habit.plus);
        assert!(!habit(&[], "FR").habit.plus);
    }

    #[test]
    fn a_column_that_is_both_is_not() {
        assert!(!habit(&["15123456700", "4917791589104"], "DE").habit.plus, "two cells, of which one is 0151… too");
        let papenburg: Vec<String> = (0..100).map(|at| format!("4961{}", 20_000 + at * 7)).collect();
        let cells: Vec<&str> = papenburg.iter().map(String::as_str).collect();
        assert!(!habit(&cells, "DE").habit.plus);
    }

    #[test]
    fn a_mixed_column_is_not() {
        let mut cells = german(60);
        cells.extend((0..40).map(|at| format!("1779158{:04}", 9_100 + at)));
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        assert!(!habit(&cells, "DE").habit.plus);
    }

    #[test]
    fn a_column_that_groups_its_digits_may_do_so_with_apostrophes() {
        let found = habit(&["33'612'345'678", "33'145'678'910", "0612345678"], "FR");
        assert!(found.habit.thousands && found.habit.plus);
        assert_eq!((found.filled, found.valid), (3, 3));
    }

    #[test]
    fn letters_o_are_zeros_only_where_asked() {
        let cells = ["O612345678", "O145678910"];
        let read = |letter_o| column_habit(cells.iter().copied(), "FR".parse().expect("a country"), letter_o);
        assert_eq!((read(false).valid, read(true).valid), (0, 2));
    }
}
