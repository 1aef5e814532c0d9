//! Clients looked up, and two made one: nothing of either is lost, nothing is counted twice, nobody is called who must not be.

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::definition::AttemptCap;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::outcome::OutcomeReport;
use relance_domain::zone::ZoneSource;
use relance_domain::{ClientId, LeadId, Span};
use relance_store::campaign::Campaign;
use relance_store::claim::Claimed;
use relance_store::client::{JoinFilter, Merge, Merged};
use relance_store::outcome::{CallbackFilter, NewSuppression, Recorded};
use relance_store::question::About;
use relance_store::user::User;
use relance_store::{Result, StoreError};

use super::loads::with_phones;
use crate::builders::{accepted, client, definition, phone, provenance, row, zone};
use crate::world::person;
use crate::{World, reports};

pub(super) async fn id(world: &World, person: u32) -> ClientId {
    world.store.client_of_phone(&phone(person)).await.expect("asked").expect("the person is known")
}

async fn try_merge(world: &World, keep: ClientId, other: ClientId, dry_run: bool) -> Result<Merged> {
    world.store.merge_clients(&Merge { keep, other, by: None, dry_run }, world.now()).await
}

/// Merges the second person into the first.
pub(super) async fn merge(world: &World, keep: u32, other: u32) -> Merged {
    let (keep, other) = (id(world, keep).await, id(world, other).await);
    try_merge(world, keep, other, false).await.expect("merged")
}

fn refused<T: std::fmt::Debug>(result: &Result<T>, because: &str) {
    assert!(matches!(result, Err(StoreError::Conflict(why)) if why.contains(because)), "{result:?}");
}

/// Calls a person, whoever is first, with the report.
async fn call(world: &World, operator: &User, who: u32, report: &OutcomeReport) -> LeadId {
    let hand_out = world.call(operator, report).await;
    assert_eq!(person(&hand_out), who);
    hand_out.lead
}

/// Two people, each on a list of their own; the second is called later.
async fn two_people(world: &World) -> (User, Campaign) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.load(&campaign, 3..=3).await;
    (marie, campaign)
}

/// A row that says of two clients that they are one is shown, masked, until the two are merged.
pub async fn joins_are_shown_until_they_are_merged(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    let rows = [accepted(7, with_phones(2, &[3])), accepted(8, with_phones(3, &[4]))];
    let list = world.load_rows(&campaign, provenance("joins"), &rows).await.expect("loaded");
    let all = JoinFilter { list: None, limit: 10 };
    let joins = world.store.joins(&all).await.expect("told");
    let (two, three, four) = (id(world, 2).await, id(world, 3).await, id(world, 4).await);
    let pairs: Vec<_> = joins.iter().map(|join| (join.line, join.client.client, join.other.client)).collect();
    assert_eq!(pairs, [(7, two, three), (8, three, four)]);
    assert_eq!((joins[0].list, joins[0].list_name.as_str()), (list.id, "joins"));
    assert_eq!(joins[0].client.phone, phone(2).masked());
    assert!(joins[0].client.name.as_deref().is_some_and(|name| name.contains('•')), "{joins:?}");
    assert_eq!(merge(world, 2, 3).await.joins, 1);
    let left = world.store.joins(&all).await.expect("told");
    let pairs: Vec<_> = left.iter().map(|join| (join.line, join.client.client, join.other.client)).collect();
    assert_eq!(pairs, [(8, two, four)], "what was said of the client that is no more holds for the other");
    let other_list = JoinFilter { list: Some(relance_domain::ListId(999)), limit: 10 };
    assert!(world.store.joins(&other_list).await.expect("told").is_empty());
}

