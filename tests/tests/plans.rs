//! What a hand-out, an outcome, a round of the loops or a step of a publication costs does not grow with the tables: none of their
//! statements reads one of those that grow from its first row to its last.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use relance_domain::Span;
use relance_domain::list::ListedPhone;
use relance_domain::outcome::{OrderReport, OutcomeReport};
use relance_scheduler::{Error, LeadAnswer, NextAnswer, loops};
use relance_store::user::User;
use relance_testkit::builders::{self, definition, phone, provenance, tariff};
use relance_testkit::{World, reports};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The tables that have a row for each person, number, call or message.
const GROWING: &[&str] = &[
    "client",
    "client_change",
    "client_merge",
    "client_phone",
    "lead",
    "lead_merge",
    "assignment",
    "attempt",
    "refusal",
    "latest_refusal",
    "refusal_want",
    "reopening",
    "callback",
    "suppression",
    "maybe_suppressed",
    "orders",
    "order_draft",
    "order_change",
    "late_outcome",
    "list_row",
    "webhook_message",
    "idempotency",
];

/// Indexes that have a row only for what is open, waits or is about to end: they may be read whole.
const OF_FEW: &[&str] = &[
    "assignment_client_open",
    "assignment_operator_open",
    "assignment_lease",
    "callback_due",
    "callback_lead_open",
    "callback_personal",
    "callback_promised",
    "callback_turn",
    "lead_reserved_until",
    "reopening_held_out",
    "webhook_message_due",
];

/// The statements that went to a database.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

