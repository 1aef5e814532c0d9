//! The conformance suite on SQLite.

use relance_testkit::World;

async fn world() -> World {
    World::sqlite().await
}

relance_testkit::conformance!(world);
