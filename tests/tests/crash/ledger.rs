//! What was acknowledged, and the proof that it is on record.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, PoisonError};

use relance_domain::E164;
use relance_testkit::invariants::INVARIANTS;
use relance_testkit::keys::suppression_keys;
use relance_tests::binary;
use relance_tests::database::{Database, Look};

/// What would be half done, in words, and a portable query for the keys of such rows. The invariants of the testkit
/// hold besides.
const HALF_DONE: &[(&str, &str)] = &[
    (
        "a lead that was handed out before its list was loaded",
        "SELECT lead.id FROM lead JOIN list ON list.id = lead.list_id JOIN assignment ON assignment.lead_id = lead.id
        WHERE list.state = 'staging'",
    ),
    (
        "a list that says of other leads than it made",
        "SELECT list.id FROM list WHERE list.state IN ('staging', 'loaded')
            AND list.new_leads <> (SELECT COUNT(*) FROM lead WHERE lead.list_id = list.id)",
    ),
    (
        "a list that is loaded twice",
        "SELECT MIN(id) FROM list WHERE state = 'loaded' GROUP BY name HAVING COUNT(*) > 1",
    ),
    (
        "a refusal that was reopened and whose lead is still closed by it",
        "SELECT reopening.id FROM reopening JOIN lead ON lead.id = reopening.lead_id
        WHERE lead.state = 'closed' AND lead.closed_reason = 'refused' AND lead.refusal_id = reopening.refusal_id",
    ),
    (
        "a publication that says it is complete and is not offered",
        "SELECT id FROM tariff WHERE reopened_all_at_ms IS NOT NULL AND published_at_ms IS NULL",
    ),
    (
        "a draft that put people back",
        "SELECT tariff.id FROM tariff JOIN reopening ON reopening.tariff_id = tariff.id WHERE tariff.state = 'draft'",
    ),
    ("a lease that ran out in a test far shorter than a lease", "SELECT id FROM assignment WHERE ending <> 'outcome'"),
    ("a late outcome", "SELECT id FROM late_outcome"),
];

/// An outcome that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) attempt: i64,
    pub(crate) assignment: i64,
    pub(crate) lead: i64,
    pub(crate) operator: String,
    pub(crate) disposition: String,
    pub(crate) price_ceiling_minor: Option<i64>,
}

/// A load that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) list: i64,
    pub(crate) name: String,
    pub(crate) rows: i64,
    pub(crate) leads: i64,
}

/// A publication that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) tariff: String,
    pub(crate) price_minor: i64,
    /// Attempts that were on record before it.
    pub(crate) standing: BTreeSet<i64>,
    /// How many people it put back at least.
    pub(crate) reopened: i64,
}

/// Everything that was acknowledged.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    hand_outs: BTreeSet<String>,
    outcomes: Vec<Outcome>,
    loads: Vec<Load>,
    publications: Vec<Publication>,
}

impl Ledger {
    /// A lead was handed out.
    pub(crate) fn handed_out(&self, assignment: i64, lead: i64, operator: &str) {
        self.entries().hand_outs.insert(format!("{assignment} {lead} {operator}"));
    }

    /// An outcome was recorded.
    pub(crate) fn recorded(&self, outcome: Outcome) {
        self.entries().outcomes.push(outcome);
    }

    /// A list was loaded.
    pub(crate) fn loaded(&self, load: Load) {
        self.entries().loads.push(load);
    }

    /// A tariff was published.
    pub(crate) fn published(&self, publication: Publication) {
        self.entries().publications.push(publication);
    }

    /// How much was acknowledged.
    pub(crate) fn len(&self) -> usize {
        let entries = self.entries();
        entries.hand_outs.len() + entries.outcomes.len() + entries.loads.len() + entries.publications.len()
    }

    /// The attempts that were acknowledged.
    pub(crate) fn attempts(&self) -> BTreeSet<i64> {
        self.entries().outcomes.iter().map(|outcome| outcome.attempt).collect()
    }

    /// Nothing that was acknowledged is missing, and nothing is half done.
    pub(crate) fn hold(&self, database: &Database) {
        drop(binary::run(["--database", &database.argument(), "verify"]).ok());
        let mut moment = database.moment();
        for (what, query) in INVARIANTS {
            assert_none(&format!("broken: {what}"), &moment.numbers(query));
        }
        for (what, query) in HALF_DONE {
            assert_none(&format!("half done: {what}"), &moment.numbers(query));
        }
        hold_objections(&mut moment);
        let entries = self.entries();
        entries.hold_hand_outs(&mut moment);
        entries.hold_outcomes(&mut moment);
        entries.hold_loads(&mut moment);
        entries.hold_publications(&mut moment);
    }

