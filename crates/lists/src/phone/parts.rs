//! A cell that may hold several numbers.
//!
//! A part counts as a number of its own where it is one alone. A part without its leading 0 beside one that has it may
//! be a piece of the other (`030 1234567 / 68`): numbering plans without fixed lengths take almost any digits for a
//! number, so that such a part does not count.

use relance_domain::E164;
use relance_domain::list::{Remark, Remarks};

use super::{Country, Habit, PhoneProblem, clean, number, words};

/// What may stand between two numbers, the surest first. A level has the signs of those before it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Signs and words that stand in no number, and a slash beside a space.
    Sure,
    /// A slash, which also stands between the digits of one.
    Slash,
    /// Two spaces.
    Spaces,
}

const LEVELS: [Level; 3] = [Level::Sure, Level::Slash, Level::Spaces];

const WORDS: [&str; 12] =
    [" ou ", " et ", " or ", " and ", " oder ", " und ", " или ", " ИЛИ ", " и ", " И ", " & ", " y "];

/// A number as one part of a cell gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) number: E164,
    pub(super) extension: Option<String>,
    pub(super) remarks: Remarks,
    pub(super) fixed_line: bool,
    /// How many digits it has, where its leading 0 is missing.
    without_zero: Option<usize>,
}

/// The numbers of a cell in plain characters, one at least, and whether a part was left out that holds none.
pub(super) fn read(text: &str, country: Country, habit: Habit) -> Result<(Vec<Part>, bool), PhoneProblem> {
    match split(text, Level::Spaces)[..] {
        [] => return one(text, country, habit).map(|part| (vec![part], false)),
        [only] => return one(only, country, habit).map(|part| (vec![part], false)),
        _ => {}
    }
    let whole = one(text, country, habit);
    if let Err(problem @ (PhoneProblem::Date | PhoneProblem::DigitsLost)) = whole {
        return Err(problem);
    }
    let mut best = Split::default();
    for level in LEVELS {
        let texts = split(text, level);
        let read = texts.iter().map(|text| one(text, country, habit));
        let mut split = if texts.len() > 1 { Split::of(read.collect()) } else { continue };
        if split.left_out == 0 {
            return Ok((split.parts, false));
        }
        if split.parts.len() > best.parts.len() {
            std::mem::swap(&mut best, &mut split);
        }
        best.refused = best.refused.or(split.refused);
    }
    match whole {
        Ok(whole) if best.parts.iter().all(|part| part.number == whole.number) => Ok((vec![whole], false)),
        // The parts could be pieces of one number, and one of them could be a number.
        Ok(_) => Err(PhoneProblem::Several),
        Err(problem) if best.parts.is_empty() => Err(best.refused.unwrap_or(problem)),
        Err(_) => Ok((best.parts, true)),
    }
}

/// What the parts of a text are.
#[derive(Debug, Default)]
struct Split {
    /// Those that count.
    parts: Vec<Part>,
    /// How many others there are.
    left_out: usize,
    /// Why a part is a number on which people are not called.
    refused: Option<PhoneProblem>,
}

impl Split {
    fn of(read: Vec<Result<Part, PhoneProblem>>) -> Self {
        let all = read.len();
        let mut problems = read.iter().filter_map(|part| part.as_ref().err());
        let refused = problems.find(|problem| matches!(problem, PhoneProblem::Kind(_))).cloned();
        let complete = read.iter().flatten().any(|part| part.without_zero.is_none());
        let first = read.first().and_then(|part| part.as_ref().ok()?.without_zero);
        let counts = |part: &Part| match part.without_zero {
            None => true,
            length => !complete && length == first,
        };
        let parts: Vec<Part> = read.into_iter().flatten().filter(counts).collect();
        Self { left_out: all - parts.len(), parts, refused }
    }
}

/// Reads a text as one number.
fn one(text: &str, country: Country, habit: Habit) -> Result<Part, PhoneProblem> {
    let text = clean::unwrapped(text);
    if clean::is_date(text) {
        return Err(PhoneProblem::Date);
    }
    let (text, repair) = clean::repaired(text, habit.thousands)?;
    let (bare, extension) = words::cut(&text);
    let digits = clean::digits(bare, habit.letter_o)?;
    let number = number::read(&digits, country, habit)?;
    let mut remarks = Remarks::default();
    let letter = digits.letter_o().then_some(Remark::LetterReadAsZero);
    let kept = extension.map(|_| Remark::ExtensionKept);
    for remark in [repair, letter, kept, number.remark].into_iter().flatten() {
        remarks.add(remark);
    }
    let without_zero = (number.remark == Some(Remark::LeadingZeroRestored)).then(|| digits.as_str().len());
    let extension = extension.map(str::to_owned);
    Ok(Part { number: number.e164, extension, remarks, fixed_line: number.fixed_line, without_zero })
}

/// The parts of a text that may each be a number: neither empty nor a mere label, each with its extension.
fn split(text: &str, level: Level) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(character) = text[at..].chars().next() {
        let length = separator(text, at, level);
        if length == 0 {
            at += character.len_utf8();
        } else if words::is_extension_at_start(&text[at + length..]) {
            at += length;
        } else {
            parts.push(&text[start..at]);
            at += length;
            start = at;
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !words::is_label(part)).collect()
}

/// How many bytes of a separator stand at this place.
fn separator(text: &str, at: usize, level: Level) -> usize {
    let rest = &text.as_bytes()[at..];
    match rest {
        [b';' | b'|' | b',' | b'\n', ..] => 1,
        [b'/', b' ', ..] => 1,
        [b' ', b'/', ..] => 2,
        [b'/', ..] if level >= Level::Slash => 1,
        [b' ', b' ', ..] if level >= Level::Spaces => 2,
        [b' ', next, ..] if !next.is_ascii_digit() => {
            let stands_here =
                |word: &&&str| rest.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes()));
            WORDS.iter().find(stands_here).map_or(0, |word| word.len() - 1)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_a_text_where_two_numbers_could_meet() {
        assert_eq!(split(" 1 / 2;3 ou 4  5\n6 or 7, ", Level::Spaces), ["1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!(split("1 или 2 ИЛИ 3 OU 4", Level::Sure), ["1", "2", "3", "4"]);
        assert_eq!(split("1/2 / 3/4  5", Level::Sure), ["1/2", "3/4  5"]);
        assert_eq!(split("1/2 / 3/4  5", Level::Slash), ["1", "2", "3", "4  5"]);
        assert_eq!(split("1 / poste 12 / 2, bureau", Level::Sure), ["1 / poste 12", "2"]);
        assert_eq!(split("ouest", Level::Spaces), ["ouest"]);
        assert!(split(" / ", Level::Spaces).is_empty());
    }
}
