//! The loops with very many rows due at once: what a round does and takes, and what operators wait meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use relance_domain::UserId;
use relance_scheduler::loops;

use super::callers::{self, Measured};
use super::fill::{self, Made, READY};
use crate::lab::Lab;

/// Callers meanwhile: enough to see a wait, too few to be one.
const CALLERS: usize = 8;
/// Calls in quiet, and at least so many meanwhile.
const CALLS: usize = 400;
/// Leads that are callable whatever the loops do.
const READY_LEADS: usize = 40_000;
/// No loop is watched for longer.
const WATCHED: Duration = Duration::from_secs(30);

/// What is due.
#[derive(Clone, Copy)]
enum Due {
    Promote,
    Lease,
    Callback,
}

/// Prints what each loop does with so many rows due at once.
pub(super) async fn measure(store: &str, due: usize) {
    println!("\n{store}: loops with {due} rows due at once, watched for {} s at most\n", WATCHED.as_secs());
    println!(
        "| loop | rows moved | most per round | round p50 ms | round p99 ms | next lead in quiet p50 / p99 ms | meanwhile p50 / p99 / longest ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    if let Some(missing) = fill::missing_room(store, due as u64 * super::BYTES_PER_LEAD * 2).await {
        println!("\nThe loops were not measured: {missing}\n");
        return;
    }
    for what in [Due::Promote, Due::Lease, Due::Callback] {
        one(store, what, due).await;
    }
}

impl Due {
    fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Lease => "lease",
            Self::Callback => "callback",
        }
    }

    fn made(self) -> Made {
        match self {
            Self::Promote => Made { state: "scheduled", block: Some("retry"), priority: 3 },
            Self::Lease => Made { state: "assigned", block: None, ..READY },
            Self::Callback => Made { state: "scheduled", block: Some("callback"), ..READY },
        }
    }

    /// What stands beside the leads from a number on: holders whose lease ran out, or promises that are long overdue.
    fn then(self, first: usize) -> Vec<String> {
        let hour_ago = Timestamp::now().as_millisecond() - 3_600_000;
        let holders = format!(
            "INSERT INTO app_user (name, role, token_sha256, created_at_ms)
            SELECT 'holder-' || id, 'operator', 'holder-' || id, 0 FROM lead WHERE id >= {first}"
        );
        let assignments = |operator: &str, ended: &str, report: &str| {
            format!(
                "INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
                    decision, handed_at_ms, lease_until_ms, ended_at_ms, ending, report)
                SELECT lead.id, client_id, 1, 1, 'Bench', 1, app_user.id, 'token', '{{}}', {hour_ago} - 900000, {hour_ago},
                    {ended}, {report} FROM lead JOIN app_user ON app_user.name = {operator} WHERE lead.id >= {first}"
            )
        };
        match self {
            Self::Promote => Vec::new(),
            Self::Lease => vec![holders, assignments("'holder-' || lead.id", "NULL", "NULL, NULL")],
            Self::Callback => vec![
                assignments("'caller-10000'", &hour_ago.to_string(), "'outcome', '{}'"),
                format!(
                    "INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition,
                        class, recorded_at_ms)
                    SELECT id, lead_id, client_id, 1, 'Bench', 1, operator_id, 'call_back', 'callback', {hour_ago} FROM assignment
                    WHERE lead_id >= {first}"
                ),
                format!(
                    "INSERT INTO callback (lead_id, campaign_id, attempt_id, promised_by, operator_id, due_at_ms, callable_at_ms,
                        state, created_at_ms)
                    SELECT lead_id, 1, id, operator_id, operator_id, {hour_ago} - id % 60000, {hour_ago} - id % 60000, 'open',
                        {hour_ago} - 900000 FROM attempt WHERE lead_id >= {first}"
                ),
            ],
        }
    }
}

async fn one(store: &str, what: Due, due: usize) {
    let lab = Lab::new(store).await;
    let mut filled = fill::leads(&lab, store, READY_LEADS).await;
    // What is read once, and the places of people, are not what the loops are measured for.
    callers::warm(&lab, filled.operators(1)).await;
    let first = READY_LEADS + 1;
    let operators = filled.operators(CALLERS);
    let before = work(&lab, &operators, &AtomicBool::new(true)).await;
    fill::rows(&lab, store, first, READY_LEADS + due, what.made(), &what.then(first)).await;
    fill::run(&lab, "UPDATE rule_set SET placed_all_at_ms = 0").await;
    fill::settle(&lab).await;
    let over = AtomicBool::new(false);
    let (rounds, meanwhile) = tokio::join!(watch(&lab, what, &over), work(&lab, &operators, &over));
    let moved: u64 = rounds.iter().map(|(moved, _)| moved).sum();
    let most = rounds.iter().map(|(moved, _)| *moved).max().unwrap_or_default();
    let rounds =
        Measured { pieces: rounds.len(), time: WATCHED, latencies: rounds.into_iter().map(|(_, time)| time).collect() };
    let both = |measured: &Measured| format!("{:.1} / {:.1}", measured.percentile_ms(50), measured.percentile_ms(99));
    println!(
        "| {} | {moved} | {most} | {} | {} | {} / {:.1} |",
        what.name(),
        both(&rounds).replace(" / ", " | "),
        both(&before),
        both(&meanwhile),
        meanwhile.percentile_ms(100)
    );
    lab.close().await;
}

/// Rounds of the loops, one after the other, until nothing is left or the time is over: what each moved, and what it took.
async fn watch(lab: &Lab, what: Due, over: &AtomicBool) -> Vec<(u64, Duration)> {
    let (mut rounds, begun) = (Vec::new(), Instant::now());
    while begun.elapsed() < WATCHED {
        let clock = Instant::now();
        let report = loops::run_once(&lab.engine).await.expect("a round");
        let moved = match what {
            Due::Promote => report.promoted,
            Due::Lease => report.returned,
            Due::Callback => report.escalated,
        };
        if moved == 0 {
            break;
        }
        rounds.push((moved, clock.elapsed()));
    }
    over.store(true, Ordering::Relaxed);
    rounds
}

/// Operators who ask and report in turn until the loops' time is over, and for some calls at least; the latencies of next lead.
async fn work(lab: &Lab, operators: &[UserId], over: &AtomicBool) -> Measured {
    let clock = Instant::now();
    let each = operators.iter().map(|operator| async move {
        let mut latencies = Vec::new();
        while latencies.len() < CALLS / CALLERS || !over.load(Ordering::Relaxed) {
            let clock = Instant::now();
            let lead = callers::next(lab, *operator).await;
            latencies.push(clock.elapsed());
            lab.refuse(*operator, &lead).await;
        }
        latencies
    });
    let latencies = futures_util::future::join_all(each).await.concat();
    Measured { pieces: latencies.len(), time: clock.elapsed(), latencies }
}
