//! The pack and its holidays → [`Pack`] and [`Holidays`], every problem with its line.

use std::cell::RefCell;
use std::collections::HashMap;

use super::holidays::Holidays;
use super::place::is_code;
use super::set::{Jurisdiction, Pack};
use super::{read_holidays, read_rule};
use crate::toml_file::{
    CODES_UNIQUE, Document, Entry, Finding, NAMES_WELL_FORMED, Problem, Section, country, perhaps, read_root,
};

const PARENTS_IN_ORDER: &str = "parents-in-order";
const CLAIMED_ONCE: &str = "claimed-once";

/// Reads both files, each a name and a text.
pub(super) fn files(pack: (&str, &str), holidays: (&str, &str)) -> Result<(Pack, Holidays), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut gather = |found: Vec<Finding>| problems.extend(found.into_iter().map(|finding| finding.problem));
    let holidays = match Document::parse(holidays.0, holidays.1) {
        Ok(document) => {
            let (read, found) = read_root(&document, read_holidays::holidays);
            gather(found);
            Ok(read)
        }
        Err(broken) => Err(broken),
    };
    let read = Document::parse(pack.0, pack.1).map(|document| {
        let (read, found) = read_root(&document, |root| self::pack(root, holidays.as_ref().ok()));
        gather(found);
        read
    });
    match (read, holidays) {
        (Ok(pack), Ok(holidays)) if problems.is_empty() => Ok((pack, holidays)),
        (read, holidays) => {
            problems.extend([read.err(), holidays.err()].into_iter().flatten().flatten());
            problems.sort();
            Err(problems)
        }
    }
}

/// What the parts of a pack must agree on.
pub(super) struct Known<'k> {
    /// The codes of all jurisdictions.
    pub(super) codes: Vec<String>,
    /// The calendars; `None` when their file cannot be read, so that nothing is said of them.
    pub(super) holidays: Option<&'k Holidays>,
    claims: Claims,
}

