//! The cleaner in front of the numbering rules: from a cell to bare digits.

use std::borrow::Cow;

use relance_domain::list::Remark;
use unicode_normalization::UnicodeNormalization;

use super::PhoneProblem;

/// No cell with numbers is longer, labels and extensions included.
const CELL_BYTES_MAX: usize = 400;
/// An international prefix and the fifteen digits of the longest number.
const DIGITS_MAX: usize = 17;
/// No day has as many.
const DIGITS_MIN_OF_NO_DATE: usize = 9;
/// A letter O that stands for a zero stands among as many characters of a number.
const DIGITS_MIN_BESIDE_LETTER_O: usize = 6;

/// The digits of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    /// A plus and the digits, whether a plus stood there or not: what the library wants to see.
    text: String,
    plus: bool,
    letter_o: bool,
}

impl Digits {
    fn new() -> Self {
        let mut text = String::with_capacity(1 + DIGITS_MAX);
        text.push('+');
        Self { text, plus: false, letter_o: false }
    }

    /// The digits alone.
    pub(super) fn as_str(&self) -> &str {
        &self.text[1..]
    }

    /// The digits behind a plus.
    pub(super) fn with_plus(&self) -> &str {
        &self.text
    }

    /// Whether a plus stood in front.
    pub(super) fn plus(&self) -> bool {
        self.plus
    }

    /// Whether a letter O was read as a zero.
    pub(super) fn letter_o(&self) -> bool {
        self.letter_o
    }

    fn len(&self) -> usize {
        self.text.len() - 1
    }

    /// The short way, for most cells of most lists: one number in ASCII digits and the usual signs between them, which
    /// [`plain`], [`repaired`] and [`digits`] would leave as it is. `None` sends the cell the long way.
    pub(super) fn of_simple_cell(cell: &str) -> Option<Self> {
        let mut digits = Self::new();
        let (mut dots, mut previous) = (0, b' ');
        for byte in cell.trim_matches(' ').bytes() {
            match byte {
                b'0'..=b'9' if digits.len() < DIGITS_MAX => digits.text.push(char::from(byte)),
                b'+' if !digits.plus && digits.len() == 0 => digits.plus = true,
                b' ' if previous != b' ' => {}
                b'(' | b')' | b'-' => {}
                b'.' => dots += 1,
                _ => return None,
            }
            previous = byte;
        }
        // One dot may begin a fraction, and a few digits may be a day.
        (dots != 1 && digits.len() >= DIGITS_MIN_OF_NO_DATE).then_some(digits)
    }
}

/// The cell in plain characters, without what spreadsheets wrap around numbers.
pub(super) fn plain(cell: &str) -> Result<String, PhoneProblem> {
    if cell.len() > CELL_BYTES_MAX {
        return Err(PhoneProblem::TooLong);
    }
    let text: String = if cell.is_ascii() {
        cell.chars().map(plain_character).collect()
    } else {
        cell.chars().filter(|c| !is_invisible(*c)).nfkc().map(plain_character).collect()
    };
    Ok(unwrapped(&text).to_owned())
}

/// Whether the text is a day: two small numbers and a year, in any order that people use.
pub(super) fn is_date(text: &str) -> bool {
    ['/', '.', '-'].into_iter().any(|between| {
        let mut parts = text.split(between);
        let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let number = |part: &str, digits_max: usize| {
            let digits = (1..=digits_max).contains(&part.len()) && is_digits(part);
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let (day_and_month, year) = if a.len() == 4 { ([c, b], a) } else { ([a, b], c) };
        let is_year = matches!(number(year, 4), Some(0..=99 | 1900..=2100)) && (year.len() == 2 || year.len() == 4);
        match day_and_month.map(|part| number(part, 2)) {
            [Some(x), Some(y)] => is_year && x.min(y) <= 12 && x.max(y) <= 31 && x.min(y) > 0,
            _ => false,
        }
    })
}

/// The text as it was before a spreadsheet took it for an amount, and what was undone that lost information elsewhere.
/// `thousands`: the column groups its digits, so that apostrophes and spaces may do so too.
pub(super) fn repaired(text: &str, thousands: bool) -> Result<(Cow<'_, str>, Option<Remark>), PhoneProblem> {
    if let Some(digits) = exponent_written_out(text)? {
        return Ok((Cow::Owned(digits), Some(Remark::ExponentWrittenOut)));
    }
    if let Some(whole) = without_fraction(text) {
        return Ok((whole, Some(Remark::FractionCut)));
    }
    let between: &[char] = if thousands { &[',', '\''] } else { &[','] };
    let digits = between.iter().find_map(|between| ungrouped(text, *between));
    Ok((digits.map_or(Cow::Borrowed(text), Cow::Owned), None))
}

/// Whether the digits of a text are grouped in threes as those of an amount: `33,612,345,678`.
pub(super) fn is_grouped(text: &str) -> bool {
    [',', '\''].into_iter().any(|between| ungrouped(text, between).is_some())
}

/// The digits of one number, its labels and its extension cut.
pub(super) fn digits(number: &str, letter_o: bool) -> Result<Digits, PhoneProblem> {
    let mut digits = Digits::new();
    let (mut sign, mut letters_o) = (false, 0);
    for character in number.chars() {
        match character {
            '0'..='9' => digits.text.push(character),
            // The Cyrillic letter looks the same.
            'O' | 'o' | 'О' | 'о' => {
                letters_o += 1;
                digits.text.push('0');
            }
            '+' if !digits.plus && digits.len() == 0 => digits.plus = true,
            ' ' | '\n' | '(' | ')' | '-' | '.' | '/' => {}
            // 8~10: in Russia one waits for a tone.
            '~' if digits.as_str() == "8" => {}
            letter if letter.is_alphabetic() => return Err(PhoneProblem::Letter),
            _ => sign = true,
        }
    }
    if letters_o > 0 && !letter_o {
        let among_digits = digits.len() >= DIGITS_MIN_BESIDE_LETTER_O && letters_o < digits.len();
        return Err(if among_digits { PhoneProblem::LetterO } else { PhoneProblem::Letter });
    }
    digits.letter_o = letters_o > 0;
    match digits.len() {
        _ if sign => Err(PhoneProblem::Sign),
        0 => Err(PhoneProblem::Sign),
        length if length == letters_o => Err(PhoneProblem::Letter),
        length if length > DIGITS_MAX => Err(PhoneProblem::TooLong),
        _ => Ok(digits),
    }
}

/// Takes off quotes, the apostrophe that makes a cell text, and `="…"`.
pub(super) fn unwrapped(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let inner = rest.strip_prefix("=\"").and_then(|inner| inner.strip_suffix('"')).unwrap_or(rest);
        let inner = inner.trim_matches(|c: char| c.is_whitespace() || "\"'“”«»‘’‹›`´".contains(c));
        if inner == rest {
            return rest;
        }
        rest = inner;
    }
}

