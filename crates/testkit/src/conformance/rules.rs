//! The calling rules at the hand-out: who may be called under the law, what is kept of the decision, and what a change of rules does.

use std::sync::Arc;

use relance_domain::definition::{CountsAs, Disposition, OutcomeClass, Retry};
use relance_domain::funnel::Standing;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::list::{ListedClient, ListedPhone, Provenance, Relationship, Row};
use relance_domain::rules::{DialMode, Purpose, RuleSet};
use relance_domain::{E164, LeadId, Span};
use relance_scheduler::{Engine, LeadAnswer, NextAnswer, loops};
use relance_store::campaign::Campaign;
use relance_store::claim::Claimed;
use relance_store::outcome::CallbackFilter;
use relance_store::register::NewRegister;
use relance_store::user::User;

use crate::builders::{
    abroad, accepted, client, definition, other_rules, phone, provenance, under_the_law, who_agreed,
};
use crate::world::person;
use crate::{World, reports};

/// A list that says in words why its people may be called.
fn with_basis(name: &str) -> Provenance {
    Provenance { consent_basis: Some("opt-in form".to_owned()), ..provenance(name) }
}

/// Loads people, and lets the loops find out where they are.
async fn load(world: &World, campaign: &Campaign, provenance: Provenance, people: Vec<ListedClient>) {
    let rows: Vec<Row> = people.into_iter().zip(2..).map(|(person, line)| accepted(line, person)).collect();
    world.load_rows(campaign, provenance, &rows).await.expect("loaded");
    loops::run_once(&world.engine).await.expect("a round of the loops");
}

/// How many leads of a campaign stand somewhere.
async fn standing(engine: &Engine, campaign: &str, standing: Standing) -> i64 {
    let funnel = engine.funnel(campaign).await.expect("a funnel");
    funnel.standings.iter().filter(|count| count.standing == standing).map(|count| count.leads).sum()
}

async fn next(engine: &Engine, operator: &User) -> LeadAnswer {
    match engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn register(world: &World, name: &str, as_of: &str, people: &[u32]) {
    let phones: Vec<_> = people.iter().map(|person| phone(*person)).collect();
    register_numbers(world, name, as_of, &phones).await;
}

async fn register_numbers(world: &World, name: &str, as_of: &str, numbers: &[E164]) {
    let as_of = as_of.parse().expect("a day");
    let new = NewRegister { register: name.into(), seller: None, campaign: None, as_of };
    let open = world.store.begin_register(&new).await.expect("open");
    world.store.add_to_register(open, numbers, None, world.now()).await.expect("added");
    world.store.commit_register(open, as_of, world.now()).await.expect("committed");
}

/// In France nobody is called without a consent that can be shown, and the funnel says so; a contract needs none.
pub async fn consent_is_needed_where_the_law_asks_for_it(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    load(world, &campaign, provenance("nothing said"), vec![client(2)]).await;
    load(world, &campaign, provenance("no evidence"), vec![who_agreed(3, "2026-10-01")]).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(standing(&world.engine, "fibre", Standing::NoConsent).await, 2);
    assert_eq!(world.state_of(2).await, LeadState::Ready, "the lane is closed, and its leads are left alone");
    load(world, &campaign, with_basis("evidence"), vec![who_agreed(4, "2026-10-01")]).await;
    let contract = Provenance { relationship: Relationship::Contract, ..provenance("contract") };
    load(world, &campaign, contract, vec![client(5)]).await;
    assert_eq!(standing(&world.engine, "fibre", Standing::Callable).await, 2);
    assert_eq!(world.work_off(&marie).await, [4, 5]);
    let mut refused = who_agreed(6, "2026-10-01");
    refused.consent.given = Some(false);
    let contract = Provenance { relationship: Relationship::Contract, ..with_basis("said no") };
    load(world, &campaign, contract, vec![refused]).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "a no counts whatever the rules say");
}

