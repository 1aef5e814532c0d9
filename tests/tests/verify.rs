//! `relance verify`: a rich story verifies clean on both stores, and each row that somebody changes by hand is found, with its promise
//! and nothing else that is not a consequence of it.

#[path = "verify/plants.rs"]
mod plants;
#[path = "verify/story.rs"]
mod story;

use std::collections::BTreeSet;

use relance_domain::ledger::{NotJudged, Promise, Violation};
use relance_scheduler::Verification;
use relance_testkit::World;

use crate::plants::{Deed, Edit};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_by_hand_is_found_sqlite() {
    find_all(&World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_by_hand_is_found_postgres() {
    find_all(&World::postgres().await).await;
}

#[test]
fn the_page_on_reliability_tells_how_much_is_planted() {
    let page = include_str!("../../docs/reliability.md").replace('\n', " ");
    let (rows, plots) = plants::counts();
    assert!(page.contains(&format!("Then it changes {rows} rows by hand")), "{rows}");
    assert!(page.contains(&format!("carries out {plots} plots")), "{plots}");
}

async fn find_all(world: &World) {
    story::tell(world).await;
    let clean = world.verify().await;
    assert!(clean.holds, "{:#?}", clean.violations);
    holds_much(&clean);
    for statement in plants::UNPROTECT {
        // One of the engines knows it by another name, or has none.
        world.try_write(statement).await;
    }
    let mut missed = Vec::new();
    for plant in plants::all() {
        missed.extend(find(world, plant).await);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let again = world.verify().await;
    assert_eq!(again.promises, clean.promises, "every plant was taken back");
}

/// The story has something to check of every promise, and something of every kind that cannot be judged any more.
fn holds_much(clean: &Verification) {
    for of in &clean.promises {
        assert!(of.checked.iter().any(|checked| checked.rows > 0), "nothing was checked of {:?}", of.promise);
    }
    let not_judged = |why| {
        let of = clean.promises.iter().find(|of| of.promise == Promise::P4).expect("P4");
        of.not_judged.iter().find(|rows| rows.why == why).map_or(0, |rows| rows.rows)
    };
    for why in [NotJudged::Erased, NotJudged::Merged, NotJudged::RegisterReplaced] {
        assert!(not_judged(why) > 0, "{why:?}: {:#?}", clean.promises);
    }
    assert_eq!(not_judged(NotJudged::Together) + not_judged(NotJudged::CampaignStatesNotKept), 0);
}

/// Changes rows, verifies, and changes them back; tells what was found otherwise than it should.
async fn find(world: &World, deed: Deed) -> Option<String> {
    let Deed { what, edits, found } = deed;
    let expected = expected(world, found).await;
    let mut undo = Vec::new();
    for (place, edit) in edits.iter().enumerate() {
        let back = do_by_hand(world, what, place, edit).await;
        undo.splice(0..0, back);
    }
    let verified = world.verify().await;
    let rows: BTreeSet<(Promise, String, i64)> = verified.violations.iter().map(key).collect();
    assert!(verified.violations.iter().all(|violation| !violation.what.contains("+33")), "{what}: a number is shown");
    for statement in &undo {
        world.write(statement).await;
    }
    (rows != expected).then(|| format!("{what}: {expected:?} and not {:#?}", verified.violations))
}

/// Changes or removes rows; tells the statements that bring them back.
async fn do_by_hand(world: &World, what: &str, place: usize, edit: &Edit) -> Vec<String> {
    let Edit { table, rows, set } = edit;
    let keys = world.texts(&format!("SELECT CAST(id AS TEXT) FROM ({rows}) AS planted")).await;
    assert!(!keys.is_empty(), "{what}: there is a row to be changed");
    if set.is_empty() {
        let these = keys.iter().map(|key| plants::place(table, key)).collect::<Vec<_>>().join(" OR ");
        world.write(&format!("CREATE TABLE kept_{place} AS SELECT * FROM {table} WHERE {these}")).await;
        world.write(&format!("DELETE FROM {table} WHERE {these}")).await;
        return vec![format!("INSERT INTO {table} SELECT * FROM kept_{place}"), format!("DROP TABLE kept_{place}")];
    }
    assert_eq!(keys.len(), 1, "{what}: one row is changed");
    let at = plants::place(table, &keys[0]);
    let mut before = Vec::new();
    for (column, _) in *set {
        let old = format!("SELECT COALESCE(CAST({column} AS TEXT), '(none)') FROM {table} WHERE {at}");
        before.extend(world.texts(&old).await);
    }
    let to = listed(set.iter().map(|(column, to)| (*column, (*to).to_owned())));
    world.write(&format!("UPDATE {table} SET {to} WHERE {at}")).await;
    let back = set.iter().zip(&before).map(|((column, _), old)| {
        (*column, if old == "(none)" { "NULL".to_owned() } else { format!("'{}'", old.replace('\'', "''")) })
    });
    vec![format!("UPDATE {table} SET {} WHERE {at}", listed(back))]
}

fn key(violation: &Violation) -> (Promise, String, i64) {
    (violation.promise, violation.table.clone(), violation.row)
}

fn listed<'a>(set: impl Iterator<Item = (&'a str, String)>) -> String {
    set.map(|(column, to)| format!("{column} = {to}")).collect::<Vec<_>>().join(", ")
}

/// The rows that are to be found, by the queries for their keys.
async fn expected(world: &World, found: &[(Promise, &str, &str)]) -> BTreeSet<(Promise, String, i64)> {
    let mut expected = BTreeSet::new();
    for (promise, table, query) in found {
        let ids = world.texts(&format!("SELECT CAST(id AS TEXT) FROM ({query}) AS wanted")).await;
        assert!(!ids.is_empty(), "no row is wanted of {table}: {query}");
        expected.extend(ids.iter().map(|id| (*promise, (*table).to_owned(), id.parse().expect("a key"))));
    }
    expected
}
