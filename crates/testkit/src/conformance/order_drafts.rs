//! Order forms while they are typed.

use std::collections::BTreeMap;

use relance_domain::outcome::OrderReport;
use relance_store::assignment::Holder;
use relance_store::claim::HandOut;
use relance_store::order::{DraftSaved, NewDraft};

use crate::world::World;
use crate::{builders, reports};

fn typed(hand_out: &HandOut, rests_on: i64, name: &str) -> NewDraft {
    let (assignment, token, operator) = (hand_out.assignment, hand_out.token.clone(), hand_out.operator);
    let fields = BTreeMap::from([("full_name".to_owned(), name.to_owned())]);
    let form = OrderReport { tariff: "fibre".to_owned(), fields, ..OrderReport::default() };
    NewDraft { holder: Holder { assignment, token, operator }, rests_on, form }
}

/// Each save rests on the one before; the same again tells the same, another one is told what is kept.
pub async fn a_draft_rests_on_what_is_kept(world: &World) {
    let campaign = world.running(&builders::definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let olga = world.operator("olga").await;
    let hand_out = world.hand_out(&olga).await;
    let save =
        |draft: NewDraft| async move { world.store.save_order_draft(&draft, world.now()).await.expect("answered") };
    assert_eq!(world.store.order_draft(hand_out.assignment).await.expect("answered"), None);
    assert_eq!(save(typed(&hand_out, 0, "A")).await, DraftSaved::As(1));
    assert_eq!(save(typed(&hand_out, 0, "A")).await, DraftSaved::As(1), "the reply was lost");
    assert_eq!(save(typed(&hand_out, 0, "B")).await, DraftSaved::Outdated(1), "another window");
    assert_eq!(save(typed(&hand_out, 1, "An")).await, DraftSaved::As(2));
    assert_eq!(save(typed(&hand_out, 1, "B")).await, DraftSaved::Outdated(2));
    assert_eq!(save(typed(&hand_out, 7, "B")).await, DraftSaved::Outdated(2));
    let kept = world.store.order_draft(hand_out.assignment).await.expect("answered").expect("a draft");
    assert_eq!((kept.version, kept.form.fields["full_name"].as_str(), kept.saved_at), (2, "An", world.now()));
    let mut fenced = typed(&hand_out, 2, "B");
    fenced.holder.token = "another".to_owned();
    assert_eq!(save(fenced).await, DraftSaved::NotYours);
    let (one, other) = (typed(&hand_out, 2, "one"), typed(&hand_out, 2, "other"));
    let at_once = tokio::join!(save(one), save(other));
    assert!(matches!(
        at_once,
        (DraftSaved::As(3), DraftSaved::Outdated(3)) | (DraftSaved::Outdated(3), DraftSaved::As(3))
    ));
}

/// What was typed is there again when the same operator gets the lead again, and for nobody else; an outcome takes it away.
pub async fn a_draft_outlives_its_lease_and_not_its_outcome(world: &World) {
    let campaign = world.running(&builders::definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let (olga, paul) = (world.operator("olga").await, world.operator("paul").await);
    let first = world.hand_out(&olga).await;
    let saved = world.store.save_order_draft(&typed(&first, 0, "Anna"), world.now()).await.expect("answered");
    assert_eq!(saved, DraftSaved::As(1));
    world.pass_minutes(31).await;
    world.store.return_expired(world.now(), 10).await.expect("returned");
    let ended = world.store.save_order_draft(&typed(&first, 1, "Anne"), world.now()).await.expect("answered");
    assert!(matches!(ended, DraftSaved::Ended(_)), "{ended:?}");
    let second = world.hand_out(&paul).await;
    assert_eq!(world.store.order_draft(second.assignment).await.expect("answered"), None, "it is not his");
    world.pass_minutes(31).await;
    world.store.return_expired(world.now(), 10).await.expect("returned");
    let third = world.hand_out(&olga).await;
    let kept = world.store.order_draft(third.assignment).await.expect("answered").expect("hers");
    assert_eq!((kept.version, kept.form.fields["full_name"].as_str()), (0, "Anna"));
    world.record(&third, &reports::not_interested()).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM order_draft").await, 0);
    let late = world.store.save_order_draft(&typed(&third, 0, "Anna"), world.now()).await.expect("answered");
    assert!(matches!(late, DraftSaved::Ended(_)), "{late:?}");
}
