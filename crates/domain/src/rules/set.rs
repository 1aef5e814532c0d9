//! The rules of a pack, compiled once and never changed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use serde::Serialize;

use super::holidays::Holidays;
use super::period::Period;
use super::place::Place;
use super::rule::{CallKind, Demand, EVERYWHERE, Rule};
use super::{fingerprint, read};
use crate::toml_file::Problem;

/// A country, a part of one, or a union of several, and what lies in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jurisdiction {
    /// Its code: ISO 3166-1 alpha-2, ISO 3166-2, or that of a union.
    pub code: String,
    /// The name people read.
    pub name: String,
    /// The jurisdiction that it lies in, whose rules bind here too.
    pub parent: Option<String>,
    /// Prefixes of the numbers that lie in it.
    pub numbers: Vec<String>,
    /// Codes of the countries whose addresses lie in it.
    pub countries: Vec<String>,
    /// Names and codes of the regions of its one country that lie in it; empty for the whole country.
    pub regions: Vec<String>,
    /// Names and codes of the other regions of the country, which have no rules of their own. Where they are named, a region
    /// that is neither one of them nor of a part of the country is one that nobody knows.
    pub other_regions: Vec<String>,
    /// When somebody last looked at its rules.
    pub reviewed: Date,
    /// What nobody has looked for yet.
    pub gaps: Option<String>,
}

/// What the files say, before it is indexed.
#[derive(Debug, Serialize)]
pub(super) struct Pack {
    pub(super) name: String,
    pub(super) edition: Date,
    pub(super) nowhere: Vec<String>,
    pub(super) jurisdictions: Vec<Jurisdiction>,
    pub(super) rules: Vec<Rule>,
}

/// All rules, indexed by where they bind.
pub struct RuleSet {
    /// The texts of the pack and of the holidays.
    texts: [String; 2],
    version: String,
    name: String,
    edition: Date,
    jurisdictions: Vec<Jurisdiction>,
    rules: Vec<Rule>,
    pub(super) holidays: Holidays,
    /// The jurisdiction that a prefix lies in; `None` for those that lie nowhere.
    pub(super) prefixes: HashMap<String, Option<usize>>,
    /// The length of the longest prefix, in bytes.
    pub(super) prefix_longest: usize,
    by_code: HashMap<String, usize>,
    parents: Vec<Option<usize>>,
    /// The rules of each jurisdiction and of those it lies in, by their places in `rules`.
    binding: Vec<Vec<usize>>,
    everywhere: Vec<usize>,
    by_id: HashMap<String, usize>,
}

/// The pack that the program brings along.
static SHIPPED: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let pack = ("rules/calling-rules.toml", include_str!("../../../../rules/calling-rules.toml"));
    let holidays = ("rules/holidays.toml", include_str!("../../../../rules/holidays.toml"));
    Arc::new(RuleSet::compile(pack, holidays).expect("a test reads the shipped files"))
});

/// A register that calls to a place need a file of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededRegister<'r> {
    /// Its short name.
    pub register: &'r str,
    /// The name that people read.
    pub registry: &'r str,
    /// How old a file may be.
    pub max_age: Option<Period>,
    /// The rule that needs it.
    pub rule: &'r str,
}

impl RuleSet {
    /// Reads a pack and its holidays, each a file's name and text. Every problem of both files is returned at once.
    pub fn compile(pack: (&str, &str), holidays: (&str, &str)) -> Result<Self, Vec<Problem>> {
        let texts = [pack.1.to_owned(), holidays.1.to_owned()];
        let (pack, holidays) = read::files(pack, holidays)?;
        Ok(Self { texts, ..Self::index(pack, holidays) })
    }

    /// The rules that the program brings along.
    #[must_use]
    pub fn shipped() -> Arc<Self> {
        Arc::clone(&SHIPPED)
    }

    fn index(pack: Pack, holidays: Holidays) -> Self {
        let version = fingerprint::of(&pack, &holidays);
        let Pack { name, edition, nowhere, jurisdictions, rules } = pack;
        let by_code: HashMap<_, _> = jurisdictions.iter().enumerate().map(|(at, j)| (j.code.clone(), at)).collect();
        let parents: Vec<_> = jurisdictions.iter().map(|j| by_code.get(j.parent.as_ref()?).copied()).collect();
        let mut prefixes: HashMap<String, Option<usize>> = nowhere.into_iter().map(|prefix| (prefix, None)).collect();
        for (at, jurisdiction) in jurisdictions.iter().enumerate() {
            prefixes.extend(jurisdiction.numbers.iter().map(|prefix| (prefix.clone(), Some(at))));
        }
        let of = |code: &str| -> Vec<usize> {
            rules.iter().enumerate().filter(|(_, rule)| rule.jurisdiction == code).map(|(at, _)| at).collect()
        };
        let binding = (0..jurisdictions.len())
            .map(|at| ancestry(&parents, at).flat_map(|at| of(&jurisdictions[at].code)).collect())
            .collect();
        Self {
            texts: Default::default(),
            version,
            name,
            edition,
            prefix_longest: prefixes.keys().map(String::len).max().unwrap_or(0),
            prefixes,
            parents,
            binding,
            everywhere: of(EVERYWHERE),
            by_id: rules.iter().enumerate().map(|(at, rule)| (rule.id.clone(), at)).collect(),
            by_code,
            jurisdictions,
            rules,
            holidays,
        }
    }

