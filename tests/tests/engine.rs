//! The engine's use cases, told as stories on both stores: calls, their outcomes, and why nobody is callable.

use std::future::Future;
use std::time::Duration;

use relance_domain::calling_hours::{Day, WeeklyHours};
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::definition::Definition;
use relance_domain::funnel::Standing;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::outcome::OutcomeReport;
use relance_domain::{AssignmentId, Span};
use relance_scheduler::loops::{self, Report};
use relance_scheduler::{Error, LeadAnswer, NextAnswer, NobodyAnswer, SuppressFor, WhyQuestion};
use relance_store::claim::Why;
use relance_store::user::User;
use relance_testkit::builders::{accepted, client, definition, phone, provenance, row};
use relance_testkit::{World, reports};

relance_testkit::on_both_stores![
    a_lead_comes_with_all_it_takes_to_call,
    a_repeated_outcome_is_answered_the_same,
    an_outcome_that_cannot_be_taken_is_told_field_by_field,
    a_retried_promise_at_the_horizon_is_answered_the_same,
    a_late_outcome_is_kept_for_review,
    a_late_promise_is_kept_for_review,
    nobody_callable_names_the_reasons_and_the_next_opening,
    nobody_callable_is_said_for_the_operator_who_asks,
    nobody_left_says_so,
    a_paused_campaign_is_the_reason_where_it_is_asked_for,
    a_change_of_campaign_reaches_an_engine_that_knew_it_before,
    a_disabled_operator_is_told_so,
    an_operator_who_stops_waiting_loses_no_lead,
    a_suppression_by_the_engine_closes_the_leads,
    why_is_told_before_and_after_a_call,
    the_loops_keep_every_lead_moving,
    a_promise_is_anybodys_after_its_grace,
    a_personal_promise_survives_its_operator,
];

async fn next(world: &World, operator: &User) -> LeadAnswer {
    match world.engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn nobody(world: &World, operator: &User, campaign: Option<&str>) -> NobodyAnswer {
    match world.engine.next_lead(operator.id, campaign).await.expect("an answer") {
        NextAnswer::Nobody(nobody) => nobody,
        NextAnswer::Lead(lead) => panic!("lead {}", lead.lead),
    }
}

async fn report(world: &World, operator: &User, lead: &LeadAnswer, report: &OutcomeReport) -> Result<String, Error> {
    let recorded = world.engine.record_outcome(operator.id, lead.assignment, &lead.token, report).await?;
    Ok(recorded.lead_state)
}

async fn one_round(world: &World) -> Report {
    loops::run_once(&world.engine).await.expect("a round of the loops")
}

/// Polls a future once and drops it, like a caller who goes away.
async fn give_up<T>(future: impl Future<Output = T>) {
    let _ = tokio::time::timeout(Duration::ZERO, future).await;
}

fn open_at(campaign: &str, window: &str) -> Definition {
    let window = window.parse().expect("a window");
    let mut definition = definition(campaign);
    definition.calling.hours = WeeklyHours(Day::ALL.map(|day| (day, vec![window])).into());
    definition
}

async fn a_lead_comes_with_all_it_takes_to_call(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    assert_eq!((lead.campaign.as_str(), lead.operator.as_str()), ("fibre", "marie"));
    assert_eq!((lead.phone.as_str(), lead.why), (phone(2).reveal(), Why::Fresh));
    assert_eq!(lead.because, "not called yet; from the list people 2..=2");
    let shown: Vec<_> = lead.client.iter().map(|field| (field.label.as_str(), field.value.as_str())).collect();
    assert_eq!(shown, [("Phone", phone(2).reveal()), ("Last name", "Person 2")]);
    assert_eq!(lead.script, "Good day, this is Fibre Example.");
    assert_eq!(lead.dispositions.len(), definition("fibre").dispositions.len());
    assert_eq!(lead.order_form[0].prefilled.as_deref(), Some("Person 2"));
    assert_eq!((lead.handed_at, lead.lease_until), (world.now(), world.in_minutes(30)));
    assert_eq!(world.engine.held_lead(marie.id).await.expect("an answer"), Some(lead.clone()));
    assert_eq!(next(world, &marie).await, lead, "asking again gives the same");
}

async fn a_repeated_outcome_is_answered_the_same(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    let no_answer = reports::plain("no_answer");
    let (operator, assignment) = (marie.id, lead.assignment);
    let first = world.engine.record_outcome(operator, assignment, &lead.token, &no_answer).await.expect("recorded");
    world.clock.advance(Span::minutes(90));
    let again = world.engine.record_outcome(operator, assignment, &lead.token, &no_answer).await.expect("the same");
    assert_eq!(again, first);
    assert!(matches!(report(world, &marie, &lead, &reports::plain("busy")).await, Err(Error::Contradicts(_))));
    assert!(matches!(report(world, &paul, &lead, &no_answer).await, Err(Error::NotYours(_))));
    let guessed = world.engine.record_outcome(operator, assignment, "guessed", &no_answer).await;
    assert!(matches!(guessed, Err(Error::NotYours(_))), "{guessed:?}");
    let unknown = world.engine.record_outcome(operator, AssignmentId(999), &lead.token, &no_answer).await;
    assert!(matches!(unknown, Err(Error::NotYours(_))), "{unknown:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM attempt").await, 1);
}

