//! Numbers of orders and accounts: a form with a counter in it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How numbers look: `FW-{year}-{n:06}`. Where the year is in it, counting begins anew with each year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberForm(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Year,
    /// The counter, with zeros up to so many digits.
    Counter(usize),
}

/// Why a text is no form of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no form of numbers: {why}; write it as in \"FW-{{year}}-{{n:06}}\"")]
pub struct NotANumberForm {
    text: String,
    why: &'static str,
}

/// The longest form, in characters.
const LENGTH_MAX: usize = 40;
/// The most digits that a counter is filled up to.
const DIGITS_MAX: usize = 12;

impl NumberForm {
    /// The number with this count in this year.
    #[must_use]
    pub fn number(&self, count: i64, year: i16) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Year => format!("{year:04}"),
            Part::Counter(digits) => format!("{count:0digits$}"),
        };
        self.0.iter().map(part).collect()
    }

    /// What is counted together: the numbers of a year, or all of them (0).
    #[must_use]
    pub fn period(&self, year: i16) -> i64 {
        if self.0.contains(&Part::Year) { i64::from(year) } else { 0 }
    }
}

impl Default for NumberForm {
    fn default() -> Self {
        Self(vec![Part::Counter(6)])
    }
}

impl FromStr for NumberForm {
    type Err = NotANumberForm;

    fn from_str(text: &str) -> Result<Self, NotANumberForm> {
        let wrong = |why| NotANumberForm { text: text.to_owned(), why };
        if text.chars().count() > LENGTH_MAX {
            return Err(wrong("it is longer than 40 characters"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            parts.extend(literal(&rest[..open]).map_err(wrong)?);
            let close = rest.find('}').filter(|close| *close > open).ok_or_else(|| wrong("a brace is not closed"))?;
            parts.push(placeholder(&rest[open + 1..close]).map_err(wrong)?);
            rest = &rest[close + 1..];
        }
        parts.extend(literal(rest).map_err(wrong)?);
        match parts.iter().filter(|part| matches!(part, Part::Counter(_))).count() {
            1 => Ok(Self(parts)),
            0 => Err(wrong("it has no {n}, so that every number would be the same")),
            _ => Err(wrong("it has {n} more than once")),
        }
    }
}

fn literal(text: &str) -> Result<Option<Part>, &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '_' | ' ');
    if !text.chars().all(allowed) {
        return Err("besides {year} and {n} it may have letters, digits, spaces and - / . _ only");
    }
    Ok((!text.is_empty()).then(|| Part::Text(text.to_owned())))
}

fn placeholder(name: &str) -> Result<Part, &'static str> {
    if name == "year" {
        return Ok(Part::Year);
    }
    let digits = match name.strip_prefix('n') {
        Some("") => Some(1),
        Some(rest) => rest.strip_prefix(":0").and_then(|digits| digits.parse().ok()),
        None => None,
    };
    let digits = digits.filter(|digits| (1..=DIGITS_MAX).contains(digits));
    digits.map(Part::Counter).ok_or("in braces stand year, n, or n with its digits (1 to 12) as in {n:06}")
}

impl TryFrom<String> for NumberForm {
    type Error = NotANumberForm;

    fn try_from(text: String) -> Result<Self, NotANumberForm> {
        text.parse()
    }
}

impl From<NumberForm> for String {
    fn from(form: NumberForm) -> Self {
        form.to_string()
    }
}

impl fmt::Display for NumberForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Year => f.write_str("{year}")?,
                Part::Counter(1) => f.write_str("{n}")?,
                Part::Counter(digits) => write!(f, "{{n:0{digits}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_numbers_and_prints_as_it_is_read() {
        for (form, number, period) in [
            ("FW-{year}-{n:06}", "FW-2026-000042", 2026),
            ("{n}", "42", 0),
            ("A/{n:01}.b", "A/42.b", 0),
            ("{n:06}{year}", "0000422026", 2026),
        ] {
            let read: NumberForm = form.parse().expect(form);
            assert_eq!((read.number(42, 2026).as_str(), read.period(2026)), (number, period), "{form}");
            assert_eq!(read.to_string().parse(), Ok(read.clone()), "{form}");
        }
        assert_eq!(NumberForm::default().number(7, 2026), "000007");
        assert_eq!("{n:03}".parse::<NumberForm>().expect("a form").number(12_345, 2026), "12345");
    }

    #[test]
    fn what_is_no_form_says_why() {
        for (form, why) in [
            ("FW-{year}", "no {n}"),
            ("{n}{n}", "more than once"),
            ("{n", "not closed"),
            ("{month}-{n}", "in braces stand"),
            ("{n:6}", "in braces stand"),
            ("{n:013}", "in braces stand"),
            ("№{n}", "letters, digits"),
            ("}{n}", "letters, digits"),
            ("0123456789012345678901234567890123456789{n}", "longer"),
        ] {
            let error = form.parse::<NumberForm>().expect_err(form).to_string();
            assert!(error.contains(why), "{form}: {error}");
        }
    }
}
