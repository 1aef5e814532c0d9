//! Orders: numbered as they are placed, then verified, corrected, fulfilled or cancelled.

use std::collections::BTreeSet;

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::definition::{AccountFrom, CancelReason, Definition};
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::order::state::{OrderEvent, OrderEventKind, OrderRefusal, Stamp};
use relance_domain::order::{FieldChange, OrderForm};
use relance_domain::{Span, UserId};
use relance_store::StoreError;
use relance_store::client::Erase;
use relance_store::order::{Change, Changed, Corrected, OrderFilter, StoredOrder};
use relance_store::outcome::Recorded;
use relance_store::user::User;

use super::loads::with_phones;
use crate::world::World;
use crate::{builders, reports};

/// A campaign that numbers orders and accounts, and a tariff of it that is offered.
pub(super) async fn selling(world: &World, people: u32) -> Definition {
    let mut definition = builders::definition("fibre");
    definition.order.number = "F-{year}-{n:03}".parse().expect("a form");
    let from = AccountFrom::Generated("9{n:05}".parse().expect("a form"));
    definition.order.account = Some(relance_domain::definition::Account { label: "Account".into(), from });
    let reason = |code: &str, withdrawal, reopens_after| CancelReason {
        code: code.into(),
        label: code.replace('_', " "),
        withdrawal,
        reopens_after,
    };
    definition.order.cancel_reasons =
        vec![reason("changed_mind", false, Some(Span::days(30))), reason("withdrew", true, None)];
    let campaign = world.running(&definition).await;
    world.load(&campaign, 2..=people + 1).await;
    let tariff =
        world.store.save_tariff(&builders::tariff("fibre-25", 2_499, &["fibre"]), world.now()).await.expect("saved");
    world.store.publish_tariff(tariff.id, tariff.version, world.now()).await.expect("published");
    definition
}

/// The only order.
pub(super) async fn the_order(world: &World) -> StoredOrder {
    let orders = world.store.orders(&OrderFilter { limit: 10, ..OrderFilter::default() }).await.expect("orders");
    assert_eq!(orders.len(), 1);
    orders.into_iter().next().expect("one order")
}

pub(super) async fn placed(world: &World, operator: &User) -> StoredOrder {
    world.call(operator, &reports::ordered("fibre-25")).await;
    the_order(world).await
}

pub(super) fn what(order: &StoredOrder, event: OrderEvent, by: Option<UserId>) -> Change {
    let (order, seen) = (order.id, order.version);
    Change { order, seen, event, by, correction: None, note: None, reopens_at: None, tell: Vec::new() }
}

async fn done(world: &World, change: Change) -> StoredOrder {
    match world.store.change_order(&change, world.now()).await.expect("answered") {
        Changed::Done(order) => *order,
        other => panic!("{other:?}"),
    }
}

/// Cancels every order, for a reason that brings nobody back.
pub(super) async fn cancel_each(world: &World) {
    for order in world.store.orders(&OrderFilter { limit: 10, ..OrderFilter::default() }).await.expect("orders") {
        done(world, what(&order, cancel("changed_mind", false), None)).await;
    }
}

fn cancel(reason: &str, withdrawal: bool) -> OrderEvent {
    OrderEvent::Cancel { reason: reason.to_owned(), withdrawal }
}

/// However many are placed at once: every number once, none left out, and an order that was not placed takes none.
pub async fn numbers_are_taken_once_and_without_a_gap(world: &World) {
    selling(world, 8).await;
    let mut operators = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        operators.push(world.operator(name).await);
    }
    let mut records = Vec::new();
    for operator in &operators {
        let hand_out = world.hand_out(operator).await;
        records.push(world.record_of(&hand_out, &reports::ordered("fibre-25")).await);
    }
    // This one comes with another token: nothing of it stays.
    let mut fenced = records.pop().expect("a record");
    fenced.token = "another".to_owned();
    records.insert(3, fenced);
    let mut placing = tokio::task::JoinSet::new();
    for record in records {
        let (store, now) = (std::sync::Arc::clone(&world.store), world.now());
        placing.spawn(async move { store.record_outcome(&record, now).await.expect("answered") });
    }
    let recorded = placing.join_all().await;
    assert_eq!(recorded.iter().filter(|recorded| matches!(recorded, Recorded::Done { .. })).count(), 7);
    let orders = world.store.orders(&OrderFilter { limit: 10, ..OrderFilter::default() }).await.expect("orders");
    let numbers: BTreeSet<String> = orders.iter().map(|order| order.number.clone()).collect();
    assert_eq!(numbers, (1..=7).map(|n| format!("F-2026-{n:03}")).collect());
    let accounts: BTreeSet<_> = orders.iter().filter_map(|order| order.form.account.clone()).collect();
    assert_eq!(accounts, (1..=7).map(|n| format!("9{n:05}")).collect());
}