async fn an_outcome_that_cannot_be_taken_is_told_field_by_field(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    let mut without_a_ceiling = reports::refused_over("30");
    without_a_ceiling.refusal.as_mut().expect("a refusal").price_ceiling = None;
    let wrong = [
        (reports::plain("hung_up"), "disposition"),
        (without_a_ceiling, "refusal.price_ceiling"),
        (reports::call_later(world.now()), "callback.due_at"),
        (reports::call_later(world.in_minutes(31 * 24 * 60)), "callback.due_at"),
        (reports::ordered("nothing"), "order.tariff"),
    ];
    for (wrong, field) in wrong {
        match report(world, &marie, &lead, &wrong).await {
            Err(Error::Invalid { problems, .. }) => assert_eq!(problems[0].field, field, "{problems:?}"),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(next(world, &marie).await, lead, "nothing was changed");
}

/// The last instant that may be promised lies further ahead at the end of a call than at its beginning.
async fn a_retried_promise_at_the_horizon_is_answered_the_same(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    world.clock.advance(Span::minutes(20));
    let promise = reports::call_later(world.in_minutes(30 * 24 * 60));
    let first = report(world, &marie, &lead, &promise).await.expect("recorded");
    assert_eq!(report(world, &marie, &lead, &promise).await.expect("the same"), first);
    world.clock.advance(Span::days(40));
    assert_eq!(report(world, &marie, &lead, &promise).await.expect("the same"), first);
}

/// A promise that was made in a call whose lease ran out is kept, though its time has come meanwhile.
async fn a_late_promise_is_kept_for_review(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    let promise = reports::call_later(world.in_minutes(15));
    world.clock.advance(Span::minutes(31));
    one_round(world).await;
    let late = report(world, &marie, &lead, &promise).await;
    assert!(matches!(late, Err(Error::Late(_))), "{late:?}");
}

async fn a_late_outcome_is_kept_for_review(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    world.clock.advance(Span::minutes(31));
    assert_eq!(one_round(world).await, Report { returned: 1, ..Report::default() });
    let Err(Error::Late(kept)) = report(world, &marie, &lead, &reports::not_interested()).await else { panic!("late") };
    let Err(Error::Late(again)) = report(world, &marie, &lead, &reports::not_interested()).await else {
        panic!("late")
    };
    assert_eq!(kept, again);
    assert_ne!(next(world, &marie).await.assignment, lead.assignment);
}

async fn nobody_callable_names_the_reasons_and_the_next_opening(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&open_at("fibre", "14:00-18:00")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=4).await;
    world.load(&loan, 5..=6).await;
    for outcome in [reports::call_later(world.in_minutes(600)), reports::not_interested()] {
        let lead = next(world, &marie).await;
        report(world, &marie, &lead, &outcome).await.expect("recorded");
    }
    let nobody = nobody(world, &marie, None).await;
    let reasons: Vec<_> = nobody.reasons.iter().map(|count| (count.standing, count.leads)).collect();
    assert_eq!(reasons, [(Standing::OutsideHours, 3), (Standing::CallbackPromised, 1)]);
    assert_eq!(nobody.next_at, Some("2026-11-24T13:00:00Z".parse().expect("two in Paris")));
    assert!(nobody.because.contains("3 outside the permitted hours"), "{}", nobody.because);
}

async fn nobody_callable_is_said_for_the_operator_who_asks(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut loans = definition("loan");
    loans.skills = vec!["loans".to_owned()];
    let (fibre, loan) = (world.running(&definition("fibre")).await, world.running(&loans).await);
    let mut german = client(2);
    german.language = Some("de".to_owned());
    world.load_rows(&fibre, provenance("german"), &[accepted(2, german), row(3), row(4)]).await.expect("loaded");
    world.load(&loan, 5..=7).await;
    for person in [3, 4] {
        world.store.reserve_lead(world.lead_of(person).await.lead, Some(paul.id)).await.expect("kept");
    }
    let answer = nobody(world, &marie, None).await;
    let reasons: Vec<_> = answer.reasons.iter().map(|count| (count.standing, count.leads)).collect();
    assert_eq!(reasons, [(Standing::SkillMissing, 3), (Standing::Reserved, 2), (Standing::LanguageNotSpoken, 1)]);
    assert_eq!(
        answer.because,
        "Nobody is callable by you now: 3 callable now, by operators with the skills that the campaign asks for; 2 callable now, by the \
            operator for whom it is kept; 1 callable now, by operators who speak the person's language."
    );
    assert_eq!(answer.next_at, None);
    next(world, &paul).await;
}

async fn nobody_left_says_so(world: &World) {
    let marie = world.operator("marie").await;
    let nobody = nobody(world, &marie, None).await;
    assert_eq!((nobody.reasons, nobody.next_at), (Vec::new(), None));
    assert!(nobody.because.starts_with("Nobody is left to call"), "{}", nobody.because);
}

async fn a_paused_campaign_is_the_reason_where_it_is_asked_for(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.engine.change_campaign_state("fibre", CampaignEvent::Pause).await.expect("paused");
    let nobody = nobody(world, &marie, Some("fibre")).await;
    let reasons: Vec<_> = nobody.reasons.iter().map(|count| (count.standing, count.leads)).collect();
    assert_eq!(reasons, [(Standing::CampaignNotRunning, 2)]);
}

async fn a_change_of_campaign_reaches_an_engine_that_knew_it_before(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    next(world, &marie).await;
    let node = world.another_node().await;
    node.change_campaign_state("fibre", CampaignEvent::Pause).await.expect("paused");
    nobody(world, &paul, None).await;
    node.change_campaign_state("fibre", CampaignEvent::Resume).await.expect("resumed");
    let mut second = definition("fibre");
    second.lease = Span::minutes(5);
    node.store().apply_campaign(&second, None, world.now()).await.expect("applied");
    let lead = next(world, &paul).await;
    assert_eq!((lead.decision.definition_version, lead.lease_until), (2, world.in_minutes(5)));
}

async fn a_disabled_operator_is_told_so(world: &World) {
    let marie = world.operator("marie").await;
    world.engine.disable_user("marie").await.expect("disabled");
    let refused = world.engine.next_lead(marie.id, None).await;
    assert!(matches!(refused, Err(Error::Disabled)), "{refused:?}");
}

async fn an_operator_who_stops_waiting_loses_no_lead(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=21).await;
    let mut operators = Vec::new();
    for number in 0..20 {
        operators.push(world.operator(&format!("operator-{number}")).await);
    }
    for operator in &operators {
        give_up(world.engine.next_lead(operator.id, None)).await;
    }
    let mut leads = Vec::new();
    for operator in &operators {
        leads.push(next(world, operator).await.lead);
    }
    leads.sort();
    leads.dedup();
    assert_eq!(leads.len(), 20);
}