/// A merge moves numbers, fills gaps, and answers for the old keys. A dry run tells the same and changes nothing.
pub async fn a_merge_makes_one_client_of_two(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut other = with_phones(3, &[903, 904]);
    other.city = Some("Paris".into());
    other.reference = Some("R-3".into());
    world.load_rows(&campaign, provenance("one"), &[accepted(2, with_phones(2, &[902]))]).await.expect("loaded");
    world.load_rows(&campaign, provenance("two"), &[accepted(3, other)]).await.expect("loaded");
    let (keep, old) = (id(world, 2).await, id(world, 3).await);
    let (kept_lead, old_lead) = (world.lead_of(2).await.lead, world.lead_of(3).await.lead);
    let would = try_merge(world, keep, old, true).await.expect("told");
    assert!(would.dry_run && world.number("SELECT COUNT(*) FROM client").await == 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM client_merge").await, 0);
    let merged = try_merge(world, keep, old, false).await.expect("merged");
    assert_eq!(Merged { dry_run: false, ..would }, merged);
    assert_eq!((merged.phones, merged.filled.clone()), (3, vec!["reference".to_owned(), "city".to_owned()]));
    assert_eq!((merged.leads[0].lead, merged.leads[0].merged), (kept_lead, Some(old_lead)));
    for asked in [keep, old] {
        let shown = world.store.client(asked).await.expect("shown");
        assert_eq!((shown.client, shown.merged[0].client, shown.leads.len()), (keep, old, 1));
        let phones: Vec<_> = shown.phones.iter().map(|shown| shown.phone.clone()).collect();
        assert_eq!(phones, [2, 902, 3, 903, 904].map(|n| phone(n).masked()));
        assert_eq!(shown.leads[0].merged, [old_lead]);
    }
    let found = world.store.leads_in_question(&About::Lead(old_lead)).await.expect("told");
    assert_eq!((found.len(), found[0].lead, found[0].client), (1, kept_lead, keep));
    assert_eq!(id(world, 904).await, keep);
    let counts = world.load_rows(&campaign, provenance("again"), &[row(903)]).await.expect("loaded").counts;
    assert_eq!(counts.duplicates_in_campaign, 1);
}

/// Who is merged, unknown or oneself cannot be merged.
pub async fn only_two_clients_who_are_there_are_merged(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    let (two, three, four) = (id(world, 2).await, id(world, 3).await, id(world, 4).await);
    refused(&try_merge(world, two, two, false).await, "one already");
    let unknown = try_merge(world, two, ClientId(9_999), false).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
    try_merge(world, two, three, false).await.expect("merged");
    refused(&try_merge(world, two, three, false).await, "merged into client");
    refused(&try_merge(world, three, four, false).await, "merged into client");
    try_merge(world, four, two, false).await.expect("merged");
    let shown = world.store.client(three).await.expect("shown");
    assert_eq!((shown.client, shown.merged.len(), shown.leads[0].merged.len()), (four, 2, 2));
    assert!(world.store.client(ClientId(9_999)).await.is_err());
}

/// What was done with either counts for the one: caps and cool-downs are those of both.
pub async fn caps_and_cool_downs_are_those_of_both(world: &World) {
    let marie = world.operator("marie").await;
    let mut rules = definition("fibre");
    rules.calling.caps = vec![AttemptCap { max: 2, window: Span::days(7) }];
    rules.calling.days_after_refusal = 10;
    let fibre = world.running(&rules).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=3).await;
    for who in [2, 3] {
        call(world, &marie, who, &reports::plain("no_answer")).await;
    }
    world.load(&loan, 4..=4).await;
    call(world, &marie, 4, &reports::not_interested()).await;
    let merged = merge(world, 2, 3).await;
    assert_eq!((merged.hand_outs, merged.attempts, merged.orders), (1, 1, 0));
    world.pass_minutes(180).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert!(matches!(world.state_of(2).await, LeadState::Scheduled { block: Block::AttemptCap, .. }));
    merge(world, 2, 4).await;
    world.pass_minutes(8 * 24 * 60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let lead = world.leads_of(2).await.into_iter().find(|lead| lead.campaign == fibre.id).expect("the lead").lead;
    let state = world.state(lead).await;
    assert!(matches!(state, LeadState::Scheduled { block: Block::CoolDown, .. }), "{state:?}");
}

/// A lead of a campaign that only one of the two was in goes along, into the lane of the zone of the client who stays; a zone that
/// was not known before makes leads callable.
pub async fn a_lead_of_one_goes_along(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let mut nowhere = client(2);
    nowhere.zone = None;
    world.load_rows(&fibre, provenance("nowhere"), &[accepted(2, nowhere)]).await.expect("loaded");
    let mut far = client(3);
    far.zone = Some((zone("Indian/Reunion"), ZoneSource::List));
    world.load_rows(&loan, provenance("far"), &[accepted(3, far)]).await.expect("loaded");
    world.load(&loan, 4..=4).await;
    call(world, &marie, 3, &reports::plain("no_answer")).await;
    let merged = merge(world, 2, 3).await;
    assert_eq!((merged.leads.len(), merged.leads[0].merged, merged.filled), (1, None, vec!["time_zone".to_owned()]));
    let leads = world.leads_of(2).await;
    assert_eq!(leads.iter().map(|lead| lead.campaign).collect::<Vec<_>>(), [fibre.id, loan.id]);
    assert!(leads.iter().all(|lead| lead.zone == Some(zone("Indian/Reunion"))));
    merge(world, 4, 2).await;
    assert_eq!(world.leads_of(4).await.len(), 2, "two leads of one campaign became one");
    assert!(world.leads_of(4).await.iter().all(|lead| lead.zone == Some(zone("Europe/Paris"))));
    let mut worked = world.work_off(&marie).await;
    world.pass_minutes(180).await;
    worked.extend(world.work_off(&marie).await);
    assert_eq!(worked, [4, 4], "what was tried in vain is the number of the third, wherever it stands now");
}

/// Two leads of one campaign become one, with the history of both; the graver state stands.
pub async fn two_leads_become_one(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.store.save_tariff(&crate::builders::tariff("basic", 2_000, &["fibre"]), world.now()).await.expect("saved");
    let tariff = world.store.tariff("basic").await.expect("the tariff").id;
    world.store.publish_tariff(tariff, 1, world.now()).await.expect("published");
    world.load(&campaign, 2..=9).await;
    call(world, &marie, 2, &reports::ordered("basic")).await;
    call(world, &marie, 3, &reports::refused_over("10.00")).await;
    call(world, &marie, 4, &reports::refused_over("12.00")).await;
    call(world, &marie, 5, &reports::plain("wrong_number")).await;
    call(world, &marie, 6, &reports::plain("no_answer")).await;
    let closed = |reason| LeadState::Closed(reason);
    merge(world, 7, 6).await;
    assert!(matches!(world.state_of(7).await, LeadState::Scheduled { block: Block::Retry, .. }));
    merge(world, 7, 5).await;
    assert_eq!(world.state_of(7).await, closed(ClosedReason::WrongNumber));
    merge(world, 3, 4).await;
    merge(world, 7, 3).await;
    assert_eq!(world.state_of(7).await, closed(ClosedReason::Refused));
    let newest = "SELECT COUNT(*) FROM lead WHERE refusal_id = (SELECT MAX(id) FROM refusal)";
    assert_eq!(world.number(newest).await, 1, "the newer refusal stands");
    let merged = merge(world, 7, 2).await;
    assert_eq!((world.state_of(2).await, merged.orders), (closed(ClosedReason::Ordered), 1));
    let history =
        "SELECT COUNT(*) FROM attempt JOIN lead ON lead.id = attempt.lead_id JOIN client ON client.id = lead.client_id
        WHERE client.phone = '+33199000007' AND attempt.client_id = client.id";
    assert_eq!(world.number(history).await, 5);
    assert_eq!(world.work_off(&marie).await, [8, 9]);
    let report = world.store.report(campaign.id).await.expect("a report");
    assert_eq!(report.funnel, [3, 0, 3, 3, 3, 1]);
}

/// Of two promises the one that is due first stays; both were made, and the call that keeps it is the last.
pub async fn one_promise_stays_open(world: &World) {
    let (marie, _) = two_people(world).await;
    call(world, &marie, 2, &reports::call_later(world.in_minutes(90))).await;
    call(world, &marie, 3, &reports::call_later_myself(world.in_minutes(30))).await;
    let merged = merge(world, 2, 3).await;
    assert_eq!(merged.promises_dropped, 1);
    let filter = CallbackFilter { limit: 10, ..CallbackFilter::default() };
    let open = world.store.callbacks(&filter).await.expect("told");
    assert_eq!((open.len(), open[0].due_at, open[0].operator.as_deref()), (1, world.in_minutes(30), Some("marie")));
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: world.in_minutes(30), block: Block::Callback });
    world.pass_minutes(31).await;
    let hand_out = world.call(&marie, &reports::not_interested()).await;
    assert_eq!((hand_out.history.len(), hand_out.other_phones.len()), (2, 1));
    assert!(world.store.callbacks(&filter).await.expect("told").is_empty());
}

