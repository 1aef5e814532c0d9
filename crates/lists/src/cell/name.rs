//! Names of people.

use super::{on_one_line, text};

/// A name as it is kept: on one line, with plain apostrophes, and not in capitals throughout (`DUPONT-MARTIN` becomes
/// `Dupont-Martin`). A name in mixed or small letters stays: its bearer may write it so. Nothing is known of what
/// capitals hide: `MCDONALD` becomes `Mcdonald`, `DE LA TOUR` becomes `De La Tour`. Errors as [`super::read`].
pub(crate) fn name(cell: &str) -> Result<String, String> {
    let plain = |c: char| if matches!(c, '’' | 'ʼ' | '`' | '´') { '\'' } else { c };
    text(cell)?;
    let name: String = cell.chars().map(plain).collect();
    let name = on_one_line(&name);
    Ok(if is_shouted(&name) { capitalised(&name) } else { name })
}

fn is_shouted(name: &str) -> bool {
    let mut letters = name.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() > 1 && letters.all(char::is_uppercase)
}

fn capitalised(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let is_last_of_word = characters.peek().is_none_or(|next| !next.is_alphabetic());
        // `O'BRIEN` has two capitals, `LEWIS'S` one.
        let is_inside = before.is_alphabetic() || (before == '\'' && is_last_of_word);
        if !is_inside {
            result.push(c);
        } else {
            result.extend(c.to_lowercase());
        }
        before = c;
    }
    result
}
