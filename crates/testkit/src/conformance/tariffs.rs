//! Tariffs, and the refusals that they reopen.

use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::definition::ReopenCondition;
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, Money, RefusalId, Span, queue};
use relance_store::StoreError;
use relance_store::claim::{Claimed, Why};
use relance_store::outcome::NewSuppression;
use relance_store::tariff::{
    AnswerPage, AnsweredPage, OfferedBy, RefusalRow, Reopen, ReopeningStep, StepDone, StoredTariff,
};

use crate::builders::{definition, eur, phone, tariff};
use crate::world::person;
use crate::{World, reports};

/// Saves and publishes a tariff; reopens nobody yet.
pub(crate) async fn publish(world: &World, tariff: &Tariff) -> StoredTariff {
    let draft = world.store.save_tariff(tariff, world.now()).await.expect("saved");
    world.store.publish_tariff(draft.id, draft.latest, world.now()).await.expect("published")
}

/// Publishes a tariff through the engine, and puts everybody back whom it answers.
pub(crate) async fn publish_for_all(world: &World, tariff: &Tariff) -> u64 {
    world.engine.publish_tariff(tariff).await.expect("published").reopened
}

/// The definitions of campaigns, each reason of which anything reopens.
async fn yielding(world: &World, campaigns: &[CampaignId]) -> Vec<OfferedBy> {
    let mut offered_by = Vec::new();
    for campaign in campaigns {
        let known = world.store.campaigns().await.expect("campaigns");
        let version = known.iter().find(|known| known.id == *campaign).expect("the campaign").version;
        let mut definition = world.store.definition(*campaign, version).await.expect("a definition");
        for reason in &mut definition.reasons {
            reason.reopened_by = vec![vec![ReopenCondition::ReopeningsAYear(u16::MAX)]];
        }
        let definition = Arc::new(definition);
        offered_by.push(OfferedBy { campaign: *campaign, definition, holds_back_from: Timestamp::MIN });
    }
    offered_by
}

/// Every refusal of a campaign that stands.
pub(crate) async fn refusals(world: &World, campaign: CampaignId) -> Vec<RefusalRow> {
    page(world, &yielding(world, &[campaign]).await, RefusalId(0), 1_000).await.rows
}

async fn page(world: &World, offered_by: &[OfferedBy], after: RefusalId, limit: i64) -> AnsweredPage {
    let page = AnswerPage {
        tariff: &tariff("any", 1, &[]),
        offered_by,
        now: world.now(),
        after,
        refused_by: world.now(),
        timed_by: world.now(),
        covered_only: false,
        look_at: limit,
        limit,
    };
    world.store.answered_refusals(&page).await.expect("refusals")
}

/// A step that reopens these refusals.
fn step(tariff: &StoredTariff, rows: &[RefusalRow], last: bool) -> ReopeningStep {
    let reopen = |row: &RefusalRow| Reopen {
        refusal: row.id,
        because: "it costs less now".into(),
        held: None,
        most_in_a_year: None,
        score: relance_domain::matching::Score::default(),
        waits_for_budget: false,
        kept_for: None,
        held_out: None,
    };
    ReopeningStep {
        tariff: tariff.id,
        version: tariff.version,
        from: tariff.reopened_to,
        to: rows.last().map_or(tariff.reopened_to, |row| row.id),
        reopen: rows.iter().map(reopen).collect(),
        last,
    }
}

async fn take(world: &World, step: &ReopeningStep) -> StepDone {
    world.store.reopen(step, world.now()).await.expect("the step is taken")
}

/// A draft is replaced by the next of its name, campaigns included.
pub async fn a_draft_is_replaced(world: &World) {
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let first = world.store.save_tariff(&tariff("fibre-25", 2_499, &["fibre"]), world.now()).await.expect("saved");
    assert_eq!((first.state, first.campaigns.clone()), (TariffState::Draft, vec![fibre.id]));
    assert_eq!((first.published_at, first.retired_at, first.reopened_all_at), (None, None, None));
    let dearer = tariff("fibre-25", 2_599, &["loan"]);
    let second = world.store.save_tariff(&dearer, world.in_minutes(1)).await.expect("saved");
    assert_eq!((second.id, second.tariff.clone(), second.campaigns.clone()), (first.id, dearer, vec![loan.id]));
    assert_eq!(world.store.tariffs().await.expect("tariffs"), [second]);
}

