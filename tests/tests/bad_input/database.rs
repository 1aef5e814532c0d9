//! A database that refuses connections, answers slowly, fails a commit or reports success too late: whoever asks is told so within
//! a time, and asks again without harm.

use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use relance_testkit::postgres::{TestDatabase, fresh_database};
use relance_tests::binary;
use relance_tests::campaigns;
use relance_tests::client::{Answer, Client};
use relance_tests::database::Database;
use relance_tests::eventually;
use relance_tests::proxy::{Cut, Proxy};
use serde_json::{Value, json};

use crate::office::{Office, assert_fails, assert_refused};

/// What can be ordered.
const TARIFF: &str = "tariff = \"small\"\nname = \"Small\"\nprice = \"20.00\"\ncurrency = \"USD\"\nper = \"month\"\n\
    valid_from = 2025-01-01\ntime_zone = \"America/Los_Angeles\"\ncampaigns = [\"fibre-winback\"]\n";

/// An office whose server reaches its PostgreSQL through a relay; what it shows is looked up past the relay.
struct Behind {
    office: Office,
    proxy: Proxy,
    _database: TestDatabase,
}

impl Behind {
    fn open() -> Self {
        let database = tokio::runtime::Runtime::new().expect("a runtime starts").block_on(fresh_database());
        let proxy = Proxy::to(&database.url);
        let office = Office::closed_over(Database::Postgres(database.url.clone())).serve_over(&proxy.url);
        Self { office, proxy, _database: database }
    }

    fn number(&self, query: &str) -> i64 {
        self.office.database.look().number(query)
    }

    /// Asks while the connection is cut at a statement's commit, and asks again: the first answer says that nothing is known, the
    /// second is the one to be had.
    fn twice(&self, cut: Cut, statement: &'static str, ask: impl Fn() -> Answer) -> Answer {
        self.proxy.cut(cut, statement);
        let first = ask();
        assert!(self.proxy.has_cut(), "{statement} was not sent: {}", first.text);
        assert_passing(&first, "/problems/commit-in-doubt");
        ask()
    }
}

/// A fault that passes: the answer says what it is, and when to ask again.
#[track_caller]
fn assert_passing(answer: &Answer, problem: &str) {
    assert_refused(answer, 503, problem, &[]);
    assert!(answer.retry_after_s.is_some(), "{}", answer.text);
}

fn next(operator: &Client) -> Answer {
    operator.post("/next", &json!({})).expect("the server answers")
}

fn report(operator: &Client, lead: &Value, report: &Value) -> Answer {
    let body = json!({ "token": lead["token"], "report": report });
    operator.post(&format!("/assignments/{}/outcome", lead["assignment"]), &body).expect("the server answers")
}

#[test]
fn a_commit_that_fails_or_is_not_heard_of_is_asked_for_again_and_done_once() {
    let behind = Behind::open();
    let (manager, olga) = (behind.office.manager(), behind.office.olga());
    let tariff = json!({ "file": { "path": "small.toml", "text": TARIFF } });
    let _ = manager.post("/tariffs/publish", &tariff).expect("the server answers").ok();
    for (place, cut) in [Cut::BeforeCommit, Cut::AfterCommit].into_iter().enumerate() {
        let lead = behind.twice(cut, "INSERT INTO assignment", || next(&olga)).ok();
        assert_eq!(lead["kind"], "lead", "{lead}");
        assert_eq!(next(&olga).ok()["assignment"], lead["assignment"]);
        assert_eq!(behind.number("SELECT COUNT(*) FROM assignment"), 1 + place as i64, "one hand-out, {cut:?}");
        let tariff = lead["offers"][0]["tariff"].as_str().expect("an offer");
        let handed_at: Timestamp = lead["handed_at"].as_str().expect("an instant").parse().expect("an instant");
        let visit = (handed_at + SignedDuration::from_hours(10 * 24)).strftime("%Y-%m-%d").to_string();
        let ordered = json!({ "disposition": "ordered", "order": campaigns::winback_order(tariff, &visit) });
        let recorded = behind.twice(cut, "INSERT INTO attempt", || report(&olga, &lead, &ordered)).ok();
        assert_eq!(report(&olga, &lead, &ordered).ok()["attempt"], recorded["attempt"]);
        for table in ["attempt", "orders"] {
            assert_eq!(behind.number(&format!("SELECT COUNT(*) FROM {table}")), 1 + place as i64, "{table}, {cut:?}");
        }
        let (phone, before) = (format!("+3319900009{place}"), behind.number("SELECT COUNT(*) FROM suppression"));
        let suppression = json!({ "phone": phone, "reason": "asked by letter" });
        let suppress = || manager.post("/suppressions", &suppression).expect("the server answers");
        let _ = behind.twice(cut, "INSERT INTO suppression", suppress).ok();
        assert_eq!(behind.number("SELECT COUNT(*) FROM suppression"), before + 1, "one suppression, {cut:?}");
        let list = format!("Phone,First Name\n+3319900002{place},Ann\n+3319900003{place},Ben\n");
        behind.proxy.cut(cut, "-- load: make it visible");
        let loaded = behind.office.send_list("fibre-winback", list.as_bytes()).ok();
        assert!(behind.proxy.has_cut() && loaded["counts"]["new_leads"] == 2, "a load asks again by itself: {loaded}");
        assert_refused(&behind.office.send_list("fibre-winback", list.as_bytes()), 409, "/problems/conflict", &[]);
        let leads = format!(
            "SELECT COUNT(*) FROM lead JOIN client ON client.id = client_id WHERE phone LIKE '%{place}'
            AND phone > '+33199000019'"
        );
        assert_eq!(behind.number(&leads), 2, "one load, {cut:?}");
    }
    assert_eq!(behind.number("SELECT COUNT(*) FROM list WHERE state <> 'loaded'"), 0, "nothing is half done");
}

