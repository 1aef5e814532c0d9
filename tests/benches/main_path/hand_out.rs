//! What a hand-out costs, through the scheduler's engine with its claim desk, at several sizes: beside the naive statement
//! without lanes over the same leads, and beside the floor, one durable transaction of two rows on the same server.

use std::time::Instant;

use tokio::sync::watch;

mod callers;
mod due;
mod fill;
mod floor;
mod naive;

use callers::Measured;
use fill::Filled;
pub(crate) use fill::{CHUNK, run, series, unchecked};

use crate::lab::Lab;

/// Callers who ask at the same time.
const CALLERS: usize = 64;
/// Claims of a measurement under load, each by an operator of their own; as many outcomes follow.
const CLAIMS: usize = 64 * 50;
/// Claims by one lonely caller.
const CLAIMS_ALONE: usize = 300;
/// What a lead and its client take on the disk at most, with their indexes and what is written about them meanwhile.
const BYTES_PER_LEAD: u64 = 1_100;

/// Prints what hand-outs cost on a store at each of the sizes, and while so many rows are due at once.
pub(crate) async fn measure(store: &str, sizes: &[usize], due: usize) {
    println!("\n{store}: claims and outcomes\n");
    println!("| leads | callers | work | per second | to the floor | p50 ms | p99 ms |");
    println!("|---:|---:|---|---:|---:|---:|---:|");
    let mut costs = Vec::new();
    for leads in sizes {
        if let Some(missing) = fill::missing_room(store, *leads as u64 * BYTES_PER_LEAD).await {
            println!("\n{leads} leads were not measured: {missing}\n");
            continue;
        }
        costs.push((*leads, at_size(store, *leads).await));
    }
    for (leads, Costs { verified, .. }) in &costs {
        println!("\n{leads} leads: {verified}");
    }
    if let [(smallest, first), .., (largest, last)] = costs.as_slice() {
        println!("\nCost at {largest} leads against {smallest}, each against the floor beside it (and as it is):\n");
        println!("| work | ratio | ratio as it is |");
        println!("|---|---:|---:|");
        first.claim.print_growth("claim, 64 callers", &last.claim);
        first.outcome.print_growth("outcome, 64 callers", &last.outcome);
    }
    due::measure(store, due).await;
}

/// What 64 callers cost at one size.
struct Costs {
    claim: Cost,
    outcome: Cost,
    /// What `relance verify` says of the ledger that the engine left.
    verified: String,
}

/// The rate of a piece of work, and of the floor beside it.
struct Cost {
    rate: f64,
    floor: f64,
}

impl Cost {
    fn print_growth(&self, work: &str, last: &Self) {
        let ratio = (self.rate / self.floor) / (last.rate / last.floor);
        println!("| {work} | {ratio:.2} | {:.2} |", self.rate / last.rate);
    }
}

async fn at_size(store: &str, leads: usize) -> Costs {
    let lab = Lab::new(store).await;
    let mut filled = fill::leads(&lab, store, leads).await;
    fill::settle(&lab).await;
    let floor = floor::measure(&lab, CALLERS).await;
    floor.print(leads, CALLERS, "floor: two rows", &floor);
    let (claim, outcome) = engine(&lab, &mut filled, CALLERS, CLAIMS).await;
    claim.print(leads, CALLERS, "claim", &floor);
    outcome.print(leads, CALLERS, "outcome", &floor);
    fill::settle(&lab).await;
    let floor_alone = floor::measure(&lab, 1).await;
    floor_alone.print(leads, 1, "floor: two rows", &floor_alone);
    let (claim_alone, outcome_alone) = engine(&lab, &mut filled, 1, CLAIMS_ALONE).await;
    claim_alone.print(leads, 1, "claim", &floor_alone);
    outcome_alone.print(leads, 1, "outcome", &floor_alone);
    let verified = verify(&lab).await;
    naive::index(&lab).await;
    fill::settle(&lab).await;
    let naive = naive::measure(&lab, filled.operators(CLAIMS), CALLERS).await;
    naive.print(leads, CALLERS, "claim, naive", &floor);
    println!("| {leads} | {CALLERS} | claim / claim, naive | {:.2} | | | |", claim.rate() / naive.rate());
    lab.close().await;
    let cost = |measured: &Measured| Cost { rate: measured.rate(), floor: floor.rate() };
    Costs { claim: cost(&claim), outcome: cost(&outcome), verified }
}

/// Verifies what the engine has done, before anything is written past it.
async fn verify(lab: &Lab) -> String {
    let clock = Instant::now();
    let found = lab.engine.verify(&watch::Sender::default()).await.expect("verified");
    assert!(found.holds, "{:#?}", found.violations);
    let hand_outs = crate::verify::count(lab, "assignment").await;
    format!(
        "relance verify finds every promise kept in {hand_outs} hand-outs, in {:.1} s",
        clock.elapsed().as_secs_f64()
    )
}

/// Claims by so many callers at a time, then the outcomes of them all.
async fn engine(lab: &Lab, filled: &mut Filled, callers: usize, claims: usize) -> (Measured, Measured) {
    // The campaigns, their lanes and the rules are read once, by whoever comes first.
    callers::warm(lab, filled.operators(1)).await;
    let (claim, held) = callers::claim(lab, filled.operators(claims), callers).await;
    let outcome = callers::end(lab, held, callers).await;
    (claim, outcome)
}
