//! A store on a database of its own, an engine over it and a clock: enough to tell a story of calls in a few lines.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use relance_domain::abilities::Abilities;
use relance_domain::campaign::state::{CampaignEvent, CampaignState};
use relance_domain::client::UpdatePolicy;
use relance_domain::definition::{AccountFrom, Definition};
use relance_domain::eligibility::Law;
use relance_domain::lead::LeadState;
use relance_domain::list::{Provenance, Row};
use relance_domain::order::state::HeldTo;
use relance_domain::outcome::{OutcomeDetail, OutcomeReport, check};
use relance_domain::rules::RuleSet;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::user::Role;
use relance_domain::{AssignmentId, LeadId, ListId, Span};
use relance_scheduler::{Chance, Clock, Engine};
use relance_store::campaign::Campaign;
use relance_store::claim::{Answer, Batch, Claimed, HandOut, Request, RunningCampaign};
use relance_store::list::{Begun, Chunk, ChunkDone, List, NewLoad};
use relance_store::order::Placing;
use relance_store::outcome::{Record, Recorded, TariffThen};
use relance_store::question::{About, LeadInQuestion};
use relance_store::user::{NewUser, User};
use relance_store::webhook::ToTell;
use relance_store::{Store, StoreError};
use relance_store_postgres::PostgresStore;
use relance_store_sqlite::SqliteStore;
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgPool, SqlitePool};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::chance::CountingChance;
use crate::clock::ManualClock;
use crate::keys::suppression_keys;
use crate::postgres::{TestDatabase, migrated_database};
use crate::{builders, reports};

/// A store with everything around it. Its database goes with it.
pub struct World {
    /// The store.
    pub store: Arc<dyn Store>,
    /// An engine over the store.
    pub engine: Engine,
    /// The engine's clock.
    pub clock: ManualClock,
    chance: Arc<CountingChance>,
    pub(crate) database: Database,
    /// A node that verifies, made when it is first needed.
    pub(crate) verifier: OnceCell<Engine>,
    /// The story writes hand-outs by hand, for which nobody decided anything.
    pub(crate) made_up: AtomicBool,
}

/// Where the data lies, and a look at it past the store.
pub(crate) enum Database {
    Sqlite { folder: TempDir, look: SqlitePool },
    Postgres { database: Box<TestDatabase>, look: PgPool },
}

/// A file with all tables and nothing in them: copying it takes a part of the time that the migrations do.
static MIGRATED_FILE: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn migrated_file() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("relance.db");
    let store = SqliteStore::open(&file, suppression_keys(1)).await.expect("the file opens");
    store.migrate().await.expect("the tables are made");
    // What is in the write-ahead log goes to the file.
    store.close().await;
    std::fs::read(&file).expect("the file is read")
}

impl World {
    /// A world on a SQLite file.
    pub async fn sqlite() -> Self {
        Self::sqlite_in(tempfile::tempdir().expect("a temporary folder")).await
    }