/// What was offered must stay true: other content is a version more, and takes over only when it is published; a retired tariff takes
/// none.
pub async fn a_published_tariff_cannot_change(world: &World) {
    world.running(&definition("fibre")).await;
    let offer = tariff("fibre-25", 2_499, &["fibre"]);
    let published = publish(world, &offer).await;
    let again = world.store.save_tariff(&offer, world.in_minutes(1)).await.expect("the same");
    assert_eq!((again.tariff, again.version, again.latest), (offer.clone(), 1, 1));
    let cheaper = Tariff { price: Money { minor: 1_999, currency: eur() }, ..offer.clone() };
    let saved = world.store.save_tariff(&cheaper, world.in_minutes(1)).await.expect("a version more");
    assert_eq!((saved.state, saved.version, saved.latest), (TariffState::Published, 1, 2));
    assert_eq!(saved.tariff, offer);
    world.store.retire_tariff(published.id, world.now()).await.expect("retired");
    let refused = world.store.save_tariff(&offer, world.in_minutes(2)).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.tariff("fibre-25").await.expect("the tariff").tariff, offer);
}

/// Publishing again changes nothing.
pub async fn publishing_again_changes_nothing(world: &World) {
    world.running(&definition("fibre")).await;
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    assert_eq!((published.state, published.published_at), (TariffState::Published, Some(world.now())));
    let again =
        world.store.publish_tariff(published.id, published.version, world.in_minutes(5)).await.expect("published");
    assert_eq!(again, published);
}

/// A retired tariff is offered no more, and never again.
pub async fn a_retired_tariff_is_not_published(world: &World) {
    world.running(&definition("fibre")).await;
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let retired = world.store.retire_tariff(published.id, world.now()).await.expect("retired");
    assert_eq!((retired.state, retired.retired_at), (TariffState::Retired, Some(world.now())));
    assert_eq!(world.store.retire_tariff(published.id, world.in_minutes(5)).await.expect("retired"), retired);
    let refused = world.store.publish_tariff(published.id, published.version, world.now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(take(world, &step(&published, &[], true)).await, StepDone::DoneElsewhere);
}

/// A tariff of a campaign that is not there is not stored.
pub async fn a_tariff_belongs_to_campaigns_that_are_there(world: &World) {
    world.running(&definition("fibre")).await;
    let refused = world.store.save_tariff(&tariff("fibre-25", 2_499, &["fibre", "nothing"]), world.now()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert!(matches!(world.store.tariff("fibre-25").await, Err(StoreError::NotFound { .. })));
}

/// A reopened lead goes before the fresh ones, and says which tariff brought it back, at which price and why.
pub async fn a_reopened_lead_says_why(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    let refused = world.call(&marie, &reports::refused_over("30")).await;
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let rows = refusals(world, campaign.id).await;
    assert_eq!(take(world, &step(&published, &rows, true)).await, StepDone::Reopened(1));
    let lead = world.lead_of(2).await;
    assert_eq!((lead.state, lead.priority), (LeadState::Ready, queue::REOPENED));
    assert_eq!(lead.reopened_because.as_deref(), Some("it costs less now"));
    let hand_out = world.hand_out(&marie).await;
    assert_eq!((hand_out.lead, hand_out.decision.why), (refused.lead, Why::Reopened));
    let reopening = hand_out.decision.reopening.expect("a tariff reopened it");
    assert_eq!((reopening.tariff.as_str(), reopening.price.minor), ("fibre-25", 2_499));
    assert_eq!(reopening.because, "it costs less now");
}

/// A refusal is reopened by a tariff once, however often the step is taken or the lead refused anew for another reason.
pub async fn a_refusal_is_reopened_once_per_tariff(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let rows = refusals(world, campaign.id).await;
    assert_eq!(take(world, &step(&published, &rows, false)).await, StepDone::Reopened(1));
    world.call(&marie, &reports::refused_over("20")).await;
    let mut again = step(&published, &rows, true);
    assert_eq!(take(world, &again).await, StepDone::DoneElsewhere, "the tariff has come further");
    again.from = rows[0].id;
    assert_eq!(take(world, &again).await, StepDone::Reopened(0), "the refusal no longer stands");
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Refused));
    assert_eq!(world.number("SELECT COUNT(*) FROM reopening").await, 1);
}

/// Even a lead that stands refused by the very same refusal is not brought back twice by one tariff.
pub async fn a_tariff_brings_a_refusal_back_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let rows = refusals(world, campaign.id).await;
    assert_eq!(take(world, &step(&published, &rows, false)).await, StepDone::Reopened(1));
    world.write("UPDATE lead SET state = 'closed', closed_reason = 'refused'").await;
    let again = ReopeningStep { from: rows[0].id, ..step(&published, &rows, true) };
    assert_eq!(take(world, &again).await, StepDone::Reopened(0));
    world.write("UPDATE lead SET state = 'ready', closed_reason = NULL").await;
}

