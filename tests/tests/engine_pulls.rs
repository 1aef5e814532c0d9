//! Lists that a campaign pulls by itself, told as stories on both stores: from the client base by a filter, and from another
//! database by a query; only new people come, and nothing is ever written to where they come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use relance_domain::Span;
use relance_domain::definition::{ClientField, Definition, FieldKind};
use relance_domain::list::ListSource;
use relance_domain::pull::{Condition, Pull, PullFrom, Test};
use relance_scheduler::{Engine, Error, loops};
use relance_sources::{Address, Databases};
use relance_store::StoreError;
use relance_testkit::builders::{accepted, client, definition, phone, provenance};
use relance_testkit::postgres::fresh_database;
use relance_testkit::{World, reports};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;

relance_testkit::on_both_stores![
    people_of_the_client_base_are_pulled_once,
    who_refused_long_ago_is_pulled,
    amounts_of_another_currency_are_not_taken,
    a_field_that_nobody_has_is_refused,
    only_new_people_come_from_another_database,
    a_postgres_database_is_pulled_from,
    a_query_that_writes_changes_nothing,
    a_turn_is_taken_when_it_is_due,
    two_nodes_take_a_turn_once,
    a_failure_is_kept_and_tried_again_when_due,
    a_campaign_that_does_not_run_pulls_nothing,
];

fn pull(name: &str, from: PullFrom) -> Pull {
    Pull { name: name.into(), from, every: None, source: ListSource::Existing, vendor: None, consent_basis: None }
}

fn of_clients(conditions: Vec<Condition>) -> Pull {
    pull("chosen", PullFrom::Clients(conditions))
}

fn of_crm(query: &str) -> Pull {
    pull("crm", PullFrom::Database { database: "crm".into(), query: query.into() })
}

const CUSTOMERS: &str = "SELECT phone, last_name FROM customers ORDER BY id";

fn field(name: &str, test: Test) -> Condition {
    Condition::Field { field: name.into(), tests: vec![test] }
}

/// A campaign that knows of its people whether they left and what they paid.
fn with_facts(campaign: &str, pulls: Vec<Pull>) -> Definition {
    let fact =
        |name: &str, kind| ClientField { name: name.into(), label: name.into(), kind, columns: vec![name.into()] };
    let client_fields = vec![fact("status", FieldKind::Text), fact("bill", FieldKind::Money)];
    Definition { client_fields, pulls, ..definition(campaign) }
}

/// People of the campaign `loan`: 2 left and paid 95.60, 3 left and paid 20.00, 4 stayed.
async fn a_client_base(world: &World) {
    let loan = world.running(&with_facts("loan", Vec::new())).await;
    let row = |n: u32, status: &str, bill: &str| {
        let mut someone = client(n);
        someone.facts = BTreeMap::from([("status".into(), status.into()), ("bill".into(), bill.into())]);
        accepted(u64::from(n), someone)
    };
    let rows = [row(2, "left", "95.60"), row(3, "left", "20.00"), row(4, "active", "99.00")];
    world.load_rows(&loan, provenance("own"), &rows).await.expect("loaded");
}

