//! Campaigns, their versions and their lanes.

use relance_domain::campaign::state::{CampaignEvent, CampaignState};
use relance_domain::{CampaignId, ZoneName};
use relance_store::StoreError;

use crate::World;
use crate::builders::{accepted, client, definition, provenance, zone};

/// A new campaign is a draft of version 1.
pub async fn a_new_campaign_is_a_draft(world: &World) {
    let applied = world.store.apply_campaign(&definition("fibre"), None, world.now()).await.expect("applied");
    assert!(applied.changed);
    assert_eq!((applied.campaign.state, applied.campaign.version), (CampaignState::Draft, 1));
    assert_eq!(applied.campaign.created_at, world.now());
    assert_eq!(world.store.campaign("fibre").await.expect("the campaign"), applied.campaign);
    assert_eq!(world.store.definition(applied.campaign.id, 1).await.expect("version 1"), definition("fibre"));
}

/// Applying the same definition again makes no version.
pub async fn the_same_definition_makes_no_version(world: &World) {
    let first = world.store.apply_campaign(&definition("fibre"), None, world.now()).await.expect("applied");
    let again = world.store.apply_campaign(&definition("fibre"), None, world.in_minutes(5)).await.expect("applied");
    assert!(!again.changed);
    assert_eq!(again.campaign, first.campaign);
}

/// A changed definition is the next version; the earlier one stays readable.
pub async fn a_changed_definition_is_the_next_version(world: &World) {
    let marie = world.operator("marie").await;
    let first = definition("fibre");
    let second = relance_domain::definition::Definition { name: "Fibre for all".into(), ..definition("fibre") };
    let campaign = world.running(&first).await;
    let applied = world.store.apply_campaign(&second, Some(marie.id), world.now()).await.expect("applied");
    assert!(applied.changed);
    assert_eq!((applied.campaign.version, applied.campaign.name.as_str()), (2, "Fibre for all"));
    assert_eq!(applied.campaign.state, CampaignState::Running, "a new version does not stop the campaign");
    assert_eq!(world.store.definition(campaign.id, 1).await.expect("version 1"), first);
    assert_eq!(world.store.definition(campaign.id, 2).await.expect("version 2"), second);
    assert!(matches!(world.store.definition(campaign.id, 3).await, Err(StoreError::NotFound { .. })));
}

/// Caps and objections are counted per seller, so a campaign keeps its own.
pub async fn the_seller_cannot_change(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut other = definition("fibre");
    other.seller = "Somebody Else".into();
    let refused = world.store.apply_campaign(&other, None, world.now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.campaign("fibre").await.expect("the campaign"), campaign);
}

/// The events of a campaign's life, and no others.
pub async fn a_campaign_takes_only_its_own_events(world: &World) {
    use CampaignEvent as E;
    let draft = world.store.apply_campaign(&definition("fibre"), None, world.now()).await.expect("applied").campaign;
    let life = [
        (E::Pause, None),
        (E::Start, Some(CampaignState::Running)),
        (E::Start, None),
        (E::Pause, Some(CampaignState::Paused)),
        (E::Resume, Some(CampaignState::Running)),
        (E::Finish, Some(CampaignState::Finished)),
        (E::Resume, None),
    ];
    for (event, expected) in life {
        let changed = world.store.change_campaign_state(draft.id, event).await;
        match expected {
            Some(state) => assert_eq!(changed.expect("changed").state, state),
            None => assert!(matches!(changed, Err(StoreError::Transition(_))), "{event}: {changed:?}"),
        }
    }
    assert_eq!(world.store.campaign("fibre").await.expect("the campaign").state, CampaignState::Finished);
}

/// A finished campaign is over for good.
pub async fn a_finished_campaign_cannot_be_applied(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.change(&campaign, CampaignEvent::Finish).await;
    let refused = world.store.apply_campaign(&definition("fibre"), None, world.now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

/// A campaign that is not there is not found.
pub async fn an_unknown_campaign_is_not_found(world: &World) {
    assert!(matches!(world.store.campaign("fibre").await, Err(StoreError::NotFound { .. })));
    let changed = world.store.change_campaign_state(CampaignId(7), CampaignEvent::Start).await;
    assert!(matches!(changed, Err(StoreError::NotFound { .. })), "{changed:?}");
}

/// Campaigns are listed by name.
pub async fn campaigns_are_listed_by_name(world: &World) {
    for name in ["loan-2", "fibre", "loan", "loan10"] {
        world.store.apply_campaign(&definition(name), None, world.now()).await.expect("applied");
    }
    let names: Vec<_> = world.store.campaigns().await.expect("campaigns").into_iter().map(|c| c.campaign).collect();
    assert_eq!(names, ["fibre", "loan", "loan-2", "loan10"]);
}

/// A list has one lane for each zone that its people live in, one of them for people whose zone nobody knows.
pub async fn a_list_has_one_lane_per_zone(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut in_new_york = client(3);
    in_new_york.zone = Some((zone("America/New_York"), relance_domain::zone::ZoneSource::List));
    let mut nowhere = client(4);
    nowhere.zone = None;
    let rows = [accepted(2, client(2)), accepted(3, in_new_york), accepted(4, nowhere), accepted(5, client(5))];
    world.load_rows(&campaign, provenance("first"), &rows).await.expect("loaded");
    world.load(&campaign, 6..=7).await;
    let lanes = world.store.lanes(campaign.id).await.expect("lanes");
    let mut zones: Vec<Option<ZoneName>> = lanes.into_iter().map(|lane| lane.traits.zone).collect();
    zones.sort();
    let paris = Some(zone("Europe/Paris"));
    assert_eq!(zones, [None, Some(zone("America/New_York")), paris.clone(), paris]);
}
