//! What a preview costs beside a bare count of the same rows.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use relance_domain::E164;
use relance_store::register::NewRegister;

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
/// A register's numbers: those of so many people who would come back, and of others.
const HELD: usize = 1_000;
const REGISTER: usize = 100_000;

/// Prints the header.
pub(crate) fn print_header() {
    println!(
        "\n| store | refusals | answered | numbers of a register | of whom would come back | preview ms | bare count of the answered ms | price curve ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
}

/// Measures one store, without and with a register of numbers that must not be called.
pub(crate) async fn measure(store: &str, refusals: usize) {
    let lab = filled(store, refusals).await;
    write(&lab, &["VACUUM", "ANALYZE"]).await;
    line(&lab, store, refusals, (0, 0)).await;
    load_register(&lab).await;
    line(&lab, store, refusals, (REGISTER, HELD)).await;
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

/// One in ten people is answered; the others of the register are known to nobody.
async fn load_register(lab: &Lab) {
    let store = lab.engine.store();
    let phone = |number: usize| E164::parse(&format!("+{}", 33_600_000_000 + number)).expect("a number");
    let theirs = (1..=HELD).map(|number| phone(number * 10));
    let numbers: Vec<E164> = theirs.chain((HELD..REGISTER).map(|number| phone(90_000_000 + number))).collect();
    let as_of = jiff::civil::date(2026, 11, 1);
    let new = NewRegister { register: "bench".to_owned(), seller: None, campaign: None, as_of };
    let open = store.begin_register(&new).await.expect("begun");
    for some in numbers.chunks(1_000) {
        store.add_to_register(open, some, None, Timestamp::now()).await.expect("added");
    }
    store.commit_register(open, as_of, Timestamp::now()).await.expect("whole");
}

async fn line(lab: &Lab, store: &str, refusals: usize, (numbers, held): (usize, usize)) {
    let tariff = lab.engine.check_tariff(&cheaper("cheaper")).await.expect("a tariff that fits");
    let (mut preview, mut bare, mut curve) = (Vec::new(), Vec::new(), Vec::new());
    let answered = refusals / 10;
    for _ in 0..TIMES {
        let clock = Instant::now();
        let told = lab.engine.preview_tariff(&tariff).await.expect("a preview");
        preview.push(clock.elapsed());
        let back = i64::try_from(answered - held).expect("a count");
        assert_eq!(told.reopened_now, back, "one in ten is answered, and not held by the register");
        let clock = Instant::now();
        assert_eq!(count(lab).await, i64::try_from(answered).expect("a count"));
        bare.push(clock.elapsed());
        let clock = Instant::now();
        assert_eq!(lab.engine.price_curve("bench", None).await.expect("a curve").points.len(), 2);
        curve.push(clock.elapsed());
    }
    let ms = |times: &[Duration]| median(times).as_secs_f64() * 1_000.0;
    println!(
        "| {store} | {refusals} | {answered} | {numbers} | {held} | {:.0} | {:.0} | {:.0} |",
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
