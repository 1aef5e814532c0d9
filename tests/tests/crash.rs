//! `kill -9` at any moment of a load, a claim, an outcome or a publication loses nothing that was committed and leaves
//! nothing half done.
//!
//! The real binary is killed again and again over the same database, while operators call, lists are loaded and tariffs
//! published. Whoever was answered keeps the answer in a ledger; whoever was not asks again after the crash. The ledger
//! is held against the database after each crash, and again when the next server has come up.

#[path = "crash/back_office.rs"]
mod back_office;
#[path = "crash/dice.rs"]
mod dice;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "crash/long_load.rs"]
mod long_load;
#[path = "crash/operator.rs"]
mod operator;

use std::thread;

use relance_testkit::postgres::fresh_database;
use relance_tests::binary::{self, Server};
use relance_tests::campaigns;
use relance_tests::client::Client;
use relance_tests::database::{Database, Look};
use relance_tests::eventually;
use serde_json::{Value, json};

use crate::back_office::{File, Printer, Tariff};
use crate::dice::Dice;
use crate::ledger::Ledger;
use crate::operator::Operator;

/// Crashes per database.
const ROUNDS: usize = 12;
/// Operators who call at the same time.
const OPERATORS: usize = 4;
/// People of a small file: one short load among many.
const SMALL: usize = 120;
/// People of a large one: taken in several transactions.
const LARGE: usize = 2_400;
/// Looks into the database for a moment to come: a quarter of a minute at least.
const LOOKS: u32 = 100_000;
/// Looks after that at most: a load or a publication takes about so long.
const LOOKS_LATER: u64 = 600;
/// Outcomes recorded before the first crash: refusals for the publications are among them.
const OUTCOMES_BEFORE: usize = 600;

#[test]
fn kill_9_loses_nothing_sqlite() {
    let folder = tempfile::tempdir().expect("a folder for the database");
    kill_again_and_again(&Database::in_folder(folder.path()), 0x5eed_0001);
}

#[test]
fn kill_9_loses_nothing_postgres() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let database = runtime.block_on(fresh_database());
    kill_again_and_again(&Database::Postgres(database.url.clone()), 0x5eed_0002);
}

#[test]
fn a_long_load_that_was_killed_goes_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder for the database");
    long_load::goes_on(&Database::in_folder(folder.path()));
}

#[test]
fn a_long_load_that_was_killed_goes_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let database = runtime.block_on(fresh_database());
    long_load::goes_on(&Database::Postgres(database.url.clone()));
}

/// When a server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Among claims and outcomes, small loads and publications.
    Calling,
    /// Some rows of a large file are taken.
    Staging,
    /// All of them are; they are becoming clients and leads.
    Committing,
    /// A tariff is offered, and not everybody whom it answers has been put back. Half of them is no moment to be seen here, where one
    /// step is enough: `engine_tariffs` cuts a publication off between two.
    Publishing,
}

impl Moment {
    const ALL: [Self; 4] = [Self::Calling, Self::Staging, Self::Committing, Self::Publishing];
}

/// What goes on over all rounds.
struct Story<'a> {
    database: &'a Database,
    ledger: Ledger,
    dice: Dice,
    printer: Printer,
    operators: Vec<Operator>,
    manager: String,
    /// Asked of the last server, and not answered by it.
    open_load: Option<File>,
    open_publication: Option<Tariff>,
    tariffs: usize,
    /// Moments at which a server was killed indeed.
    hit: Vec<Moment>,
}

fn kill_again_and_again(database: &Database, seed: u64) {
    let mut story = Story::begin(database, seed);
    for round in 0..ROUNDS {
        let moment = Moment::ALL[round % Moment::ALL.len()];
        // At first as soon as the moment is seen, afterwards some time later: in the midst of it, or just past it.
        let later = if round < Moment::ALL.len() { 0 } else { story.dice.below(LOOKS_LATER) };
        println!("round {round}: {moment:?}, and {later} looks");
        story.round(moment, later);
        if round % 2 == 0 {
            story.ledger.hold(database);
        }
    }
    let server = Server::start(&database.argument());
    story.recover(&server);
    println!("{} acknowledgements; killed at {:?}", story.ledger.len(), story.hit);
    let reopenings = database.look().number("SELECT COUNT(*) FROM reopening");
    assert!(reopenings > 100, "publications put people back: {reopenings}");
    for moment in Moment::ALL {
        assert!(story.hit.contains(&moment), "no server was killed at {moment:?}: the test is too slow to see it");
    }
}

impl<'a> Story<'a> {
    /// People who sign in, a running campaign, a first list and the first calls.
    fn begin(database: &'a Database, seed: u64) -> Self {
        let token = |name: &str, role: &str| {
            let arguments = ["operator", "add", name, "--role", role, "--json", "--database", &database.argument()];
            let added: Value = serde_json::from_str(&binary::run(arguments).ok()).expect("JSON was asked for");
            added["token"].as_str().expect("a new user has a token").to_owned()
        };
        let mut dice = Dice::new(seed);
        let names = (0..OPERATORS).map(|number| format!("operator-{number}"));
        let operators = names.map(|name| Operator::new(name.clone(), token(&name, "operator"), dice.split()));
        let mut story = Self {
            database,
            ledger: Ledger::default(),
            operators: operators.collect(),
            manager: token("manager", "manager"),
            printer: Printer::default(),
            dice,
            open_load: None,
            open_publication: None,
            tariffs: 0,
            hit: Vec::new(),
        };
        story.set_up();
        story
    }