impl Heard {
    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.0.lock().expect("unpoisoned"))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Statement(Option<String>);
        impl Visit for Statement {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                if field.name() == "db.statement" {
                    self.0 = Some(format!("{value:?}"));
                }
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "db.statement" {
                    self.0 = Some(value.to_owned());
                }
            }
        }
        if event.metadata().target() == "sqlx::query" {
            let mut statement = Statement(None);
            event.record(&mut statement);
            self.0.lock().expect("unpoisoned").extend(statement.0.map(|text| text.trim().to_owned()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_hot_reads_a_table_that_grows_to_its_end() {
    let heard = Heard::default();
    tracing_subscriber::registry().with(heard.clone()).init();
    for (world, on) in [(World::sqlite().await, "sqlite"), (World::postgres().await, "postgres")] {
        let statements = statements_of_a_day(&world, &heard).await;
        assert!(statements.len() > 60, "{on}: {} statements were heard", statements.len());
        seem_large(&world).await;
        let mut found = Vec::new();
        for statement in &statements {
            let plan = world.plan(statement).await;
            let whole = match on {
                "sqlite" => scanned_on_sqlite(statement, &plan),
                _ => scanned_on_postgres(&world, &plan[0]).await,
            };
            found.extend(
                whole.into_iter().map(|table| format!("{on}: {table} is read whole by\n{statement}\n{plan:#?}")),
            );
        }
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    }
}

/// Lets PostgreSQL, which asks how large a table is, take those that grow for large. SQLite does not ask.
async fn seem_large(world: &World) {
    let tables = GROWING.join("', '");
    world.try_write("ANALYZE (SKIP_LOCKED)").await;
    world
        .try_write(&format!("UPDATE pg_class SET reltuples = 1000000, relpages = 1 WHERE relname IN ('{tables}')"))
        .await;
}

/// Some days with everything that happens all the time.
async fn statements_of_a_day(world: &World, heard: &Heard) -> BTreeSet<String> {
    let campaign = world.running(&definition("fibre")).await;
    let mut of_two_numbers = builders::client(40);
    of_two_numbers.phones.add(ListedPhone { number: phone(940), extension: None });
    let rows: Vec<_> = (2..=30).map(builders::row).chain([builders::accepted(40, of_two_numbers)]).collect();
    world.load_rows(&campaign, provenance("people"), &rows).await.expect("loaded");
    let olga = world.operator("olga").await;
    heard.take();
    let later = Span::minutes(120).after(world.now());
    for report in [
        reports::plain("no_answer"),
        reports::plain("wrong_number"),
        reports::plain("do_not_call"),
        reports::refused_over("30.00"),
        reports::refused_over("20.00"),
        reports::refused_for_speed(500),
        reports::not_interested(),
        reports::call_later(later),
        reports::call_later_myself(later),
    ] {
        call(world, &olga, &report).await;
    }
    let cheaper = tariff("fibre-25", 2_499, &["fibre"]);
    world.engine.publish_tariff(&cheaper).await.expect("published");
    loops::run_once(&world.engine).await.expect("a round");
    call(world, &olga, &reports::ordered("fibre-25")).await;
    too_late(world, &olga).await;
    world.pass_minutes(3 * 24 * 60).await;
    loops::run_once(&world.engine).await.expect("a round");
    call(world, &olga, &reports::refused_offer("fibre-25")).await;
    world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn");
    loops::run_once(&world.engine).await.expect("a round");
    let mut heard = heard.take();
    // Neither what a transaction begins with nor a lock has a plan.
    let has_plan =
        |text: &String| text.starts_with("--") && !text.contains("LOCK TABLE") && !text.contains("pg_advisory");
    heard.retain(has_plan);
    heard
}

/// Somebody fills half a form in, and reports when the lease has run out.
async fn too_late(world: &World, operator: &User) {
    let lead = next(world, operator).await;
    let form = OrderReport { tariff: "fibre-25".into(), ..OrderReport::default() };
    let saved = world.engine.save_order_draft(operator.id, lead.assignment, &lead.token, 0, &form).await;
    saved.expect("saved");
    world.pass_minutes(31).await;
    loops::run_once(&world.engine).await.expect("a round");
    let report = reports::plain("no_answer");
    let late = world.engine.record_outcome(operator.id, lead.assignment, &lead.token, &report).await;
    assert!(matches!(late, Err(Error::Late(_))), "{late:?}");
}

async fn next(world: &World, operator: &User) -> LeadAnswer {
    match world.engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn call(world: &World, operator: &User, report: &OutcomeReport) {
    let lead = next(world, operator).await;
    world.engine.record_outcome(operator.id, lead.assignment, &lead.token, report).await.expect("recorded");
}

/// The tables that SQLite goes through row by row. An index of few rows, as one of those that wait, may be read whole.
fn scanned_on_sqlite(statement: &str, plan: &[String]) -> Vec<String> {
    let words: Vec<&str> =
        statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    let table = |name: &str| {
        let known_as = words.windows(3).find(|of| of[1].eq_ignore_ascii_case("as") && of[2] == name).map(|of| of[0]);
        known_as.unwrap_or(name).to_owned()
    };
    let scans = plan.iter().filter_map(|step| step.strip_prefix("SCAN "));
    let whole = scans.filter(|scan| !OF_FEW.iter().any(|index| scan.ends_with(&format!(" INDEX {index}"))));
    let tables = whole.map(|scan| table(scan.split(' ').next().unwrap_or_default()));
    tables.filter(|table| GROWING.contains(&table.as_str())).collect()
}

/// The tables that PostgreSQL can only go through from one end to the other. How many rows of a table an index of some of them has it
/// knows only from the index, which is small here: it may read such a one whole.
async fn scanned_on_postgres(world: &World, plan: &str) -> Vec<String> {
    let of_some = world.texts("SELECT indexname::TEXT FROM pg_indexes WHERE indexdef LIKE '% WHERE %'").await;
    let plan: Value = serde_json::from_str(plan).expect("JSON");
    let mut found = Vec::new();
    collect(&plan[0]["Plan"], &of_some, &mut found);
    found
}

fn collect(node: &Value, of_some: &[String], found: &mut Vec<String>) {
    let text = |key: &str| node[key].as_str().unwrap_or_default();
    let is_whole = match text("Node Type") {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" => {
            node["Index Cond"].is_null() && !of_some.iter().any(|index| index == text("Index Name"))
        }
        _ => false,
    };
    if is_whole && GROWING.contains(&text("Relation Name")) {
        found.push(text("Relation Name").to_owned());
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        collect(child, of_some, found);
    }
}
