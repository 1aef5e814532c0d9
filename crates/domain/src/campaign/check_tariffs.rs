//! Checks of whether tariffs and a campaign suit each other.

use super::check::{Subject, at};
use crate::definition::{Definition, FeatureKind, FeatureValue};
use crate::tariff::Tariff;
use crate::toml_file::{Problem, perhaps};

pub(super) const BELONG: &str = "tariffs-belong";
pub(super) const CURRENCY: &str = "tariff-currency";
pub(super) const FEATURES: &str = "tariff-features";

/// Why a tariff does not suit a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The name of the check that found it.
    pub check: &'static str,
    /// The key of the tariff file, as in `features.speed_mbps`.
    pub key: String,
    /// What was wrong and what would be right.
    pub message: String,
}

/// Everything that keeps a tariff from being offered by a campaign.
#[must_use]
pub fn misfits(tariff: &Tariff, definition: &Definition) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut add = |check, key: String, message| misfits.push(Misfit { check, key, message });
    if !tariff.campaigns.contains(&definition.campaign) {
        let message =
            format!("the tariff is for {} and not for {:?}", tariff.campaigns.join(", "), definition.campaign);
        add(BELONG, "campaigns".into(), format!("{message}: name the campaign, or take the file out of its folder"));
    }
    if tariff.price.currency != definition.currency {
        let (theirs, ours) = (tariff.price.currency, definition.currency);
        add(
            CURRENCY,
            "currency".into(),
            format!("the tariff is in {theirs} and campaign {:?} in {ours}", definition.campaign),
        );
    }
    let known: Vec<&str> = definition.features.iter().map(|feature| feature.code.as_str()).collect();
    for (code, value) in &tariff.features {
        let message = match (definition.feature(code).map(|feature| &feature.kind), value) {
            (Some(FeatureKind::Has), FeatureValue::Has(_))
            | (Some(FeatureKind::AtLeast(_)), FeatureValue::Amount(_)) => continue,
            (Some(FeatureKind::Has), FeatureValue::Amount(_)) => {
                format!("{code:?} is simply there or not: write {code} = true")
            }
            (Some(FeatureKind::AtLeast(unit)), FeatureValue::Has(_)) => {
                format!("{code:?} is an amount: write how many {unit}, as in {code} = 100")
            }
            (None, _) if known.is_empty() => format!("{code:?} is not declared: the campaign has no [[features]]"),
            (None, _) => {
                format!("{code:?} is no feature of the campaign{}: it has {}", perhaps(code, &known), known.join(", "))
            }
        };
        add(FEATURES, format!("features.{code}"), message);
    }
    misfits
}

/// Every tariff names this campaign.
pub(super) fn tariffs_belong(subject: &Subject<'_>) -> Vec<Problem> {
    of_check(subject, BELONG)
}

/// Every price is in the campaign's currency.
pub(super) fn tariff_currency(subject: &Subject<'_>) -> Vec<Problem> {
    of_check(subject, CURRENCY)
}

/// Every feature of a tariff is one of the campaign's, of the same kind.
pub(super) fn tariff_features(subject: &Subject<'_>) -> Vec<Problem> {
    of_check(subject, FEATURES)
}

fn of_check(subject: &Subject<'_>, check: &str) -> Vec<Problem> {
    let tariffs = subject.tariffs.iter();
    tariffs
        .flat_map(|(document, tariff)| {
            let misfits = misfits(tariff, subject.definition).into_iter().filter(|misfit| misfit.check == check);
            misfits.map(|misfit| at(document, &misfit.key, misfit.message))
        })
        .collect()
}

/// No tariff stands in two files.
pub(super) fn tariffs_unique(subject: &Subject<'_>) -> Vec<Problem> {
    let tariffs = subject.tariffs.iter().enumerate();
    tariffs
        .filter_map(|(index, (document, tariff))| {
            let (earlier, _) = subject.tariffs[..index].iter().find(|(_, other)| other.tariff == tariff.tariff)?;
            let message = format!(
                "{:?} stands in {} already: every tariff has a short name of its own",
                tariff.tariff, earlier.file
            );
            Some(at(document, "tariff", message))
        })
        .collect()
}