/// Each change rests on the version that was seen, is written down, and is refused where the state or the person does not fit.
pub async fn an_order_is_verified_by_a_second_person_and_then_fulfilled(world: &World) {
    selling(world, 1).await;
    let (olga, vera) = (world.operator("olga").await, world.operator("vera").await);
    let order = placed(world, &olga).await;
    assert_eq!((order.number.as_str(), order.version, order.state.as_str()), ("F-2026-001", 1, "placed"));
    assert_eq!(order.form.fields["full_name"], "Person 2");
    let refused = |changed: Changed| match changed {
        Changed::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let own = world.store.change_order(&what(&order, OrderEvent::Verify, Some(olga.id)), world.now()).await;
    assert_eq!(refused(own.expect("answered")), OrderRefusal::SamePerson);
    let too_soon = world.store.change_order(&what(&order, OrderEvent::Fulfil, Some(vera.id)), world.now()).await;
    assert!(matches!(refused(too_soon.expect("answered")), OrderRefusal::Illegal { .. }));
    // Two people verify at once: one does.
    let (one, other) = (what(&order, OrderEvent::Verify, Some(vera.id)), what(&order, OrderEvent::Verify, None));
    let (one, other) =
        tokio::join!(world.store.change_order(&one, world.now()), world.store.change_order(&other, world.now()));
    let at_once = (one.expect("answered"), other.expect("answered"));
    assert!(
        matches!(at_once, (Changed::Done(_), Changed::Outdated(2)) | (Changed::Outdated(2), Changed::Done(_))),
        "{at_once:?}"
    );
    let verified = the_order(world).await;
    let open = world.store.change_order(&what(&verified, OrderEvent::Fulfil, Some(vera.id)), world.now()).await;
    assert!(matches!(refused(open.expect("answered")), OrderRefusal::StillWithdrawable { .. }));
    world.pass_minutes(14 * 24 * 60).await;
    let fulfilled = done(world, what(&verified, OrderEvent::Fulfil, Some(vera.id))).await;
    assert_eq!((fulfilled.state.as_str(), fulfilled.people.fulfilled_by.as_deref()), ("fulfilled", Some("vera")));
    let late = world.store.change_order(&what(&fulfilled, cancel("withdrew", true), Some(vera.id)), world.now()).await;
    assert!(matches!(refused(late.expect("answered")), OrderRefusal::WithdrawalOver { .. }));
    let history = world.store.order_history(order.id).await.expect("a history");
    let events: Vec<_> = history.iter().map(|change| (change.version, change.event)).collect();
    use OrderEventKind as E;
    assert_eq!(events, [(1, E::Placed), (2, E::Verified), (3, E::Fulfilled)]);
}

/// What a correction comes to that changes nothing the order is held to.
fn corrected(form: OrderForm, changes: Vec<FieldChange>) -> Corrected {
    Corrected { form, begins_at_once: false, changes, why: "spelled again".into() }
}

/// A correction replaces what was wrong, keeps what was there before, and sends the order back to be verified.
pub async fn a_correction_keeps_what_was_there_before(world: &World) {
    selling(world, 1).await;
    let (olga, vera) = (world.operator("olga").await, world.operator("vera").await);
    let order = placed(world, &olga).await;
    let verified = done(world, what(&order, OrderEvent::Verify, Some(vera.id))).await;
    let mut form = verified.form.clone();
    form.fields.insert("full_name".into(), "Person Two".into());
    let change = FieldChange {
        what: "fields.full_name".into(),
        before: Some("Person 2".into()),
        after: Some("Person Two".into()),
    };
    let correction = Change {
        correction: Some(corrected(form, vec![change.clone()])),
        ..what(&verified, OrderEvent::Correct, Some(vera.id))
    };
    let after = done(world, correction.clone()).await;
    assert_eq!((after.state.as_str(), after.version), ("placed", 3));
    assert_eq!((after.form.fields["full_name"].as_str(), &after.form.account), ("Person Two", &order.form.account));
    let again = world.store.change_order(&correction, world.now()).await.expect("answered");
    assert_eq!(again, Changed::Outdated(3));
    let own = world.store.change_order(&what(&after, OrderEvent::Verify, Some(vera.id)), world.now()).await;
    assert_eq!(own.expect("answered"), Changed::Refused(OrderRefusal::SamePerson), "who corrected it");
    let history = world.store.order_history(order.id).await.expect("a history");
    let at = world.now();
    world.pass_minutes(1).await;
    let verified = done(world, what(&after, OrderEvent::Verify, None)).await;
    assert_eq!(verified.state.stamps().corrected, Some(Stamp { at, by: Some(vera.id) }), "it stays when it was");
    let last = history.last().expect("the correction");
    assert_eq!(
        (last.change.as_ref(), last.by.as_deref(), last.why.as_deref()),
        (Some(&change), Some("vera"), Some("spelled again"))
    );
}

/// Neither a correction that was made of what stood before its person was erased brings anything of them back, nor a note. Their order is
/// cancelled all the same.
pub async fn a_change_brings_nothing_erased_back(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    let order = placed(world, &olga).await;
    let mut form = order.form.clone();
    form.fields.insert("full_name".into(), "Zebulon".into());
    let change = FieldChange {
        what: "fields.full_name".into(),
        before: order.form.fields.get("full_name").cloned(),
        after: Some("Zebulon".into()),
    };
    let correction =
        Change { correction: Some(corrected(form, vec![change])), ..what(&order, OrderEvent::Correct, None) };
    let erase = Erase { client: order.client, reason: "asked by letter".into(), by: None };
    world.store.erase_client(&erase, world.now()).await.expect("erased");
    let refused = world.store.change_order(&correction, world.now()).await;
    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("was erased")), "{refused:?}");
    let after = the_order(world).await;
    assert_eq!((after.version, after.form.fields.len(), &after.form.account), (order.version, 0, &None));
    let cancellation = what(&order, cancel("changed_mind", false), None);
    let noted = Change { note: Some("Zebulon moved".into()), ..cancellation.clone() };
    let refused = world.store.change_order(&noted, world.now()).await;
    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("without one")), "{refused:?}");
    assert_eq!(done(world, cancellation).await.state.as_str(), "cancelled");
    let everything = world.everything().await.join("\n");
    assert!(!everything.contains("Zebulon") && !everything.contains("Person 2"), "{everything}");
}

