//! Yes, no and the choices of a campaign.

use super::folded;

/// French, English, Russian and German, folded.
const YES: [&str; 19] = [
    "yes",
    "y",
    "oui",
    "o",
    "да",
    "д",
    "ja",
    "j",
    "true",
    "vrai",
    "wahr",
    "1",
    "x",
    "✓",
    "✔",
    "optin",
    "opt in",
    "opt-in",
    "истина",
];
const NO: [&str; 15] =
    ["no", "n", "non", "нет", "н", "nein", "false", "faux", "falsch", "0", "optout", "opt out", "opt-out", "ложь", "✗"];

pub(crate) fn yes_no(cell: &str) -> Result<String, String> {
    let word = folded(cell.trim());
    match word.as_str() {
        word if YES.contains(&word) => Ok("yes".to_owned()),
        word if NO.contains(&word) => Ok("no".to_owned()),
        _ => Err("is neither yes nor no: write yes or no, oui or non, true or false, 1 or 0".to_owned()),
    }
}

/// Whether a cell says yes or no.
pub(crate) fn is_yes_or_no(cell: &str) -> bool {
    // The longest of the words has eight characters of two bytes.
    cell.len() <= 16 && yes_no(cell).is_ok()
}

/// Whether a cell is a mark put beside what is true.
pub(crate) fn is_tick(cell: &str) -> bool {
    matches!(cell.trim(), "x" | "X" | "✓" | "✔")
}

/// Letter case and accents do not count, unless two choices differ in nothing else.
pub(super) fn choice(cell: &str, choices: &[String]) -> Result<String, String> {
    if let Some(exact) = choices.iter().find(|choice| *choice == cell) {
        return Ok(exact.clone());
    }
    let wanted = folded(cell);
    let mut alike = choices.iter().filter(|choice| folded(choice) == wanted);
    match (alike.next(), alike.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(format!("is not one of the choices: write {}", choices.join(", "))),
    }
}
