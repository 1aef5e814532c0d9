//! What decided: definitions, rules, tariffs, and what was in force when.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::TOGETHER;
use super::found::{Findings, Promise};
use super::record::VersionOfTariff;
use crate::Span;
use crate::campaign::state::CampaignState;
use crate::definition::Definition;
use crate::eligibility::Law;
use crate::rules::RuleSet;
use crate::tariff::{Tariff, TariffState};

/// The books as they are stored.
#[derive(Debug, Clone, Default)]
pub struct BooksAsStored {
    /// Every version of every campaign's definition.
    pub definitions: Vec<StoredDefinition>,
    /// Every set of rules that decided.
    pub rules: Vec<StoredRules>,
    /// Every state and version that campaigns had, by key.
    pub changes: Vec<CampaignChange>,
    /// The files of registers that counted, by register and instant.
    pub register_files: Vec<RegisterFile>,
    /// Every version of every tariff.
    pub tariffs: Vec<StoredTariff>,
    /// When a list was last taken back, with whatever it had changed.
    pub undone_at_ms: Option<i64>,
}

/// A version of a campaign's definition.
#[derive(Debug, Clone)]
pub struct StoredDefinition {
    /// The campaign.
    pub campaign: i64,
    /// The version.
    pub version: i64,
    /// The definition, as JSON.
    pub definition: String,
    /// When it was applied.
    pub applied_at_ms: i64,
}

/// A set of calling rules.
#[derive(Debug, Clone)]
pub struct StoredRules {
    /// The version that decisions name.
    pub version: String,
    /// The pack.
    pub pack: String,
    /// The holidays.
    pub holidays: String,
}

/// A state and a version that a campaign had.
#[derive(Debug, Clone)]
pub struct CampaignChange {
    /// The campaign.
    pub campaign: i64,
    /// The state.
    pub state: String,
    /// The version.
    pub version: i64,
    /// Hand-outs with a higher key came after.
    pub after_assignment: i64,
}

/// A file of a register that counted.
#[derive(Debug, Clone)]
pub struct RegisterFile {
    /// The register.
    pub register: i64,
    /// Its short name.
    pub name: String,
    /// Only for this seller.
    pub seller: Option<String>,
    /// Only for this campaign.
    pub campaign: Option<i64>,
    /// Which file.
    pub generation: i64,
    /// Its day.
    pub as_of: String,
    /// From when on it counted.
    pub counts_from_ms: i64,
}

/// A version of a tariff.
#[derive(Debug, Clone)]
pub struct StoredTariff {
    /// The tariff's key.
    pub id: i64,
    /// The version.
    pub version: i64,
    /// Where the tariff stands.
    pub state: String,
    /// The tariff, as JSON.
    pub definition: String,
    /// What it is said to have cost, in minor units of its currency; none where the version was never offered.
    pub price_minor: Option<i64>,
    /// Since when the version was offered.
    pub published_at_ms: Option<i64>,
    /// Until when.
    pub retired_at_ms: Option<i64>,
}

/// The same, read once.
#[derive(Debug)]
pub struct Books {
    definitions: HashMap<(i64, i64), Arc<Definition>>,
    /// Those of before dispositions said what they count as.
    uncounted: HashSet<(i64, i64)>,
    /// By campaign: the versions with the instant from which each was the present one, the latest last.
    applied: HashMap<i64, Vec<(i64, i64)>>,
    rules: HashMap<String, Arc<RuleSet>>,
    laws: HashMap<(i64, i64, String), Law>,
    /// By campaign: how long a cap or a cool-down of any law that bound it can hold somebody back; none where one has no end.
    longest_waits: HashMap<i64, Option<Span>>,
    /// The last instant known at which other rules come into force.
    rules_change_at: Timestamp,
    changes: HashMap<i64, Vec<(i64, Option<CampaignState>, i64)>>,
    pub(super) register_files: Vec<(RegisterFile, Date)>,
    pub(super) tariffs: HashMap<VersionOfTariff, OfferedTariff>,
    /// Those that cannot be read, each of which is a violation of its own.
    pub(super) unreadable_tariffs: HashSet<VersionOfTariff>,
    as_of: Timestamp,
    undone_at_ms: Option<i64>,
}

