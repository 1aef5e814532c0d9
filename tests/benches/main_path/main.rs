//! The main path's cost on each store, beside the same work in bare SQL on the same database in the same run.
//!
//! `cargo xtask bench` runs it; `cargo xtask bench --help` tells its options. Both stores run with durable commits.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod bare;
mod funnel;
mod hand_out;
mod lab;
mod lists;
mod previews;
mod table;
mod tariffs;
mod verify;

use std::time::{Duration, Instant};

use lab::{Lab, Work};
use relance_domain::outcome::{OutcomeReport, RefusalReport};
use relance_scheduler::{LeadAnswer, NextAnswer};
use table::{Line, percentile};

/// Calls per measurement of next lead and outcome.
const CALLS: usize = 500;
/// Operators who ask at the same time in the measurement under load.
const OPERATORS: usize = 64;
/// Refusals that the publication beside the main path looks at; one in ten matches.
const REFUSALS: usize = 100_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!(
            "what: the main path, or with the word lists what loading a list costs, with the word funnel what the funnel costs, with\n\
             the word verify what verifying the ledger costs, with the word hand-out what claims and outcomes cost at 10\n\
             thousand, 1 million and 10 million leads, with the word tariffs what publishing a tariff costs, with the word\n\
             preview what a preview costs\n\
             options: --store sqlite|postgres (default: both), --small (no million of rows), --leads N (of the funnel or the ledger,\n\
             default: 1000000; of hand-out, the largest size), --refusals N (of the preview; default: 1000000)"
        );
        return;
    }
    let wanted = |store: &str| match arguments.iter().position(|argument| argument == "--store") {
        Some(at) => arguments.get(at + 1).is_some_and(|name| name == store),
        None => true,
    };
    let sizes: &[usize] = if arguments.iter().any(|a| a == "--small") { &[10_000] } else { &[10_000, 1_000_000] };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stores: Vec<&str> = ["sqlite", "postgres"].into_iter().filter(|store| wanted(store)).collect();
    let leads = arguments.iter().position(|argument| argument == "--leads").and_then(|at| arguments.get(at + 1));
    let leads = leads.map(|leads| leads.parse::<usize>().expect("--leads takes a number"));
    if arguments.iter().any(|argument| argument == "hand-out") {
        let small = arguments.iter().any(|argument| argument == "--small");
        return measure_hand_out(&runtime, &stores, small, leads);
    }
    if arguments.iter().any(|argument| argument == "lists") {
        return measure_lists(&runtime, &stores, sizes.last().copied().unwrap_or(10_000).max(100_000));
    }
    let leads = leads.unwrap_or(sizes[sizes.len() - 1]);
    if arguments.iter().any(|argument| argument == "verify") {
        return measure_verification(&runtime, &stores, leads);
    }
    if arguments.iter().any(|argument| argument == "funnel") {
        return measure_funnel(&runtime, &stores, leads);
    }
    if arguments.iter().any(|argument| argument == "preview") {
        let refusals =
            arguments.iter().position(|argument| argument == "--refusals").and_then(|at| arguments.get(at + 1));
        let refusals =
            refusals.map_or(sizes[sizes.len() - 1], |number| number.parse().expect("--refusals takes a number"));
        previews::print_header();
        return stores.iter().for_each(|store| runtime.block_on(previews::measure(store, refusals)));
    }
    if arguments.iter().any(|argument| argument == "tariffs") {
        let refusals = if sizes.len() == 1 { 100_000 } else { 1_000_000 };
        return stores.iter().for_each(|store| runtime.block_on(tariffs::measure(store, refusals)));
    }
    for store in stores {
        println!("\n{store}\n");
        table::print_header();
        for size in sizes {
            runtime.block_on(measure_queue(store, *size));
        }
        runtime.block_on(tariffs::measure(store, REFUSALS));
    }
}

fn measure_lists(runtime: &tokio::runtime::Runtime, stores: &[&str], rows: usize) {
    println!("\n| store | rows | seconds | rows/s | bare limit rows/s | ratio | peak MiB |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for store in stores {
        runtime.block_on(lists::measure(store, rows));
    }
    println!("\n| store | next lead while | calls | p50 ms | p99 ms | longest ms |");
    println!("|---|---|---:|---:|---:|---:|");
    for store in stores {
        runtime.block_on(lists::measure_waiting(store, rows));
    }
}