/// A number of either that must not be called keeps both from being called, and drops their promises.
pub async fn a_suppression_of_either_holds_for_the_one(world: &World) {
    let (marie, campaign) = two_people(world).await;
    call(world, &marie, 2, &reports::call_later(world.in_minutes(30))).await;
    let new = relance_store::register::NewRegister {
        register: "bloctel".into(),
        seller: None,
        campaign: None,
        as_of: "2026-11-01".parse().expect("a day"),
    };
    let open = world.store.begin_register(&new).await.expect("open");
    world.store.add_to_register(open, &[phone(3)], None, world.now()).await.expect("added");
    world.store.commit_register(open, new.as_of, world.now()).await.expect("committed");
    let merged = merge(world, 2, 3).await;
    assert_eq!((merged.suppressed, merged.promises_dropped), (1, 1));
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
    world.pass_minutes(60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.load(&campaign, 4..=4).await;
    let suppression =
        NewSuppression { phone: phone(3), seller: None, campaign: None, reason: "asked".into(), by: None };
    world.store.suppress(&suppression, world.now()).await.expect("suppressed");
    assert_eq!(merge(world, 4, 2).await.leads[0].reason.as_deref(), Some("suppressed"));
}

/// Somebody who is in a call, or in a list that is being loaded, is not merged until that is over.
pub async fn open_work_refuses_a_merge(world: &World) {
    let (marie, campaign) = two_people(world).await;
    let held = world.hand_out(&marie).await;
    let (two, three) = (id(world, 2).await, id(world, 3).await);
    for (keep, other) in [(two, three), (three, two)] {
        refused(&try_merge(world, keep, other, false).await, "is in a call right now");
    }
    world.record(&held, &reports::plain("no_answer")).await;
    let other = world.running(&definition("loan")).await;
    let load = world.opening(&other, provenance("being loaded"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(3)]).await.expect("taken");
    refused(&try_merge(world, two, three, true).await, "being loaded");
    world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    try_merge(world, two, three, false).await.expect("merged");
    assert_eq!(world.leads_of(2).await.len(), 2);
    assert_eq!(world.load(&campaign, 5..=5).await.counts.new_leads, 1);
}

/// An objection that came late, when its client had been merged, counts for the one client.
pub async fn a_late_objection_counts_for_the_one(world: &World) {
    let (marie, _) = two_people(world).await;
    let held = world.hand_out(&marie).await;
    world.clock.advance(Span::minutes(31));
    assert_eq!(world.store.return_expired(world.now(), 10).await.expect("returned"), 1);
    merge(world, 3, 2).await;
    let late = world.record(&held, &reports::plain("do_not_call")).await;
    assert!(matches!(late, Recorded::Late { .. }), "{late:?}");
    assert_eq!(world.state_of(3).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
}

/// Taking a list back after a merge takes what it brought, where nobody was handed it, and leaves what other lists brought.
pub async fn an_undo_after_a_merge_takes_what_its_list_brought(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let first = world.load(&campaign, 2..=2).await;
    let mut brought = with_phones(3, &[903]);
    brought.city = Some("Lyon".into());
    let second = world.load_rows(&loan, provenance("second"), &[accepted(3, brought)]).await.expect("loaded");
    merge(world, 2, 3).await;
    let look =
        "SELECT (SELECT COUNT(*) FROM client_phone) * 100 + (SELECT COUNT(*) FROM client WHERE city = 'Lyon') * 10
        + (SELECT COUNT(*) FROM lead)";
    assert_eq!(world.number(look).await, 212);
    world.store.undo_list(second.id, world.now()).await.expect("undone");
    assert_eq!(world.number(look).await, 1);
    assert_eq!(world.store.client(id(world, 2).await).await.expect("shown").phones.len(), 1);
    world.store.undo_list(first.id, world.now()).await.expect("undone");
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 0);
}

/// The list of the client who stays can be taken back too: a lead that was handed out stays, with everybody's numbers.
pub async fn an_undo_after_a_merge_keeps_what_was_worked(world: &World) {
    let (marie, _) = two_people(world).await;
    let list = world.store.lists(None).await.expect("lists").into_iter().next_back().expect("the first list").id;
    call(world, &marie, 2, &reports::plain("no_answer")).await;
    merge(world, 2, 3).await;
    let undo = world.store.undo_list(list, world.now()).await.expect("undone");
    assert_eq!((undo.removed_leads, undo.removed_clients, undo.kept_leads), (0, 0, 1));
    assert_eq!(world.store.client(id(world, 3).await).await.expect("shown").phones.len(), 2);
}

/// A person whose first number is wrong and whose other one goes with its list is called no more: what is left is somebody else's.
pub async fn an_undo_that_leaves_a_wrong_number_ends_the_lead(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.change(&loan, CampaignEvent::Pause).await;
    world.load(&campaign, 2..=2).await;
    let second = world.load(&loan, 3..=3).await;
    merge(world, 2, 3).await;
    world.call(&marie, &reports::plain("wrong_number")).await;
    assert!(!matches!(world.leads_of(2).await[0].state, LeadState::Closed(_)), "there is another number");
    world.store.undo_list(second.id, world.now()).await.expect("undone");
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::WrongNumber));
}

