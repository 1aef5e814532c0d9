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
    if tariff.price_in(definition.currency).is_none() {
        let (theirs, ours) = (tariff.price.currency, definition.currency);
        let message = format!(
            "the tariff is in {theirs} and campaign {:?} in {ours}, and no rate says how many {ours} a {theirs} is: write \
             rates = [{{ to = \"{ours}\", rate = \"0.92\", on = 2026-11-23 }}] with the rate and its day",
            definition.campaign
        );
        add(CURRENCY, "currency".into(), message);
    }
    let known: Vec<&str> = definition.features.iter().map(|feature| feature.code.as_str()).collect();
    for (code, value) in &tariff.features {
        let message = match (definition.feature(code).map(|feature| &feature.kind), value) {
            (Some(FeatureKind::Has), FeatureValue::Has(_)) => continue,
            (Some(FeatureKind::AtLeast(unit)), FeatureValue::Amount(_)) => match tariff.units.get(code) {
                Some(theirs) if theirs != unit => format!(
                    "{code:?} is in {theirs} and the campaign counts it in {unit}: what is counted in different units cannot be \
                     compared, so write the amount in {unit}"
                ),
                _ => continue,
            },
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

/// Every price is in the campaign's currency, or has a rate into it.
pub(super) fn tariff_currency(subject: &Subject<'_>) -> Vec<Problem> {
    of_check(subject, CURRENCY)
}

/// Every feature of a tariff is one of the campaign's, of the same kind and unit.
pub(super) fn tariff_features(subject: &Subject<'_>) -> Vec<Problem> {
    of_check(subject, FEATURES)
}

/// No tariff of the folder replaces itself, overlaps its successor from before, or is replaced by two.
pub(super) fn tariffs_follow(subject: &Subject<'_>) -> Vec<Problem> {
    let tariffs = subject.tariffs.iter().enumerate();
    tariffs
        .filter_map(|(index, (document, tariff))| {
            let older = tariff.replaces.as_deref()?;
            let twin = subject.tariffs[..index].iter().find(|(_, other)| other.replaces.as_deref() == Some(older));
            if let Some((_, twin)) = twin {
                let message =
                    format!("{older:?} is replaced by {:?} already: one tariff has one successor", twin.tariff);
                return Some(at(document, "replaces", message));
            }
            let older = subject.tariffs.iter().find(|(_, other)| other.tariff == older).map(|(_, older)| *older);
            Some(at(document, "replaces", cannot_follow(tariff, older)?))
        })
        .collect()
}

/// Why a tariff cannot take the place of an older one, if it cannot. `older` is absent where nobody knows it here.
#[must_use]
pub fn cannot_follow(tariff: &Tariff, older: Option<&Tariff>) -> Option<String> {
    if tariff.replaces.as_ref() == Some(&tariff.tariff) {
        return Some(format!(
            "{:?} cannot replace itself: name the older tariff, or take `replaces` out",
            tariff.tariff
        ));
    }
    let older = older?;
    if older.replaces.as_ref() == Some(&tariff.tariff) {
        return Some(format!("{:?} and {:?} replace each other: take one `replaces` out", tariff.tariff, older.tariff));
    }
    (tariff.valid_from <= older.valid_from).then(|| {
        format!(
            "{:?} begins on {}, and {:?}, which it replaces, on {}: the two overlap from the first day on, so let the successor begin \
             later",
            tariff.tariff, tariff.valid_from, older.tariff, older.valid_from
        )
    })
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
