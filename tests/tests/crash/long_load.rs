//! One long load that is killed half-way, and what loading the same file again makes of it.

use std::thread;

use relance_tests::binary::{self, Server};
use relance_tests::campaigns;
use relance_tests::client::Client;
use relance_tests::database::Database;
use relance_tests::eventually;
use serde_json::{Value, json};

use crate::back_office::{File, Printer};

/// People of the file: a load of several seconds.
const PEOPLE: usize = 12_000;
/// Rows that are taken when the server is killed.
const TAKEN: i64 = 3_000;

/// A load that was killed goes on with the same file, and comes to what it would have come to in one go.
pub(crate) fn goes_on(database: &Database) {
    let added =
        binary::run(["operator", "add", "manager", "--role", "manager", "--json", "--database", &database.argument()]);
    let added: Value = serde_json::from_str(&added.ok()).expect("JSON was asked for");
    let token = added["token"].as_str().expect("a new user has a token");
    let server = Server::start(&database.argument());
    let manager = Client::new(&server.url, token);
    let folder = campaigns::folder("fibre-winback");
    let _ = manager.post("/campaigns/apply", &folder).expect("the server answers").ok();
    let mut printer = Printer::default();
    let before = printer.file(100);
    let _ = before.send(&manager, "").expect("the server answers").ok();
    let file = printer.file(PEOPLE);
    let would = file.send(&manager, "&dry_run=true").expect("the server answers").ok();
    kill_half_way(server, &manager, database, &file);

    let server = Server::start(&database.argument());
    let manager = Client::new(&server.url, token);
    let lists = manager.get("/lists").expect("the server answers").ok();
    assert_eq!(lists.as_array().map(Vec::len), Some(1), "nobody sees a list that is half there: {lists}");
    // A quarter of a minute passes, in which a node that shares the database would say that it is alive.
    database.look().change("UPDATE list SET beat_at_ms = beat_at_ms - 15000 WHERE state = 'staging'");
    let did = file.send(&manager, "").expect("the server answers").ok();
    assert_eq!((&did["resumed"], &would["resumed"]), (&json!(true), &json!(false)));
    assert_eq!(in_one_go(did), in_one_go(would));
    let mut look = database.look();
    let people = i64::try_from(PEOPLE).expect("it is small") + before.people();
    for (what, query) in [
        ("leads", "SELECT COUNT(*) FROM lead"),
        ("people who are leads", "SELECT COUNT(DISTINCT client_id) FROM lead"),
        ("people", "SELECT COUNT(*) FROM client"),
        ("lines of leads", "SELECT COUNT(DISTINCT list_id * 1000000 + list_line) FROM lead"),
    ] {
        assert_eq!(look.number(query), people, "{what}");
    }
    let again = file.send(&manager, "").expect("the server answers");
    assert_eq!((again.status, again.problem()), (409, "/problems/conflict"), "{}", again.text);
}

fn kill_half_way(server: Server, manager: &Client, database: &Database, file: &File) {
    thread::scope(|scope| {
        let load = scope.spawn(|| file.send(manager, "").is_err());
        let mut look = database.look();
        let taken = format!("SELECT COUNT(*) FROM list WHERE state = 'staging' AND rows_read >= {TAKEN}");
        eventually("some of the file is taken", || (look.number(&taken) > 0).then_some(()));
        server.kill();
        assert!(load.join().expect("the loader only stops working"), "the server was killed before it answered");
    });
    database.settle();
    let left = database.look().number("SELECT COUNT(*) FROM list WHERE state = 'staging'");
    assert_eq!(left, 1, "the load is half there");
}

/// A report without what tells a load from a dry run, and one in two goes from one in one.
fn in_one_go(mut report: Value) -> Value {
    for different in ["dry_run", "list", "resumed"] {
        report[different] = Value::Null;
    }
    report
}