    /// The same, and what is on record is what was acknowledged: nothing was done twice.
    pub(crate) fn hold_exactly(&self, database: &Database) {
        self.hold(database);
        let mut moment = database.moment();
        let entries = self.entries();
        for (what, acknowledged, query) in [
            ("hand-outs", entries.hand_outs.len(), "SELECT COUNT(*) FROM assignment"),
            ("outcomes", entries.outcomes.len(), "SELECT COUNT(*) FROM attempt"),
            ("loads", entries.loads.len(), "SELECT COUNT(*) FROM list WHERE state = 'loaded'"),
        ] {
            let on_record = moment.number(query);
            assert_eq!(i64::try_from(acknowledged), Ok(on_record), "{what}: acknowledged and on record");
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every objection has its suppression.
fn hold_objections(moment: &mut Look) {
    let keys = suppression_keys(1);
    let hashes: BTreeSet<String> = moment.texts("SELECT phone_hash FROM suppression").into_iter().collect();
    let objectors = moment.texts(
        "SELECT client.phone FROM attempt JOIN client ON client.id = attempt.client_id WHERE attempt.class = 'do_not_call'",
    );
    for phone in objectors {
        let phone = E164::parse(&phone).expect("a number");
        let kept = keys.hashes(&phone).iter().any(|hash| hashes.contains(&hash.to_string()));
        assert!(kept, "half done: an objection of {phone} without its suppression");
    }
}

impl Entries {
    fn hold_hand_outs(&self, moment: &mut Look) {
        let found = moment.texts(
            "SELECT assignment.id || ' ' || lead_id || ' ' || name FROM assignment
            JOIN app_user ON app_user.id = assignment.operator_id",
        );
        assert_all_there("a hand-out", self.hand_outs.iter().cloned(), found);
    }

    fn hold_outcomes(&self, moment: &mut Look) {
        let found = moment.texts(
            "SELECT attempt.id || ' ' || assignment_id || ' ' || attempt.lead_id || ' ' || name || ' ' || disposition
                || ' ' || COALESCE(price_ceiling_minor, 0)
            FROM attempt JOIN app_user ON app_user.id = attempt.operator_id
            LEFT JOIN refusal ON refusal.attempt_id = attempt.id",
        );
        let wanted = self.outcomes.iter().map(|outcome| {
            let Outcome { attempt, assignment, lead, operator, disposition, price_ceiling_minor } = outcome;
            format!("{attempt} {assignment} {lead} {operator} {disposition} {}", price_ceiling_minor.unwrap_or(0))
        });
        assert_all_there("an outcome", wanted, found);
    }

    fn hold_loads(&self, moment: &mut Look) {
        let found = moment.texts(
            "SELECT id || ' ' || name || ' ' || rows_read || ' ' || new_leads || ' '
                || (SELECT COUNT(*) FROM lead WHERE lead.list_id = list.id)
            FROM list WHERE state = 'loaded'",
        );
        let wanted = self.loads.iter().map(|load| {
            let Load { list, name, rows, leads } = load;
            format!("{list} {name} {rows} {leads} {leads}")
        });
        assert_all_there("a load", wanted, found);
    }

    fn hold_publications(&self, moment: &mut Look) {
        for publication in &self.publications {
            let Publication { tariff, price_minor, standing, reopened } = publication;
            let complete = format!(
                "SELECT COUNT(*) FROM tariff WHERE tariff = '{tariff}' AND state = 'published'
                    AND reopened_all_at_ms IS NOT NULL"
            );
            assert_eq!(moment.number(&complete), 1, "the publication of {tariff} was acknowledged and is not complete");
            let put_back = format!(
                "SELECT COUNT(*) FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id WHERE tariff = '{tariff}'"
            );
            assert!(moment.number(&put_back) >= *reopened, "{tariff} put {reopened} people back, and they are not");
            let answered = format!(
                "SELECT refusal.attempt_id FROM refusal
                JOIN lead ON lead.id = refusal.lead_id AND lead.refusal_id = refusal.id
                WHERE lead.state = 'closed' AND lead.closed_reason = 'refused' AND refusal.reason = 'price'
                    AND refusal.price_ceiling_minor >= {price_minor}"
            );
            let mut left = moment.numbers(&answered);
            left.retain(|attempt| standing.contains(attempt));
            assert_none(&format!("{tariff} answers refusals whose leads are closed, by attempt"), &left);
        }
    }
}

/// The first few of what should not be there, where anything is.
fn assert_none<T: Debug>(what: &str, found: &[T]) {
    let first = &found[..found.len().min(10)];
    assert!(found.is_empty(), "{what}: {} rows, the first are {first:?}", found.len());
}

fn assert_all_there(what: &str, wanted: impl Iterator<Item = String>, found: Vec<String>) {
    let found: BTreeSet<String> = found.into_iter().collect();
    let missing: Vec<String> = wanted.filter(|wanted| !found.contains(wanted)).collect();
    assert_none(&format!("{what} was acknowledged and is not on record as it was"), &missing);
}
