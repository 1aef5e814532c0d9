//! The conformance suite on PostgreSQL. A missing server fails it.

use relance_testkit::World;

async fn world() -> World {
    World::postgres().await
}

relance_testkit::conformance!(world);
