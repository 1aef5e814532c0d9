//! The shares of a campaign's lists in its queue.

use std::collections::BTreeMap;

use relance_domain::ListId;
use relance_scheduler::{Engine, NextAnswer};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::claim::Claimed;
use relance_store::user::User;

use crate::builders::definition;
use crate::world::person;
use crate::{World, reports};

/// Gives lists their shares.
async fn mix(world: &World, campaign: &Campaign, shares: &[(ListId, u32)]) {
    world.store.mix_lists(campaign.id, shares).await.expect("mixed");
}

/// Calls some people one after the other, each time by another node; tells how many of each list.
async fn turns(nodes: &[&Engine], world: &World, operator: &User, calls: usize) -> BTreeMap<ListId, usize> {
    let mut counts = BTreeMap::new();
    for node in nodes.iter().cycle().take(calls) {
        let NextAnswer::Lead(lead) = node.next_lead(operator.id, None).await.expect("an answer") else {
            panic!("every list has somebody");
        };
        let hand_out = world.look_at(lead.assignment).await;
        world.record(&hand_out, &reports::not_interested()).await;
        *counts.entry(hand_out.list).or_default() += 1;
    }
    counts
}

/// Shares hold over every stretch of hand-outs, whichever node makes them and however often nodes are started anew.
pub async fn shares_hold_over_hand_outs_and_restarts(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let (large, small) = (world.load(&campaign, 2..=101).await.id, world.load(&campaign, 102..=131).await.id);
    mix(world, &campaign, &[(large, 70), (small, 30)]).await;
    for _ in 0..3 {
        let node = world.another_node().await;
        let counts = turns(&[&world.engine, &node], world, &marie, 10).await;
        assert_eq!(counts, BTreeMap::from([(large, 7), (small, 3)]));
    }
}

/// Lists of which one was given a share are mixed; the others have a share of 1.
pub async fn a_list_without_a_share_has_one(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let (older, newer) = (world.load(&campaign, 2..=20).await.id, world.load(&campaign, 32..=50).await.id);
    assert_eq!(turns(&[&world.engine], world, &marie, 4).await, BTreeMap::from([(older, 4)]), "nothing was said");
    let lists = world.store.mix_lists(campaign.id, &[(newer, 2)]).await.expect("mixed");
    assert_eq!(lists.iter().map(|list| list.weight).collect::<Vec<_>>(), [Some(2), None]);
    assert_eq!(turns(&[&world.engine], world, &marie, 6).await, BTreeMap::from([(older, 2), (newer, 4)]));
}

/// A list that had nobody to call, or is new, goes on from where the others are: it makes up for nothing.
pub async fn a_list_that_was_empty_makes_up_for_nothing(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let (first, second) = (world.load(&campaign, 2..=60).await.id, world.load(&campaign, 61..=90).await.id);
    mix(world, &campaign, &[(first, 1), (second, 1)]).await;
    assert_eq!(turns(&[&world.engine], world, &marie, 4).await, BTreeMap::from([(first, 2), (second, 2)]));
    mix(world, &campaign, &[(second, 0)]).await;
    assert_eq!(turns(&[&world.engine], world, &marie, 10).await, BTreeMap::from([(first, 10)]));
    mix(world, &campaign, &[(second, 1)]).await;
    let third = world.load(&campaign, 91..=99).await.id;
    let even = BTreeMap::from([(first, 2), (second, 2), (third, 2)]);
    assert_eq!(turns(&[&world.engine], world, &marie, 6).await, even);
}

/// A share of nothing switches a list off, but a promise to one of its people is kept.
pub async fn a_share_of_nothing_switches_a_list_off(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let off = world.load(&campaign, 2..=5).await.id;
    world.call(&marie, &reports::plain("busy")).await;
    let promised = world.call(&marie, &reports::call_later(world.in_minutes(60))).await;
    let on = world.load(&campaign, 12..=12).await.id;
    mix(world, &campaign, &[(off, 0), (on, 1)]).await;
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 12);
    world.pass_minutes(30).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "neither the new ones nor the one to be tried again");
    world.pass_minutes(30).await;
    assert_eq!(world.hand_out(&marie).await.lead, promised.lead);
}

/// A mix that adds up to nothing is refused, and changes nothing.
pub async fn a_mix_of_nothing_is_refused(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let (first, second) = (world.load(&campaign, 2..=2).await.id, world.load(&campaign, 3..=3).await.id);
    mix(world, &campaign, &[(first, 0)]).await;
    for shares in [&[(second, 0)][..], &[(first, 0), (second, 0)]] {
        let refused = world.store.mix_lists(campaign.id, shares).await;
        assert!(matches!(&refused, Err(StoreError::Conflict(text)) if text.contains("at least one")), "{refused:?}");
    }
    assert_eq!(world.store.list(second).await.expect("a list").weight, None);
}

/// Only loaded lists of the campaign have a share; where one is not, nothing changes.
pub async fn a_mix_names_lists_of_the_campaign(world: &World) {
    let (campaign, other) = (world.running(&definition("fibre")).await, world.running(&definition("loan")).await);
    let (ours, theirs) = (world.load(&campaign, 2..=2).await.id, world.load(&other, 3..=3).await.id);
    let refused = world.store.mix_lists(campaign.id, &[(ours, 5), (theirs, 5)]).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert_eq!(world.store.list(ours).await.expect("a list").weight, None);
}
