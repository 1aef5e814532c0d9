//! The calling rules.

use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use relance_domain::ZoneName;
use relance_domain::rules::{Audience, DialMode, Purpose, Relationship, RuleKind};

use super::values;

/// `relance rules`
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Show which rules there are
    #[command(after_help = "Examples:
  relance rules list
  relance rules list --in FR
  relance rules list --in US-FL --kind hours
  relance rules list --unverified

--in shows what binds there: the place's own rules, those of what it lies in, and the product's defaults where neither has a rule of
the kind.")]
    List(RuleList),
    /// Show everything about one rule
    #[command(after_help = "Example:\n  relance rules show FR-HOURS")]
    Show(RuleShow),
    /// Ask whether a call may be made, and why
    #[command(after_help = "Examples:
  relance rules test --number +33199001234 --at 2026-11-24T13:00 --consent-on 2026-09-01
  relance rules test --number +33199001234 --relationship contract --tried-at 2026-11-20T18:00 --tried-at 2026-11-23T11:00
  relance rules test --number +19495550122 --country US --region CA --at 2026-11-24T20:30:00Z

The call is imagined: nothing is stored, and no database is opened. Suppressions, licences and a campaign's own limits are not looked at;
`relance why` looks at them. A time without zone is the person's local time.
Exits with 0 when the call may be made, and with 4 when it may not.")]
    Test(Box<RuleTest>),
}

/// `relance rules list`
#[derive(Debug, Args)]
pub(crate) struct RuleList {
    /// Those that bind in this jurisdiction, as in FR or US-FL
    #[arg(long = "in", value_name = "CODE")]
    pub(crate) jurisdiction: Option<String>,
    /// Of this kind
    #[arg(long, value_name = "KIND", value_parser = one_of(RuleKind::WORDS))]
    pub(crate) kind: Option<RuleKind>,
    /// Only those that nobody has verified
    #[arg(long)]
    pub(crate) unverified: bool,
}

/// `relance rules show`
#[derive(Debug, Args)]
pub(crate) struct RuleShow {
    /// The rule, as in FR-HOURS
    #[arg(value_name = "ID", value_parser = values::name)]
    pub(crate) rule: String,
}

/// `relance rules test`
#[derive(Debug, Args)]
pub(crate) struct RuleTest {
    /// The number, in international form or as written in --country
    #[arg(long, value_name = "PHONE", allow_hyphen_values = true)]
    pub(crate) number: String,
    /// The country of the postal address, as in FR
    #[arg(long, value_name = "CODE", help_heading = "Where the person is")]
    pub(crate) country: Option<String>,
    /// State or region of the postal address
    #[arg(long, help_heading = "Where the person is")]
    pub(crate) region: Option<String>,
    /// Postal code of the address, which may tell the time zone
    #[arg(long, help_heading = "Where the person is")]
    pub(crate) postcode: Option<String>,
    /// The person's time zone [default: found by address and number]
    #[arg(long, value_name = "ZONE", help_heading = "Where the person is")]
    pub(crate) time_zone: Option<ZoneName>,
    /// When the call would be made, as in 2026-11-24T13:00 or 2026-11-24T12:00:00Z [default: now]
    #[arg(long, value_name = "TIME", help_heading = "The call")]
    pub(crate) at: Option<String>,
    /// What for
    #[arg(long, default_value = "marketing", value_parser = one_of(Purpose::WORDS), help_heading = "The call")]
    pub(crate) purpose: Purpose,
    /// Whom: consumers or businesses
    #[arg(long, default_value = "b2c", value_parser = one_of(Audience::WORDS), help_heading = "The call")]
    pub(crate) audience: Audience,
    /// How it is dialled
    #[arg(long, default_value = "manual", value_parser = one_of(DialMode::WORDS), help_heading = "The call")]
    pub(crate) mode: DialMode,
    /// What is sold, in the word that bans use, as in home-energy
    #[arg(long, help_heading = "The call")]
    pub(crate) sector: Option<String>,
    /// What binds the person to the seller
    #[arg(long, default_value = "none", value_parser = one_of(Relationship::WORDS), help_heading = "What is known")]
    pub(crate) relationship: Relationship,
    /// The day on which the person consented; that they did can be shown
    #[arg(long, value_name = "DATE", value_parser = values::day, help_heading = "What is known")]
    pub(crate) consent_on: Option<Date>,
    /// The words that the person consented to are known
    #[arg(long, requires = "consent_on", help_heading = "What is known")]
    pub(crate) consent_wording: bool,
    /// The person said no, which is more than having said nothing
    #[arg(long, conflicts_with_all = ["consent_on", "hours_waiver"], help_heading = "What is known")]
    pub(crate) no_consent: bool,
    /// The person agreed to be called outside the permitted hours
    #[arg(long, requires = "consent_on", help_heading = "What is known")]
    pub(crate) hours_waiver: bool,
    /// So many tries were made, nobody knows when: they count as made just now
    #[arg(long, value_name = "NUMBER", conflicts_with = "tried_at", help_heading = "What is known")]
    pub(crate) tries: Option<u16>,
    /// A try was made then; may be given several times
    #[arg(long, value_name = "TIME", help_heading = "What is known")]
    pub(crate) tried_at: Vec<String>,
    /// The person refused an offer then
    #[arg(long, value_name = "TIME", help_heading = "What is known")]
    pub(crate) refused_at: Option<String>,
    /// The day of a register's file, as in tps=2026-11-01; may be given several times [default: the day of the call]
    #[arg(long, value_name = "NAME=DATE", value_parser = register, help_heading = "What is known")]
    pub(crate) register: Vec<(String, Date)>,
}

/// One of a closed list of words.
fn one_of<T: Copy + Send + Sync + 'static>(words: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    let names = PossibleValuesParser::new(words.iter().map(|(word, _)| *word));
    names.try_map(|given| {
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, meant)| *meant);
        found.ok_or_else(|| format!("{given:?} is none of these words"))
    })
}

/// A register and the day of its file.
fn register(text: &str) -> Result<(String, Date), String> {
    match text.split_once('=').map(|(name, day)| (name.trim(), Date::from_str(day))) {
        Some((name, Ok(day))) if !name.is_empty() => Ok((name.to_owned(), day)),
        _ => Err(format!("{text:?} is not a register with the day of its file: write NAME=DATE, as in tps=2026-11-01")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_registers() {
        assert_eq!(register("tps=2026-11-01"), Ok(("tps".to_owned(), jiff::civil::date(2026, 11, 1))));
        assert!(register("tps").is_err() && register("=2026-11-01").is_err() && register("tps=soon").is_err());
    }
}
