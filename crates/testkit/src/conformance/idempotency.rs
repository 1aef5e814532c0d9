//! Requests that carry an `Idempotency-Key`.

use relance_domain::{Span, UserId};
use relance_store::idempotency::{KeptAnswer, Request, Reservation};

use crate::World;

fn request(world: &World, user: UserId, sha256: &str) -> Request {
    Request {
        user,
        key: "the key".into(),
        request_sha256: sha256.into(),
        stale_before: Span::minutes(10).before(world.now()),
    }
}

async fn reserve(world: &World, request: &Request) -> Reservation {
    world.store.reserve_key(request, world.now()).await.expect("the store answers")
}

/// A request is done once; its answer is given again to whoever repeats it.
pub async fn a_request_is_answered_once(world: &World) {
    let marie = world.operator("marie").await.id;
    let request = request(world, marie, "hash");
    assert_eq!(reserve(world, &request).await, Reservation::Yours);
    assert_eq!(reserve(world, &request).await, Reservation::InProgress);
    let answer = KeptAnswer { status: 201, body: "{\"attempt\": 1}\n".into() };
    world.store.keep_answer(marie, "the key", &answer).await.expect("kept");
    assert_eq!(reserve(world, &request).await, Reservation::Answered(answer.clone()));
    let other = KeptAnswer { status: 500, body: String::new() };
    world.store.keep_answer(marie, "the key", &other).await.expect("nothing to keep");
    assert_eq!(reserve(world, &request).await, Reservation::Answered(answer), "the first answer stays");
}

/// A key belongs to the request that came with it first.
pub async fn a_key_belongs_to_one_request(world: &World) {
    let marie = world.operator("marie").await.id;
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Yours);
    assert_eq!(reserve(world, &request(world, marie, "another hash")).await, Reservation::OtherRequest);
    world.clock.advance(Span::minutes(60));
    assert_eq!(reserve(world, &request(world, marie, "another hash")).await, Reservation::OtherRequest);
}

/// Two users may use the same key.
pub async fn a_key_is_a_users_own(world: &World) {
    let (marie, paul) = (world.operator("marie").await.id, world.operator("paul").await.id);
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Yours);
    assert_eq!(reserve(world, &request(world, paul, "another hash")).await, Reservation::Yours);
}

/// What a node left that died is taken over, by one only; what was answered is not.
pub async fn a_stale_reservation_is_taken_over(world: &World) {
    let marie = world.operator("marie").await.id;
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Yours);
    world.clock.advance(Span::minutes(10));
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::InProgress);
    world.clock.advance(Span::minutes(1));
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Yours);
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::InProgress);
    let answer = KeptAnswer { status: 204, body: String::new() };
    world.store.keep_answer(marie, "the key", &answer).await.expect("kept");
    world.clock.advance(Span::minutes(60));
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Answered(answer));
}

/// A request that failed for a passing reason may be tried again; one that was answered may not.
pub async fn a_freed_key_may_be_used_again(world: &World) {
    let marie = world.operator("marie").await.id;
    assert_eq!(reserve(world, &request(world, marie, "hash")).await, Reservation::Yours);
    world.store.free_key(marie, "the key").await.expect("freed");
    assert_eq!(reserve(world, &request(world, marie, "another hash")).await, Reservation::Yours);
    let answer = KeptAnswer { status: 200, body: "{}".into() };
    world.store.keep_answer(marie, "the key", &answer).await.expect("kept");
    world.store.free_key(marie, "the key").await.expect("nothing to free");
    assert_eq!(reserve(world, &request(world, marie, "another hash")).await, Reservation::Answered(answer));
}

/// Of several that reserve at once, one may go on.
pub async fn a_key_is_reserved_by_one(world: &World) {
    let marie = world.operator("marie").await.id;
    let request = request(world, marie, "hash");
    let (a, b, c, d) = tokio::join!(
        reserve(world, &request),
        reserve(world, &request),
        reserve(world, &request),
        reserve(world, &request),
    );
    let mine = [a, b, c, d].into_iter().filter(|reservation| *reservation == Reservation::Yours).count();
    assert_eq!(mine, 1);
}
