//! The version of a rule set.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::holidays::Holidays;
use super::set::Pack;

/// The first 16 hexadecimal digits of SHA-256 over what was read, in an order that does not depend on the files' own:
/// comments and layout were lost in reading, and lists whose order means nothing are sorted here.
pub(super) fn of(pack: &Pack, holidays: &Holidays) -> String {
    #[derive(Serialize)]
    struct Meaning<'a> {
        name: &'a str,
        edition: jiff::civil::Date,
        nowhere: Vec<&'a str>,
        jurisdictions: Vec<String>,
        rules: Vec<String>,
        holidays: &'a Holidays,
    }
    let mut jurisdictions: Vec<String> = pack.jurisdictions.iter().map(as_json).collect();
    let mut rules: Vec<String> = pack.rules.iter().map(as_json).collect();
    let mut nowhere: Vec<&str> = pack.nowhere.iter().map(String::as_str).collect();
    jurisdictions.sort_unstable();
    rules.sort_unstable();
    nowhere.sort_unstable();
    let meaning = Meaning { name: &pack.name, edition: pack.edition, nowhere, jurisdictions, rules, holidays };
    let digest = Sha256::digest(as_json(&meaning));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("these types have text keys only")
}
