//! What a preview costs beside a bare count of the same rows.

use std::time::{Duration, Instant};

use crate::hand_out::{self, CHUNK};
use crate::lab::Lab;
use crate::median;
use crate::tariffs::cheaper;

/// How often each is measured; the middle one is told.
const TIMES: usize = 5;

/// People of 85 places who refused over the price, one in ten of them at a ceiling of 25.00; one in fifty was never called.
const PEOPLE: [&str; 3] = [
    "INSERT INTO client (id, phone, first_name, city, postcode, country, time_zone, zone_source, place, created_by_list_id, created_at_ms)
    SELECT number, '+' || (33600000000 + number), 'Anna', 'Lyon', CAST(10 + number % 85 AS TEXT) || '001', 'FR', 'Europe/Paris',
        'address', 'FR', 1, 0",
    "INSERT INTO lead (id, campaign_id, client_id, list_id, list_line, lane_id, state, closed_reason, refusal_id, priority, due_at_ms,
        facts, created_at_ms)
    SELECT number, 1, number, 1, number, 1, CASE WHEN number % 50 = 1 THEN 'ready' ELSE 'closed' END,
        CASE WHEN number % 50 <> 1 THEN 'refused' END, CASE WHEN number % 50 <> 1 THEN number END, 2, 0, '{}', 0",
    "INSERT INTO refusal (id, attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, wanted_features, currency, refused_at_ms)
    SELECT number, number, number, 1, 'price', CASE WHEN number % 10 = 0 THEN 2500 ELSE 1500 END, '{}', 'EUR', 3",
];
/// What the triggers of a refusal would have written.
const LATEST: &str = "INSERT INTO latest_refusal SELECT * FROM lead_latest_refusal";
const BARE: &str =
    "SELECT COUNT(*) FROM latest_refusal WHERE campaign_id = 1 AND reason = 'price' AND price_ceiling_minor >= 2000";
const SUPPRESSIONS: &str = "INSERT INTO suppression (phone_hash, key_version, reason, created_at_ms)
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000)
    SELECT 'aaaaaaaaaaaaaaaaaaaaaaaa' || CAST(10000000 + n AS TEXT), 1, 'bench', 0 FROM number";

/// Prints the header.
pub(crate) fn print_header() {
    println!(
        "\n| store | refusals | answered | suppressions | preview ms | bare count of the answered ms | price curve ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
}

/// Measures one store, without and with numbers that must not be called.
pub(crate) async fn measure(store: &str, refusals: usize) {
    let lab = filled(store, refusals).await;
    write(&lab, &["VACUUM", "ANALYZE"]).await;
    line(&lab, store, refusals, 0).await;
    write(&lab, &[SUPPRESSIONS]).await;
    line(&lab, store, refusals, 1_000).await;
    lab.close().await;
}

/// A database with so many refusals by set-based SQL, without checks and without the calls that they came from.
async fn filled(store: &str, refusals: usize) -> Lab {
    let lab = Lab::new(store).await;
    lab.bare.list_and_lane().await;
    let mut statements = Vec::new();
    for first in (1..=refusals).step_by(CHUNK) {
        let numbers = hand_out::series(store, first, (first + CHUNK - 1).min(refusals));
        statements.extend(PEOPLE.map(|rows| format!("{rows} FROM {numbers}")));
    }
    statements.push(LATEST.to_owned());
    hand_out::unchecked(&lab, &statements).await;
    lab
}

async fn line(lab: &Lab, store: &str, refusals: usize, suppressions: usize) {
    let tariff = lab.engine.check_tariff(&cheaper("cheaper")).await.expect("a tariff that fits");
    let (mut preview, mut bare, mut curve) = (Vec::new(), Vec::new(), Vec::new());
    let mut answered = 0;
    for _ in 0..TIMES {
        let clock = Instant::now();
        let told = lab.engine.preview_tariff(&tariff).await.expect("a preview");
        preview.push(clock.elapsed());
        answered = told.reopened_now;
        assert_eq!(answered, i64::try_from(refusals / 10).expect("a count"), "one in ten is answered");
        let clock = Instant::now();
        assert_eq!(count(lab).await, answered);
        bare.push(clock.elapsed());
        let clock = Instant::now();
        assert_eq!(lab.engine.price_curve("bench", None).await.expect("a curve").points.len(), 2);
        curve.push(clock.elapsed());
    }
    let ms = |times: &[Duration]| median(times).as_secs_f64() * 1_000.0;
    println!(
        "| {store} | {refusals} | {answered} | {suppressions} | {:.0} | {:.0} | {:.0} |",
        ms(&preview),
        ms(&bare),
        ms(&curve)
    );
}

async fn count(lab: &Lab) -> i64 {
    match (lab.bare.postgres_pool(), lab.bare.sqlite_pool()) {
        (Some(pool), _) => sqlx::query_scalar(BARE).fetch_one(pool).await.expect("a count"),
        (None, Some(pool)) => sqlx::query_scalar(BARE).fetch_one(pool).await.expect("a count"),
        (None, None) => unreachable!("a store is one of the two"),
    }
}

async fn write(lab: &Lab, statements: &[&'static str]) {
    for statement in statements {
        if let Some(pool) = lab.bare.postgres_pool() {
            sqlx::query(*statement).execute(pool).await.expect("written");
        }
        if let Some(pool) = lab.bare.sqlite_pool() {
            sqlx::query(*statement).execute(pool).await.expect("written");
        }
    }
}
