//! A quote that was opened and not closed swallows the rows below it up to the next quote.

use crate::options::Delimiter;
use crate::table::Record;

/// Whether a record of several lines holds other rows inside one of its cells. Two signs say so: a whole line of a cell
/// has the delimiters of a row while the record has another number of cells than the others; or a cell holds line
/// breaks, an odd number of quotes, and exactly the delimiters of one or more rows.
pub(crate) fn is_left_open(record: &Record<'_>, width: usize, delimiter: Delimiter) -> bool {
    if record.lines.last == record.lines.first || width < 2 {
        return false;
    }
    let delimiters = |text: &str| text.matches(delimiter.character()).count();
    record.cells().filter(|cell| cell.contains(['\n', '\r'])).any(|cell| {
        let mut lines = cell.split(['\n', '\r']).filter(|line| !line.is_empty()).skip(1).peekable();
        let mut whole_line = false;
        while let Some(line) = lines.next() {
            whole_line |= lines.peek().is_some() && delimiters(line) + 1 >= width;
        }
        let within = delimiters(cell);
        let shifted = width > 2 && within > 0 && within % (width - 1) == 0 && cell.matches('"').count() % 2 == 1;
        (record.len() != width && whole_line) || shifted
    })
}
