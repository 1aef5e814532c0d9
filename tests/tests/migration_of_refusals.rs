//! Refusals, tariffs and reopenings of an older version keep their keys and mean what they meant.

use std::str::FromStr;
use std::sync::Arc;

use relance_domain::definition::FeatureValue;
use relance_domain::tariff::TariffState;
use relance_domain::{RefusalId, ReopeningId};
use relance_store::Store;
use relance_store::tariff::{AnswerPage, OfferedBy};
use relance_store_postgres::PostgresStore;
use relance_store_sqlite::SqliteStore;
use relance_testkit::builders::{definition, phone, tariff};
use relance_testkit::keys::suppression_keys;
use relance_testkit::postgres::fresh_database;
use serde_json::Value;
use sqlx::migrate::{Migration, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// The last version whose reasons had one list of conditions and whose tariffs had one version.
const BEFORE: i64 = 8;

fn older(all: &Migrator) -> Migrator {
    let older: Vec<Migration> = all.iter().filter(|migration| migration.version <= BEFORE).cloned().collect();
    Migrator::with_migrations(older)
}

fn without(mut value: Value, keys: &[&str]) -> Value {
    keys.iter().for_each(|key| drop(value.as_object_mut().expect("an object").remove(*key)));
    value
}

/// The definition as that version kept it.
fn old_definition() -> Value {
    let mut old = serde_json::to_value(definition("fibre")).expect("JSON");
    for reason in old["reasons"].as_array_mut().expect("reasons") {
        let conditions = reason["reopened_by"].as_array().and_then(|all| all.first()).cloned();
        let one = conditions.unwrap_or_else(|| Value::Array(Vec::new()));
        *reason = without(reason.take(), &["optional", "counts_as"]);
        reason["reopened_by"] = one;
    }
    old
}

fn old_tariff() -> Value {
    let offer = serde_json::to_value(tariff("fibre-25", 2_499, &["fibre"])).expect("JSON");
    without(offer, &["commitment_months", "services", "units", "rates", "replaces"])
}

/// One person who refused for want of speed and was offered a tariff, and one whom that tariff brought back.
fn story() -> Vec<String> {
    let mut statements = vec![
        "INSERT INTO app_user (id, name, role, token_sha256, created_at_ms) VALUES (1, 'marie', 'operator', 'x', 0)".to_owned(),
        "INSERT INTO campaign (id, campaign, name, seller, state, version, created_at_ms)
         VALUES (1, 'fibre', 'Fibre', 'Fibre Example', 'running', 1, 0)"
            .to_owned(),
        format!("INSERT INTO campaign_version (campaign_id, version, definition, applied_at_ms) VALUES (1, 1, '{}', 0)", old_definition()),
        "INSERT INTO list (id, campaign_id, name, source, sha256, state, started_at_ms) VALUES (1, 1, 'l', 'existing', 'l', 'loaded', 0)"
            .to_owned(),
        "INSERT INTO lane (id, campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
         VALUES (1, 1, 1, 'Europe/Paris', 'FR', 'unsaid', 'no', '', 0)"
            .to_owned(),
        format!(
            "INSERT INTO tariff (id, tariff, name, state, definition, created_at_ms, published_at_ms, reopened_all_at_ms)
             VALUES (5, 'fibre-25', 'Tariff fibre-25', 'published', '{}', 10, 20, 21)",
            old_tariff()
        ),
        "INSERT INTO tariff_campaign (tariff_id, campaign_id) VALUES (5, 1)".to_owned(),
    ];
    for (person, wanted) in [(2, r#"{"fax":false,"speed":500,"tv":true}"#), (3, "{}")] {
        let number = phone(person);
        statements.extend([
            format!(
                "INSERT INTO client (id, phone, country, time_zone, created_by_list_id, created_at_ms)
                 VALUES ({person}, '{}', 'FR', 'Europe/Paris', 1, 0)",
                number.reveal()
            ),
            format!(
                "INSERT INTO lead (id, campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, closed_reason,
                    facts, refusal_id, created_at_ms)
                 VALUES ({person}, 1, {person}, 1, {person}, 1, 'closed', 2, 0, 'refused', '{{}}', 1{person}, 0)"
            ),
            format!(
                "INSERT INTO assignment (id, lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
                    decision, handed_at_ms, lease_until_ms, ended_at_ms, ending, report)
                 VALUES ({person}, {person}, {person}, 1, 1, 'Fibre Example', 1, 1, 't', '{{}}', {person}0, {person}9, {person}3,
                    'outcome', '{{}}')"
            ),
            format!(
                "INSERT INTO attempt (id, assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, disposition,
                    class, recorded_at_ms)
                 VALUES ({person}, {person}, {person}, {person}, 1, 'Fibre Example', 1, 1, 'refused', 'refusal', {person}3)"
            ),
            format!(
                "INSERT INTO refusal (id, attempt_id, lead_id, campaign_id, reason, wanted_features, tariff_offered, offered_name,
                    offered_price_minor, currency, refused_at_ms)
                 VALUES (1{person}, {person}, {person}, 1, 'features', '{wanted}', 'fibre-25', 'Tariff fibre-25', 2499, 'EUR', {person}3)"
            ),
        ]);
    }
    statements.extend([
        "INSERT INTO reopening (id, tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms)
         VALUES (7, 5, 13, 3, 1, 'it was cheaper', 40)"
            .to_owned(),
        "UPDATE lead SET state = 'ready', closed_reason = NULL, reopening_id = 7 WHERE id = 3".to_owned(),
    ]);
    statements
}