/// A tariff that was read.
#[derive(Debug)]
pub(super) struct OfferedTariff {
    pub(super) tariff: Tariff,
    pub(super) state: Option<TariffState>,
    pub(super) published_at_ms: Option<i64>,
    pub(super) retired_at_ms: Option<i64>,
}

/// Where a campaign stood at a hand-out.
pub(super) enum Standing {
    /// Nothing kept it.
    NotKept,
    /// In this state, with this version; no state where the stored word is none.
    Kept(Option<CampaignState>, i64),
}

impl Books {
    /// Reads the books, as of when they are judged; what cannot be read is among the findings.
    #[must_use]
    pub fn open(stored: BooksAsStored, as_of: Timestamp) -> (Self, Findings) {
        let mut found = Findings::default();
        let mut books = Self {
            definitions: HashMap::new(),
            uncounted: HashSet::new(),
            applied: HashMap::new(),
            rules: rules(stored.rules),
            laws: HashMap::new(),
            longest_waits: HashMap::new(),
            rules_change_at: Timestamp::MIN,
            changes: HashMap::new(),
            register_files: Vec::new(),
            tariffs: HashMap::new(),
            unreadable_tariffs: HashSet::new(),
            as_of,
            undone_at_ms: stored.undone_at_ms,
        };
        for of in stored.definitions {
            books.take_definition(&of, &mut found);
        }
        for change in stored.changes {
            let state = word(&change.state);
            books.changes.entry(change.campaign).or_default().push((change.after_assignment, state, change.version));
        }
        for file in stored.register_files {
            match file.as_of.parse() {
                Ok(day) => books.register_files.push((file, day)),
                Err(_) => found.violation(
                    Promise::P4,
                    "register_file",
                    file.register,
                    format!("the day of file {} cannot be read", file.generation),
                ),
            }
        }
        for tariff in stored.tariffs {
            books.take_tariff(tariff, &mut found);
        }
        (books, found)
    }

    fn take_definition(&mut self, of: &StoredDefinition, found: &mut Findings) {
        let Ok(definition) = serde_json::from_str::<Definition>(&of.definition) else {
            let what = format!("version {} of the campaign's definition cannot be read", of.version);
            return found.violation(Promise::P5, "campaign_version", of.campaign, what);
        };
        let shipped = [(String::new(), RuleSet::shipped())];
        let known = self.rules.iter().map(|(version, rules)| (version.clone(), Arc::clone(rules)));
        for (version, rules) in known.chain(shipped) {
            let law = Law::of(&definition, &rules);
            // A campaign for demonstration is held to no set, and every other one to the set that the decision names.
            if law.version() == version {
                let wait = longest_wait(&law);
                let change = law.last_change().and_then(|day| TimeZone::UTC.to_timestamp(day.into()).ok());
                self.rules_change_at = self.rules_change_at.max(change.unwrap_or(Timestamp::MIN));
                let longest = self.longest_waits.entry(of.campaign).or_insert(Some(Span::ZERO));
                *longest = longest.and_then(|longest| Some(longest.max(wait?)));
                self.laws.insert((of.campaign, of.version, version), law);
            }
        }
        if !of.definition.contains("\"counts_as\"") {
            self.uncounted.insert((of.campaign, of.version));
        }
        self.applied.entry(of.campaign).or_default().push((of.applied_at_ms, of.version));
        self.definitions.insert((of.campaign, of.version), Arc::new(definition));
    }

    fn take_tariff(&mut self, of: StoredTariff, found: &mut Findings) {
        let StoredTariff { id, version, state, definition, price_minor, published_at_ms, retired_at_ms } = of;
        match serde_json::from_str::<Tariff>(&definition) {
            Ok(tariff) => {
                if price_minor.is_some_and(|minor| minor != tariff.price.minor) {
                    found.violation(
                        Promise::P7,
                        "tariff",
                        id,
                        "a version of it did not cost what is kept as its price",
                    );
                }
                let state = word(&state);
                let offered = OfferedTariff { tariff, state, published_at_ms, retired_at_ms };
                self.tariffs.insert((id, version), offered);
            }
            Err(_) => {
                self.unreadable_tariffs.insert((id, version));
                found.violation(Promise::P7, "tariff", id, "what it offers cannot be read");
            }
        }
    }