#[test]
fn a_postgres_that_is_away_slow_or_read_only_is_told_of_and_found_again() {
    let behind = Behind::open();
    let olga = behind.office.olga();
    assert_eq!(olga.ready().expect("the server answers").status, 200);
    behind.proxy.refuse();
    thread::scope(|scope| {
        scope.spawn(|| assert_passing(&next(&olga), "/problems/database-away"));
        scope.spawn(|| assert_passing(&olga.ready().expect("the server answers"), "/problems/not-ready"));
        scope.spawn(|| {
            let ran = binary::run(["queue", "fibre-winback", "--database", &behind.proxy.url]);
            assert_fails(&ran, 1, &["cannot connect to postgres://", "Connection refused"]);
        });
    });
    behind.proxy.pass();
    eventually("the server is ready again", || (olga.ready().expect("it answers").status == 200).then_some(()));
    behind.proxy.slow(Duration::from_millis(5));
    let lead = next(&olga).ok();
    assert_eq!(lead["kind"], "lead", "who is slow is waited for");
    behind.proxy.pass();
    let read_only =
        |word: &str| format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {word}', current_database()); END $$");
    behind.office.database.look().change(&read_only("SET default_transaction_read_only = on"));
    behind.proxy.refuse();
    behind.proxy.pass();
    let busy = json!({ "disposition": "busy" });
    let refused = report(&olga, &lead, &busy);
    assert_passing(&refused, "/problems/database-read-only");
    assert_eq!(behind.number("SELECT COUNT(*) FROM attempt"), 0);
    // The look is as read-only as everybody, but for what it says of itself.
    let mut look = behind.office.database.look();
    look.change("SET default_transaction_read_only = off");
    look.change(&read_only("RESET default_transaction_read_only"));
    behind.proxy.refuse();
    behind.proxy.pass();
    assert!(report(&olga, &lead, &busy).ok()["attempt"].is_i64());
}

#[test]
fn a_sqlite_file_that_another_process_has_locked_is_waited_for_and_told_of() {
    let office = Office::open();
    let (olga, boris) = (office.olga(), office.boris());
    let lead = next(&olga).ok();
    let mut lock = office.database.look();
    lock.change("BEGIN IMMEDIATE");
    let no_answer = json!({ "disposition": "no_answer" });
    thread::scope(|scope| {
        scope.spawn(|| assert_passing(&next(&boris), "/problems/busy"));
        scope.spawn(|| {
            let suppress = ["suppress", "+33199000098", "--reason", "asked by letter"];
            assert_fails(&office.run(suppress), 1, &["the database is busy"]);
        });
    });
    assert_eq!(
        olga.get("/assignment").expect("the server answers").ok()["assignment"],
        lead["assignment"],
        "reading goes on"
    );
    lock.change("ROLLBACK");
    assert!(report(&olga, &lead, &no_answer).ok()["attempt"].is_i64());
    assert_eq!(next(&boris).ok()["kind"], "lead");
    assert_eq!(office.database.look().number("SELECT COUNT(*) FROM suppression"), 0, "what was refused is not done");
}
