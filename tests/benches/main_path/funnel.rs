//! What the funnel costs beside a bare count of the same leads by state.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use relance_domain::Span;

use crate::hand_out::{run, series};
use crate::lab::Lab;
use crate::median;

/// Leads that one statement makes.
const CHUNK: usize = 500_000;
/// Changes of counts that are added up at a time, as the loop does.
const CHANGES: i64 = 50_000;
/// How often each is asked; the middle is told.
const FUNNELS: usize = 21;
const COUNTS: usize = 5;

/// Ten zones at four grades of consent: the lanes of a large list.
const LANES: &str = "INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
    SELECT 1, 1, zone.name, 'FR', consent.name, 'no', '', 0
    FROM (VALUES ('Europe/Paris'), ('America/Martinique'), ('America/Guadeloupe'), ('America/Cayenne'), ('Indian/Reunion'),
        ('Indian/Mayotte'), ('America/Miquelon'), ('Pacific/Noumea'), ('Pacific/Tahiti'), ('Pacific/Wallis')) AS zone (name),
        (VALUES ('unsaid'), ('given'), ('proven'), ('written')) AS consent (name)
    WHERE zone.name <> 'Europe/Paris' OR consent.name <> 'unsaid'";
/// SQLite names the columns of VALUES itself.
const LANES_SQLITE: &str = "INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
    WITH zone (name) AS (VALUES ('Europe/Paris'), ('America/Martinique'), ('America/Guadeloupe'), ('America/Cayenne'),
        ('Indian/Reunion'), ('Indian/Mayotte'), ('America/Miquelon'), ('Pacific/Noumea'), ('Pacific/Tahiti'), ('Pacific/Wallis')),
        consent (name) AS (VALUES ('unsaid'), ('given'), ('proven'), ('written'))
    SELECT 1, 1, zone.name, 'FR', consent.name, 'no', '', 0 FROM zone, consent
    WHERE zone.name <> 'Europe/Paris' OR consent.name <> 'unsaid'";
const COUNT: &str = "SELECT state, COUNT(*) FROM lead GROUP BY state";

/// Clients and their leads from a number to another, in every state; one in 2,000 waits for a time that has come.
fn chunk(store: &str, from: usize, to: usize, now: Timestamp) -> [String; 2] {
    let (numbers, week_ms, now_ms) = (series(store, from, to), 7 * 86_400_000_i64, now.as_millisecond());
    let clients = format!(
        "INSERT INTO client (id, phone, country, time_zone, created_by_list_id, created_at_ms)
        SELECT number, '+' || (33600000000 + number), 'FR', 'Europe/Paris', 1, 0 FROM {numbers}"
    );
    let leads = format!(
        "INSERT INTO lead (campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, block, closed_reason,
            facts, created_at_ms)
        SELECT 1, number, 1, number, 1 + (number / 20) % 40,
            CASE WHEN number % 20 < 10 THEN 'ready' WHEN number % 20 < 15 THEN 'scheduled'
                WHEN number % 20 = 15 THEN 'assigned' ELSE 'closed' END,
            CASE WHEN number % 20 < 10 THEN 2 ELSE 3 END,
            CASE WHEN number % 2000 = 12 THEN {now_ms} - number % 60000 ELSE {now_ms} + 60000 + (number * 7919) % {week_ms} END,
            CASE number % 20 WHEN 10 THEN 'callback' WHEN 11 THEN 'retry' WHEN 12 THEN 'retry' WHEN 13 THEN 'attempt_cap'
                WHEN 14 THEN 'cool_down' END,
            CASE number % 20 WHEN 16 THEN 'ordered' WHEN 17 THEN 'refused' WHEN 18 THEN 'exhausted' WHEN 19 THEN 'suppressed' END,
            '{{}}', 0 FROM {numbers}"
    );
    [clients, leads]
}

/// Makes a campaign of so many leads in 40 lanes and prints what the funnel takes and what counting them takes.
pub(crate) async fn measure(store: &str, leads: usize) {
    let lab = Lab::new(store).await;
    let now = Timestamp::now();
    lab.bare.list_and_lane().await;
    run(&lab, if store == "sqlite" { LANES_SQLITE } else { LANES }).await;
    for from in (1..=leads).step_by(CHUNK) {
        for statement in chunk(store, from, (from + CHUNK - 1).min(leads), now) {
            run(&lab, &statement).await;
        }
    }
    run(&lab, if store == "sqlite" { "ANALYZE lead" } else { "VACUUM ANALYZE lead" }).await;
    while lab.engine.store().add_up_counts(CHANGES).await.expect("added up") > 0 {}
    let campaign = lab.engine.campaigns().await.expect("campaigns").remove(0).id;
    let (mut funnels, mut counts, mut due) = (Vec::new(), Vec::new(), 0);
    for _ in 0..FUNNELS {
        let clock = Instant::now();
        let counted = lab.engine.store().funnel(campaign, Span::minutes(1).after(now)).await.expect("a funnel");
        funnels.push(clock.elapsed());
        assert_eq!(counted.iter().map(|count| count.leads).sum::<i64>(), leads as i64, "every lead is counted once");
        due = counted.len();
    }
    for _ in 0..COUNTS {
        let clock = Instant::now();
        assert_eq!(count(&lab).await, leads as i64);
        counts.push(clock.elapsed());
    }
    print(store, leads, due, median(&funnels), median(&counts));
    lab.close().await;
}

pub(crate) fn print_header() {
    println!("| store | leads | rows of the funnel | funnel ms | bare count ms | bare / funnel |");
    println!("|---|---:|---:|---:|---:|---:|");
}

fn print(store: &str, leads: usize, rows: usize, funnel: Duration, count: Duration) {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (funnel, count) = (ms(funnel), ms(count));
    println!("| {store} | {leads} | {rows} | {funnel:.1} | {count:.1} | {:.1} |", count / funnel);
}

/// The bare count of all leads by state, added up.
async fn count(lab: &Lab) -> i64 {
    let mut rows: Vec<(String, i64)> = Vec::new();
    if let Some(pool) = lab.bare.sqlite_pool() {
        rows = sqlx::query_as(COUNT).fetch_all(pool).await.expect("counted");
    }
    if let Some(pool) = lab.bare.postgres_pool() {
        rows = sqlx::query_as(COUNT).fetch_all(pool).await.expect("counted");
    }
    rows.iter().map(|(_, leads)| leads).sum()
}