/// What may stand once only, and the line of each.
#[derive(Default)]
pub(super) struct Claims(RefCell<HashMap<(&'static str, String), u32>>);

impl Claims {
    /// Claims a name of a kind, or records that it stands somewhere already.
    pub(super) fn claim(&self, kind: &'static str, name: &str, check: &'static str, entry: &Entry<'_>) {
        let earlier = self.0.borrow().get(&(kind, name.to_owned())).copied();
        match earlier {
            Some(line) => {
                entry.wrong(check, format!("the {kind} {name:?} stands on line {line} already: write it once"))
            }
            None => {
                self.0.borrow_mut().insert((kind, name.to_owned()), entry.line());
            }
        }
    }
}

fn pack(root: &Section<'_>, holidays: Option<&Holidays>) -> Pack {
    let head = root.need("pack", "[pack] and its keys below");
    let jurisdictions = root.need("jurisdictions", "[[jurisdictions]] and its keys below");
    let rules = root.need("rules", "[[rules]] and its keys below");
    let jurisdictions = jurisdictions.map(|list| list.list()).unwrap_or_default();
    let known = Known { codes: codes(&jurisdictions), holidays, claims: Claims::default() };
    let head = head.and_then(|head| {
        head.section(|section| {
            let name = section.need("name", r#"name = "our rules""#).and_then(|e| e.words(120));
            let edition = section.need("edition", "edition = 2026-11-24").and_then(|e| e.date());
            let nowhere = section.get("nowhere").map(|e| prefixes(&e, &known.claims)).unwrap_or_default();
            Some((name?, edition?, nowhere))
        })?
    });
    let (name, edition, nowhere) = head.unwrap_or_default();
    let jurisdictions = self::jurisdictions(&jurisdictions, &known);
    let rules = rules.map(|list| list.list()).unwrap_or_default();
    let rules = rules.iter().filter_map(|e| e.section(|section| read_rule::rule(section, &known))?).collect();
    Pack { name, edition, nowhere, jurisdictions, rules }
}

/// The codes of all jurisdictions, also of those with faults, so that what names them is not at fault too.
fn codes(jurisdictions: &[Entry<'_>]) -> Vec<String> {
    let code = |entry: &Entry<'_>| Some(entry.raw().as_table()?.get("code")?.get_ref().as_str()?.to_owned());
    jurisdictions.iter().filter_map(code).collect()
}

fn jurisdictions(list: &[Entry<'_>], known: &Known<'_>) -> Vec<Jurisdiction> {
    let mut parents = HashMap::new();
    let read = list.iter().filter_map(|entry| {
        entry.section(|section| {
            let code = section.need("code", r#"code = "FR""#).and_then(|e| code(&e, known));
            let parent = section.get("parent");
            let named = parent.as_ref().and_then(|e| jurisdiction_named(e, known));
            if let (Some(code), Some(named), Some(parent)) = (&code, &named, parent) {
                parents.insert(code.clone(), (named.clone(), parent));
            }
            jurisdiction(section, code, named, known)
        })?
    });
    let read = read.collect();
    refuse_cycles(&parents);
    read
}

fn jurisdiction(
    section: &Section<'_>,
    code: Option<String>,
    parent: Option<String>,
    known: &Known<'_>,
) -> Option<Jurisdiction> {
    let name = section.need("name", r#"name = "France""#).and_then(|e| e.words(120));
    let numbers =
        section.need("numbers", r#"numbers = ["+33"]"#).map(|e| prefixes(&e, &known.claims)).unwrap_or_default();
    let countries = section.need("countries", r#"countries = ["FR"]"#);
    let listed = countries.as_ref().map(|e| e.list()).unwrap_or_default();
    let codes: Vec<String> = listed.iter().filter_map(country::read).collect();
    let regions = section.get("regions");
    let region_entries = regions.as_ref().map(|e| e.list()).unwrap_or_default();
    let names: Vec<String> = region_entries.iter().filter_map(|e| e.words(120)).collect();
    if let (Some(regions), false, true) = (&regions, names.is_empty(), codes.len() != 1) {
        regions.invalid("regions are of one country: write that one in `countries`, as in countries = [\"US\"]");
    }
    match codes.first().filter(|_| !names.is_empty()) {
        Some(country) => region_entries.iter().zip(&names).for_each(|(entry, name)| {
            known.claims.claim("region", &format!("{country} {}", name.to_lowercase()), CLAIMED_ONCE, entry);
        }),
        None => {
            listed
                .iter()
                .zip(&codes)
                .for_each(|(entry, code)| known.claims.claim("country", code, CLAIMED_ONCE, entry));
        }
    }
    let others = section.get("other_regions").map(|e| e.list()).unwrap_or_default();
    let other_regions = sorted(others.iter().filter_map(|e| e.words(120)).collect::<Vec<_>>());
    let reviewed = section.need("reviewed", "reviewed = 2026-11-23").and_then(|e| e.date());
    let gaps = section.get("gaps").and_then(|e| e.words(2_000));
    let (countries, regions) = (sorted(codes), sorted(names));
    Some(Jurisdiction {
        code: code?,
        name: name?,
        parent,
        numbers,
        countries,
        regions,
        other_regions,
        reviewed: reviewed?,
        gaps,
    })
}

fn code(entry: &Entry<'_>, known: &Known<'_>) -> Option<String> {
    let text = entry.text()?;
    if !is_code(text) {
        let right = "write that of ISO 3166, as in FR or US-FL";
        entry.wrong(NAMES_WELL_FORMED, format!("{text:?} is not the code of a jurisdiction: {right}"));
        return None;
    }
    known.claims.claim("jurisdiction", text, CODES_UNIQUE, entry);
    Some(text.to_owned())
}

/// The jurisdiction that a value names, which must be in the file.
pub(super) fn jurisdiction_named(entry: &Entry<'_>, known: &Known<'_>) -> Option<String> {
    let text = entry.text()?;
    if known.codes.iter().any(|code| code == text) {
        return Some(text.to_owned());
    }
    let codes: Vec<&str> = known.codes.iter().map(String::as_str).collect();
    entry.invalid(format!(
        "{text:?} is not a jurisdiction of this file{}: write a code that stands under [[jurisdictions]]",
        perhaps(text, &codes)
    ));
    None
}

/// Refuses parents that lead back to where they started.
fn refuse_cycles(parents: &HashMap<String, (String, Entry<'_>)>) {
    for (code, (_, entry)) in parents {
        let chain = std::iter::successors(Some(code), |at| parents.get(*at).map(|(parent, _)| parent));
        // A chain longer than there are parents has come round.
        let comes_back = chain.skip(1).take(parents.len() + 1).any(|ancestor| ancestor == code);
        if comes_back {
            let message = format!("{code:?} lies in itself by way of its parents: a parent is the larger jurisdiction");
            entry.wrong(PARENTS_IN_ORDER, message);
        }
    }
}

fn prefixes(entry: &Entry<'_>, claims: &Claims) -> Vec<String> {
    let read = |entry: &Entry<'_>| {
        let text = entry.text()?;
        let digits = text.strip_prefix('+').unwrap_or_default();
        let well_formed = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !well_formed || digits.starts_with('0') {
            entry
                .invalid(format!("{text:?} does not begin a number: write + and the first digits, as in +33 or +1212"));
            return None;
        }
        claims.claim("prefix", text, CLAIMED_ONCE, entry);
        Some(text.to_owned())
    };
    sorted(entry.list().iter().filter_map(read).collect())
}

/// A list whose order means nothing, in the one order that the version of the rules counts.
pub(super) fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list
}

impl Known<'_> {
    /// Claims the id of a rule.
    pub(super) fn claim_id(&self, id: &str, entry: &Entry<'_>) {
        self.claims.claim("rule", id, CODES_UNIQUE, entry);
    }
}
