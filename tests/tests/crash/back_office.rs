//! The back office: loads lists and publishes tariffs, and remembers what was answered.

use std::collections::BTreeSet;

use relance_tests::client::{Answer, Client, NoAnswer};
use relance_tests::database::Look;
use relance_tests::eventually;
use serde_json::{Value, json};

use crate::ledger::{Ledger, Load, Publication};

/// Blocks of numbers that are never given to anybody (ARCEP, decision 2018-0881, numbers for audiovisual works).
const FICTION: &[&str] = &["+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998"];
/// Numbers in each of those blocks.
const BLOCK: usize = 10_000;

/// A file to be loaded.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) rows: i64,
    bytes: Vec<u8>,
}

/// A tariff to be published.
#[derive(Debug)]
pub(crate) struct Tariff {
    pub(crate) name: String,
    pub(crate) price_minor: i64,
    /// The attempts that were on record when it was first sent to be published.
    standing: BTreeSet<i64>,
}

/// Makes files of people that no other file has.
#[derive(Default)]
pub(crate) struct Printer {
    people: usize,
    files: usize,
}

impl Printer {
    /// A file of so many new people, and three rows that make no lead: a wrong number, somebody of the same file and
    /// somebody of the very first file.
    pub(crate) fn file(&mut self, people: usize) -> File {
        self.files += 1;
        let mut text = "Customer ID,First Name,Last Name,Phone,City,State,Zip Code\n".to_owned();
        let first = self.people;
        self.people += people;
        for person in first..self.people {
            text.push_str(&row(person, &phone(person)));
        }
        text.push_str(&row(self.people, "12"));
        text.push_str(&row(self.people, &phone(first)));
        let known = if self.files == 1 { phone(first + 1) } else { phone(0) };
        text.push_str(&row(self.people, &known));
        let rows = i64::try_from(people).expect("files are small") + 3;
        File { name: format!("list {}", self.files), rows, bytes: text.into_bytes() }
    }
}

fn phone(person: usize) -> String {
    let block = FICTION.get(person / BLOCK).expect("there are numbers enough");
    format!("{block}{:04}", person % BLOCK)
}

fn row(person: usize, phone: &str) -> String {
    format!("C{person},Ann,Person {person},{phone},Huron,CA,93234\n")
}

impl File {
    /// The rows that become leads.
    pub(crate) fn people(&self) -> i64 {
        self.rows - 3
    }

    /// Sends the file to be loaded, with further parameters.
    pub(crate) fn send(&self, client: &Client, with: &str) -> Result<Answer, NoAnswer> {
        let name = self.name.replace(' ', "%20");
        let path = format!("/campaigns/fibre-winback/lists?name={name}&source=existing{with}");
        client.send(&path, "text/csv", &self.bytes)
    }

    /// Loads the file, and keeps what was answered.
    pub(crate) fn load(&self, client: &Client, ledger: &Ledger) -> Result<(), NoAnswer> {
        let report = self.send(client, "")?.ok();
        self.keep(&report, ledger);
        Ok(())
    }

    fn keep(&self, report: &Value, ledger: &Ledger) {
        let count = |name: &str| report["counts"][name].as_i64().expect("a load is counted");
        assert_eq!(count("rows_read"), self.rows, "{report}");
        assert_eq!(count("new_leads"), self.people(), "{report}");
        assert_eq!(count("rejected"), 1, "{report}");
        ledger.loaded(Load {
            list: report["list"].as_i64().expect("a list has a key"),
            name: self.name.clone(),
            rows: self.rows,
            leads: self.people(),
        });
    }

    /// After a crash during the load: it is all there, or nothing of it is. Afterwards it is there.
    pub(crate) fn recover(&self, client: &Client, look: &mut Look, ledger: &Ledger) {
        let query = format!("SELECT id FROM list WHERE name = '{}' AND state = 'loaded'", self.name);
        let loaded = look.numbers(&query);
        // A quarter of a minute passes, in which a node that shares the database would say that it is alive.
        look.change("UPDATE list SET beat_at_ms = beat_at_ms - 15000 WHERE state = 'staging'");
        let answer = self.send(client, "").expect("the server answers");
        match loaded.as_slice() {
            [] => self.keep(&answer.ok(), ledger),
            [list] => {
                assert_eq!((answer.status, answer.problem()), (409, "/problems/conflict"), "{}", answer.text);
                ledger.loaded(Load { list: *list, name: self.name.clone(), rows: self.rows, leads: self.people() });
            }
            several => panic!("{} was loaded {} times", self.name, several.len()),
        }
    }
}

impl Tariff {
    /// A tariff that is about to be published.
    pub(crate) fn new(name: String, price_minor: i64, ledger: &Ledger) -> Self {
        Self { name, price_minor, standing: ledger.attempts() }
    }

    fn file(&self) -> Value {
        let (name, units, cents) = (&self.name, self.price_minor / 100, self.price_minor % 100);
        let text = format!(
            "tariff = \"{name}\"\nname = \"Tariff {name}\"\nprice = \"{units}.{cents:02}\"\ncurrency = \"USD\"\nper = \"month\"\n\
             valid_from = 2025-01-01\ntime_zone = \"America/Los_Angeles\"\ncampaigns = [\"fibre-winback\"]\n"
        );
        json!({ "file": { "path": format!("{name}.toml"), "text": text } })
    }

    /// Publishes the tariff, and keeps what was answered.
    pub(crate) fn publish(&self, client: &Client, ledger: &Ledger) -> Result<(), NoAnswer> {
        let publication = client.post("/tariffs/publish", &self.file())?.ok();
        ledger.published(Publication {
            tariff: self.name.clone(),
            price_minor: self.price_minor,
            standing: self.standing.clone(),
            reopened: publication["reopened"].as_i64().expect("a publication counts"),
        });
        Ok(())
    }

    /// After a crash during the publication: nobody can have seen it, or it completes by itself. Afterwards it is
    /// published.
    pub(crate) fn recover(&self, client: &Client, ledger: &Ledger) {
        if self.summary(client).is_some_and(|summary| summary["state"] == "published") {
            eventually("a publication that was cut off completes by itself", || {
                let summary = self.summary(client).expect("a tariff that is published stays known");
                (summary["reopening_complete"] == true).then_some(())
            });
        }
        self.publish(client, ledger).expect("the server answers");
    }

    fn summary(&self, client: &Client) -> Option<Value> {
        let tariffs = client.get("/tariffs").expect("the server answers").ok();
        let tariffs = tariffs.as_array().expect("tariffs are a list");
        tariffs.iter().find(|summary| summary["tariff"] == self.name.as_str()).cloned()
    }
}
