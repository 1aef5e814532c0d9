//! People whose data must go by a rule of retention, told as stories on both stores.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use relance_domain::Span;
use relance_domain::definition::Definition;
use relance_domain::list::{Provenance, Relationship};
use relance_scheduler::{SuppressFor, loops};
use relance_testkit::World;
use relance_testkit::builders::{definition, phone, provenance, row};

relance_testkit::on_both_stores![
    a_prospect_is_erased_when_the_rule_says_so,
    clients_of_the_seller_are_not_erased,
    a_demonstration_erases_nobody,
];

/// A campaign that is held to the law. In France a prospect's data is kept for three years at most (rule FR-RETENTION-PROSPECT).
fn under_the_law(campaign: &str) -> Definition {
    let mut definition = definition(campaign);
    definition.calling.demonstration = false;
    definition
}

async fn after_years(world: &World, years: i64) -> u64 {
    let now = world.now().to_zoned(TimeZone::UTC);
    world.clock.set((&now + years.years()).timestamp());
    erase(world).await
}

async fn erase(world: &World) -> u64 {
    loops::erase_once(&world.engine).await.expect("a look at everybody")
}

const ERASED: &str = "SELECT COUNT(*) FROM client WHERE erased_at_ms IS NOT NULL";

async fn a_prospect_is_erased_when_the_rule_says_so(world: &World) {
    let campaign = world.running(&under_the_law("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let objector = phone(2);
    world
        .engine
        .suppress(objector.reveal(), "FR", SuppressFor::default(), "asked by letter", None)
        .await
        .expect("suppressed");
    world.clock.advance(Span::days(100));
    world.load(&campaign, 3..=3).await;
    assert_eq!(after_years(world, 2).await, 0);
    world.clock.advance(Span::days(300));
    assert_eq!(erase(world).await, 1, "one is there for longer than three years, the other is not");
    assert_eq!(world.number(ERASED).await, 1);
    assert_eq!(erase(world).await, 0, "once");
    let again = world.load_rows(&campaign, provenance("bought again"), &[row(2)]).await.expect("loaded");
    assert_eq!(again.counts.suppressed, 1, "a suppression outlives the erasure");
}

async fn clients_of_the_seller_are_not_erased(world: &World) {
    let campaign = world.running(&under_the_law("fibre")).await;
    let clients = Provenance { relationship: Relationship::Contract, ..provenance("own clients") };
    world.load_rows(&campaign, clients, &[row(2)]).await.expect("loaded");
    assert_eq!(after_years(world, 5).await, 0);
}

async fn a_demonstration_erases_nobody(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    assert_eq!(after_years(world, 5).await, 0);
}
