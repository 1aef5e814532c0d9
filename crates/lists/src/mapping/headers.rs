//! The names of a file's columns.

use std::collections::{BTreeMap, BTreeSet};

use relance_domain::phone::mask;
use unicode_normalization::char::is_combining_mark;

use crate::cell::folded;
use crate::table::Batch;

/// The columns of a file by name.
#[derive(Debug)]
pub(super) struct Headers {
    /// The headers as they stand, trimmed; empty ones too.
    written: Vec<String>,
    /// What each column is called: its header, `col 3` where there is none, `Nom (2)` where another has it already.
    pub(super) names: Vec<String>,
    /// The headers as they are compared; empty where there is none.
    pub(super) keys: Vec<String>,
}

impl Headers {
    /// The headers of a file, or of one that has none as many as most of its records have cells.
    pub(super) fn of(headers: Option<&[String]>, sample: &Batch) -> Self {
        let written: Vec<String> = match headers {
            Some(headers) => headers.iter().map(|header| header.trim().to_owned()).collect(),
            None => vec![String::new(); usual_width(sample)],
        };
        let names = names(&written);
        let keys = written.iter().map(|header| key(header)).collect();
        Self { written, names, keys }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn is_nameless(&self, at: usize) -> bool {
        self.written[at].is_empty()
    }

    /// The columns that somebody means by a name: all that have it for a header, else the one that is called so here,
    /// else those whose header differs in case, accents and signs only, else the number in `col 3`.
    pub(super) fn meant_by(&self, name: &str) -> Vec<usize> {
        let name = name.trim();
        let all = |same: &dyn Fn(usize) -> bool| (0..self.len()).filter(|at| same(*at)).collect::<Vec<_>>();
        let wanted = key(name);
        let exact = all(&|at| !name.is_empty() && self.written[at] == name);
        let called = all(&|at| self.names[at] == name);
        let alike = all(&|at| !wanted.is_empty() && self.keys[at] == wanted);
        let number = wanted.strip_prefix("col ").and_then(|number| number.parse::<usize>().ok());
        let numbered = number.and_then(|number| number.checked_sub(1)).filter(|at| *at < self.len());
        let first = [exact, called, alike].into_iter().find(|found| !found.is_empty());
        first.unwrap_or_else(|| numbered.into_iter().collect())
    }

    /// The columns with a header of the campaign.
    pub(super) fn headed(&self, accepted: &str) -> Vec<usize> {
        let wanted = key(accepted);
        let headed =
            |at: &usize| !wanted.is_empty() && (self.keys[*at] == wanted || folded(&self.names[*at]) == wanted);
        (0..self.len()).filter(headed).collect()
    }

    /// Headers that stand on more than one column, with these columns.
    pub(super) fn repeated(&self) -> Vec<(&str, Vec<usize>)> {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, header) in self.written.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
            places.entry(header).or_default().push(at);
        }
        let mut repeated: Vec<_> = places.into_iter().filter(|(_, columns)| columns.len() > 1).collect();
        repeated.sort_by_key(|(_, columns)| columns[0]);
        repeated
    }
}

fn names(written: &[String]) -> Vec<String> {
    let in_file: BTreeSet<&str> = written.iter().map(String::as_str).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::with_capacity(written.len());
    for (at, header) in written.iter().enumerate() {
        let plain = if header.is_empty() { format!("col {}", at + 1) } else { header.clone() };
        let is_free = |name: &String, taken: &BTreeSet<String>| {
            !taken.contains(name) && (name == header || !in_file.contains(name.as_str()))
        };
        let numbered = (2..).map(|number| format!("{plain} ({number})"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| is_free(name, &taken));
        let name = free.expect("the numbers do not end");
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

fn usual_width(sample: &Batch) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for record in sample.records() {
        *counts.entry(record.len()).or_default() += 1;
    }
    // The widest of equals.
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

/// A header as it is compared: letters and digits in lower case without accents, one space between words. One of signs
/// alone is compared as it stands.
pub(crate) fn key(header: &str) -> String {
    let plain = folded(header);
    let is_letter = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let words: Vec<&str> = plain.split(|c| !is_letter(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { plain.trim().to_owned() } else { words.join(" ") }
}

/// The digits that a header may have; one with more may be a client's cell, and is masked.
const DIGITS_SHOWN_MAX: usize = 5;
const LENGTH_SHOWN_MAX: usize = 40;

/// A header as a message may show it.
pub(super) fn shown(header: &str) -> String {
    let digits = header.chars().filter(char::is_ascii_digit).count();
    let beginning: String = header.chars().take(LENGTH_SHOWN_MAX).collect();
    if digits > DIGITS_SHOWN_MAX { mask(&beginning) } else { beginning }
}

/// The option that maps a column to a field, as it is typed at a shell.
pub(super) fn option(header: &str, field: &str) -> String {
    format!("--map '{}={field}'", shown(header).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[&str]) -> Headers {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        Headers::of(Some(&headers), &Batch::default())
    }

    #[test]
    fn headers_are_compared_without_case_accents_and_signs() {
        for (header, wanted) in [
            ("  N°\u{a0}de  Téléphone ", "n de telephone"),
            ("NUM_TEL", "num tel"),
            ("e-mail", "e mail"),
            ("Код клиента", "код клиента"),
            ("№", "no"),
            ("Почтовый индекс:", "почтовыи индекс"),
            ("#", "#"),
            ("", ""),
        ] {
            assert_eq!(key(header), wanted, "{header}");
        }
    }

    #[test]
    fn every_column_has_a_name_of_its_own() {
        assert_eq!(
            of(&["Tél", " Tél", "", "Tél (2)", "", "col 3"]).names,
            ["Tél", "Tél (3)", "col 3 (2)", "Tél (2)", "col 5", "col 3"]
        );
        let mut sample = Batch::default();
        for width in [2, 3, 3, 2, 1] {
            sample.push(crate::table::Lines { first: 1, last: 1 }, vec!["a"; width]);
        }
        assert_eq!(Headers::of(None, &sample).names, ["col 1", "col 2", "col 3"]);
    }

    #[test]
    fn a_name_means_its_columns() {
        let headers = of(&["Tél", "Tél", "Ville", "", "VILLE"]);
        for (name, meant) in [
            ("Tél", vec![0, 1]),
            ("Tél (2)", vec![1]),
            ("Ville", vec![2]),
            ("ville", vec![2, 4]),
            ("col 4", vec![3]),
            ("col 5", vec![4]),
            ("col 0", vec![]),
            ("col 6", vec![]),
            ("Rue", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(headers.meant_by(name), meant, "{name}");
        }
        assert_eq!(headers.repeated(), [("Tél", vec![0, 1])]);
    }

    #[test]
    fn options_can_be_typed() {
        assert_eq!(option("N° d'appel", "phone"), r"--map 'N° d'\''appel=phone'");
        assert_eq!(shown("06 39 98 12 34"), "06 •••••••••34");
    }
}