    /// The texts that it was read from, of the pack and of the holidays: kept with the first decision that rests on them.
    #[must_use]
    pub fn texts(&self) -> [&str; 2] {
        self.texts.each_ref().map(String::as_str)
    }

    /// 16 hexadecimal digits that change whenever the meaning of the files does; comments, layout and order do not count.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The pack's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day of the pack's edition.
    #[must_use]
    pub fn edition(&self) -> Date {
        self.edition
    }

    /// Every rule, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of an id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).map(|at| &self.rules[*at])
    }

    /// Every jurisdiction, in the order of the file.
    #[must_use]
    pub fn jurisdictions(&self) -> &[Jurisdiction] {
        &self.jurisdictions
    }

    /// The last year whose holidays are known; `None` when none is.
    #[must_use]
    pub fn holidays_end(&self) -> Option<i16> {
        self.holidays.last_year()
    }

    /// A warning when the known holidays end within 90 days, after which every day counts as one.
    #[must_use]
    pub fn warn_holidays_near(&self, today: Date) -> Option<String> {
        self.holidays.warn_near(today)
    }

    /// The registers that such calls to a place need on a local day, by short name; one may be needed by several rules.
    #[must_use]
    pub fn registers_needed(&self, place: &Place, call: &CallKind, day: Date) -> Vec<NeededRegister<'_>> {
        let mut needed: Vec<_> = self
            .binding(place, call, (day, day))
            .into_iter()
            .filter_map(|rule| match &rule.demand {
                Demand::Dnc(demand) => Some(NeededRegister {
                    register: &demand.register,
                    registry: &demand.registry,
                    max_age: demand.max_age,
                    rule: &rule.id,
                }),
                _ => None,
            })
            .collect();
        needed.sort_unstable_by_key(|needed| (needed.register, needed.rule));
        needed
    }

    /// The sectors that rules name, sorted.
    #[must_use]
    pub fn sectors(&self) -> Vec<&str> {
        let bans = self.rules().iter().filter_map(|rule| match &rule.demand {
            Demand::Ban(ban) => Some(ban.sectors.iter().map(String::as_str)),
            _ => None,
        });
        let mut sectors: Vec<&str> = bans.flatten().collect();
        sectors.sort_unstable();
        sectors.dedup();
        sectors
    }

    /// The jurisdiction of a code and those it lies in, from the inside; none where the code is unknown.
    #[must_use]
    pub fn jurisdiction(&self, code: &str) -> Vec<&Jurisdiction> {
        let at = self.by_code.get(code).copied();
        at.map(|at| self.ancestry(at).map(|at| &self.jurisdictions[at]).collect()).unwrap_or_default()
    }

    /// Whether every jurisdiction of a place is known here, and there is one. A place may have been found with other rules.
    pub(super) fn knows(&self, place: &Place) -> bool {
        !place.is_nowhere() && place.codes().all(|code| self.by_code.contains_key(code))
    }

    /// The rules that concern such calls to a place on whatever day, defaults included.
    pub(super) fn concerning(&self, place: &Place, call: &CallKind) -> Vec<&Rule> {
        let mut found: Vec<usize> = place
            .codes()
            .filter_map(|code| self.by_code.get(code))
            .flat_map(|at| &self.binding[*at])
            .copied()
            .collect();
        found.extend(&self.everywhere);
        // Two jurisdictions of one parent share its rules.
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|at| &self.rules[at]).filter(|rule| rule.concerns(call)).collect()
    }

    /// The rules that bind such calls to a place on any of the local days from the first to the last.
    pub(super) fn binding(&self, place: &Place, call: &CallKind, (first, last): (Date, Date)) -> Vec<&Rule> {
        let mut found = self.concerning(place, call);
        found.retain(|rule| rule.in_force(first, last));
        without_needless_defaults(&mut found);
        found
    }

    /// A jurisdiction and those it lies in, from the inside.
    pub(super) fn ancestry(&self, at: usize) -> impl Iterator<Item = usize> {
        ancestry(&self.parents, at)
    }
}

impl fmt::Debug for RuleSet {
    /// The version tells it all, and the rules would fill pages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet").field("version", &self.version).finish_non_exhaustive()
    }
}

fn ancestry(parents: &[Option<usize>], at: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(at), |at| parents[*at])
}

/// Takes out the defaults on whose matter a jurisdiction has spoken.
pub(super) fn without_needless_defaults(rules: &mut Vec<&Rule>) {
    let is_default = |rule: &Rule| rule.jurisdiction == EVERYWHERE;
    let spoken: Vec<_> = rules.iter().filter(|rule| !is_default(rule)).map(|rule| rule.kind()).collect();
    rules.retain(|rule| !is_default(rule) || !spoken.contains(&rule.kind()));
}
