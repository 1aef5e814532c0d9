//! The words beside a number: what it is, and the extension behind it.

const EXTENSION_DIGITS_MAX: usize = 7;

/// Words beside a number that say what it is. `fax` is none of them: nobody is called on a fax.
const LABELS: [&str; 40] = [
    "tel",
    "tél",
    "telephone",
    "téléphone",
    "phone",
    "mob",
    "mobile",
    "portable",
    "port",
    "gsm",
    "cell",
    "handy",
    "bureau",
    "fixe",
    "domicile",
    "travail",
    "perso",
    "home",
    "work",
    "office",
    "büro",
    "privat",
    "telefon",
    "telefono",
    "teléfono",
    "num",
    "numero",
    "numéro",
    "n",
    "no",
    "тел",
    "телефон",
    "моб",
    "мобильный",
    "сот",
    "сотовый",
    "дом",
    "домашний",
    "раб",
    "рабочий",
];
/// Words between a number and its extension.
const EXTENSIONS: [&str; 14] = [
    "ext",
    "extn",
    "extension",
    "x",
    "poste",
    "interno",
    "ramal",
    "toestel",
    "wew",
    "доб",
    "добавочный",
    "внутр",
    "durchwahl",
    "dw",
];

/// A text without the words around it, and the digits of its extension.
pub(super) fn cut(text: &str) -> (&str, Option<&str>) {
    let text = without_labels(text);
    match at_extension(text) {
        Some((number, extension)) => (without_labels(number), Some(extension)),
        None => (text, None),
    }
}

/// Whether a text says nothing but what a number is, as `(bureau)` or a lone hyphen do.
pub(super) fn is_label(text: &str) -> bool {
    !without_labels(text).contains(char::is_alphanumeric)
}

/// Whether a text begins with an extension, as `poste 12` and `#5` do.
pub(super) fn is_extension_at_start(text: &str) -> bool {
    let text = text.trim_start();
    let after = match text.strip_prefix('#') {
        Some(after) => after,
        None => {
            let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
            let (word, after) = text.split_at(end);
            if !is_one_of(&EXTENSIONS, word) {
                return false;
            }
            after
        }
    };
    after.trim_start_matches([' ', '.', ':', '=']).starts_with(|c: char| c.is_ascii_digit())
}

/// Cuts words such as `Tél :` in front of the number and `(bureau)` behind it; never between its digits.
fn without_labels(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let shorter = without_label_in_front(rest).or_else(|| without_label_behind(rest));
        match shorter {
            Some(shorter) => rest = shorter.trim(),
            None => return rest,
        }
    }
}

fn without_label_in_front(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', '(']);
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    is_one_of(&LABELS, word).then(|| rest.trim_start_matches([' ', '.', ':', ')', '°', '-', '\n']))
}

fn without_label_behind(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([' ', ')', '.', ':']);
    let start = text.trim_end_matches(char::is_alphabetic).len();
    let (rest, word) = text.split_at_checked(start)?;
    is_one_of(&LABELS, word).then(|| rest.trim_end_matches([' ', '(', '-', ':', '.', '\n']))
}

/// Parts `poste 12`, `доб. 5`, `x5`, `#5`, `;ext=5` from the number before it.
fn at_extension(text: &str) -> Option<(&str, &str)> {
    let head = text.trim_end_matches([' ', ')']);
    let before = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = head.strip_prefix(before)?;
    if !(1..=EXTENSION_DIGITS_MAX).contains(&extension.len()) {
        return None;
    }
    let marker = before.trim_end_matches([' ', '.', ':', '=']);
    let number = match marker.strip_suffix('#') {
        Some(number) => number,
        None => {
            let (number, word) = marker.split_at(marker.trim_end_matches(char::is_alphabetic).len());
            is_one_of(&EXTENSIONS, word).then_some(number)?
        }
    };
    Some((number.trim_end_matches([' ', ',', ';', '/', '|', '(', '-', '\n']), extension))
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    !word.is_empty() && words.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_number_from_the_words_beside_it() {
        for (text, number, extension) in [
            ("Tél : 1", "1", None),
            ("1 (bureau)", "1", None),
            ("Tél. portable: 1 poste 12", "1", Some("12")),
            ("1 (ext 5)", "1", Some("5")),
            ("1 #5", "1", Some("5")),
            ("1;ext=7", "1", Some("7")),
            ("1, доб. 165", "1", Some("165")),
            ("1x12345678", "1x12345678", None),
            ("fax 1", "fax 1", None),
        ] {
            assert_eq!(cut(text), (number, extension), "{text}");
        }
    }

    #[test]
    fn tells_labels_and_extensions_from_numbers() {
        for label in ["bureau", "(bureau)", "Tél. portable :", " - ", ""] {
            assert!(is_label(label), "{label}");
        }
        assert!(!is_label("Dupont") && !is_label("12"));
        for extension in ["poste 12", " x5", "#5", "ext=7 / 0145678910"] {
            assert!(is_extension_at_start(extension), "{extension}");
        }
        assert!(!is_extension_at_start("0145678910 poste 12") && !is_extension_at_start("poste"));
    }
}
