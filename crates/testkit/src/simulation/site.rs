//! The simulated site: nodes on one database, people at its desks, and the time.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use relance_domain::outcome::OutcomeReport;
use relance_domain::user::Role;
use relance_domain::{AssignmentId, Span, UserId};
use relance_scheduler::{Chance, Engine, Error};
use relance_store::user::NewUser;
use relance_store::{Store, StoreError};

use super::almanac::Edition;
use super::dice::{Dice, Words};
use super::oracle::{Deed, Oracle, Verdict, broken};
use super::rough_store::{Lie, RoughStore};
use super::trace::Trace;
use super::weather::{NodeClock, Weather};
use super::{Settings, plan};
use crate::World;

/// A node: an engine of its own on the site's store.
pub(super) struct Node {
    pub(super) engine: Engine,
    pub(super) weather: Arc<Weather>,
    edition: Edition,
    behind: Span,
}

/// A lead as its operator's page shows it, for as long as the page is open.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) assignment: AssignmentId,
    pub(super) token: String,
    /// Tariffs that may be offered.
    pub(super) offers: Vec<String>,
}

/// Somebody at a desk.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) held: Option<Held>,
    /// The last report that was sent and not refused.
    pub(super) sent: Option<(Held, OutcomeReport)>,
    pub(super) disabled: bool,
}

/// Everything.
pub(super) struct Site {
    pub(super) settings: Settings,
    pub(super) world: World,
    pub(super) nodes: Vec<Node>,
    pub(super) dice: Dice,
    pub(super) operators: Vec<Operator>,
    pub(super) oracle: Oracle,
    pub(super) deed: Deed,
    pub(super) trace: Trace,
    /// Numbers things that must differ.
    pub(super) numbered: u32,
    /// The day of the register's present file.
    pub(super) register_day: Option<jiff::civil::Date>,
    /// When somebody may be callable, by the latest answer that nobody is.
    pub(super) next_at: Option<Timestamp>,
    words: Arc<dyn Chance>,
    /// A node's clock may run behind.
    pub(super) skewed: bool,
    lie: Option<Lie>,
}

/// How often somebody tries again before they let it be.
const TRIES_MAX: usize = 4;

impl Site {
    pub(super) fn new(settings: Settings, world: World, lie: Option<Lie>) -> Self {
        let mut dice = Dice::new(settings.seed);
        let words: Arc<dyn Chance> = Arc::new(Words(Mutex::new(dice.fork())));
        let skewed = settings.seed.is_multiple_of(3);
        Self {
            settings,
            world,
            nodes: Vec::new(),
            dice,
            operators: Vec::new(),
            oracle: Oracle::default(),
            deed: Deed::default(),
            trace: Trace::default(),
            numbered: 0,
            register_day: None,
            next_at: None,
            words,
            skewed,
            lie,
        }
    }

    /// The right time.
    pub(super) fn now(&self) -> Timestamp {
        self.world.now()
    }

    pub(super) fn number(&mut self) -> u32 {
        self.numbered += 1;
        self.numbered
    }

    /// A new node, in fair weather.
    pub(super) fn node(&mut self, edition: Edition) -> Node {
        let behind = if self.skewed && self.dice.in_thousand(500) { self.dice.between(1, 300) } else { 0 };
        let behind = Span::of_seconds(behind);
        let weather = Arc::new(Weather::new(self.dice.fork(), self.world.clock.clone()));
        let inner = Arc::clone(&self.world.store);
        let store = Arc::new(RoughStore { inner, weather: Arc::clone(&weather), lie: self.lie }) as Arc<dyn Store>;
        let clock = NodeClock { right: self.world.clock.clone(), behind };
        let rules = plan::rules(edition);
        self.oracle.editions.insert(rules.version().to_owned(), edition);
        let engine = Engine::under(rules, store, Arc::new(clock), Arc::clone(&self.words));
        Node { engine, weather, edition, behind }
    }

    /// Nodes that died are started anew, in the place of the dead.
    pub(super) fn raise_the_dead(&mut self) {
        for at in 0..self.nodes.len() {
            if self.nodes[at].weather.is_dead() {
                let edition = self.nodes[at].edition;
                self.nodes[at] = self.node(edition);
                self.trace.note(format!("node {at} is started anew, {} behind", self.nodes[at].behind));
            }
        }
    }

    /// A node dies or is ended, and another one begins in its place, perhaps under other rules.
    pub(super) fn restart(&mut self, at: usize, edition: Edition) {
        self.nodes[at] = self.node(edition);
        self.trace.note(format!("node {at} is started under the {edition:?} rules, {} behind", self.nodes[at].behind));
    }

    /// A node that is up looks at its rules with every round of its loops, every few seconds.
    pub(super) async fn use_rules(&self) {
        for node in &self.nodes {
            let used = self.world.store.use_rules(node.engine.rules(), node.engine.now()).await;
            used.expect("the rules are kept");
        }
    }

    /// Somebody new at a desk.
    pub(super) async fn hire(&mut self) {
        let name = format!("operator-{}", self.number());
        let new = NewUser {
            name: name.clone(),
            role: Role::Operator,
            token_sha256: format!("hash of {name}"),
            abilities: relance_domain::abilities::Abilities::default(),
        };
        let user = self.world.store.add_user(&new, self.now()).await.expect("a user is added");
        self.operators.push(Operator { id: user.id, name, held: None, sent: None, disabled: false });
    }

    /// The earliest instant that any clock shows.
    pub(super) fn earliest(&self) -> i64 {
        let behind = self.nodes.iter().map(|node| node.behind).max().unwrap_or(Span::ZERO);
        behind.before(self.now()).as_millisecond()
    }

    /// A request as a client makes it: to one node, again to the same or another one where it was not answered, and let be after some
    /// tries; who insists tries until the weather is fair. None where nobody knows what became of it.
    pub(super) async fn request<T>(
        &mut self,
        what: &str,
        insists: bool,
        make: impl AsyncFn(Engine) -> Result<T, Error>,
    ) -> Verdict<Option<Result<T, Error>>> {
        for tries in 1.. {
            if tries > TRIES_MAX {
                if !insists {
                    self.trace.note(format!("{what}: let be"));
                    return Ok(None);
                }
                self.raise_the_dead();
                self.nodes.iter().for_each(|node| node.weather.roughen(0));
            }
            let at = self.dice.below(self.nodes.len());
            let answer = make(self.nodes[at].engine.clone()).await;
            let log = self.nodes[at].weather.log();
            self.trace.wrote(at, &log.writes);
            match answer {
                Err(Error::Store(error @ (StoreError::Away(_) | StoreError::Busy(_) | StoreError::Database(_)))) => {
                    if !log.disturbed {
                        return broken(
                            "an error has a cause",
                            format!("{what}: {error}: {:?}", std::error::Error::source(&error)),
                        );
                    }
                }
                answer => return Ok(Some(answer)),
            }
        }
        unreachable!("the tries do not end")
    }
}