async fn a_suppression_by_the_engine_closes_the_leads(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let done = world
        .engine
        .suppress("01 99 00 00 02", "FR", SuppressFor::default(), "asked by letter", Some(marie.id))
        .await
        .expect("done");
    assert_eq!((done.phone.as_str(), done.leads_closed), ("+33•••••••02", 1));
    nobody(world, &marie, None).await;
}

async fn why_is_told_before_and_after_a_call(world: &World) {
    let marie = world.operator("marie").await;
    let mut patient = definition("fibre");
    patient.calling.days_after_refusal = 60;
    let campaign = world.running(&patient).await;
    let other = world.running(&Definition { campaign: "loan".into(), ..patient }).await;
    world.load(&campaign, 2..=2).await;
    world.load(&other, 2..=2).await;
    let question = WhyQuestion { phone: Some("+33199000002".into()), ..WhyQuestion::default() };
    let before = world.engine.why(&question).await.expect("an answer").leads;
    assert_eq!(before.iter().map(|lead| lead.standing).collect::<Vec<_>>(), [Standing::Callable; 2]);
    assert!(before.iter().all(|lead| lead.last_hand_out.is_none() && lead.phone == "+33•••••••02"));
    let lead = next(world, &marie).await;
    let held = world.engine.why(&question).await.expect("an answer").leads;
    assert_eq!(
        held.iter().map(|lead| lead.standing).collect::<Vec<_>>(),
        [Standing::Assigned, Standing::OpenElsewhere]
    );
    assert_eq!(held[1].until, Some(lead.lease_until));
    report(world, &marie, &lead, &reports::not_interested()).await.expect("recorded");
    let after = world.engine.why(&question).await.expect("an answer").leads;
    assert_eq!(after.iter().map(|lead| lead.standing).collect::<Vec<_>>(), [Standing::Refused, Standing::CoolDown]);
    let hand_out = after[0].last_hand_out.as_ref().expect("it was handed out");
    assert_eq!((hand_out.assignment, hand_out.ended_at), (lead.assignment, Some(world.now())));
    assert_eq!(hand_out.decision, lead.decision);
    let unknown = world.engine.why(&WhyQuestion { phone: Some("+33199009999".into()), ..WhyQuestion::default() }).await;
    assert!(!unknown.expect_err("nobody has it").to_string().contains("9999"), "a number is never repeated in full");
}