async fn people_of_the_client_base_are_pulled_once(world: &World) {
    a_client_base(world).await;
    let conditions = vec![field("status", Test::Is("left".into())), field("bill", Test::Over("80".into()))];
    world.running(&with_facts("fibre", vec![of_clients(conditions)])).await;
    let dry = world.engine.pull_list("fibre", "chosen", true).await.expect("tried");
    assert_eq!((dry.dry_run, dry.list, dry.counts.rows_read, dry.counts.new_leads), (true, None, 1, 1), "{dry:?}");
    assert!(world.engine.pulls(Some("fibre")).await.expect("pulls")[0].pulled_at.is_none(), "a dry run is no turn");
    let pulled = world.engine.pull_list("fibre", "chosen", false).await.expect("pulled");
    assert_eq!((pulled.counts.new_leads, pulled.counts.known_clients, pulled.without_time_zone), (1, 1, 0));
    let list = world.engine.list(pulled.list.expect("a list")).await.expect("the list");
    assert_eq!((list.name.as_str(), list.source), ("chosen, 24 November 2026 10:00 UTC", ListSource::Existing));
    let marie = world.operator("marie").await;
    let lead = world.leads_of(2).await.pop().expect("a lead of fibre");
    assert_eq!(world.leads_of(3).await.len(), 1, "who paid little is left out");
    let facts = world.number("SELECT COUNT(*) FROM lead WHERE facts LIKE '%95.60%' AND facts LIKE '%left%'").await;
    assert_eq!(facts, 2, "what was known comes along: {lead:?}");
    let again = world.engine.pull_list("fibre", "chosen", false).await.expect("nobody new is no error");
    assert_eq!((again.list, again.counts.rows_read), (None, 0), "a lead of the campaign is left out early");
    let summary = world.engine.pulls(None).await.expect("pulls").remove(0);
    assert_eq!((summary.from.as_str(), summary.list, summary.failure), ("clients", None, None));
    assert_eq!((summary.pulled_at, summary.next_due), (Some(world.now()), None));
    world.hand_out(&marie).await;
}

async fn who_refused_long_ago_is_pulled(world: &World) {
    let marie = world.operator("marie").await;
    a_client_base(world).await;
    let called = world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::days(30));
    world.call(&marie, &reports::refused_over("30")).await;
    let refused = Condition::Refused {
        reason: "price".into(),
        campaign: Some("loan".into()),
        after: None,
        before: Some("2026-12-01".parse().expect("a day")),
    };
    world.running(&with_facts("fibre", vec![of_clients(vec![refused])])).await;
    let pulled = world.engine.pull_list("fibre", "chosen", false).await.expect("pulled");
    assert_eq!(pulled.counts.new_leads, 1);
    assert_eq!(world.leads_of(relance_testkit::world::person(&called)).await.len(), 2);
}

async fn amounts_of_another_currency_are_not_taken(world: &World) {
    a_client_base(world).await;
    let dollars = "USD".parse().expect("a currency");
    let pulls = vec![
        of_clients(vec![field("bill", Test::Over("80".into()))]),
        Pull { name: "all".into(), ..of_clients(vec![]) },
    ];
    world.running(&Definition { currency: dollars, ..with_facts("fibre", pulls) }).await;
    let pulled = world.engine.pull_list("fibre", "chosen", false).await.expect("pulled");
    assert_eq!(pulled.counts.rows_read, 0, "nobody paid dollars");
    assert_eq!(world.engine.pull_list("fibre", "all", false).await.expect("pulled").counts.new_leads, 3);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE facts LIKE '%bill%'").await, 3, "only those in euros");
}

async fn a_field_that_nobody_has_is_refused(world: &World) {
    a_client_base(world).await;
    world.running(&with_facts("fibre", vec![of_clients(vec![field("stattus", Test::Is("left".into()))])])).await;
    let refused = world.engine.pull_list("fibre", "chosen", false).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let failure = world.engine.pulls(None).await.expect("pulls").remove(0).failure.expect("a failure");
    assert!(failure.contains("\"stattus\""), "{failure}");
    let unknown = world.engine.pull_list("fibre", "choosen", false).await;
    assert!(matches!(unknown, Err(Error::Store(StoreError::NotFound { .. }))), "{unknown:?}");
}

/// A shop's database with these people.
async fn a_shop(people: &[u32]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.db");
    write(&file, "CREATE TABLE customers (id INTEGER PRIMARY KEY, phone TEXT, last_name TEXT)".to_owned()).await;
    for person in people {
        add(&file, *person).await;
    }
    (folder, file)
}

async fn add(shop: &Path, person: u32) {
    let phone = phone(person);
    write(shop, format!("INSERT INTO customers VALUES ({person}, '{}', 'Person {person}')", phone.reveal())).await;
}

