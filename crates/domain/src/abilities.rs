//! What an operator can do: the skills that campaigns ask for, and the languages they speak.

use serde::{Deserialize, Serialize};

use crate::outcome::FieldProblem;

/// Most skills, and most languages, of one operator.
const ABILITIES_MAX: usize = 50;

/// What of an operator's abilities is said anew; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Abilities {
    /// Skills, as campaigns name them; instead of those they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["loans"]))]
    pub skills: Option<Vec<String>>,
    /// Languages they speak, by ISO 639-1 code; instead of those they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["fr", "nl"]))]
    pub languages: Option<Vec<String>>,
}

impl Abilities {
    /// The same, sorted and each once; or what is wrong with it.
    pub fn checked(self) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let wrong_skill = "a letter and then at most 63 lower-case letters, digits and underscores, as in loans";
        let skills = self.skills.map(|words| checked("skills", words, is_code, wrong_skill, &mut problems));
        let wrong_language = "the two letters of ISO 639-1, as in fr";
        let languages =
            self.languages.map(|words| checked("languages", words, is_language, wrong_language, &mut problems));
        if problems.is_empty() { Ok(Self { skills, languages }) } else { Err(problems) }
    }
}

fn checked(
    field: &str,
    mut words: Vec<String>,
    is_right: fn(&str) -> bool,
    right: &str,
    problems: &mut Vec<FieldProblem>,
) -> Vec<String> {
    for (at, word) in words.iter().enumerate().filter(|(_, word)| !is_right(word)) {
        problems.push(FieldProblem::new(format!("{field}[{at}]"), format!("is {word:?}: write {right}")));
    }
    words.sort();
    words.dedup();
    if words.len() > ABILITIES_MAX {
        problems.push(FieldProblem::new(field, format!("has {} words: {ABILITIES_MAX} are the most", words.len())));
    }
    words
}

/// Whether a text is a code, as dispositions, reasons and skills have them: a letter, then at most 63 lower-case letters, digits and
/// underscores.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(allowed)
}

/// Whether a text has the form of an ISO 639-1 code.
#[must_use]
pub fn is_language(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abilities(skills: &[&str], languages: &[&str]) -> Abilities {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        Abilities { skills: words(skills), languages: words(languages) }
    }

    #[test]
    fn abilities_stand_sorted_and_once() {
        let checked = abilities(&["loans", "cards", "loans"], &["nl", "fr"]).checked();
        assert_eq!(checked, Ok(abilities(&["cards", "loans"], &["fr", "nl"])));
        assert_eq!(Abilities::default().checked(), Ok(Abilities::default()), "what is not said stays unsaid");
    }

    #[test]
    fn each_word_at_fault_is_told() {
        let problems = abilities(&["loans", "Home loans"], &["french", "fr"]).checked().expect_err("two faults");
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["skills[1]", "languages[0]"]);
        assert_eq!(problems[1].message, r#"is "french": write the two letters of ISO 639-1, as in fr"#);
    }
}
