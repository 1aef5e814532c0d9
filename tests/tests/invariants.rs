//! Random days of a small call centre on SQLite: whatever happens in whatever order, the ledger keeps every promise, nobody is called
//! who may not be, and in the end nobody and no promise is forgotten.

use proptest::prelude::*;
use relance_domain::calling_hours::{Day, Opening, WeeklyHours};
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::definition::{AttemptCap, Definition};
use relance_domain::outcome::OutcomeReport;
use relance_domain::zone::ZoneSource;
use relance_domain::{AssignmentId, Span};
use relance_scheduler::{Engine, Error, LeadAnswer, NextAnswer, SuppressFor, loops};
use relance_store::user::User;
use relance_testkit::builders::{accepted, client, definition, phone, provenance, tariff, zone};
use relance_testkit::{World, reports};

const PEOPLE: u32 = 6;
const TRIES_MAX: u32 = 3;
/// After how many steps the ledger is verified.
const VERIFIED_EVERY: usize = 10;

#[derive(Debug, Clone)]
enum Step {
    Ask {
        operator: usize,
    },
    Report {
        operator: usize,
        report: Said,
    },
    /// The operator's last report is sent again.
    Again {
        operator: usize,
    },
    Pass {
        minutes: i64,
    },
    Loops,
    Disable {
        operator: usize,
    },
    Pause {
        campaign: usize,
    },
    Resume {
        campaign: usize,
    },
    Suppress {
        person: u32,
    },
    Publish {
        price: i64,
    },
    Erase {
        person: u32,
    },
    /// The node dies, and another one goes on with its database.
    Restart,
    /// The campaign calls at other hours from now on.
    ChangeHours {
        campaign: usize,
        hours: &'static str,
    },
    Away {
        operator: usize,
        minutes: i64,
    },
    Back {
        operator: usize,
    },
    HandBack {
        operator: usize,
    },
    /// A supervisor takes the lead that an operator holds.
    Take {
        operator: usize,
    },
    Hold {
        operator: usize,
    },
}