const WANTS: &str =
    "SELECT feature || ' ' || amount || ' ' || unit FROM refusal_want WHERE refusal_id = 12 ORDER BY feature";

async fn hold(store: &dyn Store, wants: &[String]) {
    assert_eq!(wants, ["fax 0 ", "speed 500 Mbit/s", "tv 1 "]);
    let stored = store.tariff("fibre-25").await.expect("the tariff");
    assert_eq!((stored.id.0, stored.state, stored.version, stored.latest), (5, TariffState::Published, 1, 1));
    assert_eq!((stored.taken_back_to, stored.taken_back_all_at), (ReopeningId(0), stored.published_at));
    let history = store.tariff_history(stored.id).await.expect("a history");
    assert_eq!(history.versions[0].tariff, tariff("fibre-25", 2_499, &["fibre"]));
    assert_eq!((history.prices[0].price.minor, Some(history.prices[0].from)), (2_499, stored.published_at));
    let campaign = store.campaign("fibre").await.expect("the campaign");
    let known = store.definition(campaign.id, 1).await.expect("a definition");
    assert_eq!(known.reasons, definition("fibre").reasons);
    let mut fast = tariff("fast", 100, &["fibre"]);
    fast.features =
        [("speed".to_owned(), FeatureValue::Amount(500)), ("tv".to_owned(), FeatureValue::Has(true))].into();
    let now = "2026-11-24T10:00:00Z".parse().expect("an instant");
    let page = AnswerPage {
        tariff: &fast,
        offered_by: &[OfferedBy { campaign: campaign.id, definition: Arc::new(known), holds_back_from: now }],
        now,
        after: RefusalId(0),
        refused_by: now,
        timed_by: now,
        covered_only: true,
        look_at: 10,
        limit: 10,
    };
    let answered = store.answered_refusals(&page).await.expect("answers");
    assert_eq!(answered.rows.iter().map(|row| row.id.0).collect::<Vec<_>>(), [12]);
    // What an older program published and withdrew later is withdrawn as it is today.
    let retired = store.retire_tariff(stored.id, now).await.expect("retired");
    assert_eq!(store.take_back(retired.id, 10, now).await.expect("taken back").leads, 1);
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("relance.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut past: SqliteConnection = options.connect().await.expect("a database");
    older(&sqlx::migrate!("../migrations/sqlite")).run(&mut past).await.expect("the older tables");
    for statement in story() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut past).await.expect("written");
    }
    past.close().await.expect("closed");
    let store = SqliteStore::open(&file, suppression_keys(1)).await.expect("opened");
    store.migrate().await.expect("migrated");
    let mut look: SqliteConnection = SqliteConnectOptions::new().filename(&file).connect().await.expect("a look");
    let wants = sqlx::query_scalar::<_, String>(WANTS).fetch_all(&mut look).await.expect("wants");
    hold(&store, &wants).await;
}

#[tokio::test]
async fn on_postgres() {
    let database = fresh_database().await;
    let options = sqlx::postgres::PgConnectOptions::from_str(&database.url).expect("a URL");
    let mut past: PgConnection = options.connect().await.expect("a database");
    older(&sqlx::migrate!("../migrations/postgres")).run(&mut past).await.expect("the older tables");
    for statement in story() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut past).await.expect("written");
    }
    let store = PostgresStore::connect(&database.url, suppression_keys(1)).await.expect("a store");
    store.migrate().await.expect("migrated");
    let wants = sqlx::query_scalar::<_, String>(WANTS).fetch_all(&mut past).await.expect("wants");
    hold(&store, &wants).await;
}