/// A hand-out keeps the version of the rules and what each of them found, and the rules themselves are kept before.
pub async fn a_hand_out_keeps_the_rules_and_what_they_found(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let mut placed = who_agreed(2, "2026-10-01");
    placed.place = Some("FR".to_owned());
    world.load_rows(&campaign, with_basis("evidence"), &[accepted(2, placed)]).await.expect("loaded");
    let lead = next(&world.engine, &marie).await;
    let clearance = &lead.decision.clearance;
    assert_eq!(clearance.rule_set, RuleSet::shipped().version());
    assert_eq!((clearance.place.to_string().as_str(), clearance.window.as_str()), ("FR", "10:00-13:00"));
    let finding = |id: &str| clearance.rules.iter().find(|rule| rule.id == id).map(|rule| rule.passed);
    for rule in ["FR-HOURS", "FR-CAP-4-30", "FR-CONSENT-OPTIN"] {
        assert_eq!(finding(rule), Some(true), "{rule} in {:?}", clearance.rules);
    }
    let kept = world.texts("SELECT version FROM rule_set").await;
    assert_eq!(kept, [RuleSet::shipped().version()]);
    let demonstration = world.running(&definition("loan")).await;
    world.load(&demonstration, 3..=3).await;
    world
        .engine
        .record_outcome(marie.id, lead.assignment, &lead.token, &reports::not_interested())
        .await
        .expect("recorded");
    let lead = next(&world.engine, &marie).await;
    assert_eq!((lead.decision.clearance.rule_set.as_str(), lead.decision.clearance.demonstration), ("", true));
}

/// Whoever agreed to it may be called in hours that are closed to others.
pub async fn a_waiver_opens_closed_hours(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let mut at_all_hours = who_agreed(3, "2026-10-01");
    at_all_hours.consent.hours_waiver = Some(true);
    load(world, &campaign, with_basis("evidence"), vec![who_agreed(2, "2026-10-01"), at_all_hours]).await;
    world.clock.set("2026-11-24T20:00:00Z".parse().expect("nine in the evening in Paris"));
    assert_eq!(standing(&world.engine, "fibre", Standing::OutsideHours).await, 1);
    assert_eq!(world.work_off(&marie).await, [3]);
    world.clock.set("2026-11-25T09:00:00Z".parse().expect("ten in the morning"));
    assert_eq!(world.work_off(&marie).await, [2]);
}

/// Where a register must be asked, nobody is called before it was loaded, nor when its file has grown old.
pub async fn a_register_that_is_needed_must_be_fresh(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let people = ["+19495550122", "+19495550123"].map(|number| abroad(number, "US", "America/Los_Angeles"));
    load(world, &campaign, provenance("california"), people.to_vec()).await;
    world.clock.set("2026-11-24T18:00:00Z".parse().expect("ten in the morning in California"));
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(standing(&world.engine, "fibre", Standing::RegisterTooOld).await, 2);
    register(world, "us-dnc", "2026-10-01", &[99]).await;
    assert_eq!(standing(&world.engine, "fibre", Standing::RegisterTooOld).await, 2);
    register(world, "us-dnc", "2026-11-20", &[99]).await;
    assert_eq!(standing(&world.engine, "fibre", Standing::Callable).await, 2);
    let promised = world.call(&marie, &reports::call_later(world.in_minutes(60 * 24 * 29))).await;
    world.call(&marie, &reports::not_interested()).await;
    world.pass_minutes(60 * 24 * 29).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "the file is more than 31 days old");
    register(world, "us-dnc", "2026-12-22", &[99]).await;
    world.pass_minutes(60).await;
    assert_eq!(world.hand_out(&marie).await.lead, promised.lead, "a promise waits for the register, and no longer");
}

/// Who stands in a register is suppressed, unless they agreed after that where the rule says so.
pub async fn a_later_consent_lifts_a_register_where_the_rule_says_so(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let italian = |n: u32, on: Option<&str>| {
        let there = abroad("+390612345678", "IT", "Europe/Rome");
        let consent = on.map(|on| who_agreed(n, on).consent).unwrap_or_default();
        ListedClient { phones: client(n).phones, consent, ..there }
    };
    let people = vec![italian(2, None), italian(3, Some("2026-11-01")), italian(4, Some("2026-11-21"))];
    load(world, &campaign, with_basis("italy"), people).await;
    register(world, "it-rpo", "2026-11-15", &[2, 3, 4]).await;
    // Their numbers are French ones, so that both laws hold; the consent is good enough for either.
    assert_eq!(world.work_off(&marie).await, [4]);
    assert_eq!(world.state_of(3).await, LeadState::Closed(ClosedReason::Suppressed));
}

/// Whoever is in no place whose rules are known is not called.
pub async fn an_unknown_jurisdiction_is_closed(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let mut agreed = abroad("+88213300123", "AQ", "Antarctica/Troll");
    agreed.consent = who_agreed(2, "2026-10-01").consent;
    load(world, &campaign, with_basis("nowhere"), vec![agreed]).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(standing(&world.engine, "fibre", Standing::NoJurisdiction).await, 1);
}