/// Another tariff may reopen what was refused anew; the older refusal of the lead does not stand any more.
pub async fn an_older_refusal_does_not_stand(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::refused_over("30")).await;
    let older = refusals(world, campaign.id).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 1);
    world.call(&marie, &reports::refused_over("20")).await;
    assert_eq!(refusals(world, campaign.id).await.len(), 1, "only the newer one stands");
    let dearer = publish(world, &tariff("fibre-24", 2_399, &["fibre"])).await;
    assert_eq!(take(world, &step(&dearer, &older, false)).await, StepDone::Reopened(0));
    assert_eq!(publish_for_all(world, &tariff("fibre-24", 2_399, &["fibre"])).await, 0);
    assert_eq!(publish_for_all(world, &tariff("fibre-19", 1_999, &["fibre"])).await, 1);
    let hand_out = world.hand_out(&marie).await;
    assert_eq!(hand_out.decision.reopening.map(|reopening| reopening.tariff).as_deref(), Some("fibre-19"));
}

/// A step that another node has taken changes nothing; a publication that is complete takes none.
pub async fn a_step_is_taken_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    for _ in 2..=3 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let rows = refusals(world, campaign.id).await;
    let first = step(&published, &rows[..1], false);
    let (a, b) = tokio::join!(take(world, &first), take(world, &first));
    assert!([a, b].contains(&StepDone::Reopened(1)) && [a, b].contains(&StepDone::DoneElsewhere), "{a:?} {b:?}");
    let stored = world.store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((stored.reopened_to, stored.reopened_all_at), (rows[0].id, None));
    assert_eq!(take(world, &step(&stored, &rows[1..], true)).await, StepDone::Reopened(1));
    let complete = world.store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((complete.reopened_to, complete.reopened_all_at), (rows[1].id, Some(world.now())));
    assert_eq!(take(world, &step(&complete, &[], true)).await, StepDone::DoneElsewhere);
}

/// Whom something holds is scheduled for when it is over, with its reason, and then goes first.
pub async fn a_held_lead_comes_back_later(world: &World) {
    let marie = world.operator("marie").await;
    let mut patient = definition("fibre");
    patient.calling.days_after_refusal = 2;
    let campaign = world.running(&patient).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::refused_over("30")).await;
    assert_eq!(publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await, 1);
    let third_day: Timestamp = "2026-11-26T23:00:00Z".parse().expect("midnight in Paris");
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: third_day, block: Block::CoolDown });
    assert_eq!(person(&world.call(&marie, &reports::plain("dead_line")).await), 3);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.clock.set(third_day);
    world.pass_minutes(0).await;
    assert_eq!(world.hand_out(&marie).await.decision.why, Why::Reopened);
}

/// Who has objected, or whose lead has moved on since the refusals were read, is not reopened.
pub async fn who_objected_since_is_not_reopened(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    for _ in 2..=3 {
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let published = publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    let rows = refusals(world, campaign.id).await;
    let suppression =
        NewSuppression { phone: phone(2), seller: None, campaign: None, reason: "asked by letter".into(), by: None };
    world.store.suppress(&suppression, world.now()).await.expect("suppressed");
    assert_eq!(take(world, &step(&published, &rows, true)).await, StepDone::Reopened(1));
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.state_of(3).await, LeadState::Ready);
    assert!(refusals(world, campaign.id).await.is_empty(), "neither of them stands");
}

/// Refusals of several campaigns are read in the order in which they were made, page by page, without loss or repeat.
pub async fn refusals_are_read_in_pages(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let power = world.running(&definition("power")).await;
    for (campaign, who) in [(&fibre, 2), (&loan, 3), (&power, 4), (&fibre, 5), (&fibre, 6), (&loan, 7)] {
        world.load(campaign, who..=who).await;
        world.call(&marie, &reports::refused_over("30")).await;
    }
    let offered_by = yielding(world, &[fibre.id, loan.id]).await;
    let mut read = Vec::new();
    let mut after = RefusalId(0);
    loop {
        let page = page(world, &offered_by, after, 2).await;
        after = page.to;
        read.extend(page.rows.iter().map(|row| row.lead));
        if page.last {
            break;
        }
    }
    let mut expected = Vec::new();
    for who in [2, 3, 5, 6, 7] {
        expected.push(world.lead_of(who).await.lead);
    }
    assert_eq!(read, expected);
}

/// Refusals that were made after the instant asked for are left out: they were made with the tariff on the table.
pub async fn later_refusals_are_left_out(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.call(&marie, &reports::refused_over("30")).await;
    publish(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    world.clock.advance(Span::minutes(1));
    world.call(&marie, &reports::refused_over("30")).await;
    assert_eq!(refusals(world, campaign.id).await.len(), 2);
    world.engine.publish_tariff(&tariff("fibre-25", 2_499, &["fibre"])).await.expect("finished");
    assert_eq!(world.state_of(2).await, LeadState::Ready);
    assert_eq!(world.state_of(3).await, LeadState::Closed(ClosedReason::Refused));
}