    pub(super) fn definition(&self, campaign: i64, version: i64) -> Option<&Arc<Definition>> {
        self.definitions.get(&(campaign, version))
    }

    /// The short name of a campaign, which every version of it has.
    pub(super) fn campaign_name(&self, campaign: i64) -> Option<&str> {
        let (_, version) = self.applied.get(&campaign)?.first()?;
        Some(&self.definition(campaign, *version)?.campaign)
    }

    /// Whether a definition says what its dispositions count as; without it, their class did.
    pub(super) fn says_what_counts(&self, campaign: i64, version: i64) -> bool {
        !self.uncounted.contains(&(campaign, version))
    }

    /// What a campaign's calls were held to under a set of rules; the set of no name for a demonstration.
    pub(super) fn law(&self, campaign: i64, version: i64, rules: &str) -> Option<&Law> {
        self.laws.get(&(campaign, version, rules.to_owned()))
    }

    /// Definitions that were the present one at an instant, or may have been: the one before it, and those applied until `later`.
    pub(super) fn definitions_between(&self, campaign: i64, earlier: i64, later: i64) -> Vec<&Arc<Definition>> {
        let Some(applied) = self.applied.get(&campaign) else { return Vec::new() };
        let first = applied.iter().rposition(|(at, _)| *at <= earlier).unwrap_or(0);
        let may_be = applied[first..].iter().enumerate().filter(|(place, (at, _))| *place == 0 || *at <= later);
        may_be.filter_map(|(_, (_, version))| self.definition(campaign, *version)).collect()
    }

    /// Whether the last day of a licence may be over anywhere.
    pub(super) fn may_be_over(&self, last: Date) -> bool {
        let latest = Span::days(1).after(self.as_of);
        TimeZone::UTC.to_datetime(latest).date() > last
    }

    /// Until when a call that was promised for an instant may have been put off by the rules of its campaign: until other rules are in
    /// force, then by a cap and a cool-down, and a year of closed days. None where one of them has no end.
    pub(super) fn put_off_until(&self, campaign: i64, promised_for: Timestamp) -> Option<Timestamp> {
        let latest = promised_for.max(self.as_of).max(self.rules_change_at);
        let waits = self.longest_waits.get(&campaign).copied()?;
        waits.map(|wait| Span::days(366).after(wait.after(wait.after(latest))))
    }

    /// A list was taken back at an instant or later, with whatever it had changed.
    pub(super) fn undone_since(&self, at_ms: i64) -> bool {
        self.undone_at_ms.is_some_and(|undone| undone.saturating_add(TOGETHER.seconds() * 1_000) >= at_ms)
    }

    /// Where a campaign stood when an assignment was made.
    pub(super) fn standing(&self, campaign: i64, assignment: i64) -> Standing {
        let changes = self.changes.get(&campaign).map_or(&[][..], Vec::as_slice);
        let before = changes.iter().rfind(|(after, ..)| *after < assignment);
        before.map_or(Standing::NotKept, |(_, state, version)| Standing::Kept(*state, *version))
    }
}

/// How long a cap or a cool-down of a law can hold somebody back.
fn longest_wait(law: &Law) -> Option<Span> {
    let now = Timestamp::UNIX_EPOCH;
    let since = law.holds_back_from(now);
    (since > Timestamp::MIN).then(|| Span::of_seconds(now.as_second() - since.as_second()))
}

/// The sets that are what they say. One whose texts were changed has another version, so that no decision finds it.
fn rules(stored: Vec<StoredRules>) -> HashMap<String, Arc<RuleSet>> {
    let shipped = RuleSet::shipped();
    let read = stored.into_iter().filter_map(|of| {
        if of.version == shipped.version() && shipped.texts() == [of.pack.as_str(), of.holidays.as_str()] {
            return Some((of.version, Arc::clone(&shipped)));
        }
        let set = RuleSet::compile(("rule_set", &of.pack), ("rule_set", &of.holidays)).ok()?;
        (set.version() == of.version).then(|| (of.version, Arc::new(set)))
    });
    read.collect()
}

/// A value whose JSON form is one word.
pub(super) fn word<T: serde::de::DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}