fn disposition(code: &str, class: OutcomeClass, counts_as: CountsAs) -> Disposition {
    let retry = Some(Retry { after: Span::minutes(10), max: 5, other_time: false });
    Disposition { code: code.into(), label: code.into(), class, counts_as, retry }
}

/// What counts as an objection suppresses the person in every campaign of the seller, whatever its class.
pub async fn what_counts_as_an_objection_suppresses_for_the_seller(world: &World) {
    let marie = world.operator("marie").await;
    let mut ours = definition("fibre");
    ours.dispositions.push(disposition("hung_up_angry", OutcomeClass::Other, CountsAs::Objection));
    let mut theirs = definition("power");
    theirs.seller = "Another Seller".into();
    let (ours, same) = (world.running(&ours).await, world.running(&definition("loan")).await);
    world.load(&ours, 2..=2).await;
    world.load(&same, 2..=2).await;
    assert_eq!(world.call(&marie, &reports::plain("hung_up_angry")).await.campaign, ours.id);
    for lead in world.leads_of(2).await {
        assert_eq!(lead.state, LeadState::Closed(ClosedReason::Suppressed));
    }
    let theirs = world.running(&theirs).await;
    world.load(&theirs, 2..=2).await;
    assert_eq!(world.hand_out(&marie).await.campaign, theirs.id);
}

/// After a call to which nobody came the person is left in peace as long as the rule says.
pub async fn an_abandoned_call_cools_down(world: &World) {
    let marie = world.operator("marie").await;
    let mut automated = under_the_law("fibre");
    automated.calling.call.mode = DialMode::Automated;
    automated.calling.call.purpose = Purpose::Service;
    automated.dispositions.push(disposition("nobody_spoke", OutcomeClass::NoAnswer, CountsAs::Abandoned));
    let campaign = world.running(&automated).await;
    load(world, &campaign, provenance("britain"), vec![abroad("+447700900123", "GB", "Europe/London")]).await;
    let called = world.call(&marie, &reports::plain("nobody_spoke")).await;
    let peace = Span::minutes(72 * 60).after(world.now());
    world.pass_minutes(10).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.state(called.lead).await, LeadState::Scheduled { due_at: peace, block: Block::CoolDown });
    world.clock.set(peace);
    world.pass_minutes(0).await;
    assert_eq!(world.hand_out(&marie).await.lead, called.lead);
}

/// Other rules place everybody anew, and what the old ones held back is decided by them: leads and promises.
pub async fn a_change_of_rules_decides_anew(world: &World) {
    let marie = world.operator("marie").await;
    let (fibre, loan) = (world.running(&under_the_law("fibre")).await, world.running(&under_the_law("loan")).await);
    load(world, &fibre, with_basis("one"), vec![who_agreed(2, "2026-10-01"), who_agreed(3, "2026-10-01")]).await;
    load(world, &loan, with_basis("two"), vec![who_agreed(2, "2026-10-01")]).await;
    let refused = world.call(&marie, &reports::not_interested()).await;
    assert_eq!((person(&refused), refused.campaign), (2, fibre.id));
    let due_at = "2026-11-24T20:00:00Z".parse().expect("nine in the evening in Paris");
    let promised = world.call(&marie, &reports::call_later(due_at)).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let held: LeadId = world.leads_of(2).await.into_iter().find(|lead| lead.campaign == loan.id).expect("a lead").lead;
    assert!(matches!(world.state(held).await, LeadState::Scheduled { block: Block::CoolDown, .. }));
    world.clock.set(due_at);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "outside the hours");
    let callable = async || {
        let filter = CallbackFilter { limit: 10, ..CallbackFilter::default() };
        world.store.callbacks(&filter).await.expect("promises").remove(0).callable_at
    };
    assert!(callable().await > due_at);
    let (rules, nothing) = (other_rules(), client(4));
    let node = world.engine_under(Arc::clone(&rules));
    load(world, &loan, provenance("three"), vec![nothing]).await;
    loops::run_once(&node).await.expect("a round of the loops");
    assert_eq!(world.texts("SELECT DISTINCT place FROM client").await, ["QQ"]);
    assert_eq!((callable().await, world.state(held).await), (due_at, LeadState::Ready));
    for (lead, number) in [(promised.lead, 3), (held, 2), (world.lead_of(4).await.lead, 4)] {
        let answer = next(&node, &marie).await;
        assert_eq!(answer.lead, lead, "person {number}");
        assert_eq!(answer.decision.clearance.rule_set, rules.version());
        node.record_outcome(marie.id, answer.assignment, &answer.token, &reports::not_interested())
            .await
            .expect("recorded");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM rule_set").await, 2);
}