/// A tariff that answers the refusal of a client who was merged brings the one lead back.
pub async fn a_refusal_of_either_may_be_answered(world: &World) {
    let (marie, campaign) = two_people(world).await;
    call(world, &marie, 2, &reports::plain("no_answer")).await;
    call(world, &marie, 3, &reports::refused_over("30.00")).await;
    merge(world, 2, 3).await;
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Refused));
    world.pass_minutes(60).await;
    let tariff = crate::builders::tariff("basic", 2_000, &["fibre"]);
    world.engine.publish_tariff(&tariff).await.expect("published");
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    let hand_out = world.hand_out(&marie).await;
    assert!(hand_out.decision.reopening.is_some());
    assert_eq!((person(&hand_out), hand_out.campaign), (2, campaign.id), "both numbers were dialled once");
}

/// A merge and a hand-out of the same people at once: one goes first, and both tell the truth.
pub async fn a_merge_and_a_hand_out_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let olga = world.operator("olga").await;
    let campaign = world.running(&definition("fibre")).await;
    for round in 0..8_u32 {
        let (keep, other) = (10 + round * 2, 11 + round * 2);
        world.load(&campaign, keep..=other).await;
        let (keep, other) = (id(world, keep).await, id(world, other).await);
        let batch = world.batch(&[&marie, &olga]).await;
        let ((answers, merged), again) = tokio::join!(
            async { tokio::join!(world.serve(&batch), try_merge(world, keep, other, false)) },
            try_merge(world, other, keep, false)
        );
        let held = answers.iter().filter(|answer| matches!(answer, Claimed::Assignment(_))).count();
        let done = [&merged, &again].into_iter().filter(|result| result.is_ok()).count();
        assert!(done <= 1, "{merged:?} {again:?}");
        for refusal in [merged, again].into_iter().filter_map(Result::err) {
            assert!(matches!(refusal, StoreError::Conflict(_)), "{refusal:?}");
        }
        // Merged first, the two are one person, who is with one operator; or with nobody yet, where the hand-out passed them by.
        let open = world.number("SELECT COUNT(*) FROM assignment WHERE ended_at_ms IS NULL").await;
        assert_eq!(i64::try_from(held).expect("few"), open);
        assert!(if done == 1 { held <= 1 } else { held >= 1 }, "{held} held, {done} merged");
        world.hold_invariants().await;
        for operator in [&marie, &olga] {
            world.work_off(operator).await;
        }
    }
}
