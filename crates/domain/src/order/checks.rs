//! What must hold between the fields of a form.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Occasion, at, canonical};
use crate::Currency;
use crate::Money;
use crate::definition::{CheckRule, Definition, FieldKind, Operand, OrderCheck, OrderField};
use crate::outcome::FieldProblem;

/// Every check that does not hold. One whose field is at fault already, or not asked with this tariff, is not looked at.
pub(super) fn broken(
    fields: &BTreeMap<String, String>,
    faulty: &BTreeSet<&str>,
    definition: &Definition,
    occasion: Occasion<'_>,
) -> Vec<FieldProblem> {
    let declared = |name: &str| definition.order_form.iter().find(|field| field.name == name);
    let problem = |check: &OrderCheck| {
        let field = declared(&check.field).filter(|field| occasion.has(field.only_for.as_ref()))?;
        if faulty.contains(check.field.as_str()) {
            return None;
        }
        let said = fault(check, field, fields, definition.currency, occasion.today)?;
        Some(FieldProblem::new(at(&check.field), check.says.clone().unwrap_or(said)))
    };
    definition.order.checks.iter().filter_map(problem).collect()
}

/// Why a check does not hold, if it does not.
fn fault(
    check: &OrderCheck,
    field: &OrderField,
    fields: &BTreeMap<String, String>,
    currency: Currency,
    today: Date,
) -> Option<String> {
    let given = fields.get(&check.field);
    if let CheckRule::RequiredWhen { field: other, is } = &check.rule {
        let other_value = fields.get(other)?;
        let applies = is.as_ref().is_none_or(|is| is.to_lowercase() == other_value.to_lowercase());
        let when = is.as_ref().map_or_else(|| "is given".to_owned(), |is| format!("is {is}"));
        return (applies && given.is_none())
            .then(|| format!("is missing: {} must be filled in when `{other}` {when}", field.label));
    }
    let operand = check.rule.operand()?;
    let left = Comparable::of(&field.kind, given?, currency)?;
    let right = match operand {
        Operand::Field(name) => Comparable::of(&field.kind, fields.get(name)?, currency)?,
        Operand::Value(text) => Comparable::of(&field.kind, &canonical(&field.kind, text, currency).ok()?, currency)?,
        Operand::Today { days, years_before } => Comparable::Day(
            today.saturating_sub(i64::from(*years_before).years()).saturating_add(i64::from(*days).days()),
        ),
    };
    let (holds, must) = match &check.rule {
        CheckRule::Before(_) => (left < right, "before"),
        CheckRule::After(_) => (left > right, "after"),
        CheckRule::AtLeast(_) => (left >= right, "at least"),
        CheckRule::AtMost(_) => (left <= right, "at most"),
        CheckRule::Equals(_) => (left == right, "the same as"),
        CheckRule::DiffersFrom(_) | CheckRule::RequiredWhen { .. } => (left != right, "different from"),
    };
    (!holds).then(|| format!("must be {must} {operand}"))
}

/// A value that can be compared with others of its kind.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Comparable {
    Number(i64),
    Day(Date),
    Text(String),
}

impl Comparable {
    /// A canonical value; none where it is no value of the kind.
    fn of(kind: &FieldKind, text: &str, currency: Currency) -> Option<Self> {
        Some(match kind {
            FieldKind::Integer => Self::Number(text.parse().ok()?),
            FieldKind::Money => Self::Number(Money::parse(text, currency).ok()?.minor),
            FieldKind::Date => Self::Day(text.parse().ok()?),
            _ => Self::Text(text.to_lowercase()),
        })
    }
}

/// How values of a kind can be compared: with an order, or for being the same only.
pub(crate) fn comparable(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Date => "a date",
        FieldKind::Integer => "a number",
        FieldKind::Money => "an amount",
        _ => "a text",
    }
}
