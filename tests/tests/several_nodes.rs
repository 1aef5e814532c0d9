//! Several nodes on one database: any may serve any request, none is elected, and what one does wakes the others. A bell that
//! nobody hears costs time and nothing else.

use std::time::Duration;

use relance_domain::Span;
use relance_domain::calling_hours::{Day, WeeklyHours};
use relance_scheduler::loops::{self, Report};
use relance_scheduler::{Engine, LeadAnswer, NextAnswer};
use relance_store::assignment::Holder;
use relance_store::bell::Ringing;
use relance_store::user::User;
use relance_testkit::builders::{definition, phone};
use relance_testkit::{World, reports};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything takes: whoever waits so long waits in vain.
const IN_VAIN: Duration = Duration::from_secs(60);
/// Connections of this database that listen.
const LISTENING: &str =
    "SELECT pid::BIGINT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' ORDER BY pid";

relance_testkit::on_both_stores![
    whoever_waits_is_woken,
    a_wait_ends_when_the_node_does,
    who_stops_waiting_is_given_nothing,
    a_clock_that_jumps_hands_nothing_out_too_early_and_loses_nothing,
];

async fn heard(bell: &mut Ringing, what: &str) {
    timeout(IN_VAIN, bell.rung()).await.unwrap_or_else(|_| panic!("nobody heard of {what}"));
}

async fn wait(node: &Engine, operator: &User) -> NextAnswer {
    timeout(IN_VAIN, node.wait_for_lead(operator.id, None, IN_VAIN)).await.expect("in time").expect("an answer")
}

