//! How the cells of one column are to be read, found out from all of them.

use relance_domain::definition::FieldKind;

use super::content::Content;
use crate::cell::{self, DateOrder, DecimalMark, Habits, Tells};

/// How a column is to be read, and what to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) habits: Habits,
    /// What was found out, for the preview.
    pub(super) reading: Option<String>,
    /// What is assumed, or wrong with the column: the end of a sentence that begins with it.
    pub(super) notice: Option<String>,
}

/// How the cells of a column that holds this kind are to be read. `usual` is what the country does.
pub(super) fn of_column(kind: &FieldKind, cells: &[&str], content: &Content, usual: Habits) -> Found {
    let nothing = Found { habits: usual, reading: None, notice: None };
    match kind {
        FieldKind::Date => dates(cells, content, usual),
        FieldKind::Money => amounts(cells, usual),
        FieldKind::YesNo if content.blank > 0 && content.mostly(content.ticks, 100) => Found {
            habits: Habits { empty_is_no: true, ..usual },
            reading: Some("an empty cell is a no, as all others are ticks".to_owned()),
            notice: None,
        },
        _ => nothing,
    }
}

/// One row in ten may contradict the others and is refused; where more do, the column has two orders.
const CONTRADICTING_PERCENT_MAX: usize = 10;

fn dates(cells: &[&str], content: &Content, usual: Habits) -> Found {
    let (mut day_first, mut month_first, mut either) = (0, 0, 0);
    for cell in cells {
        match cell::tells(cell) {
            Tells::DayFirst => day_first += 1,
            Tells::MonthFirst => month_first += 1,
            Tells::Either => either += 1,
            Tells::Nothing => {}
        }
    }
    let clear: usize = day_first + month_first;
    let few = |count: usize| count * 100 <= clear * CONTRADICTING_PERCENT_MAX;
    let order = match (day_first, month_first) {
        (0, 0) => usual.dates,
        (_, contrary) if few(contrary) => DateOrder::DayFirst,
        (contrary, _) if few(contrary) => DateOrder::MonthFirst,
        _ => DateOrder::Mixed,
    };
    let words = order.in_words();
    let contrary = day_first.min(month_first);
    let notice = match order {
        DateOrder::YearFirst if either > 0 => Some(
            "has dates that can be read as day/month and as month/day, and the country has no usual order: they are \
             refused; write them as 2026-11-23"
                .to_owned(),
        ),
        _ if clear == 0 && either > 0 => Some(format!(
            "has only dates that can be read as day/month and as month/day: they are read as {words}, as is usual in \
             the country"
        )),
        DateOrder::Mixed => Some(
            "has dates in two orders: those that can be read both ways are refused; write them as 2026-11-23"
                .to_owned(),
        ),
        _ if contrary > 0 => Some(format!("has dates that are not {words}, as the others are: these rows are refused")),
        _ => None,
    };
    let mut reading = (clear + either > 0).then(|| format!("dates are {words}"));
    if usual.serial_days && content.serial_days > 0 && reading.is_none() {
        reading = Some("numbers are Excel's days since 1900".to_owned());
    }
    Found { habits: Habits { dates: order, ..usual }, reading, notice }
}