/// Whoever goes back to rules of before has everybody placed by them once more, when no other node uses the newer ones.
pub async fn going_back_to_earlier_rules_decides_anew(world: &World) {
    let campaign = world.running(&under_the_law("fibre")).await;
    load(world, &campaign, with_basis("one"), vec![who_agreed(2, "2026-10-01")]).await;
    loops::run_once(&world.engine).await.expect("a round of the loops");
    let newer = world.engine_under(other_rules());
    world.pass_minutes(1).await;
    loops::run_once(&newer).await.expect("a round of the loops");
    world.pass_minutes(1).await;
    loops::run_once(&world.engine).await.expect("a round of the loops");
    assert_eq!(
        world.texts("SELECT DISTINCT place FROM client").await,
        ["QQ"],
        "the newer rules may be those of another node"
    );
    world.pass_minutes(10).await;
    loops::run_once(&world.engine).await.expect("a round of the loops");
    assert_eq!(world.texts("SELECT DISTINCT place FROM client").await, ["FR"]);
}

/// A number that must not be called now does not keep the person's other numbers from being called.
pub async fn one_number_that_is_held_back_leaves_the_others(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let mut person = who_agreed(2, "2026-10-01");
    let nowhere = E164::parse("+88213300123").expect("a number of no place");
    person.phones.add(ListedPhone { number: nowhere, extension: None });
    load(world, &campaign, with_basis("one"), vec![person]).await;
    let first = world.call(&marie, &reports::plain("no_answer")).await;
    world.pass_minutes(60 * 24 * 3).await;
    let again = world.hand_out(&marie).await;
    assert_eq!((again.lead, &again.phone), (first.lead, &first.phone));
}

/// Somebody whom a register's rule leaves to the seller keeps their lead and their promise after a call.
pub async fn a_register_leaves_the_sellers_own_clients(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&under_the_law("fibre")).await;
    let canadian = abroad("+14165550123", "CA", "America/Toronto");
    let ours = Provenance { relationship: Relationship::Contract, ..provenance("ours") };
    register(world, "ca-dncl", "2026-11-20", &[99]).await;
    load(world, &campaign, ours, vec![canadian]).await;
    let number = E164::parse("+14165550123").expect("a number");
    register_numbers(world, "ca-dncl", "2026-11-22", &[number]).await;
    world.clock.set("2026-11-24T18:00:00Z".parse().expect("one in the afternoon in Toronto"));
    let called = world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    assert!(matches!(world.state(called.lead).await, LeadState::Scheduled { block: Block::Callback, .. }));
}

/// The counts of the funnel are those of the leads after whatever happened, and whenever they are added up.
pub async fn the_funnel_adds_up_whatever_happens(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=40).await;
    // A linear congruential generator: the same days each time.
    let mut seed: u64 = 42;
    let mut dice = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    for step in 0..120_u32 {
        let operator = if dice(2) == 0 { &marie } else { &paul };
        match dice(8) {
            0 => world.pass_minutes(30).await,
            1 => {
                world.store.add_up_counts(i64::try_from(dice(7)).expect("small")).await.expect("added up");
            }
            2 => {
                let lead = LeadId(i64::try_from(dice(39)).expect("small") + 1);
                // A closed lead cannot be kept for anybody.
                let _ = world.store.reserve_lead(lead, (dice(2) == 0).then_some(operator.id)).await;
            }
            3 => {
                world.store.return_expired(world.now(), 100).await.expect("returned");
            }
            said => {
                if let Claimed::Assignment(assignment) = world.claim(operator).await {
                    let hand_out = world.look_at(assignment).await;
                    let later = reports::call_later(world.in_minutes(60));
                    let report = match said {
                        4 => reports::plain("busy"),
                        5 => later,
                        6 => reports::not_interested(),
                        _ => reports::plain("do_not_call"),
                    };
                    if dice(5) > 0 {
                        world.record(&hand_out, &report).await;
                    }
                }
            }
        }
        if step % 10 == 0 {
            let funnel = world.engine.funnel("fibre").await.expect("a funnel");
            assert_eq!(funnel.total, 39, "after step {step}: {funnel:?}");
            world.hold_invariants().await;
        }
    }
    while world.store.add_up_counts(50).await.expect("added up") > 0 {}
    assert_eq!(world.number("SELECT COUNT(*) FROM lead_count_change").await, 0);
    assert_eq!(world.engine.funnel("fibre").await.expect("a funnel").total, 39);
}