    /// A world on a SQLite file that no disk holds, where the system has a place for such files: nothing waits for a disk.
    pub async fn sqlite_in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::sqlite_in(folder.expect("a temporary folder")).await
    }

    async fn sqlite_in(folder: TempDir) -> Self {
        let file = folder.path().join("relance.db");
        std::fs::write(&file, MIGRATED_FILE.get_or_init(migrated_file).await).expect("the file is written");
        let store = SqliteStore::open(&file, suppression_keys(1)).await.expect("the file opens");
        store.migrate().await.expect("the tables are there");
        let look =
            SqlitePoolOptions::new().max_connections(1).connect_lazy_with(SqliteConnectOptions::new().filename(&file));
        Self::around(Arc::new(store), Database::Sqlite { folder, look })
    }

    /// A world on a PostgreSQL database.
    pub async fn postgres() -> Self {
        let database = migrated_database().await;
        let store = PostgresStore::connect(&database.url, suppression_keys(1)).await.expect("the database answers");
        store.migrate().await.expect("the tables are made");
        let look = PgPoolOptions::new().max_connections(1).connect_lazy(&database.url).expect("a URL");
        Self::around(Arc::new(store), Database::Postgres { database: Box::new(database), look })
    }

    fn around(store: Arc<dyn Store>, database: Database) -> Self {
        let (clock, chance) = (ManualClock::default(), Arc::new(CountingChance::default()));
        let engine = Engine::new(Arc::clone(&store), Arc::new(clock.clone()), Arc::clone(&chance) as Arc<dyn Chance>);
        Self { store, engine, clock, chance, database, verifier: OnceCell::new(), made_up: AtomicBool::new(false) }
    }

    /// The story writes its ledger by hand: only the invariants that are no promises are held at its end.
    pub fn ledger_is_made_up(&self) {
        self.made_up.store(true, Ordering::Relaxed);
    }

    /// Another node: an engine with connections of its own on the same database, under the same clock.
    pub async fn another_node(&self) -> Engine {
        Engine::new(
            self.node_with(suppression_keys(1)).await,
            Arc::new(self.clock.clone()),
            Arc::clone(&self.chance) as Arc<dyn Chance>,
        )
    }

    /// Another node with the same store that is held to other calling rules.
    pub fn engine_under(&self, rules: Arc<RuleSet>) -> Engine {
        let chance = Arc::clone(&self.chance) as Arc<dyn Chance>;
        Engine::under(rules, Arc::clone(&self.store), Arc::new(self.clock.clone()), chance)
    }

    /// A store of another node on the same database, with keys of its own. Nothing has compared them yet.
    pub async fn node_with(&self, keys: SuppressionKeys) -> Arc<dyn Store> {
        match &self.database {
            Database::Sqlite { folder, .. } => {
                let file = folder.path().join("relance.db");
                Arc::new(SqliteStore::open(&file, keys).await.expect("the file opens"))
            }
            Database::Postgres { database, .. } => {
                Arc::new(PostgresStore::connect(&database.url, keys).await.expect("the database answers"))
            }
        }
    }

    /// A connection of its own to the PostgreSQL database, past the store.
    pub async fn connection(&self) -> PgConnection {
        let Database::Postgres { database, .. } = &self.database else { panic!("the data lies in SQLite") };
        PgConnection::connect(&database.url).await.expect("the database answers")
    }

    /// The first column of a portable query, past the store.
    pub async fn numbers(&self, query: &'static str) -> Vec<i64> {
        let found = match &self.database {
            Database::Sqlite { look, .. } => sqlx::query_scalar::<_, i64>(query).fetch_all(look).await,
            Database::Postgres { look, .. } => sqlx::query_scalar::<_, i64>(query).fetch_all(look).await,
        };
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The only number of a portable query, past the store.
    pub async fn number(&self, query: &'static str) -> i64 {
        let found = self.numbers(query).await;
        assert_eq!(found.len(), 1, "{query} gives one number");
        found[0]
    }

    /// Every row of every table of ours as text, past the store: what is stored, and what is not.
    pub async fn everything(&self) -> Vec<String> {
        let (tables, columns) = match &self.database {
            Database::Sqlite { .. } => (
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                "SELECT name FROM pragma_table_info('{table}') ORDER BY name",
            ),
            Database::Postgres { .. } => (
                "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
                "SELECT column_name::TEXT FROM information_schema.columns WHERE table_schema = current_schema()
                    AND table_name = '{table}' ORDER BY column_name",
            ),
        };
        let mut everything = Vec::new();
        for table in self.texts(tables).await {
            if table == "_sqlx_migrations" {
                continue;
            }
            let columns = self.texts(&columns.replace("{table}", &table)).await;
            let cells: Vec<String> =
                columns.iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '')")).collect();
            everything
                .extend(self.texts(&format!("SELECT '{table} ' || {} FROM {table}", cells.join(" || ' ' || "))).await);
        }
        everything.sort();
        everything
    }

    /// The first column of any query, past the store.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let sql = AssertSqlSafe(query.to_owned());
        let found = match &self.database {
            Database::Sqlite { look, .. } => sqlx::query_scalar::<_, String>(sql).fetch_all(look).await,
            Database::Postgres { look, .. } => sqlx::query_scalar::<_, String>(sql).fetch_all(look).await,
        };
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Writes past the store what only a race of two transactions would leave.
    pub async fn write(&self, statement: &str) {
        let sql = AssertSqlSafe(statement.to_owned());
        let written = match &self.database {
            Database::Sqlite { look, .. } => sqlx::query(sql).execute(look).await.map(|done| done.rows_affected()),
            Database::Postgres { look, .. } => sqlx::query(sql).execute(look).await.map(|done| done.rows_affected()),
        };
        written.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Takes away past the store what only one of the engines has by this name.
    pub async fn try_write(&self, statement: &str) {
        let sql = AssertSqlSafe(statement.to_owned());
        // Where it is not there, there is nothing to take away.
        let _ = match &self.database {
            Database::Sqlite { look, .. } => sqlx::query(sql).execute(look).await.map(|_| ()),
            Database::Postgres { look, .. } => sqlx::query(sql).execute(look).await.map(|_| ()),
        };
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The instant that many minutes from now.
    #[must_use]
    pub fn in_minutes(&self, minutes: i64) -> Timestamp {
        Span::minutes(minutes).after(self.now())
    }

    /// Moves the clock on, and makes the leads ready whose time has come.
    pub async fn pass_minutes(&self, minutes: i64) {
        self.clock.advance(Span::minutes(minutes));
        self.store.promote_due(self.now(), 10_000).await.expect("promoted");
    }

    /// Adds an operator.
    pub async fn operator(&self, name: &str) -> User {
        self.operator_who(name, Abilities::default()).await
    }

    /// Adds an operator who can do something besides.
    pub async fn operator_who(&self, name: &str, abilities: Abilities) -> User {
        let (name, token_sha256) = (name.to_owned(), format!("hash of {name}"));
        let new = NewUser { name, role: Role::Operator, token_sha256, abilities };
        self.store.add_user(&new, self.now()).await.expect("the user is added")
    }

    /// Applies a definition and starts its campaign.
    pub async fn running(&self, definition: &Definition) -> Campaign {
        let applied = self.store.apply_campaign(definition, None, self.now()).await.expect("applied").campaign;
        self.store.change_campaign_state(applied.id, CampaignEvent::Start).await.expect("started")
    }

    /// Pauses, resumes or finishes a campaign.
    pub async fn change(&self, campaign: &Campaign, event: CampaignEvent) -> Campaign {
        self.store.change_campaign_state(campaign.id, event).await.expect("the campaign changes")
    }

    /// Loads these people as a list.
    pub async fn load(&self, campaign: &Campaign, people: RangeInclusive<u32>) -> List {
        let name = format!("people {people:?}");
        let rows: Vec<Row> = people.map(builders::row).collect();
        self.load_rows(campaign, builders::provenance(&name), &rows).await.expect("the list is loaded")
    }

    /// Loads rows as a list; the list's name stands in for the file's hash.
    pub async fn load_rows(
        &self,
        campaign: &Campaign,
        provenance: Provenance,
        rows: &[Row],
    ) -> Result<List, StoreError> {
        let load = self.opening(campaign, provenance);
        let list = self.begin(&load).await?;
        self.take(list, &load, rows).await?;
        self.store.commit_load(list, &load.ticket, self.now()).await
    }

    /// A load to be opened; the list's name stands in for the file's hash.
    pub fn opening(&self, campaign: &Campaign, provenance: Provenance) -> NewLoad {
        NewLoad {
            campaign: campaign.id,
            sha256: format!("hash of {}", provenance.name),
            provenance,
            cost_minor: None,
            reading: "as the file says".to_owned(),
            header: vec!["phone".to_owned(), "name".to_owned()],
            policy: UpdatePolicy::FillGaps,
            bytes_total: 1_000,
            ticket: self.chance.word(),
            dead_since: Span::minutes(1).before(self.now()),
        }
    }

    /// Opens a load of which nothing is there yet.
    pub async fn begin(&self, load: &NewLoad) -> Result<ListId, StoreError> {
        match self.store.begin_load(load, self.now()).await? {
            Begun::Open { list, after_line: 0 } => Ok(list),
            other => panic!("not a new load: {other:?}"),
        }
    }

    /// Takes rows of an open load.
    pub async fn take(&self, list: ListId, load: &NewLoad, rows: &[Row]) -> Result<ChunkDone, StoreError> {
        let chunk = Chunk { list, ticket: &load.ticket, rows, bytes_read: 500 };
        self.store.load_rows(&chunk, self.now()).await
    }

    /// A batch of these operators over the campaigns that run.
    pub async fn batch(&self, operators: &[&User]) -> Batch {
        let mut campaigns = Vec::new();
        for campaign in self.store.campaigns().await.expect("campaigns") {
            if campaign.state == CampaignState::Running {
                let definition = self.store.definition(campaign.id, campaign.version).await.expect("a definition");
                let law = Law::of(&definition, self.engine.rules());
                campaigns.push(Arc::new(RunningCampaign {
                    id: campaign.id,
                    version: campaign.version,
                    definition,
                    law,
                }));
            }
        }
        campaigns.sort_by_key(|campaign| campaign.id);
        let request = |operator: &&User| Request { operator: operator.id, campaign: None, token: self.chance.word() };
        Batch { requests: operators.iter().map(request).collect(), campaigns, openings: Arc::default() }
    }

    /// Serves a batch of operators.
    pub async fn claim_together(&self, operators: &[&User]) -> Vec<Claimed> {
        let batch = self.batch(operators).await;
        self.serve(&batch).await
    }

    /// Serves a batch that is not outdated.
    pub async fn serve(&self, batch: &Batch) -> Vec<Claimed> {
        match self.store.claim(batch, self.now()).await.expect("the batch is served") {
            Answer::Served(answers) => answers,
            Answer::Outdated => panic!("the batch was outdated"),
        }
    }

    /// Serves one operator.
    pub async fn claim(&self, operator: &User) -> Claimed {
        self.claim_together(&[operator]).await[0]
    }

    /// Serves one operator, who gets a lead.
    pub async fn hand_out(&self, operator: &User) -> HandOut {
        match self.claim(operator).await {
            Claimed::Assignment(assignment) => self.look_at(assignment).await,
            other => panic!("{} should get a lead, not {other:?}", operator.name),
        }
    }

    /// An assignment as its operator sees it.
    pub async fn look_at(&self, assignment: AssignmentId) -> HandOut {
        self.store.hand_out(assignment).await.expect("the assignment is there")
    }

    /// What recording a report would send to the store.
    pub async fn record_of(&self, hand_out: &HandOut, report: &OutcomeReport) -> Record {
        let definition =
            self.store.definition(hand_out.campaign, hand_out.campaign_version).await.expect("a definition");
        let call = hand_out.handed_at..=self.now();
        let ordered = match &report.order {
            Some(order) => Some(self.store.tariff(&order.tariff).await.expect("the tariff is known").tariff),
            None => None,
        };
        let outcome = check(report, &definition, &hand_out.client, &call, ordered.as_ref()).expect("a complete report");
        let name = match &outcome.detail {
            OutcomeDetail::Order(form) => Some(form.tariff.clone()),
            OutcomeDetail::Refusal(refusal) => refusal.tariff_offered.clone(),
            OutcomeDetail::Callback(_) | OutcomeDetail::None => None,
        };
        let tariff = match name {
            None => None,
            Some(name) => {
                let stored = self.store.tariff(&name).await.expect("the tariff is known");
                let (tariff, name, price) = (stored.tariff.tariff, stored.tariff.name, stored.tariff.price);
                Some(TariffThen { id: stored.id, version: stored.version, tariff, name, price })
            }
        };
        Record {
            assignment: hand_out.assignment,
            token: hand_out.token.clone(),
            operator: hand_out.operator,
            report: serde_json::to_string(report).expect("a report has text keys"),
            retry_at: outcome.retry.map_or(self.now(), |retry| retry.after.after(self.now())),
            callable_at: None,
            wanted_at: None,
            outcome,
            currency: definition.currency,
            placing: Some(self.placing(&definition, hand_out.campaign_version)),
            tariff,
        }
    }

    /// What is counted up as an order is placed now. The client may withdraw for 14 days of 24 hours; every system is told.
    fn placing(&self, definition: &Definition, definition_version: i64) -> Placing {
        let account = definition.order.account.as_ref().and_then(|account| match &account.from {
            AccountFrom::Generated(numbers) => Some(numbers.clone()),
            AccountFrom::Entered(_) => None,
        });
        let tell = definition.order.webhooks.iter().map(|webhook| ToTell {
            sink: webhook.sink.clone(),
            message: format!("msg_{}", self.chance.word()),
            give_up_after: webhook.give_up_after,
        });
        Placing {
            definition_version,
            number: definition.order.number.clone(),
            account,
            year: 2026,
            held_to: HeldTo { withdraw_until: Some(Span::days(14).after(self.now())), begins_at_once: false },
            tell: tell.collect(),
        }
    }

    /// Reports what happened.
    pub async fn record(&self, hand_out: &HandOut, report: &OutcomeReport) -> Recorded {
        let record = self.record_of(hand_out, report).await;
        self.store.record_outcome(&record, self.now()).await.expect("the store answers")
    }

    /// Serves an operator, who calls and reports; tells whom.
    pub async fn call(&self, operator: &User, report: &OutcomeReport) -> HandOut {
        let hand_out = self.hand_out(operator).await;
        let recorded = self.record(&hand_out, report).await;
        assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
        hand_out
    }

    /// Works the queue off with refusals that nothing answers; tells the people in the order they were handed out.
    pub async fn work_off(&self, operator: &User) -> Vec<u32> {
        let mut people = Vec::new();
        while let Claimed::Assignment(assignment) = self.claim(operator).await {
            let hand_out = self.look_at(assignment).await;
            people.push(person(&hand_out));
            self.record(&hand_out, &reports::not_interested()).await;
        }
        people
    }

    /// The lead of a person, who is in one campaign only.
    pub async fn lead_of(&self, person: u32) -> LeadInQuestion {
        let mut leads = self.leads_of(person).await;
        assert_eq!(leads.len(), 1, "person {person} is in one campaign");
        leads.remove(0)
    }

    /// Every lead of a person, oldest first.
    pub async fn leads_of(&self, person: u32) -> Vec<LeadInQuestion> {
        self.store.leads_in_question(&About::Phone(builders::phone(person))).await.expect("the store answers")
    }

    /// Where the lead of a person stands, who is in one campaign only.
    pub async fn state_of(&self, person: u32) -> LeadState {
        self.lead_of(person).await.state
    }

    /// Where a lead stands.
    pub async fn state(&self, lead: LeadId) -> LeadState {
        let leads = self.store.leads_in_question(&About::Lead(lead)).await.expect("the store answers");
        leads.first().expect("the lead is there").state
    }
}

/// Which person of the builders a lead was handed out for.
#[must_use]
pub fn person(hand_out: &HandOut) -> u32 {
    let phone = hand_out.phone.as_ref().expect("a person who is there");
    phone.reveal().trim_start_matches("+331990").parse().expect("a phone of the builders")
}