/// Marks of writing direction, joiners, soft hyphens and byte-order marks: the characters of Unicode's category Cf.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0001}'..='\u{e007f}'
    )
}

/// Where the ten digits of other scripts begin: Arabic, Persian, Devanagari, Bengali and Thai. Full-width ones are
/// plain already.
const ZEROS: [char; 5] = ['٠', '۰', '०', '০', '๐'];

fn plain_character(character: char) -> char {
    match character {
        '\n' | '\r' => '\n',
        space if space.is_whitespace() => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '·' => '.',
        ascii if ascii.is_ascii() => ascii,
        other => ZEROS
            .into_iter()
            .find_map(|zero| (other as u32).checked_sub(zero as u32).filter(|digit| *digit < 10))
            .and_then(|digit| char::from_digit(digit, 10))
            .unwrap_or(other),
    }
}

/// `3.3612345678E+10` with all its digits is a number; `3.36123E+10` was rounded. `None`: there is no exponent.
fn exponent_written_out(text: &str) -> Result<Option<String>, PhoneProblem> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Ok(None) };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let all_digits = [whole, fraction, exponent].into_iter().all(is_digits);
    if whole.len() != 1 || !all_digits || !(1..=3).contains(&exponent.len()) {
        return Ok(None);
    }
    match exponent.parse::<usize>() {
        Ok(exponent) if exponent == fraction.len() && exponent > 0 => Ok(Some(format!("{whole}{fraction}"))),
        _ => Err(PhoneProblem::DigitsLost),
    }
}

/// A number that went through a floating-point cell: `33612345678.0`, `33 612 345 678,00`.
fn without_fraction(text: &str) -> Option<Cow<'_, str>> {
    let (whole, zeros) = text.rsplit_once(['.', ','])?;
    if zeros.is_empty() || zeros.bytes().any(|b| b != b'0') {
        return None;
    }
    if (6..=15).contains(&whole.len()) && is_digits(whole) {
        return Some(Cow::Borrowed(whole));
    }
    let decimal = text.as_bytes()[whole.len()];
    let between = [',', '.', '\'', ' '].into_iter().filter(|between| *between as u32 != u32::from(decimal));
    between.filter_map(|between| ungrouped(whole, between)).next().map(Cow::Owned)
}

/// The digits that stand in three groups or more, all but the first of three digits, with this sign between them.
fn ungrouped(text: &str, between: char) -> Option<String> {
    let mut groups = text.split(between);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && is_digits(first))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    (digits.len() >= first.len() + 6).then_some(digits)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_stays_as_it_is(cell in "\\PC{0,30}|['\"=0-9.,eE+ \u{202f}\u{200e}\u{301}-]{0,20}") {
            if let Ok(text) = plain(&cell) {
                prop_assert_eq!(plain(&text), Ok(text));
            }
        }

        #[test]
        fn what_is_repaired_stays_as_it_is(text in "[0-9.,eE+' ]{0,20}|[0-9]{1,3}([,.' ][0-9]{3}){1,4}([.,]0+)?") {
            if let Ok((digits, _)) = repaired(&text, true) {
                prop_assert_eq!(repaired(&digits, true).map(|(again, _)| again), Ok(digits.clone()));
            }
        }

        #[test]
        fn the_short_way_and_the_long_one_meet(cell in " ?[+(]{0,2}[0-9]{1,4}([ .()-]{0,2}[0-9]{1,4}){1,5} ?") {
            if let Some(short) = Digits::of_simple_cell(&cell) {
                let text = plain(&cell).expect("not too long");
                prop_assert!(!is_date(&text));
                let (repaired, remark) = repaired(&text, false).expect("no exponent");
                prop_assert_eq!(remark, None);
                prop_assert_eq!(digits(&repaired, false), Ok(short));
            }
        }
    }

    #[test]
    fn groups_of_digits_are_those_of_an_amount() {
        for grouped in ["33,612,345,678", "612,345,678", "33'612'345'678"] {
            assert!(is_grouped(grouped), "{grouped}");
        }
        for other in ["33,612,345,67", "3361,234,567", "612,345", "33,,612,345", "33612345678", "33.612.345.678", ""] {
            assert!(!is_grouped(other), "{other}");
        }
    }
}
