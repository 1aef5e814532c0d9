//! Values of fields in canonical text.

use jiff::civil::Date;

use crate::definition::FieldKind;
use crate::{Currency, E164, Money};

/// The longest text, in characters.
pub(super) const TEXT_MAX: usize = 1_000;

/// The canonical text of a value of this kind, or what would be right.
pub fn canonical(kind: &FieldKind, text: &str, currency: Currency) -> Result<String, String> {
    match kind {
        FieldKind::Text if text.chars().count() <= TEXT_MAX => Ok(text.to_owned()),
        FieldKind::Text => Err("is longer than 1,000 characters".to_owned()),
        FieldKind::Integer => text
            .parse::<i64>()
            .map(|n| n.to_string())
            .map_err(|_| "is not a whole number: write digits only".to_owned()),
        FieldKind::Money => Money::parse(text, currency).map(|money| money.amount()).map_err(|error| error.to_string()),
        FieldKind::Date => text
            .parse::<Date>()
            .map(|date| date.to_string())
            .map_err(|_| "is not a date: write year, month and day, as in 2026-11-23".to_owned()),
        FieldKind::YesNo => match text.to_lowercase().as_str() {
            "yes" | "true" => Ok("yes".to_owned()),
            "no" | "false" => Ok("no".to_owned()),
            _ => Err("is neither yes nor no".to_owned()),
        },
        FieldKind::Choice(choices) => choices
            .iter()
            .find(|choice| choice.to_lowercase() == text.to_lowercase())
            .cloned()
            .ok_or_else(|| format!("is not one of the choices: use {}", choices.join(", "))),
        FieldKind::Phone => phone(text),
        FieldKind::Email => email(text),
        FieldKind::Identity(forms) => identity(forms, text),
    }
}

fn phone(text: &str) -> Result<String, String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let number = E164::parse(&plain).map(|number| number.reveal().to_owned());
    number.map_err(|_| "is not a phone number in international form: write it as in +33 1 99 00 12 34".to_owned())
}

/// The shape of an address as RFC 5321 limits it; whether somebody reads it only a message can tell.
fn email(text: &str) -> Result<String, String> {
    let wrong = || "is not an e-mail address: write it as in anna@example.com".to_owned();
    let (local, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    let local_is_one = (1..=64).contains(&local.len())
        && !local.contains('@')
        && local.chars().all(|c| !c.is_whitespace() && !c.is_control());
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_is_one = domain.contains('.') && domain.len() <= 253 && domain.split('.').all(label);
    if local_is_one && domain_is_one { Ok(format!("{local}@{}", domain.to_lowercase())) } else { Err(wrong()) }
}

/// The value as the first form that it has writes it. In a form `9` stands for a digit, `A` for a letter, `X` for either, and
/// anything else for itself; what stands for itself may be left out, and letters may be small.
pub(super) fn identity(forms: &[String], text: &str) -> Result<String, String> {
    let in_form = |form: &String| {
        let mut given = text.chars().filter(|c| !c.is_whitespace()).peekable();
        let mut written = String::new();
        for wanted in form.chars() {
            let fits = |c: &char| match wanted {
                '9' => c.is_ascii_digit(),
                'A' => c.is_ascii_alphabetic(),
                'X' => c.is_ascii_alphanumeric(),
                _ => false,
            };
            if matches!(wanted, '9' | 'A' | 'X') {
                written.push(given.next_if(fits)?.to_ascii_uppercase());
            } else {
                given.next_if(|c| c.eq_ignore_ascii_case(&wanted));
                written.push(wanted);
            }
        }
        given.next().is_none().then_some(written)
    };
    forms.iter().find_map(in_form).ok_or_else(|| {
        format!("has none of the forms {} (9 stands for a digit, A for a letter, X for either)", forms.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own() {
        let eur = "EUR".parse().expect("a currency");
        let choice = FieldKind::Choice(vec!["Car".into(), "House".into()]);
        let identity = FieldKind::Identity(vec!["999-99-9999".into(), "AA99X".into()]);
        for (kind, text, wanted) in [
            (&FieldKind::Integer, "42", Some("42")),
            (&FieldKind::Integer, "4.2", None),
            (&FieldKind::Money, "12,5", Some("12.50")),
            (&FieldKind::Date, "2026-11-23", Some("2026-11-23")),
            (&FieldKind::Date, "23/11/2026", None),
            (&FieldKind::YesNo, "Yes", Some("yes")),
            (&FieldKind::YesNo, "perhaps", None),
            (&choice, "car", Some("Car")),
            (&choice, "boat", None),
            (&FieldKind::Phone, "+33 1 99 00 12 34", Some("+33199001234")),
            (&FieldKind::Phone, "01 99 00 12 34", None),
            (&FieldKind::Email, "Anna.B@Example.COM", Some("Anna.B@example.com")),
            (&FieldKind::Email, "anna@example", None),
            (&FieldKind::Email, "a b@example.com", None),
            (&FieldKind::Email, "a@b@example.com", None),
            (&FieldKind::Email, "@example.com", None),
            (&FieldKind::Email, "anna@-x.com", None),
            (&identity, "078051120", Some("078-05-1120")),
            (&identity, "078-05-1120", Some("078-05-1120")),
            (&identity, "078 05 1120", Some("078-05-1120")),
            (&identity, "fr12b", Some("FR12B")),
            (&identity, "078-05-11201", None),
            (&identity, "", None),
        ] {
            assert_eq!(canonical(kind, text, eur).ok().as_deref(), wanted, "{kind:?} {text}");
        }
    }
}