fn lead(answer: NextAnswer) -> LeadAnswer {
    match answer {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn is_nobody(node: &Engine, operator: &User) -> bool {
    matches!(node.next_lead(operator.id, None).await.expect("an answer"), NextAnswer::Nobody(_))
}

/// Waits until a connection listens, and another one than before.
async fn listener(world: &World, but: &[i64]) -> Vec<i64> {
    let look = async {
        loop {
            let found = world.numbers(LISTENING).await;
            if found.iter().any(|pid| !but.contains(pid)) {
                break found;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(IN_VAIN, look).await.expect("a connection that listens")
}

async fn whoever_waits_is_woken(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    let (first, ()) = tokio::join!(wait(&world.engine, &marie), async {
        world.load(&campaign, 2..=2).await;
    });
    let first = lead(first);
    assert_eq!(first.phone, phone(2).reveal());
    let holder = Holder { assignment: first.assignment, token: first.token.clone(), operator: marie.id };
    let (again, handed_back) =
        tokio::join!(wait(&world.engine, &paul), world.store.hand_back(&holder, "the line is bad", world.now()));
    handed_back.expect("handed back");
    assert_eq!(lead(again).lead, first.lead);
}

async fn a_wait_ends_when_the_node_does(world: &World) {
    let marie = world.operator("marie").await;
    world.running(&definition("fibre")).await;
    let (answer, ()) = tokio::join!(wait(&world.engine, &marie), async { world.engine.end_waits() });
    assert!(matches!(answer, NextAnswer::Nobody(_)), "{answer:?}");
    let later = wait(&world.engine, &marie).await;
    assert!(matches!(later, NextAnswer::Nobody(nobody) if nobody.because.contains("Nobody is left")));
}

async fn who_stops_waiting_is_given_nothing(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    let gone = timeout(Duration::from_millis(300), world.engine.wait_for_lead(marie.id, None, IN_VAIN)).await;
    assert!(gone.is_err(), "nobody is callable");
    world.load(&campaign, 2..=2).await;
    assert_eq!(lead(wait(&world.engine, &paul).await).phone, phone(2).reveal());
    assert!(world.engine.held_lead(marie.id).await.expect("an answer").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_on_one_node_gets_the_lead_of_a_list_that_another_has_loaded() {
    let world = World::postgres().await;
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.another_node().await;
    let (answer, ()) = tokio::join!(wait(&other, &marie), async {
        // The other node listens from before its first look on.
        listener(&world, &[]).await;
        world.load(&campaign, 2..=2).await;
    });
    assert_eq!(lead(answer).phone, phone(2).reveal());
    world.hold_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_lost_its_connection_listens_again() {
    let world = World::postgres().await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.another_node().await;
    let mut bell = other.store().work().listen();
    heard(&mut bell, "the first connection").await;
    let before = listener(&world, &[]).await;
    world.load(&campaign, 2..=2).await;
    heard(&mut bell, "a list").await;
    world.write("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'").await;
    heard(&mut bell, "the second connection, before which something may have been missed").await;
    assert_eq!(listener(&world, &before).await.len(), 1);
    world.load(&campaign, 3..=3).await;
    heard(&mut bell, "another list").await;
    other.store().close().await;
    assert!(timeout(IN_VAIN, nobody_listens(&world)).await.is_ok(), "a closed store listens no more");
}

async fn nobody_listens(world: &World) {
    while !world.numbers(LISTENING).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

/// Two processes on one SQLite file do not hear each other, as two nodes on PostgreSQL whose listeners are away.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_hears_nothing_finds_work_by_looking() {
    let world = World::sqlite().await;
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    let deaf = world.another_node().await;
    let (first, ()) = tokio::join!(wait(&deaf, &marie), async {
        world.load(&campaign, 2..=2).await;
    });
    let first = lead(first);
    deaf.record_outcome(marie.id, first.assignment, &first.token, &reports::plain("busy")).await.expect("recorded");
    let stop = CancellationToken::new();
    let looping = tokio::spawn(loops::run(world.engine.clone(), Duration::from_millis(20), stop.clone()));
    world.clock.advance(Span::minutes(11));
    // The lead is ready once the loops of the one node have looked, which the other is not told.
    assert_eq!(lead(wait(&deaf, &paul).await).lead, first.lead);
    stop.cancel();
    looping.await.expect("the loops end");
    world.hold_invariants().await;
}

/// Loops that ring wake themselves, and so do operators who wait: a ring for nothing is told to all of them.
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_work_rings_nothing() {
    let world = World::sqlite().await;
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    // The first round finds out where people are.
    while !loops::run_once(&world.engine).await.expect("a round of the loops").idle() {}
    let mut bell = world.store.work().listen();
    for report in [reports::plain("no_answer"), reports::not_interested()] {
        world.call(&marie, &report).await;
    }
    assert!(loops::run_once(&world.engine).await.expect("a round of the loops").idle());
    assert!(is_nobody(&world.engine, &marie).await);
    assert!(timeout(Duration::ZERO, bell.rung()).await.is_err());
    world.clock.advance(Span::minutes(121));
    assert_eq!(loops::run_once(&world.engine).await.expect("a round of the loops").promoted, 1);
    assert!(timeout(Duration::ZERO, bell.rung()).await.is_ok(), "a lead whose time has come");
    world.hold_invariants().await;
}

/// Loops that would rest for an hour are woken by what another node does.
#[tokio::test(flavor = "multi_thread")]
async fn loops_are_woken_by_other_nodes() {
    let world = World::postgres().await;
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let held = lead(world.engine.next_lead(marie.id, None).await.expect("an answer"));
    world
        .engine
        .record_outcome(marie.id, held.assignment, &held.token, &reports::plain("busy"))
        .await
        .expect("recorded");
    let (other, stop) = (world.another_node().await, CancellationToken::new());
    let mut bell = other.store().work().listen();
    let looping = tokio::spawn(loops::run(other.clone(), Duration::from_secs(3_600), stop.clone()));
    heard(&mut bell, "the connection").await;
    world.clock.advance(Span::minutes(11));
    world.store.mix_lists(campaign.id, &[]).await.expect("nothing is mixed, and rings");
    assert_eq!(lead(wait(&world.engine, &paul).await).lead, held.lead);
    stop.cancel();
    looping.await.expect("the loops end");
    world.hold_invariants().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_nodes_share_the_work_of_the_loops() {
    const EACH: u32 = 40;
    let world = World::postgres().await;
    let nodes = [world.engine.clone(), world.another_node().await, world.another_node().await];
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3 * EACH + 1).await;
    for number in 0..3 * EACH {
        let operator = world.operator(&format!("operator-{number}")).await;
        let hand_out = world.hand_out(&operator).await;
        match number % 3 {
            0 => drop(world.record(&hand_out, &reports::plain("no_answer")).await),
            1 => drop(world.record(&hand_out, &reports::call_later_myself(world.in_minutes(10))).await),
            // The lease runs out.
            _ => {}
        }
    }
    world.clock.advance(Span::minutes(180));
    let rounds = nodes.map(|node| {
        tokio::spawn(async move {
            let mut done = Report::default();
            loop {
                let round = loops::run_once(&node).await.expect("a round of the loops");
                if round.idle() {
                    break done;
                }
                done.promoted += round.promoted;
                done.returned += round.returned;
                done.escalated += round.escalated;
            }
        })
    });
    let mut all = Report::default();
    for round in rounds {
        let done = round.await.expect("a node's rounds end");
        all.promoted += done.promoted;
        all.returned += done.returned;
        all.escalated += done.escalated;
    }
    let each = u64::from(EACH);
    assert_eq!((all.returned, all.escalated), (each, each), "each piece of work is done once: {all:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE state = 'ready'").await, 2 * i64::from(EACH));
    assert_eq!(world.number("SELECT COUNT(*) FROM assignment WHERE ending = 'expired'").await, i64::from(EACH));
    assert!(all.promoted >= each, "what was tried before is ready: {all:?}");
    world.hold_invariants().await;
}

/// The clock of a server is set back, and ahead: over the hours of a campaign, its leases and its promises. Whoever is asked for
/// after it went back is somebody new, for the invariants are told in the order of the clock.
async fn a_clock_that_jumps_hands_nothing_out_too_early_and_loses_nothing(world: &World) {
    let mut hours = definition("fibre");
    let window = "09:00-12:00".parse().expect("a window");
    hours.calling.hours = WeeklyHours(Day::ALL.map(|day| (day, vec![window])).into());
    let campaign = world.running(&hours).await;
    world.load(&campaign, 2..=4).await;
    let mut operators = Vec::new();
    for name in ["marie", "paul", "nora", "olga"] {
        operators.push(world.operator(name).await);
    }
    let [marie, paul, nora, olga] = &operators[..] else { panic!("four operators") };
    let engine = &world.engine;
    let at = |paris: &str| world.clock.set(format!("2026-11-{paris}:00+01:00").parse().expect("an instant"));
    let round = async || loops::run_once(engine).await.expect("a round of the loops");

    let first = lead(wait(engine, marie).await);
    let promise = reports::call_later(world.in_minutes(30));
    engine.record_outcome(marie.id, first.assignment, &first.token, &promise).await.expect("recorded");
    at("24T10:00"); // back an hour: within the hours, long before the promise
    round().await;
    let second = lead(engine.next_lead(paul.id, None).await.expect("an answer"));
    assert_ne!(second.lead, first.lead, "what was promised for later is not due");
    at("24T08:00"); // back before the hours
    assert_eq!(round().await.returned, 0);
    assert!(is_nobody(engine, nora).await, "the hours have not begun");
    at("24T10:20");
    assert_eq!(round().await.returned, 0, "the lease holds");
    let third = lead(engine.next_lead(nora.id, None).await.expect("an answer"));
    at("24T11:20"); // ahead an hour: past both leases
    assert_eq!(round().await.returned, 2);
    at("24T12:20"); // ahead past the hours and the promise
    round().await;
    assert!(is_nobody(engine, olga).await, "the hours are over, and what is decided of the lanes with them");
    at("25T09:30");
    round().await;
    let kept = lead(engine.next_lead(olga.id, None).await.expect("an answer"));
    assert_eq!(kept.lead, first.lead, "the promise comes first");
    assert_eq!(
        world.number("SELECT COUNT(*) FROM lead WHERE state = 'ready'").await,
        2,
        "{} {}",
        second.lead,
        third.lead
    );
}
