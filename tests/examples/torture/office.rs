//! Who works there, and the back office: lists are loaded and tariffs published all the while.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use relance_tests::binary;
use relance_tests::campaigns;
use relance_tests::client::Client;
use relance_tests::database::Database;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::ledger::Ledger;
use crate::nodes::Nodes;
use crate::operator::{Caller, Person};

/// Blocks of numbers that are never given to anybody (ARCEP, decision 2018-0881, numbers for audiovisual works).
const FICTION: &[&str] = &["+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998"];
/// Numbers in each of those blocks.
const BLOCK: usize = 10_000;
/// People of the first list, and of each further one.
const FIRST: usize = 6_000;
const FURTHER: usize = 1_000;
/// The pauses between two lists and between two tariffs.
const LIST_PAUSE: Duration = Duration::from_secs(10);
const TARIFF_PAUSE: Duration = Duration::from_secs(20);
/// Who sleeps looks so often whether the time is over.
const LOOK: Duration = Duration::from_millis(200);

/// Everybody.
pub(crate) struct Crew {
    pub(crate) operators: Vec<Person>,
    pub(crate) back_office: BackOffice,
}

/// Whoever loads and publishes.
pub(crate) struct BackOffice {
    manager: Person,
}

/// People who sign in, a running campaign and a first list.
pub(crate) fn open(database: &Database, nodes: &Nodes, operators: usize, dice: &mut Dice) -> Crew {
    let arguments = ["operator", "add", "admin", "--role", "admin", "--json", "--database", &database.argument()];
    let added: Value = serde_json::from_str(&binary::run(arguments).ok()).expect("JSON was asked for");
    let admin = Client::new(&nodes.url(0), added["token"].as_str().expect("a new user has a token"));
    let person = |name: String, role: &str| {
        let user = admin.post("/users", &json!({ "name": name, "role": role })).expect("the server answers").ok();
        Person { name, token: user["token"].as_str().expect("a new user has a token").to_owned() }
    };
    let manager = person("manager".to_owned(), "manager");
    let client = Client::new(&nodes.url(0), &manager.token);
    let first = first_list();
    for (path, body) in [
        ("/campaigns/apply", campaigns::folder("fibre-winback")),
        ("/campaigns/fibre-winback/state", json!({ "event": "start" })),
        ("/tariffs/publish", tariff(1_000 + dice.below(10))),
    ] {
        let _ = client.post(path, &body).expect("the server answers").ok();
    }
    let _ = client.send(&path_of("list 0"), "text/csv", first.as_bytes()).expect("the server answers").ok();
    let operators = (0..operators).map(|number| person(format!("operator-{number}"), "operator")).collect();
    Crew { operators, back_office: BackOffice { manager } }
}

fn first_list() -> String {
    list(0, FIRST)
}

fn list(from: usize, people: usize) -> String {
    let mut text = "Customer ID,First Name,Last Name,Phone,City,State,Zip Code\n".to_owned();
    for person in from..from + people {
        let phone = format!("{}{:04}", FICTION[person / BLOCK], person % BLOCK);
        text.push_str(&format!("C{person},Ann,Person {person},{phone},Huron,CA,93234\n"));
    }
    text
}

fn path_of(list: &str) -> String {
    format!("/campaigns/fibre-winback/lists?name={}&source=existing", list.replace(' ', "%20"))
}

/// The nth tariff: cheaper than any before.
fn tariff(number: u64) -> Value {
    let cents = 5_900_u64.saturating_sub(90 * (number % 1_000)).max(1_000);
    let text = format!(
        "tariff = \"torture-{number}\"\nname = \"Tariff {number}\"\nprice = \"{}.{:02}\"\ncurrency = \"USD\"\nper = \"month\"\n\
         valid_from = 2025-01-01\ntime_zone = \"America/Los_Angeles\"\ncampaigns = [\"fibre-winback\"]\n",
        cents / 100,
        cents % 100
    );
    json!({ "file": { "path": format!("torture-{number}.toml"), "text": text } })
}

impl BackOffice {
    /// Loads one list after the other until the time is over, or until nobody is left to be on one.
    pub(crate) fn load_lists(&self, nodes: &Nodes, ledger: &Ledger, over: &AtomicBool) {
        let mut caller = Caller::new(&self.manager, nodes, ledger, 0);
        for number in 1.. {
            let first = FIRST + (number - 1) * FURTHER;
            if first + FURTHER > FICTION.len() * BLOCK || !rest(LIST_PAUSE, over) {
                return;
            }
            let (name, file) = (format!("list {number}"), list(first, FURTHER));
            while let Some(answer) =
                caller.until_answered(|client| client.send(&path_of(&name), "text/csv", file.as_bytes()))
            {
                let text = &answer.text;
                match answer.status {
                    200 | 201 => ledger.loaded(&name, FURTHER as i64),
                    // The answer to the load was lost; or what a killed node left is presumed dead after a while.
                    409 if text.contains("is loaded already") || text.contains("was loaded") => {
                        ledger.loaded(&name, FURTHER as i64);
                    }
                    409 => {
                        thread::sleep(Duration::from_secs(2));
                        continue;
                    }
                    _ => ledger.violated(format!("{name}: {text}")),
                }
                break;
            }
        }
    }

    /// Publishes one tariff after the other.
    pub(crate) fn publish_tariffs(&self, nodes: &Nodes, ledger: &Ledger, over: &AtomicBool) {
        let mut caller = Caller::new(&self.manager, nodes, ledger, 1);
        for number in 1.. {
            if !rest(TARIFF_PAUSE, over) {
                return;
            }
            let body = tariff(number);
            match caller.until_answered(|client| client.post("/tariffs/publish", &body)) {
                Some(answer) if answer.status == 200 => ledger.published(format!("torture-{number}")),
                Some(answer) => ledger.violated(format!("tariff {number}: {}", answer.text)),
                None => {}
            }
        }
    }
}

/// Rests; tells whether there is time left afterwards.
fn rest(pause: Duration, over: &AtomicBool) -> bool {
    for _ in 0..pause.as_millis() / LOOK.as_millis() {
        if over.load(Ordering::Relaxed) {
            return false;
        }
        thread::sleep(LOOK);
    }
    true
}
