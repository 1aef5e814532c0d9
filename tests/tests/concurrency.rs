//! Sixty-four operators at once, with everything else that goes on beside them: loops, a publication, objections, people
//! who ask twice and people who stop waiting. On PostgreSQL the work is spread over two nodes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use relance_domain::Span;
use relance_domain::outcome::OutcomeReport;
use relance_scheduler::{Engine, LeadAnswer, NextAnswer, SuppressFor, loops};
use relance_store::user::User;
use relance_testkit::builders::{definition, tariff};
use relance_testkit::{World, reports};

const OPERATORS: usize = 64;
const PEOPLE: u32 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_operators_on_sqlite() {
    let world = World::sqlite().await;
    let nodes = vec![world.engine.clone()];
    a_busy_floor(&world, nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_operators_on_two_nodes_of_postgres() {
    let world = World::postgres().await;
    let nodes = vec![world.engine.clone(), world.another_node().await];
    a_busy_floor(&world, nodes).await;
}

/// What the operators see together.
#[derive(Default)]
struct Floor {
    /// Phones that are on somebody's screen at this moment.
    on_screen: Mutex<HashSet<String>>,
    /// Calls that were recorded.
    calls: AtomicU32,
    /// The day is over.
    over: AtomicBool,
}

async fn a_busy_floor(world: &World, nodes: Vec<Engine>) {
    // Half of the people are in both campaigns, so that two operators may want the same person at once.
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=PEOPLE + 1).await;
    world.load(&loan, 2..=PEOPLE / 2 + 1).await;
    let mut operators = Vec::with_capacity(OPERATORS);
    for number in 0..OPERATORS {
        operators.push(world.operator(&format!("operator-{number}")).await);
    }
    let floor = Arc::new(Floor::default());
    let beside: Vec<_> =
        nodes.iter().map(|node| tokio::spawn(beside_the_floor(node.clone(), Arc::clone(&floor)))).collect();
    let mut rounds = 0;
    while world.number("SELECT COUNT(*) FROM lead WHERE state <> 'closed'").await > 0 {
        rounds += 1;
        assert!(rounds < 20, "somebody is never called");
        one_shift(&nodes, &operators, &floor).await;
        world.clock.advance(Span::minutes(30));
        for node in &nodes {
            loops::run_once(node).await.expect("a round of the loops");
        }
    }
    floor.over.store(true, Ordering::SeqCst);
    for task in beside {
        task.await.expect("nothing went wrong beside the floor");
    }
    world.hold_invariants().await;
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, i64::from(floor.calls.load(Ordering::SeqCst)));
    let never_handed_out =
        "SELECT COUNT(*) FROM lead WHERE closed_reason <> 'suppressed' AND id NOT IN (SELECT lead_id FROM assignment)";
    assert_eq!(world.number(never_handed_out).await, 0, "nobody is lost");
    assert_eq!(world.number("SELECT COUNT(*) FROM assignment WHERE ending <> 'outcome'").await, 0);
    assert!(world.number("SELECT COUNT(*) FROM reopening").await > 0, "the tariff brought people back");
}

/// Everybody calls until nobody is callable.
async fn one_shift(nodes: &[Engine], operators: &[User], floor: &Arc<Floor>) {
    let mut tasks = Vec::with_capacity(operators.len());
    for (number, operator) in operators.iter().enumerate() {
        let (node, operator, floor) = (nodes[number % nodes.len()].clone(), operator.clone(), Arc::clone(floor));
        tasks.push(tokio::spawn(async move {
            while let Some(lead) = ask(&node, &operator, number).await {
                work(&node, &operator, &lead, &floor).await;
            }
        }));
    }
    for task in tasks {
        task.await.expect("the operator's story holds");
    }
}

async fn ask(node: &Engine, operator: &User, number: usize) -> Option<LeadAnswer> {
    if number.is_multiple_of(5) {
        // Somebody who stops waiting, and asks anew.
        let _ = tokio::time::timeout(Duration::ZERO, node.next_lead(operator.id, None)).await;
    }
    let (first, again) = tokio::join!(node.next_lead(operator.id, None), node.held_lead(operator.id));
    match first.expect("an answer") {
        NextAnswer::Nobody(_) => None,
        NextAnswer::Lead(lead) => {
            if let Some(held) = again.expect("an answer") {
                assert_eq!(held.assignment, lead.assignment, "an operator has one lead");
            }
            Some(*lead)
        }
    }
}

async fn work(node: &Engine, operator: &User, lead: &LeadAnswer, floor: &Floor) {
    let phone = lead.phone.clone();
    assert!(floor.on_screen.lock().expect("unpoisoned").insert(phone.clone()), "a person is with two operators");
    tokio::task::yield_now().await;
    floor.on_screen.lock().expect("unpoisoned").remove(&phone);
    let report = outcome_of(lead);
    let record = || node.record_outcome(operator.id, lead.assignment, &lead.token, &report);
    let (first, again) = tokio::join!(record(), record());
    assert_eq!(first.expect("recorded").attempt, again.expect("recorded").attempt, "a retry makes no second attempt");
    floor.calls.fetch_add(1, Ordering::SeqCst);
}

/// The first call of a lead ends in one of many ways; a later one in the end of it.
fn outcome_of(lead: &LeadAnswer) -> OutcomeReport {
    let soon = Span::minutes(20).after(lead.handed_at);
    if !lead.history.is_empty() {
        return reports::not_interested();
    }
    match lead.lead.0 % 8 {
        0 | 1 => reports::refused_over("30"),
        2 => reports::plain("busy"),
        3 => reports::plain("no_answer"),
        4 => reports::call_later(soon),
        5 => reports::call_later_myself(soon),
        6 => reports::plain("do_not_call"),
        _ => reports::plain("wrong_number"),
    }
}

/// What one node does beside its operators: loops all the time, a publication and an objection in between.
async fn beside_the_floor(node: Engine, floor: Arc<Floor>) {
    let mut published = false;
    while !floor.over.load(Ordering::SeqCst) {
        loops::run_once(&node).await.expect("a round of the loops");
        if !published && floor.calls.load(Ordering::SeqCst) > PEOPLE / 2 {
            published = true;
            node.publish_tariff(&tariff("fibre-25", 2_499, &["fibre", "loan"])).await.expect("published");
            node.suppress("+33199000300", "FR", SuppressFor::default(), "asked by letter", None)
                .await
                .expect("suppressed");
        }
        tokio::task::yield_now().await;
    }
}