fn amounts(cells: &[&str], usual: Habits) -> Found {
    let (mut commas, mut points, mut unclear) = (0_usize, 0_usize, 0_usize);
    for cell in cells {
        let (mark, is_unclear) = cell::mark_in(cell, usual.currency);
        commas += usize::from(mark == DecimalMark::Comma);
        points += usize::from(mark == DecimalMark::Point);
        unclear += usize::from(is_unclear);
    }
    let few = |count: usize| count * 100 <= (commas + points) * CONTRADICTING_PERCENT_MAX;
    let decimals = match (commas, points) {
        (0, 0) => DecimalMark::Unknown,
        (_, contrary) if few(contrary) => DecimalMark::Comma,
        (contrary, _) if few(contrary) => DecimalMark::Point,
        _ => DecimalMark::Unknown,
    };
    let is_refused = decimals == DecimalMark::Unknown && unclear > 0 && usual.currency.decimals() > 0;
    let reading = match decimals {
        _ if unclear == 0 => None,
        DecimalMark::Unknown => None,
        DecimalMark::Comma => Some("a comma stands before the decimals, a dot between thousands".to_owned()),
        DecimalMark::Point => Some("a dot stands before the decimals, a comma between thousands".to_owned()),
    };
    let notice = is_refused.then(|| {
        "has amounts such as 1,234 whose separator may stand before decimals or between thousands: they are refused; \
         write them without it"
            .to_owned()
    });
    Found { habits: Habits { decimals, ..usual }, reading, notice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(kind: &FieldKind, cells: &[&str], country: &str) -> Found {
        let usual = Habits::usual("EUR".parse().expect("a currency"), country);
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let ticks = cells.iter().filter(|cell| cell::is_tick(cell)).count();
        let content = Content { filled, blank: cells.len() - filled, ticks, ..Content::default() };
        of_column(kind, cells, &content, usual)
    }

    #[test]
    fn case_39_the_order_of_dates_comes_from_the_column() {
        use DateOrder::{DayFirst, Mixed, MonthFirst, YearFirst};
        let order = |cells: &[&str], country: &str| {
            let found = found(&FieldKind::Date, cells, country);
            (found.habits.dates, found.notice.is_some())
        };
        assert_eq!(order(&["03/04/1980", "23/11/1975"], "US"), (DayFirst, false));
        assert_eq!(order(&["03/04/1980", "11/23/1975"], "FR"), (MonthFirst, false));
        assert_eq!(order(&["03/04/1980"], "FR"), (DayFirst, true));
        assert_eq!(order(&["03/04/1980"], "US"), (MonthFirst, true));
        assert_eq!(order(&["03/04/1980"], "JP"), (YearFirst, true));
        assert_eq!(order(&["1980-04-03", "", "5/5/1980"], "FR"), (DayFirst, false));
        assert_eq!(order(&["23/11/1975", "11/23/1975"], "FR"), (Mixed, true));
        let mut many = vec!["23/11/1975"; 20];
        many.push("11/23/1975");
        assert_eq!(order(&many, "US"), (DayFirst, true));
        let reading = found(&FieldKind::Date, &["23/11/1975"], "US").reading;
        assert_eq!(reading.as_deref(), Some("dates are day/month/year"));
    }

    #[test]
    fn the_mark_before_decimals_comes_from_the_column() {
        let mark = |cells: &[&str]| {
            let found = found(&FieldKind::Money, cells, "FR");
            (found.habits.decimals, found.reading.is_some(), found.notice.is_some())
        };
        assert_eq!(mark(&["1,234", "12,50"]), (DecimalMark::Comma, true, false));
        assert_eq!(mark(&["1.234", "1.234,50"]), (DecimalMark::Comma, true, false));
        assert_eq!(mark(&["1,234", "12.5"]), (DecimalMark::Point, true, false));
        assert_eq!(mark(&["1,234", "12"]), (DecimalMark::Unknown, false, true));
        assert_eq!(mark(&["1,234", "12.5", "12,5"]), (DecimalMark::Unknown, false, true));
        assert_eq!(mark(&["12.5"]), (DecimalMark::Point, false, false));
    }

    #[test]
    fn ticks_make_an_empty_cell_a_no() {
        assert!(found(&FieldKind::YesNo, &["x", "", "X"], "FR").habits.empty_is_no);
        for cells in [&["x", "non", ""][..], &["oui", ""], &["", ""], &["x", "x"]] {
            assert!(!found(&FieldKind::YesNo, cells, "FR").habits.empty_is_no, "{cells:?}");
        }
    }
}
