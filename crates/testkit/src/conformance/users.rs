//! Users.

use relance_domain::abilities::Abilities;
use relance_domain::user::Role;
use relance_store::StoreError;
use relance_store::outcome::CallbackFilter;
use relance_store::user::NewUser;

use crate::builders::definition;
use crate::{World, reports};

/// A name is taken once; the second user of that name changes nothing.
pub async fn a_name_is_taken_once(world: &World) {
    let first = world.operator("marie").await;
    let (name, token_sha256) = ("marie".into(), "another hash".into());
    let again = NewUser { name, role: Role::Admin, token_sha256, abilities: Abilities::default() };
    let refused = world.store.add_user(&again, world.now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(world.store.user("marie").await.expect("marie"), first);
    assert_eq!(world.store.user_by_token("another hash").await.expect("an answer"), None);
}

/// Everybody is listed by name, in the order of the characters whatever the database's language.
pub async fn users_are_listed_by_name(world: &World) {
    for name in ["a_b", "b", "a1", "a-b", "ab", "a.b"] {
        world.operator(name).await;
    }
    let names: Vec<_> = world.store.users().await.expect("users").into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["a-b", "a.b", "a1", "a_b", "ab", "b"]);
}

/// A user who is not there is not found.
pub async fn an_unknown_user_is_not_found(world: &World) {
    assert!(matches!(world.store.user("nobody").await, Err(StoreError::NotFound { .. })));
    assert!(matches!(world.store.disable_user("nobody", world.now()).await, Err(StoreError::NotFound { .. })));
    assert_eq!(world.store.user_by_token("hash of nobody").await.expect("an answer"), None);
}

/// A disabled user cannot sign in; disabling again keeps the first instant.
pub async fn a_disabled_user_is_locked_out(world: &World) {
    let marie = world.operator("marie").await;
    assert_eq!(world.store.user_by_token("hash of marie").await.expect("an answer"), Some(marie));
    let disabled = world.store.disable_user("marie", world.now()).await.expect("disabled");
    assert_eq!(disabled.disabled_at, Some(world.now()));
    let again = world.store.disable_user("marie", world.in_minutes(5)).await.expect("disabled");
    assert_eq!(again, disabled);
    assert_eq!(world.store.user_by_token("hash of marie").await.expect("an answer"), None);
    assert_eq!(world.store.user("marie").await.expect("marie"), disabled);
}

/// What a disabled user had promised to do is anybody's, and said to be so.
pub async fn promises_of_a_disabled_user_are_anybodys(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let due_at = world.in_minutes(60);
    let promised = world.call(&marie, &reports::call_later_myself(due_at)).await;
    world.store.disable_user("marie", world.in_minutes(1)).await.expect("disabled");
    let filter = CallbackFilter { operator: Some(paul.id), limit: 10, ..CallbackFilter::default() };
    let open = world.store.callbacks(&filter).await.expect("promises");
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].operator.clone(), open[0].escalated_at), (None, Some(world.in_minutes(1))));
    world.pass_minutes(60).await;
    assert_eq!(world.hand_out(&paul).await.lead, promised.lead);
}
