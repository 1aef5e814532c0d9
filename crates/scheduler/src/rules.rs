//! The calling rules as people read them: which there are, and what one says.

mod in_words;
mod times;
mod trial;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use relance_domain::rules::{Audience, Basis, DialMode, EVERYWHERE, Evidence, Purpose, Rule, RuleKind, RuleSet};
use relance_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

pub(crate) use trial::unknown_sector;
pub use trial::{CallToTest, LocalTime, RuleApplied, TestedCall, ZoneFrom};

/// Which rules are wanted. Everything that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RulesWanted {
    /// Those that bind in the jurisdiction of this code: its own, those of what it lies in, and the product's defaults where
    /// neither has a rule of the kind.
    pub jurisdiction: Option<String>,
    /// Of this kind.
    pub kind: Option<RuleKind>,
    /// Only those that nobody has verified.
    pub unverified: bool,
}

/// Rules, and the pack that they stand in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleList {
    /// The pack as a whole.
    pub pack: RulePack,
    /// The rules that were asked for, in the order of the file.
    pub rules: Vec<RuleShown>,
}

/// A pack of calling rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RulePack {
    /// Its name.
    #[schema(example = "relance")]
    pub name: String,
    /// The day of its edition.
    #[schema(value_type = String, format = Date)]
    pub edition: Date,
    /// 16 hexadecimal digits that change whenever its meaning does; every decision keeps them.
    pub version: String,
    /// How many rules it has.
    pub rules: usize,
    /// How many of them nobody has verified.
    pub unverified: usize,
    /// The last year whose holidays it knows.
    pub holidays_until: Option<i16>,
    /// A warning when the known holidays end soon.
    pub warning: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleShown {
    /// Its name in every decision.
    #[schema(example = "FR-HOURS")]
    pub id: String,
    /// The code of its jurisdiction; `*` for a default that holds where nothing else does.
    #[serde(rename = "in")]
    #[schema(example = "FR")]
    pub jurisdiction: String,
    /// The jurisdiction's name.
    pub jurisdiction_name: String,
    /// What it is about.
    pub kind: RuleKind,
    /// Whether hand-outs are decided by it; otherwise it is kept for the record.
    pub decides: bool,
    /// What it demands, one sentence or fragment each.
    pub demands: Vec<String>,
    /// What it rests on.
    pub basis: Basis,
    /// Whom calls go to that it binds.
    pub audience: Audience,
    /// What calls are for that it binds.
    pub purpose: Purpose,
    /// How calls are dialled that it binds.
    pub mode: DialMode,
    /// The first local day on which it binds; absent when it always did.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// The last local day on which it binds; absent while nobody knows of one.
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
    /// Where it was read.
    pub source: String,
    /// The address of the source.
    pub source_url: Option<String>,
    /// How well it was read.
    pub evidence: Evidence,
    /// Whether a source that settles it was read.
    pub verified: bool,
    /// What it does not encode.
    pub note: Option<String>,
    /// Where sources disagree.
    pub conflict: Option<String>,
    /// Its figures as the file writes them, by key.
    #[schema(value_type = Object)]
    pub figures: serde_json::Value,
}

impl Engine {
    /// The calling rules that are wanted. A jurisdiction that is unknown is refused.
    pub fn rules_shown(&self, wanted: &RulesWanted) -> Result<RuleList> {
        let set = self.rules();
        let mut rules: Vec<&Rule> = match wanted.jurisdiction.as_deref() {
            None => set.rules().iter().collect(),
            Some(code) => binding_in(set, code)?,
        };
        rules
            .retain(|rule| wanted.kind.is_none_or(|kind| rule.kind() == kind) && !(wanted.unverified && rule.verified));
        Ok(RuleList { pack: self.rule_pack(), rules: rules.into_iter().map(|rule| shown(set, rule)).collect() })
    }

    /// One calling rule.
    pub fn rule_shown(&self, id: &str) -> Result<RuleShown> {
        let rule = self.rules().rule(id).ok_or_else(|| Error::from(StoreError::not_found("calling rule", id)))?;
        Ok(shown(self.rules(), rule))
    }

    /// The pack that the engine is held to.
    #[must_use]
    pub fn rule_pack(&self) -> RulePack {
        RulePack::of(self.rules(), TimeZone::UTC.to_datetime(self.now()).date())
    }
}

impl RulePack {
    /// What is to be told of a set of rules on a day.
    #[must_use]
    pub fn of(set: &RuleSet, today: Date) -> Self {
        Self {
            name: set.name().to_owned(),
            edition: set.edition(),
            version: set.version().to_owned(),
            rules: set.rules().len(),
            unverified: set.rules().iter().filter(|rule| !rule.verified).count(),
            holidays_until: set.holidays_end(),
            warning: set.warn_holidays_near(today),
        }
    }
}

/// The rules that bind in a jurisdiction on whatever day.
fn binding_in<'s>(set: &'s RuleSet, code: &str) -> Result<Vec<&'s Rule>> {
    let code = code.trim().to_ascii_uppercase();
    if code == EVERYWHERE {
        return Ok(set.rules().iter().filter(|rule| rule.jurisdiction == EVERYWHERE).collect());
    }
    let jurisdictions = set.jurisdiction(&code);
    if jurisdictions.is_empty() {
        let known: Vec<&str> = set.jurisdictions().iter().map(|known| known.code.as_str()).collect();
        let message = format!("is {code:?}, which the calling rules do not know: there are {}", known.join(", "));
        return Err(Error::field("the question", "in", message));
    }
    let is_of = |rule: &&Rule| jurisdictions.iter().any(|found| found.code == rule.jurisdiction);
    let spoken: Vec<RuleKind> = set.rules().iter().filter(is_of).map(Rule::kind).collect();
    let is_needed = |rule: &&Rule| rule.jurisdiction == EVERYWHERE && !spoken.contains(&rule.kind());
    Ok(set.rules().iter().filter(|rule| is_of(rule) || is_needed(rule)).collect())
}

fn shown(set: &RuleSet, rule: &Rule) -> RuleShown {
    let place = set.jurisdiction(&rule.jurisdiction);
    RuleShown {
        id: rule.id.clone(),
        jurisdiction: rule.jurisdiction.clone(),
        jurisdiction_name: place.first().map_or_else(|| "every place".to_owned(), |place| place.name.clone()),
        kind: rule.kind(),
        decides: in_words::decides(rule),
        demands: in_words::demands(rule),
        basis: rule.basis,
        audience: rule.audience,
        purpose: rule.purpose,
        mode: rule.mode,
        from: rule.from,
        to: rule.to,
        source: rule.source.clone(),
        source_url: rule.source_url.clone(),
        evidence: rule.evidence,
        verified: rule.verified,
        note: rule.note.clone(),
        conflict: rule.conflict.clone(),
        // A demand is numbers and words under keys that are text.
        figures: serde_json::to_value(&rule.demand).unwrap_or_default(),
    }
}