    fn set_up(&mut self) {
        let server = Server::start(&self.database.argument());
        let manager = Client::new(&server.url, &self.manager);
        for (path, body) in [
            ("/campaigns/apply", campaigns::folder("fibre-winback")),
            ("/campaigns/fibre-winback/state", json!({ "event": "start" })),
        ] {
            let _ = manager.post(path, &body).expect("the server answers").ok();
        }
        self.printer.file(LARGE).load(&manager, &self.ledger).expect("the server answers");
        self.work_until(server, Vec::new(), None, |ledger| {
            eventually("operators call", || (ledger.attempts().len() >= OUTCOMES_BEFORE).then_some(()));
        });
    }

    /// One server's life: it finds what the last one left, is put to work and killed at a moment.
    fn round(&mut self, moment: Moment, later: u64) {
        let server = Server::start(&self.database.argument());
        self.recover(&server);
        let enough = self.ledger.len() + 20 + usize::try_from(self.dice.below(60)).expect("it is small");
        let files: Vec<File> = match moment {
            Moment::Calling => (0..3).map(|_| self.printer.file(SMALL)).collect(),
            Moment::Staging | Moment::Committing => vec![self.printer.file(LARGE)],
            Moment::Publishing => Vec::new(),
        };
        let tariff = match moment {
            Moment::Calling | Moment::Publishing => Some(self.next_tariff()),
            Moment::Staging | Moment::Committing => None,
        };
        let sight = Sight::new(moment, files.first(), tariff.as_ref());
        let mut look = self.database.look();
        self.work_until(server, files, tariff, |ledger| match &sight {
            None => eventually("operators call", || (ledger.len() >= enough).then_some(())),
            Some(sight) => sight.wait(&mut look, later),
        });
        drop(look);
        self.database.settle();
        if sight.is_none_or(|sight| sight.holds(&mut self.database.look())) {
            self.hit.push(moment);
        }
    }

    /// A tariff cheaper than any before: it answers refusals that none of them did.
    fn next_tariff(&mut self) -> Tariff {
        self.tariffs += 1;
        let price_minor = 5_900 - 220 * i64::try_from(self.tariffs).expect("there are few");
        Tariff::new(format!("crash-{}", self.tariffs), price_minor, &self.ledger)
    }

    /// Operators call, files are loaded one after the other and a tariff is published, all at the same time, until it is
    /// time to kill the server.
    fn work_until(&mut self, server: Server, files: Vec<File>, tariff: Option<Tariff>, time: impl FnOnce(&Ledger)) {
        let (url, ledger) = (server.url.clone(), &self.ledger);
        let manager = Client::new(&url, &self.manager);
        thread::scope(|scope| {
            for operator in &mut self.operators {
                let url = &url;
                scope.spawn(move || operator.work(url, ledger));
            }
            let loader = scope.spawn(|| files.into_iter().find(|file| file.load(&manager, ledger).is_err()));
            let publisher = scope.spawn(|| tariff.filter(|tariff| tariff.publish(&manager, ledger).is_err()));
            time(ledger);
            server.kill();
            self.open_load = loader.join().expect("the loader only stops working");
            self.open_publication = publisher.join().expect("the publisher only stops working");
        });
    }

    /// The next server has come up: everybody asks again for what was not answered, and finds it done once or not done.
    fn recover(&mut self, server: &Server) {
        let manager = Client::new(&server.url, &self.manager);
        if let Some(file) = self.open_load.take() {
            file.recover(&manager, &mut self.database.look(), &self.ledger);
        }
        if let Some(tariff) = self.open_publication.take() {
            tariff.recover(&manager, &self.ledger);
        }
        for operator in &mut self.operators {
            operator.recover(&server.url, &self.ledger);
        }
        self.ledger.hold_exactly(self.database);
    }
}

/// What the database shows at a moment, and after it.
struct Sight {
    /// How many rows it shows: of these keys there is one while the moment lasts.
    lasts: String,
    /// There is one when the moment has passed.
    passed: String,
}

impl Sight {
    fn new(moment: Moment, file: Option<&File>, tariff: Option<&Tariff>) -> Option<Self> {
        let staged = "rows_read";
        let (lasts, passed) = match (moment, file, tariff) {
            (Moment::Staging, Some(file), _) => (
                format!(
                    "list WHERE name = '{}' AND state = 'staging' AND {staged} BETWEEN 1 AND {}",
                    file.name,
                    file.rows - 1
                ),
                format!("list WHERE name = '{}' AND (state = 'loaded' OR {staged} = {})", file.name, file.rows),
            ),
            (Moment::Committing, Some(file), _) => (
                format!("list WHERE name = '{}' AND state = 'staging' AND {staged} = {}", file.name, file.rows),
                format!("list WHERE name = '{}' AND state = 'loaded'", file.name),
            ),
            (Moment::Publishing, _, Some(tariff)) => (
                format!(
                    "tariff WHERE tariff = '{}' AND state = 'published' AND reopened_all_at_ms IS NULL",
                    tariff.name
                ),
                format!("tariff WHERE tariff = '{}' AND reopened_all_at_ms IS NOT NULL", tariff.name),
            ),
            _ => return None,
        };
        Some(Self { lasts, passed })
    }

    fn holds(&self, look: &mut Look) -> bool {
        look.number(&format!("SELECT COUNT(*) FROM {}", self.lasts)) > 0
    }

    /// Waits for the moment, or until it has passed unseen, and some looks more. It is short, so that nobody rests
    /// between two looks.
    fn wait(&self, look: &mut Look, later: u64) {
        let seen =
            (0..LOOKS).any(|_| self.holds(look) || look.number(&format!("SELECT COUNT(*) FROM {}", self.passed)) > 0);
        assert!(seen, "waited in vain: {}", self.lasts);
        for _ in 0..later {
            self.holds(look);
        }
    }
}
