//! Operators: they ask for a lead, report what happened, and remember what they were told.

use jiff::{SignedDuration, Timestamp};
use relance_tests::campaigns;
use relance_tests::client::{Answer, Client, NoAnswer};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::ledger::{Ledger, Outcome};

/// Somebody who calls.
pub(crate) struct Operator {
    pub(crate) name: String,
    pub(crate) token: String,
    at: At,
    dice: Dice,
}

/// Where an operator stands, as far as the operator knows.
#[derive(Debug, Clone)]
enum At {
    /// Free.
    Free,
    /// Asked for a lead, and was not answered yet.
    Asked,
    /// Holds a lead.
    Holds(Lead),
    /// Reported an outcome, and was not answered yet.
    Reported(Lead, Value),
}

/// A lead that an operator was handed.
#[derive(Debug, Clone, PartialEq)]
struct Lead {
    assignment: i64,
    token: String,
    lead: i64,
    handed_at: Timestamp,
    offer: Option<String>,
}

impl Operator {
    /// Somebody who signs in with this token.
    pub(crate) fn new(name: String, token: String, dice: Dice) -> Self {
        Self { name, token, at: At::Free, dice }
    }

    /// Works at a server until it does not answer any more.
    pub(crate) fn work(&mut self, server: &str, ledger: &Ledger) -> NoAnswer {
        let client = Client::new(server, &self.token);
        loop {
            if let Err(no_answer) = self.step(&client, ledger) {
                return no_answer;
            }
        }
    }

    fn step(&mut self, client: &Client, ledger: &Ledger) -> Result<(), NoAnswer> {
        match self.at.clone() {
            At::Free | At::Asked => {
                self.at = At::Asked;
                let next = client.post("/next", &json!({}))?.ok();
                self.at = match next["kind"].as_str() {
                    Some("lead") => At::Holds(self.take(&next, ledger)),
                    _ => At::Free,
                };
            }
            At::Holds(lead) => {
                let report = self.report(&lead);
                self.at = At::Reported(lead, report);
            }
            At::Reported(lead, report) => {
                let recorded = self.send(client, &lead, &report)?.ok();
                self.keep(&lead, &report, &recorded, ledger);
                self.at = At::Free;
            }
        }
        Ok(())
    }

    /// After a crash: what the operator was told still holds, and what was not answered is done or not done. Afterwards
    /// the operator knows again what is the case.
    pub(crate) fn recover(&mut self, server: &str, ledger: &Ledger) {
        let client = Client::new(server, &self.token);
        let held = self.held(&client);
        self.at = match (self.at.clone(), held) {
            (At::Free | At::Asked, None) => At::Free,
            (At::Asked, Some(lead)) => {
                ledger.handed_out(lead.assignment, lead.lead, &self.name);
                At::Holds(lead)
            }
            (At::Holds(before), Some(now)) => {
                assert_eq!(before, now, "{} holds the same lead after the crash", self.name);
                At::Holds(now)
            }
            (At::Reported(lead, report), held) => {
                if let Some(held) = held {
                    assert_eq!(lead, held, "an outcome is recorded, or its lead still held");
                }
                self.report_again(&client, &lead, &report, ledger);
                At::Free
            }
            (before, held) => panic!("{} was {before:?} and holds {held:?} after the crash", self.name),
        };
        if let At::Holds(lead) = &self.at {
            let next = client.post("/next", &json!({})).expect("the server answers").ok();
            assert_eq!(*lead, read(&next), "asking again gives {} the lead that is held", self.name);
        }
    }

    /// Whether the report was recorded before the crash or not: now it is, once.
    fn report_again(&mut self, client: &Client, lead: &Lead, report: &Value, ledger: &Ledger) {
        let first = self.send(client, lead, report).expect("the server answers").ok();
        let second = self.send(client, lead, report).expect("the server answers").ok();
        assert_eq!(first["attempt"], second["attempt"], "a repeated report gives the same answer");
        assert_eq!(self.held(client), None, "{} holds nothing after the report", self.name);
        self.keep(lead, report, &first, ledger);
    }

    fn held(&self, client: &Client) -> Option<Lead> {
        let answer = client.get("/assignment").expect("the server answers");
        match answer.status {
            404 => None,
            _ => Some(read(&answer.ok())),
        }
    }

    fn take(&self, next: &Value, ledger: &Ledger) -> Lead {
        let lead = read(next);
        ledger.handed_out(lead.assignment, lead.lead, &self.name);
        lead
    }

    fn send(&self, client: &Client, lead: &Lead, report: &Value) -> Result<Answer, NoAnswer> {
        let body = json!({ "token": lead.token, "report": report });
        client.post(&format!("/assignments/{}/outcome", lead.assignment), &body)
    }

    fn keep(&self, lead: &Lead, report: &Value, recorded: &Value, ledger: &Ledger) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        ledger.recorded(Outcome {
            attempt: recorded["attempt"].as_i64().expect("an attempt has a key"),
            assignment: lead.assignment,
            lead: lead.lead,
            operator: self.name.clone(),
            disposition: text(&report["disposition"]),
            price_ceiling_minor: minor(&report["refusal"]["price_ceiling"]),
        });
    }

    /// What may happen in a call, mostly refusals: they have the most to lose.
    fn report(&mut self, lead: &Lead) -> Value {
        let in_time = |later: SignedDuration| (lead.handed_at + later).to_string();
        match (self.dice.below(20), &lead.offer) {
            (0..=10, _) => {
                let ceiling = format!("{}.{:02}", 20 + self.dice.below(40), self.dice.below(100));
                json!({ "disposition": "refused", "refusal": { "reason": "price", "price_ceiling": ceiling } })
            }
            (11, _) => json!({ "disposition": "refused", "refusal": { "reason": "not_interested" } }),
            (12, _) => {
                let due_at = in_time(SignedDuration::from_hours(24));
                json!({ "disposition": "call_back", "callback": { "due_at": due_at, "personal": true } })
            }
            // Due before the test is over: it is handed out again.
            (13, _) => {
                let due_at = in_time(SignedDuration::from_secs(20));
                json!({ "disposition": "call_back", "callback": { "due_at": due_at, "personal": false } })
            }
            (14, Some(tariff)) => json!({ "disposition": "ordered", "order": order(tariff, lead.handed_at) }),
            (15, _) => json!({ "disposition": "do_not_call", "note": "asked to be left in peace" }),
            (16, _) => json!({ "disposition": "wrong_number" }),
            (17, _) => json!({ "disposition": "busy", "duration_s": 3 }),
            _ => json!({ "disposition": "no_answer" }),
        }
    }
}

fn order(tariff: &str, handed_at: Timestamp) -> Value {
    let visit = (handed_at + SignedDuration::from_hours(10 * 24)).strftime("%Y-%m-%d").to_string();
    campaigns::winback_order(tariff, &visit)
}

fn read(next: &Value) -> Lead {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Lead {
        assignment: next["assignment"].as_i64().expect("an assignment has a key"),
        token: text(&next["token"]).expect("an assignment has a token"),
        lead: next["lead"].as_i64().expect("a lead has a key"),
        handed_at: text(&next["handed_at"]).and_then(|at| at.parse().ok()).expect("a hand-out has its time"),
        offer: text(&next["offers"][0]["tariff"]),
    }
}

/// An amount such as `30.00` in cents.
fn minor(amount: &Value) -> Option<i64> {
    amount.as_str().and_then(|text| text.replace('.', "").parse().ok())
}