fn measure_hand_out(runtime: &tokio::runtime::Runtime, stores: &[&str], small: bool, leads: Option<usize>) {
    let (sizes, due): (&[usize], usize) =
        if small { (&[10_000, 100_000], 20_000) } else { (&[10_000, 1_000_000, 10_000_000], 1_000_000) };
    let sizes: Vec<usize> = match leads {
        Some(largest) => sizes.iter().copied().filter(|size| *size < largest).chain([largest]).collect(),
        None => sizes.to_vec(),
    };
    for store in stores {
        runtime.block_on(hand_out::measure(store, &sizes, due));
    }
}

fn measure_funnel(runtime: &tokio::runtime::Runtime, stores: &[&str], leads: usize) {
    println!();
    funnel::print_header();
    for store in stores {
        runtime.block_on(funnel::measure(store, leads));
    }
}

fn measure_verification(runtime: &tokio::runtime::Runtime, stores: &[&str], hand_outs: usize) {
    println!();
    verify::print_header();
    for store in stores {
        runtime.block_on(verify::measure(store, hand_outs));
    }
}

async fn measure_queue(store: &str, leads: usize) {
    let lab = Lab::new(store).await;
    let bare = Lab::new(store).await;
    let clock = Instant::now();
    lab.load(leads).await;
    let engine = clock.elapsed();
    let clock = Instant::now();
    bare.bare.load(leads).await;
    table::print(&Line::rate("load", leads, leads, engine, clock.elapsed()));

    let (next, outcome) = lab.work_alone(CALLS).await;
    let (bare_next, bare_outcome) = bare.bare.work_alone(CALLS).await;
    table::print(&Line::latency("next lead, one operator", leads, &next, &bare_next));
    table::print(&Line::latency("outcome, one operator", leads, &outcome, &bare_outcome));

    let clock = Instant::now();
    let latencies = lab.work_together(OPERATORS, CALLS * 4).await;
    let engine = clock.elapsed();
    let clock = Instant::now();
    bare.bare.work_together(OPERATORS, CALLS * 4).await;
    let line = Line::rate("next + outcome, 64 operators", leads, CALLS * 4, engine, clock.elapsed());
    table::print(&line.with_latency(&latencies));
    lab.close().await;
    bare.close().await;
}

impl Lab {
    /// One operator asks and reports in turn; the latencies of both.
    async fn work_alone(&self, calls: usize) -> (Vec<Duration>, Vec<Duration>) {
        let operator = self.operator("alone").await;
        let mut work = Work::default();
        for _ in 0..calls {
            self.work_once(operator, &mut work).await;
        }
        (work.next, work.outcome)
    }

    /// Many operators at once; the latencies of next lead.
    async fn work_together(&self, operators: usize, calls: usize) -> Vec<Duration> {
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..operators {
            let (lab, operator) = (self.clone(), self.operator(&format!("operator-{number}")).await);
            tasks.spawn(async move {
                let mut work = Work::default();
                for _ in 0..calls / operators {
                    lab.work_once(operator, &mut work).await;
                }
                work.next
            });
        }
        tasks.join_all().await.concat()
    }

    async fn work_once(&self, operator: relance_domain::UserId, work: &mut Work) {
        let clock = Instant::now();
        let answer = self.engine.next_lead(operator, None).await.expect("an answer");
        work.next.push(clock.elapsed());
        let NextAnswer::Lead(lead) = answer else { panic!("a lead is callable") };
        let clock = Instant::now();
        self.refuse(operator, &lead).await;
        work.outcome.push(clock.elapsed());
    }

    /// Records that it costs too much.
    pub(crate) async fn refuse(&self, operator: relance_domain::UserId, lead: &LeadAnswer) {
        let refusal =
            RefusalReport { reason: "price".into(), price_ceiling: Some("15".into()), ..RefusalReport::default() };
        let report =
            OutcomeReport { disposition: "refused".into(), refusal: Some(refusal), ..OutcomeReport::default() };
        self.engine.record_outcome(operator, lead.assignment, &lead.token, &report).await.expect("recorded");
    }
}

/// The middle of some latencies.
fn median(latencies: &[Duration]) -> Duration {
    percentile(latencies, 50)
}
