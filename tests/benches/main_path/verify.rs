//! What verifying a ledger costs, beside a bare count of the rows of the same tables.

use std::sync::Arc;
use std::time::{Duration, Instant};

use relance_domain::abilities::Abilities;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::client::UpdatePolicy;
use relance_domain::user::Role;
use relance_scheduler::{Engine, NextAnswer};
use relance_store::list::{Begun, Chunk, NewLoad};
use relance_testkit::builders::{accepted, provenance, under_the_law, who_agreed};
use relance_testkit::clock::ManualClock;
use relance_testkit::reports;
use sqlx::AssertSqlSafe;
use tokio::sync::watch;

use crate::lab::{Counting, Lab};

/// Rows that one statement makes.
const CHUNK: usize = 250_000;
/// How often the rows are counted; the middle is told.
const COUNTS: usize = 3;
const TABLES: [&str; 5] = ["assignment", "attempt", "refusal", "lead", "client"];

/// One hand-out that the engine made under the law of France, with everything of it, for so many people more: their numbers and keys
/// differ, and nothing else.
fn copies(store: &str, from: usize, to: usize) -> [String; 5] {
    let numbers = crate::hand_out::series(store, from, to);
    [
        format!(
            "INSERT INTO client (id, phone, country, postcode, time_zone, zone_source, place, created_by_list_id, created_at_ms)
            SELECT number, '+' || (33600000000 + number), country, postcode, time_zone, zone_source, place, created_by_list_id,
                created_at_ms FROM {numbers}, client WHERE client.id = 1"
        ),
        format!(
            "INSERT INTO lead (id, campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, closed_reason, facts,
                refusal_id, created_at_ms, consent, consent_on)
            SELECT number, campaign_id, number, list_id, number, lane_id, state, priority, due_at_ms, closed_reason, facts, number,
                created_at_ms, consent, consent_on FROM {numbers}, lead WHERE lead.id = 1"
        ),
        format!(
            "INSERT INTO assignment (id, lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token, decision,
                handed_at_ms, lease_until_ms, ended_at_ms, ending, report, subject, queue_class)
            SELECT number, number, number, campaign_id, campaign_version, seller, list_id, operator_id, token, decision, handed_at_ms,
                lease_until_ms, ended_at_ms, ending, report, subject, queue_class FROM {numbers}, assignment WHERE assignment.id = 1"
        ),
        format!(
            "INSERT INTO attempt (id, assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition, class,
                counts_as, recorded_at_ms)
            SELECT number, number, number, number, campaign_id, seller, list_id, operator_id, disposition, class, counts_as,
                recorded_at_ms FROM {numbers}, attempt WHERE attempt.id = 1"
        ),
        format!(
            "INSERT INTO refusal (id, attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, wanted_features, currency,
                refused_at_ms)
            SELECT number, number, number, campaign_id, reason, price_ceiling_minor, wanted_features, currency, refused_at_ms
            FROM {numbers}, refusal WHERE refusal.id = 1"
        ),
    ]
}

/// Makes a ledger of so many hand-outs and prints what verifying it takes and what counting its rows takes.
pub(crate) async fn measure(store: &str, hand_outs: usize) {
    let lab = Lab::new(store).await;
    hand_one_out(&lab).await;
    for from in (2..=hand_outs).step_by(CHUNK) {
        for statement in copies(store, from, (from + CHUNK - 1).min(hand_outs)) {
            run(&lab, &statement).await;
        }
    }
    run(&lab, &format!("UPDATE list SET rows_read = {hand_outs}, new_leads = {hand_outs}, new_clients = {hand_outs}"))
        .await;
    run(&lab, if store == "sqlite" { "ANALYZE" } else { "VACUUM ANALYZE" }).await;
    let clock = Instant::now();
    let found = lab.engine.verify(&watch::Sender::default()).await.expect("verified");
    let verified = clock.elapsed();
    assert!(found.holds, "{:#?}", found.violations);
    let mut counts = Vec::new();
    for _ in 0..COUNTS {
        let clock = Instant::now();
        for table in TABLES {
            assert_eq!(count(&lab, table).await, hand_outs as i64, "{table}");
        }
        counts.push(clock.elapsed());
    }
    print(store, hand_outs, verified, crate::median(&counts));
    lab.close().await;
}

