//! Amounts and whole numbers, as people of many countries write them.

use relance_domain::{Currency, Money};

/// What stands before the decimals in the amounts of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    /// Its cells do not say.
    Unknown,
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

/// Signs and short forms of a currency beside its code, in lower case, the longer first.
fn signs(code: &str) -> &'static [&'static str] {
    match code {
        "EUR" => &["euros", "euro", "€"],
        "USD" => &["us$", "$"],
        "CAD" => &["ca$", "c$", "$"],
        "AUD" => &["au$", "a$", "$"],
        "GBP" => &["£"],
        "RUB" => &["руб.", "руб", "р.", "р", "₽"],
        "CHF" => &["fr.", "fr"],
        "PLN" => &["zł"],
        "UAH" => &["грн.", "грн", "₴"],
        "KZT" => &["тг", "₸"],
        "BRL" => &["r$"],
        "INR" => &["₹"],
        "TRY" => &["₺"],
        "JPY" | "CNY" => &["¥"],
        "KRW" => &["₩"],
        "SEK" | "NOK" | "DKK" => &["kr.", "kr"],
        "CZK" => &["kč"],
        "HUF" => &["ft"],
        _ => &[],
    }
}

/// A number cut at its separators: digits alone are left.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    whole: String,
    fraction: String,
    /// What stands before the decimals; `None` where nothing shows it.
    mark: Option<char>,
    /// Three digits behind the only separator, as in `1,234`: thousands or decimals.
    unclear: bool,
}

pub(super) fn money(cell: &str, currency: Currency, mark: DecimalMark) -> Result<String, String> {
    let wrong = || {
        let (decimals, example) =
            if currency.decimals() == 0 { ("no", "25") } else { ("a dot or comma before the", "24.99") };
        format!("is not an amount in {currency}: write digits and {decimals} decimals, as in {example}")
    };
    let (negative, digits) = without_currency(cell, currency);
    let mut cut = cut(&digits).ok_or_else(wrong)?;
    if cut.unclear {
        let is_thousands = match (mark, cut.mark) {
            // A currency without decimals has nothing but thousands.
            _ if currency.decimals() == 0 => true,
            (DecimalMark::Unknown, _) => {
                return Err(
                    "has three digits behind its only separator, which may be thousands or decimals: write it \
                            without the separator, or with decimals, as in 1234.00"
                        .to_owned(),
                );
            }
            (DecimalMark::Comma, mark) => mark == Some('.'),
            (DecimalMark::Point, mark) => mark == Some(','),
        };
        if is_thousands {
            cut.whole.push_str(&std::mem::take(&mut cut.fraction));
        }
    }
    let Cut { whole, fraction, .. } = cut;
    let sign = if negative { "-" } else { "" };
    let plain = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    Money::parse_decimal(&plain, currency).map(|money| money.amount()).map_err(|_| wrong())
}

/// What a cell tells of its column: which sign stands before the decimals.
pub(crate) fn mark_in(cell: &str, currency: Currency) -> (DecimalMark, bool) {
    let Some(cut) = cut(&without_currency(cell, currency).1) else { return (DecimalMark::Unknown, false) };
    let mark = match cut.mark {
        Some(',') if !cut.unclear => DecimalMark::Comma,
        Some('.') if !cut.unclear => DecimalMark::Point,
        _ => DecimalMark::Unknown,
    };
    (mark, cut.unclear)
}

/// Whether a cell is a number, an amount or a count.
pub(crate) fn is_number(cell: &str, currency: Currency) -> bool {
    cell.len() <= 40 && cut(&without_currency(cell, currency).1).is_some()
}

/// A whole number, its thousands apart by space or apostrophe. A fraction of zeros, which data tools put behind whole
/// numbers, is cut where it cannot be thousands.
pub(super) fn integer(cell: &str) -> Result<String, String> {
    let wrong = || "is not a whole number: write digits, as in 12".to_owned();
    let text = plain_signs(cell);
    let (negative, digits) = text.trim().strip_prefix('-').map_or((false, text.trim()), |rest| (true, rest));
    let whole = digits.strip_suffix(".00").or_else(|| digits.strip_suffix(".0")).unwrap_or(digits);
    let whole = ungrouped(whole, &[' ', '\'']).ok_or_else(wrong)?;
    let number: i64 = format!("{}{whole}", if negative { "-" } else { "" }).parse().map_err(|_| wrong())?;
    Ok(number.to_string())
}

/// The number without its minus and the currency, and whether there was a minus.
fn without_currency(cell: &str, currency: Currency) -> (bool, String) {
    let text = plain_signs(cell);
    let code = currency.code().to_ascii_lowercase();
    let mut rest = text.trim();
    let mut negative = false;
    // The minus stands before or behind the sign of the currency.
    for _ in 0..2 {
        if let (false, Some(behind)) = (negative, rest.strip_prefix('-')) {
            (negative, rest) = (true, behind.trim_start());
        }
        let signs = std::iter::once(code.as_str()).chain(signs(currency.code()).iter().copied());
        for sign in signs {
            if let Some(cut) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                rest = cut.trim();
                break;
            }
        }
    }
    (negative, rest.to_owned())
}

fn plain_signs(cell: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_whitespace() => ' ',
        '’' | 'ʼ' | '`' => '\'',
        '−' => '-',
        c => c,
    };
    cell.chars().map(plain).flat_map(char::to_lowercase).collect()
}

fn cut(number: &str) -> Option<Cut> {
    let count = |wanted: char| number.chars().filter(|c| *c == wanted).count();
    let whole_only = |mark| {
        let whole = ungrouped(number, &[' ', '\'', '.', ','])?;
        Some(Cut { whole, fraction: String::new(), mark, unclear: false })
    };
    let mark = match (count('.'), count(',')) {
        (0, 0) => return whole_only(None),
        (0, 2..) => return whole_only(Some('.')),
        (2.., 0) => return whole_only(Some(',')),
        (1, 0) => '.',
        (0, 1) => ',',
        (points, commas) => {
            let last = number.chars().rfind(|c| matches!(c, '.' | ','))?;
            // `1.234,567,890` is neither.
            if (last == '.' && points > 1) || (last == ',' && commas > 1) {
                return None;
            }
            last
        }
    };
    let (before, fraction) = number.rsplit_once(mark)?;
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = ungrouped(before, &[' ', '\'', if mark == '.' { ',' } else { '.' }])?;
    // No separator, no more than three digits and no zero before it: all of that would show decimals.
    let is_group = before.len() <= 3 && !before.starts_with('0');
    Some(Cut { whole, unclear: fraction.len() == 3 && is_group, fraction: fraction.to_owned(), mark: Some(mark) })
}

/// The digits of a whole number whose thousands are apart by one sign, the same throughout.
fn ungrouped(whole: &str, separators: &[char]) -> Option<String> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return (!whole.is_empty()).then(|| whole.to_owned());
    };
    if !separators.contains(&separator) {
        return None;
    }
    let mut groups = whole.split(separator);
    let is_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let head = groups.next().filter(|head| (1..=3).contains(&head.len()) && is_digits(head))?;
    let mut digits = head.to_owned();
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}