async fn write(shop: &Path, statement: String) {
    let options = SqliteConnectOptions::new().filename(shop).create_if_missing(true);
    let mut connection = options.connect().await.expect("the file opens");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.expect("written");
    connection.close().await.expect("closed");
}

fn with_crm(engine: &Engine, address: Address) -> Engine {
    let databases = Databases::new(BTreeMap::from([("crm".to_owned(), address)]));
    engine.clone().with_sources(Arc::new(databases))
}

async fn only_new_people_come_from_another_database(world: &World) {
    let (_folder, shop) = a_shop(&[2, 3]).await;
    let engine = with_crm(&world.engine, Address::Sqlite(shop.clone()));
    let fibre = world.running(&with_facts("fibre", vec![of_crm(CUSTOMERS)])).await;
    world.load(&fibre, 2..=2).await;
    let pulled = engine.pull_list("fibre", "crm", false).await.expect("pulled");
    assert_eq!((pulled.counts.new_leads, pulled.counts.duplicates_in_campaign, pulled.counts.rejected), (1, 1, 0));
    for _ in 0..2 {
        let again = engine.pull_list("fibre", "crm", false).await.expect("the same data is no error");
        assert_eq!((again.list, again.counts.new_leads, again.counts.duplicates_in_campaign), (None, 0, 2));
        assert!(!again.dry_run);
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM list").await, 2);
    add(&shop, 4).await;
    let more = engine.pull_list("fibre", "crm", false).await.expect("pulled");
    assert_eq!((more.counts.new_leads, more.counts.duplicates_in_campaign), (1, 2));
    let summary = engine.pulls(Some("fibre")).await.expect("pulls").remove(0);
    assert_eq!((summary.database.as_deref(), summary.list, summary.new_leads), (Some("crm"), more.list, 1));
    // A list that was pulled is taken back like any other; the next turn brings its people again.
    engine.undo_list(more.list.expect("a list"), false).await.expect("undone");
    assert_eq!(engine.pull_list("fibre", "crm", false).await.expect("pulled").counts.new_leads, 1);
}

async fn a_postgres_database_is_pulled_from(world: &World) {
    let shop = fresh_database().await;
    let mut connection = PgConnection::connect(&shop.url).await.expect("it answers");
    let customers = "CREATE TABLE customers (id BIGINT, phone TEXT, last_name TEXT, bill NUMERIC, left_on DATE);
        INSERT INTO customers VALUES (1, '+33199000002', 'Zoé, \"Z\"', 80.50, '2026-01-31'), (2, '+33199000003', NULL, NULL, NULL)";
    sqlx::raw_sql(customers).execute(&mut connection).await.expect("made");
    let engine = with_crm(&world.engine, Address::Postgres(shop.url.clone()));
    let query = "SELECT phone, last_name, bill, left_on FROM customers";
    world.running(&with_facts("fibre", vec![of_crm(query)])).await;
    let pulled = engine.pull_list("fibre", "crm", false).await.expect("pulled");
    assert_eq!((pulled.counts.new_leads, pulled.counts.rejected), (2, 0));
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE facts LIKE '%80.50%'").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM client WHERE last_name = 'Zoé, \"Z\"'").await, 1);
}

async fn a_query_that_writes_changes_nothing(world: &World) {
    let (_folder, shop) = a_shop(&[2]).await;
    let engine = with_crm(&world.engine, Address::Sqlite(shop.clone()));
    let pulls = vec![
        of_crm("SELECT 1; DELETE FROM customers"),
        Pull {
            name: "gone".into(),
            ..of_crm("WITH gone AS (DELETE FROM customers RETURNING phone) SELECT phone FROM gone")
        },
    ];
    world.running(&with_facts("fibre", pulls)).await;
    for name in ["crm", "gone"] {
        let refused = engine.pull_list("fibre", name, false).await;
        assert!(matches!(refused, Err(Error::Source { .. })), "{refused:?}");
    }
    let failures: Vec<_> =
        engine.pulls(None).await.expect("pulls").into_iter().filter_map(|pull| pull.failure).collect();
    assert!(failures.len() == 2 && failures[0].contains("several statements"), "{failures:?}");
    let mut connection = SqliteConnectOptions::new().filename(&shop).connect().await.expect("it opens");
    let left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM customers").fetch_one(&mut connection).await.expect("counted");
    assert_eq!((left, world.number("SELECT COUNT(*) FROM list").await), (1, 0));
}

