//! What wakes whoever waits for work.

use std::time::Duration;

use relance_domain::campaign::state::CampaignEvent;
use relance_store::assignment::Holder;
use relance_store::bell::Ringing;
use tokio::time::timeout;

use crate::builders::{definition, tariff};
use crate::{World, reports};

/// Longer than anything takes.
const IN_VAIN: Duration = Duration::from_secs(60);

async fn heard(bell: &mut Ringing, what: &str) {
    timeout(IN_VAIN, bell.rung()).await.unwrap_or_else(|_| panic!("nobody heard of {what}"));
}

/// On PostgreSQL the bell also rings when it begins to hear, so that one ring more may be heard than was rung.
pub async fn what_makes_work_rings(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut bell = world.store.work().listen();
    let campaign = world.running(&definition("fibre")).await;
    heard(&mut bell, "a campaign that was started").await;
    world.load(&campaign, 2..=4).await;
    heard(&mut bell, "a list").await;
    let held = world.hand_out(&marie).await;
    let holder = Holder { assignment: held.assignment, operator: marie.id, token: held.token.clone() };
    world.store.hand_back(&holder, "the line is dead", world.now()).await.expect("handed back");
    heard(&mut bell, "a lead that was handed back").await;
    world.call(&paul, &reports::call_later_myself(world.in_minutes(5))).await;
    heard(&mut bell, "a promise").await;
    world.store.disable_user("paul", world.now()).await.expect("disabled");
    heard(&mut bell, "promises that are anybody's").await;
    world.call(&marie, &reports::refused_over("30")).await;
    let offer = world.store.save_tariff(&tariff("fibre-25", 2_499, &["fibre"]), world.now()).await.expect("saved");
    world.store.publish_tariff(offer.id, offer.latest, world.now()).await.expect("published");
    heard(&mut bell, "a tariff").await;
    world.change(&campaign, CampaignEvent::Pause).await;
    world.change(&campaign, CampaignEvent::Resume).await;
    heard(&mut bell, "a campaign that goes on").await;
}
