//! An operator's day: calls, stalls, hands back, clicks twice, and repeats what was not answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use relance_tests::campaigns;
use relance_tests::client::{Answer, Client};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::ledger::{Ending, Ledger};
use crate::nodes::Nodes;

/// The longest that one request is repeated: every node is back long before, and no key is held for longer than a minute.
const PATIENCE: Duration = Duration::from_secs(150);
/// The pause before a request is sent again.
const PAUSE: Duration = Duration::from_millis(300);

/// Somebody who signs in.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) token: String,
}

/// Somebody at work: on one node until it does not answer, then on another.
pub(crate) struct Caller<'a> {
    person: &'a Person,
    nodes: &'a Nodes,
    ledger: &'a Ledger,
    node: usize,
    client: Client,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(person: &'a Person, nodes: &'a Nodes, ledger: &'a Ledger, node: usize) -> Self {
        Self { person, nodes, ledger, node, client: Client::new(&nodes.url(node), &person.token) }
    }

    /// Sends a request until it is answered: by another node where one does not answer, and again where the answer says that it may
    /// be.
    pub(crate) fn until_answered(
        &mut self,
        send: impl Fn(&Client) -> Result<Answer, relance_tests::client::NoAnswer>,
    ) -> Option<Answer> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match send(&self.client) {
                Ok(answer) if answer.status < 500 && answer.problem() != "/problems/idempotency-in-progress" => {
                    return Some(answer);
                }
                Ok(answer) if answer.status >= 500 && answer.retry_after_s.is_none() => {
                    self.ledger.violated(format!("a failure that nobody may repeat: {}", answer.text));
                    return None;
                }
                _ => {}
            }
            self.ledger.retried();
            thread::sleep(PAUSE);
            self.node += 1;
            self.client = Client::new(&self.nodes.url(self.node), &self.person.token);
        }
        self.ledger.violated(format!("{} was not answered for {} s", self.person.name, PATIENCE.as_secs()));
        None
    }
}

/// Works until the time is over, and ends what was begun.
pub(crate) fn work(person: &Person, nodes: &Nodes, ledger: &Ledger, mut dice: Dice, over: &AtomicBool) {
    let node = usize::try_from(dice.below(1_000)).unwrap_or_default();
    let mut caller = Caller::new(person, nodes, ledger, node);
    let mut calls = 0;
    while !over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(50 + dice.below(400)));
        let Some(lead) = next(&mut caller, &mut dice) else { continue };
        calls += 1;
        match dice.below(40) {
            0 => thread::sleep(Duration::from_millis(1_000 + dice.below(3_000))),
            1 | 2 => {
                hand_back(&mut caller, &lead);
                continue;
            }
            _ => {}
        }
        report(&mut caller, &lead, &mut dice, calls);
    }
}

/// Asks for a lead, now and then by two clicks: both show the same.
fn next(caller: &mut Caller<'_>, dice: &mut Dice) -> Option<Value> {
    let ask = |client: &Client| client.post("/next", &json!({}));
    let first = accepted(caller, ask, "next lead")?;
    if first["kind"] != "lead" {
        return None;
    }
    let key = |lead: &Value| lead["assignment"].as_i64().unwrap_or_default();
    caller.ledger.handed_out(key(&first), first["lead"].as_i64().unwrap_or_default(), &caller.person.name);
    if dice.below(10) == 0 {
        let second = accepted(caller, ask, "next lead, once more")?;
        if key(&second) != key(&first) {
            caller.ledger.violated(format!(
                "{} holds {} and was shown {}",
                caller.person.name,
                key(&first),
                key(&second)
            ));
        }
    }
    Some(first)
}

fn hand_back(caller: &mut Caller<'_>, lead: &Value) {
    let body = json!({ "token": lead["token"], "reason": "the line is bad" });
    let assignment = lead["assignment"].as_i64().unwrap_or_default();
    let path = format!("/assignments/{assignment}/return");
    let key = format!("return-{assignment}");
    if let Some(answer) = caller.until_answered(|client| client.post_keyed(&path, &body, &key)) {
        let ending = if answer.status == 200 { Ending::HandedBack } else { elsewhere(caller, &answer) };
        caller.ledger.ended(assignment, ending);
    }
}

/// Reports under a key of the call, now and then by two clicks: both get the same answer.
fn report(caller: &mut Caller<'_>, lead: &Value, dice: &mut Dice, call: u64) {
    let report = outcome(lead, dice);
    let body = json!({ "token": lead["token"], "report": report });
    let assignment = lead["assignment"].as_i64().unwrap_or_default();
    let (path, key) = (format!("/assignments/{assignment}/outcome"), format!("{}-{call}", caller.person.name));
    let clicks = if dice.below(10) == 0 { 2 } else { 1 };
    for _ in 0..clicks {
        let Some(answer) = caller.until_answered(|client| client.post_keyed(&path, &body, &key)) else { return };
        let ending = match answer.body["attempt"].as_i64() {
            Some(attempt) if answer.status == 200 => {
                Ending::Outcome { attempt, disposition: report["disposition"].as_str().unwrap_or_default().to_owned() }
            }
            _ => elsewhere(caller, &answer),
        };
        caller.ledger.ended(assignment, ending);
    }
}

/// A lead that its operator held may only have been lost to a lease that ran out, or to somebody's objection.
fn elsewhere(caller: &Caller<'_>, answer: &Answer) -> Ending {
    if !["/problems/late-outcome", "/problems/assignment-ended"].contains(&answer.problem()) {
        caller.ledger.violated(format!("{}: {}", caller.person.name, answer.text));
    }
    Ending::Elsewhere
}

fn accepted(
    caller: &mut Caller<'_>,
    ask: impl Fn(&Client) -> Result<Answer, relance_tests::client::NoAnswer>,
    what: &str,
) -> Option<Value> {
    let answer = caller.until_answered(ask)?;
    if answer.status != 200 {
        caller.ledger.violated(format!("{what}: {}", answer.text));
        return None;
    }
    Some(answer.body)
}

/// What may happen in a call.
fn outcome(lead: &Value, dice: &mut Dice) -> Value {
    let handed_at = lead["handed_at"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).unwrap_or_default();
    let due = |seconds: i64| (handed_at + jiff::SignedDuration::from_secs(seconds)).to_string();
    match (dice.below(20), lead["offers"][0]["tariff"].as_str()) {
        (0..=9, _) => {
            let ceiling = format!("{}.{:02}", 20 + dice.below(40), dice.below(100));
            json!({ "disposition": "refused", "refusal": { "reason": "price", "price_ceiling": ceiling } })
        }
        (10, _) => json!({ "disposition": "call_back", "callback": { "due_at": due(86_400), "personal": true } }),
        // Due before a long run is over, and later than any report is repeated.
        (11, _) => json!({ "disposition": "call_back", "callback": { "due_at": due(200), "personal": false } }),
        (12, Some(tariff)) => {
            let visit = (handed_at + jiff::SignedDuration::from_hours(10 * 24)).strftime("%Y-%m-%d").to_string();
            json!({ "disposition": "ordered", "order": campaigns::winback_order(tariff, &visit) })
        }
        (13, _) => json!({ "disposition": "do_not_call", "note": "asked to be left in peace" }),
        (14, _) => json!({ "disposition": "wrong_number" }),
        (15, _) => json!({ "disposition": "busy", "duration_s": 3 }),
        _ => json!({ "disposition": "no_answer" }),
    }
}