fn every_six_hours(pull: Pull) -> Pull {
    Pull { every: Some(Span::minutes(360)), ..pull }
}

async fn a_turn_is_taken_when_it_is_due(world: &World) {
    let (_folder, shop) = a_shop(&[2]).await;
    let engine = with_crm(&world.engine, Address::Sqlite(shop.clone()));
    let on_request = Pull { name: "asked-for".into(), ..of_crm(CUSTOMERS) };
    world.running(&with_facts("fibre", vec![every_six_hours(of_crm(CUSTOMERS)), on_request])).await;
    assert_eq!(engine.pulls(None).await.expect("pulls")[0].next_due, Some(world.now()), "at once the first time");
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 1);
    assert_eq!(engine.pulls(None).await.expect("pulls")[0].next_due, Some(world.in_minutes(360)));
    add(&shop, 3).await;
    world.clock.advance(Span::minutes(359));
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 0);
    world.clock.advance(Span::minutes(1));
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 1);
    let pulls = engine.pulls(None).await.expect("pulls");
    assert_eq!((pulls[0].new_leads, pulls[1].pulled_at), (1, None), "what is pulled on request has no turns");
    assert!(loops::run_once(&engine).await.expect("a round").idle());
}

async fn two_nodes_take_a_turn_once(world: &World) {
    let (_folder, shop) = a_shop(&[2, 3]).await;
    world.running(&with_facts("fibre", vec![every_six_hours(of_crm(CUSTOMERS))])).await;
    let here = with_crm(&world.engine, Address::Sqlite(shop.clone()));
    let there = with_crm(&world.another_node().await, Address::Sqlite(shop.clone()));
    let (a, b) = tokio::join!(loops::pull_once(&here), loops::pull_once(&there));
    assert_eq!(a.expect("a round") + b.expect("a round"), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, 2);
}

async fn a_failure_is_kept_and_tried_again_when_due(world: &World) {
    let (_folder, shop) = a_shop(&[2]).await;
    world.running(&with_facts("fibre", vec![every_six_hours(of_crm(CUSTOMERS))])).await;
    let away = with_crm(&world.engine, Address::Sqlite(shop.with_file_name("elsewhere.db")));
    assert_eq!(loops::pull_once(&away).await.expect("a round"), 0);
    let failed = away.pulls(None).await.expect("pulls").remove(0);
    assert!(failed.failure.expect("a failure").contains("\"crm\" cannot be reached"));
    let engine = with_crm(&world.engine, Address::Sqlite(shop));
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 0, "not at once");
    world.clock.advance(Span::minutes(360));
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 1);
    assert_eq!(engine.pulls(None).await.expect("pulls").remove(0).failure, None);
    assert!(matches!(world.engine.pull_list("fibre", "crm", true).await, Err(Error::Source { .. })), "none is named");
}

async fn a_campaign_that_does_not_run_pulls_nothing(world: &World) {
    let (_folder, shop) = a_shop(&[2]).await;
    let engine = with_crm(&world.engine, Address::Sqlite(shop));
    let definition = with_facts("fibre", vec![every_six_hours(of_crm(CUSTOMERS))]);
    world.store.apply_campaign(&definition, None, world.now()).await.expect("applied");
    assert_eq!(loops::pull_once(&engine).await.expect("a round"), 0);
    assert_eq!(engine.pulls(None).await.expect("pulls")[0].next_due, None);
    assert_eq!(engine.pull_list("fibre", "crm", false).await.expect("on request").counts.new_leads, 1);
}