#[derive(Debug, Clone)]
enum Said {
    Plain(&'static str),
    Refused { ceiling: &'static str },
    CallLater { minutes: i64, personal: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let operator = 0..3_usize;
    let said = prop_oneof![
        3 => prop::sample::select(vec!["no_answer", "busy", "machine", "wrong_number", "dead_line"]).prop_map(Said::Plain),
        1 => Just(Said::Plain("do_not_call")),
        2 => prop::sample::select(vec!["20", "30"]).prop_map(|ceiling| Said::Refused { ceiling }),
        4 => (1..600_i64, any::<bool>()).prop_map(|(minutes, personal)| Said::CallLater { minutes, personal }),
    ];
    prop_oneof![
        12 => operator.clone().prop_map(|operator| Step::Ask { operator }),
        8 => (operator.clone(), said).prop_map(|(operator, report)| Step::Report { operator, report }),
        2 => operator.clone().prop_map(|operator| Step::Again { operator }),
        6 => (1..120_i64).prop_map(|minutes| Step::Pass { minutes }),
        6 => Just(Step::Loops),
        1 => operator.clone().prop_map(|operator| Step::Disable { operator }),
        1 => (0..2_usize).prop_map(|campaign| Step::Pause { campaign }),
        2 => (0..2_usize).prop_map(|campaign| Step::Resume { campaign }),
        1 => (2..PEOPLE + 2).prop_map(|person| Step::Suppress { person }),
        1 => prop::sample::select(vec![1_999, 2_999]).prop_map(|price| Step::Publish { price }),
        1 => (2..PEOPLE + 2).prop_map(|person| Step::Erase { person }),
        1 => Just(Step::Restart),
        1 => (0..2_usize, prop::sample::select(vec!["08:00-22:00", "10:00-16:00", "18:00-20:00"]))
            .prop_map(|(campaign, hours)| Step::ChangeHours { campaign, hours }),
        1 => (operator.clone(), 30..600_i64).prop_map(|(operator, minutes)| Step::Away { operator, minutes }),
        1 => operator.clone().prop_map(|operator| Step::Back { operator }),
        1 => operator.clone().prop_map(|operator| Step::HandBack { operator }),
        1 => operator.clone().prop_map(|operator| Step::Take { operator }),
        1 => operator.prop_map(|operator| Step::Hold { operator }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_breaks_a_promise(steps in prop::collection::vec(step(), 1..160)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut floor = Floor::open().await;
            for (number, step) in steps.into_iter().enumerate() {
                floor.take(step).await;
                floor.check().await;
                // The whole ledger takes as long as many steps.
                if number % VERIFIED_EVERY == 0 {
                    floor.world.hold_invariants().await;
                }
            }
            floor.finish().await;
        });
    }
}

const HOURS: &str = "08:00-22:00";

/// The campaigns: both of one seller, open in the day, with a cap and a cool-down.
fn strict(campaign: &str, hours: &str) -> Definition {
    let mut strict = definition(campaign);
    let day = hours.parse().expect("a window");
    strict.calling.hours = WeeklyHours(Day::ALL.map(|weekday| (weekday, vec![day])).into());
    strict.calling.caps = vec![AttemptCap { max: TRIES_MAX, window: Span::days(7) }];
    strict.calling.days_after_refusal = 1;
    strict
}

const CAMPAIGNS: [&str; 2] = ["fibre", "loan"];

struct Floor {
    world: World,
    engine: Engine,
    hours: [&'static str; 2],
    newest: AssignmentId,
    operators: Vec<User>,
    held: Vec<Option<LeadAnswer>>,
    reported: Vec<Option<(LeadAnswer, OutcomeReport)>>,
    promises: i64,
}

impl Floor {
    async fn open() -> Self {
        let world = World::sqlite().await;
        for name in CAMPAIGNS {
            let campaign = world.running(&strict(name, HOURS)).await;
            let rows: Vec<_> = (2..PEOPLE + 2)
                .map(|person| {
                    let mut client = client(person);
                    if person % 3 == 0 {
                        client.zone = Some((zone("America/New_York"), ZoneSource::List));
                    }
                    accepted(u64::from(person), client)
                })
                .collect();
            world.load_rows(&campaign, provenance(name), &rows).await.expect("loaded");
        }
        let mut operators = Vec::new();
        for name in ["marie", "paul", "zoe"] {
            operators.push(world.operator(name).await);
        }
        let (engine, hours) = (world.engine.clone(), [HOURS; 2]);
        let newest = AssignmentId(0);
        Self { world, engine, hours, newest, operators, held: vec![None; 3], reported: vec![None; 3], promises: 0 }
    }

    async fn take(&mut self, step: Step) {
        let engine = self.engine.clone();
        match step {
            Step::Ask { operator } => self.ask(operator).await,
            Step::Report { operator, report } => self.report(operator, &report).await,
            Step::Again { operator } => self.again(operator).await,
            Step::Pass { minutes } => self.world.clock.advance(Span::minutes(minutes)),
            Step::Loops => {
                loops::run_once(&engine).await.expect("a round of the loops");
            }
            Step::Disable { operator } => {
                engine.disable_user(&self.operators[operator].name).await.expect("disabled");
            }
            Step::Pause { campaign } => {
                // A campaign that is paused already says no, and stays so.
                let _ = engine.change_campaign_state(CAMPAIGNS[campaign], CampaignEvent::Pause).await;
            }
            Step::Resume { campaign } => {
                let _ = engine.change_campaign_state(CAMPAIGNS[campaign], CampaignEvent::Resume).await;
            }
            Step::Suppress { person } => {
                engine
                    .suppress(phone(person).reveal(), "FR", SuppressFor::default(), "asked by letter", None)
                    .await
                    .expect("suppressed");
            }
            Step::Publish { price } => {
                let tariff = tariff(&format!("fibre-{price}"), price, &CAMPAIGNS);
                engine.publish_tariff(&tariff).await.expect("published");
            }
            Step::Erase { person } => {
                let client = self.world.store.client_of_phone(&phone(person)).await.expect("answered");
                if let Some(client) = client {
                    // Somebody who is in a call is left alone.
                    let _ = engine.erase_client(client, "asked by letter", None).await;
                }
            }
            Step::Restart => self.engine = self.world.another_node().await,
            Step::ChangeHours { campaign, hours } => {
                let definition = strict(CAMPAIGNS[campaign], hours);
                self.world.store.apply_campaign(&definition, None, self.world.now()).await.expect("applied");
                self.hours[campaign] = hours;
            }
            Step::Away { operator, minutes } => {
                let until = self.world.in_minutes(minutes);
                engine.set_away(&self.operators[operator].name, None, until).await.expect("away");
            }
            Step::Back { operator } => {
                engine.end_away(&self.operators[operator].name).await.expect("back");
            }
            Step::HandBack { operator } => {
                if let Some(lead) = self.held[operator].take() {
                    // One that was taken back meanwhile is not there to be handed back.
                    let id = self.operators[operator].id;
                    let _ = engine.hand_back(id, lead.assignment, &lead.token, "a visitor").await;
                }
            }
            Step::Take { operator } => {
                if let Some(lead) = &self.held[operator] {
                    let _ = engine.take_lead(None, lead.assignment, "gone home", None).await;
                }
            }
            Step::Hold { operator } => {
                if let Some(lead) = &self.held[operator] {
                    let _ = engine.hold_lead(self.operators[operator].id, lead.assignment, &lead.token).await;
                }
            }
        }
    }

    async fn ask(&mut self, operator: usize) {
        match self.engine.next_lead(self.operators[operator].id, None).await {
            Ok(NextAnswer::Lead(lead)) => {
                // A lead that is held already stays with its operator, whatever the hours become.
                if lead.assignment > self.newest {
                    self.newest = lead.assignment;
                    self.hold_to_the_hours(&lead);
                }
                self.held[operator] = Some(*lead);
            }
            Ok(NextAnswer::Nobody(_)) => self.held[operator] = None,
            Err(Error::Disabled) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn hold_to_the_hours(&self, lead: &LeadAnswer) {
        let rules = lead.decision.clearance.time_zone.rules().expect("a zone");
        let campaign = CAMPAIGNS.iter().position(|name| *name == lead.campaign).expect("one of the campaigns");
        let opening = strict(&lead.campaign, self.hours[campaign]).calling.hours.at(lead.handed_at, &rules);
        assert!(matches!(opening, Opening::Open { .. }), "handed out at {}", lead.decision.clearance.local_time);
    }

    async fn report(&mut self, operator: usize, said: &Said) {
        let Some(lead) = self.held[operator].take() else { return };
        let due_at = |minutes| self.world.in_minutes(minutes);
        let report = match said {
            Said::Plain(disposition) => reports::plain(disposition),
            Said::Refused { ceiling } => reports::refused_over(ceiling),
            Said::CallLater { minutes, personal: true } => reports::call_later_myself(due_at(*minutes)),
            Said::CallLater { minutes, personal: false } => reports::call_later(due_at(*minutes)),
        };
        let id = self.operators[operator].id;
        match self.engine.record_outcome(id, lead.assignment, &lead.token, &report).await {
            Ok(_) => {
                self.promises += i64::from(report.callback.is_some());
                self.reported[operator] = Some((lead, report));
            }
            Err(Error::Late(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn again(&mut self, operator: usize) {
        let Some((lead, report)) = &self.reported[operator] else { return };
        let attempts = self.world.number("SELECT COUNT(*) FROM attempt").await;
        let id = self.operators[operator].id;
        self.engine.record_outcome(id, lead.assignment, &lead.token, report).await.expect("answered the same");
        assert_eq!(self.world.number("SELECT COUNT(*) FROM attempt").await, attempts);
    }

    async fn check(&self) {
        assert_eq!(self.world.number("SELECT COUNT(*) FROM callback").await, self.promises, "no promise vanishes");
        let tries = "SELECT COUNT(*) FROM assignment AS last JOIN assignment AS one
            ON one.client_id = last.client_id AND one.seller = last.seller AND one.id <= last.id
                AND one.handed_at_ms > last.handed_at_ms - 7 * 86400000
            WHERE COALESCE(one.ending, '') <> 'returned' OR EXISTS (
                SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = one.id)
            GROUP BY last.id";
        let most = self.world.numbers(tries).await.into_iter().max().unwrap_or_default();
        assert!(most <= i64::from(TRIES_MAX), "a person was handed out {most} times in a week");
    }

    /// The days go on, with somebody new at the desk, until everybody has been called.
    async fn finish(&mut self) {
        for campaign in CAMPAIGNS {
            let all_day = strict(campaign, HOURS);
            self.world.store.apply_campaign(&all_day, None, self.world.now()).await.expect("applied");
            let _ = self.engine.change_campaign_state(campaign, CampaignEvent::Resume).await;
        }
        self.hours = [HOURS; 2];
        self.operators.push(self.world.operator("last").await);
        self.held.push(None);
        self.reported.push(None);
        let last = self.operators.len() - 1;
        for _ in 0..60 {
            self.world.clock.advance(Span::minutes(6 * 60 + 5));
            loops::run_once(&self.engine).await.expect("a round of the loops");
            self.ask(last).await;
            while self.held[last].is_some() {
                self.report(last, &Said::Refused { ceiling: "1" }).await;
                self.ask(last).await;
            }
            self.check().await;
        }
        self.world.hold_invariants().await;
        assert_eq!(
            self.world.numbers("SELECT id FROM lead WHERE state <> 'closed'").await,
            [0_i64; 0],
            "nobody is forgotten"
        );
        assert_eq!(
            self.world.numbers("SELECT id FROM callback WHERE state = 'open'").await,
            [0_i64; 0],
            "no promise is forgotten"
        );
    }
}
