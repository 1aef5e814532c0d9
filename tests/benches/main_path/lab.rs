//! A fresh database with a running campaign, for the engine and for bare SQL.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use relance_domain::UserId;
use relance_domain::abilities::Abilities;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::campaign::{Folder, SourceFile};
use relance_domain::list::Provenance;
use relance_domain::user::Role;
use relance_scheduler::{Chance, Clock, Engine, ListToLoad};
use relance_store::Store;
use relance_store_postgres::PostgresStore;
use relance_store_sqlite::SqliteStore;
use relance_testkit::keys::suppression_keys;
use relance_testkit::postgres::{TestDatabase, fresh_database};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::bare::Bare;

/// Latencies of one operator's work.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) next: Vec<Duration>,
    pub(crate) outcome: Vec<Duration>,
}

/// A fresh database with a running campaign.
#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) bare: Bare,
    _keep: Arc<Keep>,
}

#[expect(dead_code, reason = "dropping it removes the database")]
enum Keep {
    Folder(tempfile::TempDir),
    Database(Box<TestDatabase>),
}

struct RealTime;

impl Clock for RealTime {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

/// Words that are numbers.
#[derive(Default)]
pub(crate) struct Counting(std::sync::atomic::AtomicU64);

impl Chance for Counting {
    fn word(&self) -> String {
        format!("word-{}", self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

const CAMPAIGN: &str = r#"
campaign = "bench"
name = "Bench"
goal = "Measure."
seller = "Bench"
country = "FR"
currency = "EUR"
lease = "15m"
script = "Hello {{ client.first_name }}"
shown = ["first_name", "city"]

[calling]
profile = "demonstration-bench"
rules = "demonstration"
default_time_zone = "Europe/Paris"
days_after_refusal = 0
caps = [{ max = 4, window = "30d" }]
hours = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"], thu = ["00:00-24:00"], fri = ["00:00-24:00"], sat = ["00:00-24:00"], sun = ["00:00-24:00"] }

[columns]
phone = ["phone"]
reference = ["reference"]
first_name = ["first_name"]
last_name = ["last_name"]
street = ["street"]
city = ["city"]
postcode = ["postcode"]

[[client_fields]]
name = "bill"
label = "Bill"
kind = "money"
columns = ["bill"]

[[client_fields]]
name = "provider"
label = "Provider"
kind = "text"
columns = ["provider"]

[[dispositions]]
code = "ordered"
label = "Ordered"
class = "order"

[[dispositions]]
code = "refused"
label = "Refused"
class = "refusal"

[[dispositions]]
code = "call_back"
label = "Call back"
class = "callback"

[[dispositions]]
code = "do_not_call"
label = "Do not call"
class = "do_not_call"

[[reasons]]
code = "price"
label = "Too expensive"
asks = ["price_ceiling"]
reopened_by = ["price_within_ceiling"]

[callbacks]
horizon = "60d"
personal_grace = "30m"

[[order_form]]
name = "contact"
label = "Contact"
kind = "text"
required = false
"#;

impl Lab {
    /// A lab on a fresh database of this store.
    pub(crate) async fn new(store: &str) -> Self {
        let (store, bare, keep): (Arc<dyn Store>, Bare, Keep) = if store == "sqlite" {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("bench.db");
            let store = SqliteStore::open(&file, suppression_keys(1)).await.expect("a store");
            store.migrate().await.expect("migrated");
            (Arc::new(store), Bare::sqlite(&file).await, Keep::Folder(folder))
        } else {
            let database = fresh_database().await;
            let store = PostgresStore::connect(&database.url, suppression_keys(1)).await.expect("a store");
            store.migrate().await.expect("migrated");
            (Arc::new(store), Bare::postgres(&database.url).await, Keep::Database(Box::new(database)))
        };
        let engine = Engine::new(store, Arc::new(RealTime), Arc::new(Counting::default()));
        let campaign = SourceFile { path: "campaign.toml".into(), text: CAMPAIGN.into() };
        let folder = Folder { campaign, tariffs: Vec::new(), clients: None };
        if let Err(error) = engine.apply_campaign(&folder, None).await {
            panic!("{error:?}");
        }
        engine.change_campaign_state("bench", CampaignEvent::Start).await.expect("started");
        Self { engine, bare, _keep: Arc::new(keep) }
    }

    /// Loads so many clients through the engine, from a file of ten columns.
    pub(crate) async fn load(&self, clients: usize) {
        let mut file = tempfile::tempfile().expect("a file");
        write_clients(&file, clients);
        std::io::Seek::rewind(&mut file).expect("a file can be rewound");
        let file = self.engine.spool_list(file).await.expect("spooled");
        let load = ListToLoad::new("bench", Provenance::existing("bench"));
        let report = self.engine.load_list(load, file).await.expect("loaded");
        assert_eq!(report.counts.new_leads, clients as i64, "{:?}", report.rejects);
    }

    /// A new operator.
    pub(crate) async fn operator(&self, name: &str) -> UserId {
        self.engine.add_user(name, Role::Operator, Abilities::default()).await.expect("added").user.id
    }

    /// Ends the connections.
    pub(crate) async fn close(self) {
        self.bare.close().await;
        self.engine.store().close().await;
    }
}

/// The folder in which the PostgreSQL server keeps its databases.
pub(crate) async fn server_folder() -> PathBuf {
    let database = fresh_database().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("connected");
    let folder = sqlx::query_scalar::<_, String>("SHOW data_directory").fetch_one(&mut connection).await.expect("told");
    connection.close().await.expect("closed");
    folder.into()
}

/// The nth client's number. A million are needed, more than the ranges reserved for fiction hold; they never leave the
/// benchmark.
pub(crate) fn phone(number: usize) -> String {
    format!("+336{:08}", 10_000_000 + number)
}

fn write_clients(file: &std::fs::File, clients: usize) {
    let mut out = std::io::BufWriter::new(file);
    writeln!(out, "phone,reference,first_name,last_name,street,city,postcode,bill,provider,note").expect("written");
    for number in 0..clients {
        let phone = phone(number);
        writeln!(out, "{phone},R{number},Anna,Martin,{number} rue Haute,Lyon,69001,40.05,Ouest,some note")
            .expect("written");
    }
    out.flush().expect("written");
}
