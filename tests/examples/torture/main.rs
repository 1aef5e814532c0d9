//! The real binary under torture: three nodes on PostgreSQL (one on SQLite), 200 operators who call, stall, hand back, click twice
//! and repeat what was not answered, lists that are loaded and tariffs that are published, while nodes are killed with `kill -9` and
//! the database is restarted at random. Afterwards what the operators were told is held against the database, and
//! `relance verify` has the last word.
//!
//! `cargo xtask torture` runs it beside a PostgreSQL of its own.
#![expect(clippy::disallowed_methods, reason = "it lasts for as long as it is told to")]

#[path = "../../tests/crash/dice.rs"]
mod dice;
mod ledger;
mod nodes;
mod office;
mod operator;
mod verdict;

use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use relance_testkit::postgres::fresh_database;
use relance_tests::database::Database;

use crate::dice::Dice;
use crate::ledger::Ledger;
use crate::nodes::Nodes;

/// Operators who work at the same time.
const OPERATORS: usize = 200;

/// What was asked for.
struct Wanted {
    length: Duration,
    seed: u64,
    store: Option<String>,
}

fn main() -> ExitCode {
    let wanted = read_arguments();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let is_wanted = |store: &str| wanted.store.as_deref().is_none_or(|only| only == store);
    println!("torture: seed {}, {} s on each store", wanted.seed, wanted.length.as_secs());
    println!(
        "\n| store | nodes | hand-outs | outcomes | handed back | loads | publications | kills | restarts | retries | violations |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut violations = 0;
    if is_wanted("sqlite") {
        let folder = tempfile::tempdir().expect("a folder for the database");
        violations += torture("sqlite", &Database::in_folder(folder.path()), 1, &wanted);
    }
    if is_wanted("postgres") {
        let database = runtime.block_on(fresh_database());
        violations += torture("postgres", &Database::Postgres(database.url.clone()), 3, &wanted);
    }
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_arguments() -> Wanted {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1)).cloned()
    };
    let number =
        |name: &str| value(name).map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name} takes a number")));
    let by_chance = || UNIX_EPOCH.elapsed().map_or(0, |since| u64::from(since.subsec_nanos()));
    Wanted {
        length: Duration::from_secs(60 * number("--minutes").unwrap_or(3)),
        seed: number("--seed").unwrap_or_else(by_chance),
        store: value("--store"),
    }
}

/// Tortures one store; tells how many violations there were, after printing them.
fn torture(store: &str, database: &Database, count: usize, wanted: &Wanted) -> usize {
    let mut dice = Dice::new(wanted.seed);
    let nodes = Nodes::start(database, count);
    let ledger = Ledger::default();
    let crew = office::open(database, &nodes, OPERATORS, &mut dice);
    let over = AtomicBool::new(false);
    let began = Instant::now();
    thread::scope(|scope| {
        for (operator, dice) in crew.operators.iter().map(|operator| (operator, dice.split())) {
            let (nodes, ledger, over) = (&nodes, &ledger, &over);
            scope.spawn(move || operator::work(operator, nodes, ledger, dice, over));
        }
        scope.spawn(|| crew.back_office.load_lists(&nodes, &ledger, &over));
        scope.spawn(|| crew.back_office.publish_tariffs(&nodes, &ledger, &over));
        while began.elapsed() < wanted.length {
            thread::sleep(Duration::from_millis(1_000 + dice.below(4_000)));
            if count > 1 && dice.below(4) == 0 {
                nodes.restart_database();
            } else {
                nodes.kill_one(&mut dice);
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    let violations = verdict::of(database, &ledger);
    let row: Vec<String> = [ledger.summary().as_slice(), &[nodes.kills(), nodes.restarts(), ledger.retries()]]
        .concat()
        .iter()
        .map(ToString::to_string)
        .collect();
    println!("| {store} | {count} | {} | {} |", row.join(" | "), violations.len());
    for violation in &violations {
        eprintln!("violation: {violation}");
    }
    violations.len()
}
