//! What everybody was told, held against the database.

use std::collections::BTreeSet;

use relance_domain::E164;
use relance_testkit::invariants::INVARIANTS;
use relance_testkit::keys::suppression_keys;
use relance_tests::binary;
use relance_tests::database::{Database, Look};

use crate::ledger::{Ending, Entries, Ledger};

/// Of a kind of violation so many are told.
const TOLD_MAX: usize = 5;

/// Every violation, in words.
pub(crate) fn of(database: &Database, ledger: &Ledger) -> Vec<String> {
    let mut moment = database.moment();
    let entries = ledger.entries();
    let mut found = entries.violations.clone();
    for (what, query) in INVARIANTS {
        let rows = moment.numbers(query);
        if !rows.is_empty() {
            found.push(format!("broken: {what}: {:?}", &rows[..rows.len().min(TOLD_MAX)]));
        }
    }
    found.extend(objections(&mut moment));
    found.extend(compare("hand-outs", told_hand_outs(&entries), moment.texts(
        "SELECT assignment.id || ' ' || lead_id || ' ' || name FROM assignment JOIN app_user ON app_user.id = operator_id",
    )));
    found.extend(compare(
        "outcomes",
        told_outcomes(&entries),
        moment.texts("SELECT assignment_id || ' ' || id || ' ' || disposition FROM attempt"),
    ));
    found.extend(compare(
        "leads handed back",
        told_returns(&entries),
        moment.texts("SELECT CAST(id AS TEXT) FROM assignment WHERE ending = 'returned'"),
    ));
    found.extend(compare(
        "loads",
        told_loads(&entries),
        moment.texts(
            "SELECT name || ' ' || (SELECT COUNT(*) FROM lead WHERE lead.list_id = list.id) FROM list
        WHERE state = 'loaded' AND name <> 'list 0'",
        ),
    ));
    drop(moment);
    found.extend(verified(database));
    found
}

/// What was told and is not on record, and what is on record and nobody was told of: everybody repeats until they are answered.
fn compare(what: &str, told: Vec<String>, on_record: Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    let unique: BTreeSet<&String> = on_record.iter().collect();
    if unique.len() < on_record.len() {
        found.push(format!("{what}: {} are on record twice", on_record.len() - unique.len()));
    }
    let told: BTreeSet<&String> = told.iter().collect();
    for (side, rows) in [
        ("was told and is not on record", told.difference(&unique).collect::<Vec<_>>()),
        ("is on record and was told to nobody", unique.difference(&told).collect()),
    ] {
        if !rows.is_empty() {
            found.push(format!("{what}: {} {side}: {:?}", rows.len(), &rows[..rows.len().min(TOLD_MAX)]));
        }
    }
    found
}

fn told_hand_outs(entries: &Entries) -> Vec<String> {
    entries.hand_outs.iter().map(|(assignment, (lead, operator))| format!("{assignment} {lead} {operator}")).collect()
}

fn told_outcomes(entries: &Entries) -> Vec<String> {
    let outcome = |(assignment, ending): (&i64, &Ending)| match ending {
        Ending::Outcome { attempt, disposition } => Some(format!("{assignment} {attempt} {disposition}")),
        _ => None,
    };
    entries.endings.iter().filter_map(outcome).collect()
}

fn told_returns(entries: &Entries) -> Vec<String> {
    let returned = entries.endings.iter().filter(|(_, ending)| **ending == Ending::HandedBack);
    returned.map(|(assignment, _)| assignment.to_string()).collect()
}

fn told_loads(entries: &Entries) -> Vec<String> {
    entries.loads.iter().map(|(name, leads)| format!("{name} {leads}")).collect()
}

/// Every objection has its suppression; that nobody was called in spite of one is for `relance verify` to find.
fn objections(moment: &mut Look) -> Option<String> {
    let keys = suppression_keys(1);
    let hashes: BTreeSet<String> = moment.texts("SELECT phone_hash FROM suppression").into_iter().collect();
    let objectors = moment.texts(
        "SELECT client.phone FROM attempt JOIN client ON client.id = attempt.client_id WHERE attempt.class = 'do_not_call'",
    );
    let is_kept = |phone: &String| {
        let phone = E164::parse(phone).expect("a number");
        keys.hashes(&phone).iter().any(|hash| hashes.contains(&hash.to_string()))
    };
    let missing = objectors.iter().filter(|phone| !is_kept(phone)).count();
    (missing > 0).then(|| format!("{missing} objections without their suppression"))
}

/// What `relance verify` finds.
fn verified(database: &Database) -> Option<String> {
    let ran = binary::run(["verify", "--database", &database.argument()]);
    (ran.code != Some(0)).then(|| format!("relance verify exits with {:?}: {}{}", ran.code, ran.stdout, ran.stderr))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn what_is_lost_made_up_or_done_twice_is_found() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(compare("x", texts(&["1", "2"]), texts(&["2", "1"])), [""; 0]);
        for (told, on_record, says) in [
            (texts(&["1", "2"]), texts(&["1"]), "was told and is not on record"),
            (texts(&["1"]), texts(&["1", "2"]), "is on record and was told to nobody"),
            (texts(&["1"]), texts(&["1", "1"]), "on record twice"),
        ] {
            let found = compare("x", told, on_record);
            assert!(matches!(found.as_slice(), [only] if only.contains(says)), "{found:?}");
        }
    }
}