/// A cancelled order brings its lead back where its reason says so, after the time it says, and not before.
pub async fn a_cancelled_order_brings_its_lead_back(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    let order = placed(world, &olga).await;
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Ordered));
    let at = Span::days(30).after(world.now());
    let change = Change {
        note: Some("found a cheaper one".into()),
        reopens_at: Some(at),
        ..what(&order, cancel("changed_mind", false), None)
    };
    let cancelled = done(world, change).await;
    assert_eq!((cancelled.state.as_str(), cancelled.reopens_at), ("cancelled", Some(at)));
    assert_eq!(world.state_of(2).await, LeadState::Scheduled { due_at: at, block: Block::Retry });
    let kept = world.store.cancelled_order(order.lead).await.expect("answered").expect("the order");
    assert_eq!((kept.id, kept.cancel_note.as_deref()), (order.id, Some("found a cheaper one")));
    world.pass_minutes(30 * 24 * 60).await;
    assert_eq!(world.hand_out(&olga).await.lead, order.lead);
}

/// Who ordered on a number that goes with its list, and has none but a wrong one left, is not called again after a cancellation.
pub async fn a_cancelled_order_brings_nobody_back_to_a_wrong_number(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    let other = world.running(&builders::definition("loan")).await;
    let rows = [builders::accepted(2, with_phones(2, &[902]))];
    let brought = world.load_rows(&other, builders::provenance("brought"), &rows).await.expect("loaded");
    world.change(&other, CampaignEvent::Pause).await;
    world.call(&olga, &reports::plain("wrong_number")).await;
    world.pass_minutes(1).await;
    let order = placed(world, &olga).await;
    let reopens_at = Some(Span::days(30).after(world.now()));
    done(world, Change { reopens_at, ..what(&order, cancel("changed_mind", false), None) }).await;
    world.store.undo_list(brought.id, world.now()).await.expect("undone");
    assert_eq!(world.state(order.lead).await, LeadState::Closed(ClosedReason::WrongNumber));
}

/// Nobody who must not be called comes back, nor somebody who has another order, nor where the reason says nothing.
pub async fn a_cancelled_order_brings_back_nobody_who_must_not_be_called(world: &World) {
    selling(world, 2).await;
    let olga = world.operator("olga").await;
    world.call(&olga, &reports::ordered("fibre-25")).await;
    world.call(&olga, &reports::ordered("fibre-25")).await;
    let orders = world.store.orders(&OrderFilter { limit: 10, ..OrderFilter::default() }).await.expect("orders");
    let objection = relance_store::outcome::NewSuppression {
        phone: builders::phone(2),
        seller: Some(builders::SELLER.into()),
        campaign: None,
        reason: "asked for it".into(),
        by: None,
    };
    world.store.suppress(&objection, world.now()).await.expect("suppressed");
    let of = |person: u32| async move { world.lead_of(person).await.lead };
    let (suppressed, free) = (of(2).await, of(3).await);
    for order in &orders {
        let reopens_at = (order.lead == suppressed).then(|| Span::days(1).after(world.now()));
        let cancelled = done(world, Change { reopens_at, ..what(order, cancel("changed_mind", false), None) }).await;
        assert_eq!(cancelled.reopens_at, None);
    }
    assert_eq!(world.state(suppressed).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.state(free).await, LeadState::Closed(ClosedReason::Ordered));
}
