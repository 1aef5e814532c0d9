//! The cleaner in front of the numbering rules: from a cell to bare digits.

use unicode_normalization::UnicodeNormalization;

use super::PhoneProblem;

/// No cell with one number is longer, labels and extension included.
const CELL_BYTES_MAX: usize = 400;
/// An international prefix and the fifteen digits of the longest number.
const DIGITS_MAX: usize = 17;
const EXTENSION_DIGITS_MAX: usize = 7;

/// Words beside a number that say what it is. `fax` is none of them: nobody is called on a fax.
const LABELS: [&str; 38] = [
    "tel",
    "tél",
    "telephone",
    "téléphone",
    "phone",
    "mob",
    "mobile",
    "portable",
    "port",
    "gsm",
    "cell",
    "handy",
    "bureau",
    "fixe",
    "domicile",
    "travail",
    "perso",
    "home",
    "work",
    "office",
    "büro",
    "privat",
    "telefon",
    "num",
    "numero",
    "numéro",
    "n",
    "no",
    "тел",
    "телефон",
    "моб",
    "мобильный",
    "сот",
    "сотовый",
    "дом",
    "домашний",
    "раб",
    "рабочий",
];
/// Words between a number and its extension.
const EXTENSIONS: [&str; 8] = ["ext", "extension", "x", "poste", "доб", "внутр", "durchwahl", "dw"];

/// The digits of a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    pub(super) digits: String,
    /// Whether a plus stood in front.
    pub(super) plus: bool,
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
    without_exponent(without_fraction(unwrapped(&text)))
}

/// The parts of a text that may each be a number.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = text.split(['/', ';', '|', ',', '\n']).collect();
    for between in ["  ", " ou ", " или ", " or "] {
        parts = parts.into_iter().flat_map(|part| part.split(between)).collect();
    }
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Whether the text is a day: two small numbers and a year, in any order that people use.
pub(super) fn is_date(text: &str) -> bool {
    ['/', '.', '-'].into_iter().any(|between| {
        let parts: Vec<&str> = text.split(between).collect();
        let number = |part: &str, digits_max: usize| {
            let digits = (1..=digits_max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        };
        let [a, b, c] = parts[..] else { return false };
        let (day_and_month, year) = if a.len() == 4 { ([c, b], a) } else { ([a, b], c) };
        let is_year = matches!(number(year, 4), Some(0..=99 | 1900..=2100)) && (year.len() == 2 || year.len() == 4);
        match day_and_month.map(|part| number(part, 2)) {
            [Some(x), Some(y)] => is_year && x.min(y) <= 12 && x.max(y) <= 31 && x.min(y) > 0,
            _ => false,
        }
    })
}

/// The digits of one number, its labels and its extension cut.
pub(super) fn digits(text: &str) -> Result<Cleaned, PhoneProblem> {
    let number = without_extension(without_labels(text));
    let number = without_labels(number);
    let mut cleaned = Cleaned { digits: String::with_capacity(number.len()), plus: false };
    let mut sign = false;
    for character in number.chars() {
        match character {
            '0'..='9' => cleaned.digits.push(character),
            '+' if !cleaned.plus && cleaned.digits.is_empty() => cleaned.plus = true,
            ' ' | '\n' | '(' | ')' | '-' | '.' | '/' => {}
            letter if letter.is_alphabetic() => return Err(PhoneProblem::Letter),
            _ => sign = true,
        }
    }
    match cleaned.digits.len() {
        _ if sign => Err(PhoneProblem::Sign),
        0 => Err(PhoneProblem::Sign),
        length if length > DIGITS_MAX => Err(PhoneProblem::TooLong),
        _ => Ok(cleaned),
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
        '0'..='9' => character,
        other => ZEROS
            .into_iter()
            .find_map(|zero| (other as u32).checked_sub(zero as u32).filter(|digit| *digit < 10))
            .and_then(|digit| char::from_digit(digit, 10))
            .unwrap_or(other),
    }
}

/// Takes off quotes, the apostrophe that makes a cell text, and `="…"`.
fn unwrapped(text: &str) -> &str {
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

/// A number that went through a floating-point cell: `33612345678.0`.
fn without_fraction(text: &str) -> &str {
    match text.split_once(['.', ',']) {
        Some((whole, zeros))
            if (6..=15).contains(&whole.len())
                && whole.bytes().all(|b| b.is_ascii_digit())
                && !zeros.is_empty()
                && zeros.bytes().all(|b| b == b'0') =>
        {
            whole
        }
        _ => text,
    }
}

/// `3.3612345678E+10` with all its digits is a number; `3.36123E+10` was rounded.
fn without_exponent(text: &str) -> Result<String, PhoneProblem> {
    let unchanged = || Ok(text.to_owned());
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return unchanged() };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 1 || ![whole, fraction, exponent].into_iter().all(is_digits) || !(1..=2).contains(&exponent.len())
    {
        return unchanged();
    }
    match exponent.parse::<usize>() {
        Ok(exponent) if exponent == fraction.len() && exponent > 0 => Ok(format!("{whole}{fraction}")),
        _ => Err(PhoneProblem::DigitsLost),
    }
}

/// Cuts words such as `Tél :` in front of the number and `(bureau)` behind it; never between its digits.
fn without_labels(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let shorter = without_label_in_front(rest).or_else(|| without_label_behind(rest));
        match shorter {
            Some(shorter) => rest = shorter.trim(),
            None => return rest,
        }
    }
}

fn without_label_in_front(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', '(']);
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    is_one_of(&LABELS, word).then(|| rest.trim_start_matches([' ', '.', ':', ')', '°', '-', '\n']))
}

fn without_label_behind(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([' ', ')', '.', ':']);
    let start = text.trim_end_matches(char::is_alphabetic).len();
    let (rest, word) = text.split_at_checked(start)?;
    is_one_of(&LABELS, word).then(|| rest.trim_end_matches([' ', '(', '-', ':', '.', '\n']))
}

/// Cuts `poste 12`, `доб. 5`, `x5`, `#5`, `;ext=5` behind the number.
fn without_extension(text: &str) -> &str {
    let head = text.trim_end_matches([' ', ')']);
    let before = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = head.len() - before.len();
    let marker = before.trim_end_matches([' ', '.', ':', '=']);
    let word = marker.len() - marker.trim_end_matches(char::is_alphabetic).len();
    let number = match marker.strip_suffix('#') {
        Some(number) => Some(number),
        None => marker
            .split_at_checked(marker.len() - word)
            .filter(|(_, word)| is_one_of(&EXTENSIONS, word))
            .map(|(number, _)| number),
    };
    match number {
        Some(number) if (1..=EXTENSION_DIGITS_MAX).contains(&extension) => {
            number.trim_end_matches([' ', ',', ';', '(', '-', '\n'])
        }
        _ => text,
    }
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    !word.is_empty() && words.contains(&word.to_lowercase().as_str())
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
    }

    #[test]
    fn cuts_a_text_where_two_numbers_could_meet() {
        assert_eq!(parts(" a / b;c ou d  e\nf or g, "), ["a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(parts("ouest"), ["ouest"]);
        assert!(parts(" / ").is_empty());
    }
}
