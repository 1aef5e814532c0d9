//! Sixty-four operators at once, with everything else that goes on beside them: loops, a publication, objections, people
//! who ask twice and people who stop waiting. On PostgreSQL the work is spread over two nodes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use relance_domain::Span;
use relance_domain::outcome::OutcomeReport;
use relance_scheduler::{Engine, Error, LeadAnswer, NextAnswer, SuppressFor, loops};
use relance_store::claim::{Claimed, Why};
use relance_store::user::User;
use relance_testkit::builders::{definition, provenance, row, tariff};
use relance_testkit::world::person;
use relance_testkit::{World, reports};

const OPERATORS: usize = 64;
const PEOPLE: u32 = 400;
/// Who asks by letter not to be called: perhaps while an operator has them, whose outcome is late then.
const OBJECTOR: &str = "+33199000300";

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
    let never_handed_out = "SELECT COUNT(*) FROM lead JOIN client ON client.id = lead.client_id
        WHERE lead.closed_reason <> 'suppressed' AND NOT (lead.closed_reason = 'wrong_number' AND client.phone_wrong_at_ms IS NOT NULL)
            AND lead.id NOT IN (SELECT lead_id FROM assignment)";
    assert_eq!(world.number(never_handed_out).await, 0, "nobody is lost");
    assert_eq!(world.number("SELECT COUNT(*) FROM assignment WHERE ending NOT IN ('outcome', 'revoked')").await, 0);
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
    if lead.phone == OBJECTOR && matches!((&first, &again), (Err(Error::Late(_)), Err(Error::Late(_)))) {
        return;
    }
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
            node.suppress(OBJECTOR, "FR", SuppressFor::default(), "asked by letter", None).await.expect("suppressed");
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_batch_gives_what_one_after_the_other_would_get_on_sqlite() {
    let (together, in_turn) = (World::sqlite().await, World::sqlite().await);
    assert_eq!(served_together(&together).await, served_in_turn(&in_turn).await);
}

#[tokio::test]
async fn a_batch_gives_what_one_after_the_other_would_get_on_postgres() {
    let (together, in_turn) = (World::postgres().await, World::postgres().await);
    assert_eq!(served_together(&together).await, served_in_turn(&in_turn).await);
}

/// Whom an operator got, of which campaign and why.
type Got = Option<(u32, i64, Why)>;

async fn served_together(world: &World) -> Vec<Got> {
    let operators = an_uneven_floor(world).await;
    let mut got = Vec::new();
    for claimed in world.claim_together(&operators.iter().collect::<Vec<_>>()).await {
        got.push(what(world, claimed).await);
    }
    world.hold_invariants().await;
    assert!(got.contains(&None) && got.iter().flatten().any(|(.., why)| *why == Why::PersonalCallback), "{got:?}");
    got
}

async fn served_in_turn(world: &World) -> Vec<Got> {
    let mut got = Vec::new();
    for operator in &an_uneven_floor(world).await {
        got.push(what(world, world.claim(operator).await).await);
    }
    got
}

async fn what(world: &World, claimed: Claimed) -> Got {
    let Claimed::Assignment(assignment) = claimed else { return None };
    let hand_out = world.look_at(assignment).await;
    Some((person(&hand_out), hand_out.campaign.0, hand_out.decision.why))
}

/// Lists that take turns, people in two campaigns, promises to keep, people to be moved away, and more operators than leads.
async fn an_uneven_floor(world: &World) -> Vec<User> {
    let (fibre, loan) = (world.running(&definition("fibre")).await, world.running(&definition("loan")).await);
    let mut operators = Vec::new();
    for number in 0..28 {
        operators.push(world.operator(&format!("operator-{number}")).await);
    }
    world.load(&fibre, 2..=5).await;
    for (number, report) in [
        reports::call_later_myself(world.in_minutes(10)),
        reports::call_later(world.in_minutes(20)),
        reports::call_later_myself(world.in_minutes(15)),
        reports::plain("busy"),
    ]
    .iter()
    .enumerate()
    {
        world.call(&operators[number * 5], report).await;
    }
    world.clock.advance(Span::minutes(30));
    let (one, other) = (world.load(&fibre, 6..=12).await, world.load(&fibre, 20..=26).await);
    world.load(&loan, 8..=22).await;
    world.store.mix_lists(fibre.id, &[(one.id, 3), (other.id, 1)]).await.expect("mixed");
    let mut over = provenance("over");
    over.licence_until = Some("2026-11-23".parse().expect("a date"));
    world.load_rows(&loan, over, &(30..=40).map(row).collect::<Vec<_>>()).await.expect("loaded");
    loops::run_once(&world.engine).await.expect("a round of the loops");
    operators
}
