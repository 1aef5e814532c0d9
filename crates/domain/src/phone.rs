//! Telephone numbers as the engine keeps them.

use std::fmt;

use crate::ClientId;

/// A telephone number in E.164 form: a plus sign and 8 to 15 digits. It shows itself masked wherever it is printed;
/// only [`E164::reveal`] gives the digits, for the operator who holds the lead and for the store.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(String);

/// Why a text is not a number in E.164 form. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in international form: write + and 8 to 15 digits, as in +33199001234")]
pub struct NotE164;

impl E164 {
    /// Takes a number that is already in E.164 form. Lists are cleaned by the crate `lists` first.
    pub fn parse(text: &str) -> Result<Self, NotE164> {
        let digits = text.strip_prefix('+').ok_or(NotE164)?;
        let well_formed =
            (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(NotE164) }
    }

    /// The full number. Only for the store and for the operator who is to dial it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The number with all but its first three and last two characters hidden: `+33•••••••34`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

/// A number of a client and what became of it, as far as one lead is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberTried {
    /// Its place among the client's numbers; 0 is dialled first.
    pub position: i64,
    /// It is known to be somebody else's.
    pub wrong: bool,
    /// How often it was dialled for the lead.
    pub tries: i64,
}

/// Whose turn it is among a client's numbers: of those that are not known to be wrong, the one that was dialled least, then the
/// first. So a silent number gives way to the next one. Where all are wrong, the first: there is nothing better.
#[must_use]
pub fn turn(numbers: &[NumberTried]) -> i64 {
    let usable = numbers.iter().filter(|number| !number.wrong);
    usable.min_by_key(|number| (number.tries, number.position)).map_or(0, |number| number.position)
}

/// How the place of a number begins whose person was erased.
const TOMBSTONE: &str = "erased-";

/// What stands in the place of the number of a client who was erased. It is no number, and no two clients have the same.
#[must_use]
pub fn tombstone(client: ClientId) -> String {
    format!("{TOMBSTONE}{client}")
}

/// Whether a stored text is the place of a number that was erased.
#[must_use]
pub fn is_tombstone(text: &str) -> bool {
    text.starts_with(TOMBSTONE)
}

/// Hides the middle of a text that may hold a phone number: at most three leading and two trailing characters stay. Of a number
/// that was erased nothing is left to hide: `erased`.
#[must_use]
pub fn mask(text: &str) -> String {
    if is_tombstone(text) {
        return "erased".to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let (head, tail) = if characters.len() >= 8 { (3, 2) } else { (1, 0) };
    let last = characters.len().saturating_sub(tail);
    characters.iter().enumerate().map(|(at, c)| if at < head || at >= last { *c } else { '•' }).collect()
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_or_silent_number_gives_way_to_the_next() {
        let number = |position, wrong, tries| NumberTried { position, wrong, tries };
        assert_eq!(turn(&[number(0, false, 0), number(1, false, 0)]), 0);
        assert_eq!(turn(&[number(0, false, 1), number(1, false, 0)]), 1);
        assert_eq!(turn(&[number(0, false, 1), number(1, false, 1)]), 0);
        assert_eq!(turn(&[number(0, true, 0), number(1, false, 3)]), 1);
        assert_eq!(turn(&[number(0, true, 0)]), 0);
    }

    #[test]
    fn takes_only_the_international_form() {
        assert!(E164::parse("+33199001234").is_ok());
        for wrong in ["", "+", "33199001234", "+3319900", "+0331990012345", "+33 1 99 00 12 34", "+3319900123456789"] {
            assert_eq!(E164::parse(wrong), Err(NotE164), "{wrong}");
        }
    }

    #[test]
    fn never_shows_itself_in_full() {
        let phone = E164::parse("+33199001234").expect("well formed");
        assert_eq!(format!("{phone} {phone:?}"), "+33•••••••34 +33•••••••34");
        assert_eq!(mask("12345"), "1••••");
    }

    #[test]
    fn an_erased_number_is_told_from_every_number() {
        let erased = tombstone(ClientId(12));
        assert!(is_tombstone(&erased) && !is_tombstone("+33199001234"));
        assert_eq!((E164::parse(&erased), mask(&erased).as_str()), (Err(NotE164), "erased"));
    }
}
