//! What is wrong with a file, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a file: what it is, where it stands, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// The file, as it was named by whoever sent it.
    #[schema(example = "campaign.toml")]
    pub file: String,
    /// The line, from 1; absent when the problem is what the file lacks as a whole.
    #[schema(example = 14)]
    pub line: Option<u32>,
    /// The name of the check that found it.
    #[schema(example = "shown-fields-exist")]
    pub check: String,
    /// What was wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {} [{}]", self.message, self.check)
    }
}

/// A problem and the part of the file it stands in, so that checks of other parts still run.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The key of the file's top level under which it stands.
    pub(crate) part: String,
    /// The problem itself.
    pub(crate) problem: Problem,
}

/// The word among `known` that somebody who wrote `given` most likely meant.
pub(crate) fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let distance = |word: &&str| strsim::damerau_levenshtein(given, word);
    known.iter().copied().min_by_key(distance).filter(|word| distance(word) <= 1 + given.chars().count() / 3)
}

/// ` (did you mean …?)` where a known word is near, and nothing otherwise.
pub(crate) fn perhaps(given: &str, known: &[&str]) -> String {
    nearest(given, known).map(|word| format!(" (did you mean `{word}`?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(nearest("curency", &["country", "currency"]), Some("currency"));
        assert_eq!(nearest("hour", &["profile", "hours"]), Some("hours"));
        assert_eq!(nearest("zzz", &["profile", "hours"]), None);
    }

    #[test]
    fn prints_like_a_compiler() {
        let mut problem =
            Problem { file: "a.toml".into(), line: Some(3), check: "known-keys".into(), message: "no".into() };
        assert_eq!(problem.to_string(), "a.toml:3: no [known-keys]");
        problem.line = None;
        assert_eq!(problem.to_string(), "a.toml: no [known-keys]");
    }
}
