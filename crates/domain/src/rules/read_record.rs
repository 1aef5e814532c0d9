//! Rules that are kept for the record: their figures are read strictly, and nothing decides by them.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::read_demand::period_or_forever;
use super::rule::{Demand, Figure, Record};
use super::words::{RuleKind, WindowType};
use crate::toml_file::{Entry, Section};

/// How a figure is written.
#[derive(Clone, Copy)]
enum Form {
    Flag,
    Number,
    Percent,
    Text,
    Texts,
    Period,
    WindowType,
}

/// Reads a rule of a kind that is kept for the record.
pub(super) fn record(section: &Section<'_>, kind: RuleKind) -> Demand {
    let read = |(key, form): &(&'static str, Form)| Some((*key, figure(&section.get(key)?, *form)?));
    let figures: BTreeMap<_, _> = keys(kind).iter().filter_map(read).collect();
    Demand::Record(Record { of: kind, figures })
}

/// The keys of a kind beyond those of every rule.
fn keys(kind: RuleKind) -> &'static [(&'static str, Form)] {
    match kind {
        RuleKind::Abandoned => &[
            ("max_pct", Form::Percent),
            ("window", Form::Period),
            ("window_type", Form::WindowType),
            ("scope", Form::Text),
            ("denominator", Form::Text),
            ("connect_within_s", Form::Number),
            ("message_required", Form::Flag),
        ],
        RuleKind::Ring => &[("min_ring_s", Form::Number), ("or_rings", Form::Number)],
        RuleKind::CallerId => &[
            ("must_present", Form::Flag),
            ("allowed_prefixes", Form::Texts),
            ("forbidden_prefixes", Form::Texts),
            ("also_allowed", Form::Text),
            ("number_owner", Form::Text),
            ("exemption", Form::Text),
            ("callback_available", Form::Period),
        ],
        RuleKind::Disclosure => &[("max_age", Form::Period), ("within_s", Form::Number)],
        RuleKind::InternalDnc => {
            &[("honour_within", Form::Text), ("any_reasonable_means", Form::Flag), ("duration", Form::Period)]
        }
        _ => &[],
    }
}

fn figure(entry: &Entry<'_>, form: Form) -> Option<Figure> {
    match form {
        Form::Flag => entry.flag().map(Figure::Flag),
        Form::Number => entry.number(0..=100_000).map(Figure::Number),
        Form::Percent => percent(entry),
        Form::Text => entry.words(2_000).map(Figure::Text),
        Form::Texts => Some(Figure::Texts(entry.texts(200))),
        Form::Period => {
            let period = period_or_forever(entry)?;
            Some(period.map_or_else(|| Figure::Text("forever".to_owned()), Figure::Period))
        }
        Form::WindowType => entry.word(WindowType::WORDS).map(Figure::Window),
    }
}

fn percent(entry: &Entry<'_>) -> Option<Figure> {
    let number = match entry.raw() {
        DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
        DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
        _ => None,
    };
    let Some(number) = number.filter(|number| (0.0..=100.0).contains(number)) else {
        entry.invalid("is not a share in per cent: write a number from 0 to 100, as in 3.0");
        return None;
    };
    Some(Figure::Decimal(number.to_string()))
}