/// A person in France who refuses over the price, on a Tuesday at eleven.
async fn hand_one_out(lab: &Lab) {
    let store = Arc::clone(lab.engine.store());
    let clock = ManualClock::default();
    let engine = Engine::new(Arc::clone(&store), Arc::new(clock), Arc::new(Counting::default()));
    let now = engine.now();
    let campaign = store.apply_campaign(&under_the_law("fibre"), None, now).await.expect("applied").campaign;
    store.change_campaign_state(campaign.id, CampaignEvent::Start).await.expect("started");
    let provenance =
        relance_domain::list::Provenance { consent_basis: Some("opt-in form".to_owned()), ..provenance("verified") };
    let load = NewLoad {
        campaign: campaign.id,
        sha256: "verified".to_owned(),
        provenance,
        cost_minor: None,
        reading: String::new(),
        header: vec!["phone".to_owned()],
        policy: UpdatePolicy::Keep,
        bytes_total: 1,
        ticket: "ticket".to_owned(),
        dead_since: now,
    };
    let Begun::Open { list, .. } = store.begin_load(&load, now).await.expect("begun") else { panic!("a new load") };
    let rows = [accepted(2, who_agreed(2, "2026-10-01"))];
    let chunk = Chunk { list, ticket: "ticket", rows: &rows, bytes_read: 1 };
    store.load_rows(&chunk, now).await.expect("taken");
    store.commit_load(list, "ticket", now).await.expect("loaded");
    store.use_rules(engine.rules(), now).await.expect("kept");
    let operator = engine.add_user("marie", Role::Operator, Abilities::default()).await.expect("added").user.id;
    let NextAnswer::Lead(lead) = engine.next_lead(operator, None).await.expect("an answer") else { panic!("a lead") };
    let report = reports::refused_over("15");
    engine.record_outcome(operator, lead.assignment, &lead.token, &report).await.expect("recorded");
    assert_eq!((lead.assignment.0, lead.lead.0), (1, 1), "the first of their tables");
}

pub(crate) fn print_header() {
    println!("| store | hand-outs | verified in s | hand-outs/s | rows counted in s | verified / counted |");
    println!("|---|---:|---:|---:|---:|---:|");
}

fn print(store: &str, hand_outs: usize, verified: Duration, counted: Duration) {
    let (verified, counted) = (verified.as_secs_f64(), counted.as_secs_f64());
    let rate = hand_outs as f64 / verified;
    println!("| {store} | {hand_outs} | {verified:.1} | {rate:.0} | {counted:.2} | {:.0} |", verified / counted);
}

async fn run(lab: &Lab, statement: &str) {
    let statement = || AssertSqlSafe(statement.to_owned());
    if let Some(pool) = lab.bare.sqlite_pool() {
        sqlx::query(statement()).persistent(false).execute(pool).await.expect("executed");
    }
    if let Some(pool) = lab.bare.postgres_pool() {
        sqlx::query(statement()).persistent(false).execute(pool).await.expect("executed");
    }
}

/// The rows of a table, counted one by one.
pub(crate) async fn count(lab: &Lab, table: &str) -> i64 {
    let statement = || AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let counted = match (lab.bare.sqlite_pool(), lab.bare.postgres_pool()) {
        (Some(pool), _) => sqlx::query_scalar(statement()).fetch_one(pool).await,
        (_, Some(pool)) => sqlx::query_scalar(statement()).fetch_one(pool).await,
        _ => unreachable!("one of the two stores"),
    };
    counted.expect("counted")
}
