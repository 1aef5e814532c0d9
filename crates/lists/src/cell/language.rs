//! Languages by code or by name.

use super::folded;

/// What lists call the languages that call centres speak, in English, French, Russian and the language itself; folded. The first
/// word is the ISO 639-1 code.
const NAMES: [(&str, &[&str]); 16] = [
    ("ar", &["arabic", "arabe", "арабскии"]),
    ("de", &["german", "allemand", "deutsch", "немецкии"]),
    ("en", &["english", "anglais", "англиискии"]),
    ("es", &["spanish", "espagnol", "espanol", "испанскии"]),
    ("fr", &["french", "francais", "французскии"]),
    ("it", &["italian", "italien", "italiano", "итальянскии"]),
    ("kk", &["kazakh", "казахскии", "қазақша"]),
    ("nl", &["dutch", "neerlandais", "nederlands", "нидерландскии"]),
    ("pl", &["polish", "polonais", "polski", "польскии"]),
    ("pt", &["portuguese", "portugais", "portugues", "португальскии"]),
    ("ro", &["romanian", "roumain", "romana", "румынскии"]),
    ("ru", &["russian", "russe", "русскии"]),
    ("tr", &["turkish", "turc", "turkce", "турецкии"]),
    ("uk", &["ukrainian", "ukrainien", "украинскии", "українська"]),
    ("uz", &["uzbek", "ouzbek", "узбекскии"]),
    ("zh", &["chinese", "chinois", "китаискии"]),
];

/// The ISO 639-1 code of a language given by code, by code and region (`fr-CA`) or by name.
pub(crate) fn language(cell: &str) -> Result<String, String> {
    // No name is longer.
    let word = if cell.len() <= 40 { folded(cell.trim()) } else { String::new() };
    let code = word.split(['-', '_']).next().unwrap_or_default();
    let named = NAMES.iter().find(|(_, names)| names.contains(&word.as_str())).map(|(code, _)| (*code).to_owned());
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    named
        .or_else(|| is_code.then(|| code.to_owned()))
        .ok_or_else(|| "is not a language: write the two letters of ISO 639-1, as in fr, or its name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_one_form() {
        for (cell, code) in [("fr", "fr"), ("FR-ca", "fr"), ("Français", "fr"), ("русский", "ru"), ("English", "en")]
        {
            assert_eq!(language(cell).as_deref(), Ok(code), "{cell}");
        }
        assert!(language("gibberish").is_err());
    }
}