async fn the_loops_keep_every_lead_moving(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let lead = next(world, &marie).await;
    report(world, &marie, &lead, &reports::plain("busy")).await.expect("recorded");
    next(world, &paul).await;
    assert!(one_round(world).await.idle());
    world.clock.advance(Span::minutes(30));
    assert_eq!(one_round(world).await, Report { promoted: 1, returned: 1, ..Report::default() });
    assert!(one_round(world).await.idle());
    assert_eq!([world.state_of(2).await, world.state_of(3).await], [LeadState::Ready; 2]);
}

async fn a_promise_is_anybodys_after_its_grace(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    report(world, &marie, &lead, &reports::call_later_myself(world.in_minutes(60))).await.expect("recorded");
    world.clock.advance(Span::minutes(119));
    assert!(one_round(world).await.idle());
    nobody(world, &paul, None).await;
    world.clock.advance(Span::minutes(1));
    assert_eq!(one_round(world).await, Report { escalated: 1, ..Report::default() });
    let kept = next(world, &paul).await;
    assert_eq!((kept.lead, kept.why), (lead.lead, Why::AnyCallback));
}

async fn a_personal_promise_survives_its_operator(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = next(world, &marie).await;
    report(world, &marie, &lead, &reports::call_later_myself(world.in_minutes(60))).await.expect("recorded");
    world.clock.advance(Span::minutes(60));
    next(world, &marie).await;
    world.engine.disable_user("marie").await.expect("disabled while she holds it");
    world.clock.advance(Span::minutes(30));
    assert_eq!(one_round(world).await, Report { returned: 1, ..Report::default() });
    let kept = next(world, &paul).await;
    assert_eq!((kept.lead, kept.why), (lead.lead, Why::AnyCallback));
    report(world, &paul, &kept, &reports::plain("do_not_call")).await.expect("recorded");
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
}
