//! The calling rules that the settings name: a site's own files, or those that the program brings along.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use relance_domain::campaign::Problem;
use relance_domain::rules::RuleSet;

use crate::settings::Settings;

/// The files cannot be used.
#[derive(Debug)]
struct Unusable(Vec<Problem>);

impl std::error::Error for Unusable {}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = self.0.len();
        write!(f, "the calling rules have {many} problem{}", if many == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// The calling rules in force. Where one of the two files is not named, the shipped one is read with the other.
pub(crate) fn read(settings: &Settings) -> Result<Arc<RuleSet>> {
    let (rules, holidays) = (settings.rules.value.as_deref(), settings.holidays.value.as_deref());
    let shipped = RuleSet::shipped();
    if rules.is_none() && holidays.is_none() {
        return Ok(shipped);
    }
    let [shipped_rules, shipped_holidays] = shipped.texts();
    let (rules_name, rules) = text("rules", rules, shipped_rules)?;
    let (holidays_name, holidays) = text("holidays", holidays, shipped_holidays)?;
    match RuleSet::compile((&rules_name, &rules), (&holidays_name, &holidays)) {
        Ok(set) => Ok(Arc::new(set)),
        Err(problems) => Err(Unusable(problems).into()),
    }
}

/// A file's name and text, or those of the shipped one.
fn text(setting: &str, file: Option<&Path>, shipped: &str) -> Result<(String, String)> {
    let Some(path) = file else { return Ok((format!("the shipped {setting}"), shipped.to_owned())) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {} of the setting {setting}", path.display()))?;
    Ok((path.display().to_string(), text))
}
