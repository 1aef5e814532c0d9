//! What the engine asks of a database, and what it gets back.
//!
//! [`Store`] says what the domain does, coarse enough for one transaction each. Two engines keep it: `store-sqlite` and
//! `store-postgres`. What they share, the text of portable SQL and the code around it, lies in `portable/`, one file per
//! subject, and is compiled by each engine with its own connection type; where they differ, each has a `dialect.rs`.
//! One conformance suite (crate `testkit`) runs on both.

pub mod assignment;
pub mod bell;
pub mod brought;
pub mod campaign;
pub mod claim;
pub mod client;
pub mod error;
pub mod idempotency;
pub mod late;
pub mod ledger;
pub mod list;
pub mod order;
pub mod outcome;
pub mod preview;
pub mod pull;
pub mod question;
pub mod register;
pub mod reopening;
pub mod rule_set;
pub mod suppression;
pub mod tariff;
pub mod user;
pub mod webhook;

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::abilities::Abilities;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::client::UpdatePolicy;
use relance_domain::definition::Definition;
use relance_domain::list::{KeptMapping, Row};
use relance_domain::rules::RuleSet;
use relance_domain::tariff::Tariff;
use relance_domain::{AssignmentId, CampaignId, ClientId, E164, LeadId, ListId, Span, TariffId, UserId};

pub use error::{Result, StoreError};

/// A database that keeps Relance's promises. Every method is one transaction, or a bounded number of short ones where
/// it says so; `now` is always an argument.
#[async_trait]
pub trait Store:
    order::Orders + preview::Previews + reopening::ReopeningStore + webhook::Outbox + Send + Sync + 'static
{
    /// The database in words, without a password: `SQLite file relance-data/relance.db`.
    fn describe(&self) -> String;
    /// Creates and alters the tables, then does what [`Store::check_suppression_keys`] does. Safe to run from several nodes at once.
    async fn migrate(&self) -> Result<()>;
    /// Numbers of migrations that this program knows and the database lacks.
    async fn pending_migrations(&self) -> Result<Vec<i64>>;
    /// One trivial read that proves the database answers.
    async fn ping(&self) -> Result<()>;
    /// Ends all connections in good order.
    async fn close(&self);
    /// Rings when this node, or on PostgreSQL any node of the same database, has made work: see [`bell::WorkBell`]. The transaction
    /// that makes the work rings, and is heard when it is committed. On PostgreSQL the first call makes a task that listens on a
    /// connection of its own, connects again where that is lost, and then rings, for something may have been missed; it must be
    /// called inside a tokio runtime. On SQLite another process on the same file is not heard.
    fn work(&self) -> &bell::WorkBell;

    /// Adds a user. A name that is taken is [`StoreError::Conflict`].
    async fn add_user(&self, user: &user::NewUser, now: Timestamp) -> Result<user::User>;
    /// Everybody, by name.
    async fn users(&self) -> Result<Vec<user::User>>;
    /// The user of this name.
    async fn user(&self, name: &str) -> Result<user::User>;
    /// The enabled user whose token has this SHA-256.
    async fn user_by_token(&self, token_sha256: &str) -> Result<Option<user::User>>;
    /// Says anew what a user can do; what is absent stays.
    async fn set_abilities(&self, name: &str, abilities: &Abilities) -> Result<user::User>;
    /// Locks a user out and makes their personal callbacks anybody's. Disabling twice changes nothing.
    async fn disable_user(&self, name: &str, now: Timestamp) -> Result<user::User>;
    /// Says from when until when a user is away, instead of what was said before; none is that they are back.
    async fn set_away(&self, name: &str, away: Option<user::Away>) -> Result<user::User>;

    /// Stores a definition as the next version of its campaign, or says that it is the same as the present one.
    async fn apply_campaign(
        &self,
        definition: &Definition,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<campaign::Applied>;
    /// Every campaign, by name.
    async fn campaigns(&self) -> Result<Vec<campaign::Campaign>>;
    /// The campaign of this short name.
    async fn campaign(&self, campaign: &str) -> Result<campaign::Campaign>;
    /// One version of a campaign's definition.
    async fn definition(&self, campaign: CampaignId, version: i64) -> Result<Definition>;
    /// Starts, pauses, resumes or finishes a campaign.
    async fn change_campaign_state(&self, campaign: CampaignId, event: CampaignEvent) -> Result<campaign::Campaign>;
    /// Keeps a set of rules before the first decision rests on it; tells after whom clients are still to be looked at anew under it, or
    /// that all have been. Safe to call from several nodes, again and again.
    async fn use_rules(&self, rules: &RuleSet, now: Timestamp) -> Result<Option<ClientId>>;
    /// At most `limit` people whose place is to be found, by key.
    async fn people_to_place(&self, which: rule_set::ToPlace, limit: i64) -> Result<Vec<rule_set::Unplaced>>;
    /// Writes where people are, and puts their leads into the lanes in which they belong. In a step through everybody, leads that
    /// other rules held back go to the queue, where the present ones decide anew. A step that another node took changes nothing.
    /// Tells how many people are elsewhere now.
    async fn place_people(&self, step: &rule_set::PlacingStep<'_>, now: Timestamp) -> Result<u64>;
    /// Gives lists of a campaign their shares of the queue: whole numbers that stand to each other as the leads handed out of
    /// them do; a list with 0 is handed out no more. Lists that are not named keep theirs. Where nothing but zeros would be left,
    /// it is [`StoreError::Conflict`].
    async fn mix_lists(&self, campaign: CampaignId, shares: &[(ListId, u32)]) -> Result<Vec<list::List>>;
    /// Keeps a lead for one operator, or for nobody in particular. A lead that is closed is [`StoreError::Conflict`].
    async fn reserve_lead(&self, lead: LeadId, operator: Option<UserId>) -> Result<()>;
    /// A campaign's lanes.
    async fn lanes(&self, campaign: CampaignId) -> Result<Vec<campaign::Lane>>;

    /// Opens a load, or goes on with one of the same file that stopped half-way. Nothing of it is visible before it is
    /// committed. The same file in the same campaign, or a load of that campaign that is under way, is
    /// [`StoreError::Conflict`].
    async fn begin_load(&self, load: &list::NewLoad, now: Timestamp) -> Result<list::Begun>;
    /// Takes rows of an open load, in one short transaction: makes clients and leads that nobody sees yet.
    async fn load_rows(&self, chunk: &list::Chunk<'_>, now: Timestamp) -> Result<list::ChunkDone>;
    /// What taking these rows into a campaign would do, when earlier rows of the same file have made leads of these clients.
    async fn check_rows(
        &self,
        campaign: CampaignId,
        policy: UpdatePolicy,
        rows: &[Row],
        leads_of_known: &HashSet<ClientId>,
    ) -> Result<list::ChunkDone>;
    /// Makes a load visible, and changes what it changes about people who were known, in one transaction.
    async fn commit_load(&self, list: ListId, ticket: &str, now: Timestamp) -> Result<list::List>;
    /// What a committed load changed, and the joins it reported, at most `limit`.
    async fn load_changes(&self, list: ListId, limit: i64) -> Result<(list::Changes, Vec<list::Join>)>;
    /// Removes at most `limit` clients and leads of an open load, and the load itself with the last of them; tells
    /// whether nothing is left to do: it is gone, or it is another's by now.
    async fn abandon_load(&self, list: ListId, which: list::Abandon<'_>, limit: i64) -> Result<bool>;
    /// Open loads that have written nothing since an instant: their process died.
    async fn dead_loads(&self, since: Timestamp) -> Result<Vec<ListId>>;
    /// What was said of the columns of this vendor's files, the latest first.
    async fn kept_mappings(&self, vendor: &str) -> Result<Vec<KeptMapping>>;
    /// Keeps what was said of the columns of a vendor's file, instead of what was said of the same header before.
    async fn keep_mapping(&self, vendor: &str, mapping: &KeptMapping, now: Timestamp) -> Result<()>;
    /// Gives every open load up for dead, so that its file may be loaded again at once: for a process that is alone on its
    /// database and has just started.
    async fn presume_loads_dead(&self, since: Timestamp) -> Result<()>;
    /// How far the load of this ticket has come; `None` when none is open.
    async fn load_progress(&self, ticket: &str) -> Result<Option<list::LoadProgress>>;
    /// Lists that were loaded, newest first.
    async fn lists(&self, campaign: Option<CampaignId>) -> Result<Vec<list::List>>;
    /// One list.
    async fn list(&self, list: ListId) -> Result<list::List>;
    /// Rows of a loaded list that made no lead, by line, after a line.
    async fn left_out_rows(&self, list: ListId, after_line: i64, limit: i64) -> Result<Vec<list::LeftOutRow>>;
    /// What taking a list back would remove and keep.
    async fn preview_undo(&self, list: ListId) -> Result<list::Undo>;
    /// Takes a list back: its leads that were never handed out, and its clients that nobody else needs.
    async fn undo_list(&self, list: ListId, now: Timestamp) -> Result<list::Undo>;

    /// A client; one that was merged is told of as the client that it became part of.
    async fn client(&self, client: ClientId) -> Result<client::Client>;
    /// Whose phone this is.
    async fn client_of_phone(&self, phone: &E164) -> Result<Option<ClientId>>;
    /// Clients that a client became one with, the oldest merge first.
    async fn merged_into(&self, client: ClientId) -> Result<Vec<client::MergedClient>>;
    /// Rows of loaded lists that said of two clients that they are one, and that nobody has merged; by list and line.
    async fn joins(&self, filter: &client::JoinFilter) -> Result<Vec<client::OpenJoin>>;
    /// Makes one client of two, in one transaction. A client who is with an operator, or in a list that is being loaded, is
    /// [`StoreError::Conflict`]. A dry run tells what would become of them and changes nothing.
    async fn merge_clients(&self, merge: &client::Merge, now: Timestamp) -> Result<client::Merged>;
    /// Removes everything personal of a client, in one transaction. Their key, attempts and orders stay as counts; suppressions of
    /// their numbers stay as hashes. One who is with an operator, or in a list that is being loaded, is [`StoreError::Conflict`].
    async fn erase_client(&self, erase: &client::Erase, now: Timestamp) -> Result<client::Erased>;
    /// Clients who are not erased, by key, after one: for a rule of retention to look at.
    async fn clients_for_retention(&self, after: ClientId, limit: i64) -> Result<Vec<client::ClientForRetention>>;
    /// A page of the client base, by key.
    async fn clients_page(&self, page: &pull::ClientsPage) -> Result<Vec<pull::ClientOfBase>>;
    /// Takes a turn of a pull, unless one was taken after an instant; tells whether. Of several nodes one does.
    async fn begin_pull(&self, campaign: CampaignId, pull: &str, due_since: Timestamp, now: Timestamp) -> Result<bool>;
    /// Keeps what a turn came to; tells whether it is still the latest one.
    async fn end_pull(&self, turn: &pull::PullTurn) -> Result<bool>;
    /// The latest turn of every pull that had one, by campaign and name.
    async fn pull_turns(&self, campaign: Option<CampaignId>) -> Result<Vec<pull::PullTurn>>;

    /// Serves a batch of operators in one transaction.
    async fn claim(&self, batch: &claim::Batch, now: Timestamp) -> Result<claim::Answer>;
    /// The assignment that an operator has open.
    async fn open_assignment(&self, operator: UserId) -> Result<Option<AssignmentId>>;
    /// Everything about an assignment that its operator may see.
    async fn hand_out(&self, assignment: AssignmentId) -> Result<claim::HandOut>;
    /// The same of several assignments, of those that there are, in no order.
    async fn hand_outs(&self, assignments: &[AssignmentId]) -> Result<Vec<claim::HandOut>>;
    /// The call goes on: extends the lease to one more from `now`, as [`relance_domain::assignment::held_until`] says, and
    /// never shortens it.
    async fn hold(&self, holder: &assignment::Holder, lease: Span, now: Timestamp) -> Result<assignment::Held>;
    /// Ends an assignment as not called and puts its lead back where it was, or closes it where its person has objected.
    /// Handing back again tells the same; the first reason stands.
    async fn hand_back(
        &self,
        holder: &assignment::Holder,
        reason: &str,
        now: Timestamp,
    ) -> Result<assignment::HandedBack>;
    /// Takes a lead from whoever holds it, puts it back where it was or hands it to another operator, in one transaction. An
    /// operator who has a lead already or is disabled, and a person who may not be called now, is [`StoreError::Conflict`]; then
    /// nothing was taken.
    async fn take(&self, take: &assignment::Take, now: Timestamp) -> Result<assignment::Taken>;
    /// Records what happened in some calls, or says why not, of each in its order, in one transaction. An error means that none was
    /// recorded.
    async fn record_outcomes(&self, records: &[outcome::Record], now: Timestamp) -> Result<Vec<outcome::Recorded>>;
    /// The same of one call.
    async fn record_outcome(&self, record: &outcome::Record, now: Timestamp) -> Result<outcome::Recorded> {
        let recorded = self.record_outcomes(std::slice::from_ref(record), now).await?;
        recorded.into_iter().next().ok_or_else(|| StoreError::not_found("assignment", record.assignment))
    }
    /// Outcomes that came after their assignment had ended, the newest first.
    async fn late_outcomes(&self, filter: &late::LateFilter) -> Result<Vec<late::LateOutcome>>;
    /// Keeps what a supervisor says of a late outcome. One that was reviewed with another note is [`StoreError::Conflict`].
    async fn review_late_outcome(&self, review: &late::NewReview, now: Timestamp) -> Result<late::LateOutcome>;
    /// Promises that are open, the longest due first.
    async fn callbacks(&self, filter: &outcome::CallbackFilter) -> Result<Vec<outcome::Callback>>;
    /// Suppresses a phone and closes its leads.
    async fn suppress(&self, suppression: &outcome::NewSuppression, now: Timestamp) -> Result<u64>;
    /// What keeps the person in question from being called; for a phone that nobody has, what stands against the phone.
    async fn suppressions(&self, about: &question::About) -> Result<Vec<register::Suppression>>;

    /// The keys that the database's suppressions are hashed with, oldest first; none where it has taken none yet, or has no tables.
    async fn suppression_keys(&self) -> Result<Vec<suppression::KnownKey>>;
    /// Holds that this node has the keys of the database's suppressions, or [`StoreError::WrongKey`]. A database without a key
    /// takes the node's first one, and numbers that older programs left in clear are hashed. To be called before anything else
    /// where [`Store::migrate`] is not. Safe on several nodes at once.
    async fn check_suppression_keys(&self) -> Result<()>;
    /// Lets the newest key of this node count from now on, and tells its version: nodes without it refuse to look suppressions up.
    /// [`StoreError::Conflict`] where no key is newer than those of the rows.
    async fn begin_key_rotation(&self) -> Result<i64>;
    /// One bounded step of a rotation: hashes of at most `limit` suppressions after a row are nested to the newest key. A number is
    /// found by its hash of any version, so that look-ups are right between the steps, and a rotation that was cut off is begun anew.
    async fn nest_suppressions(&self, after: i64, limit: i64) -> Result<suppression::NestStep>;

    /// Opens a file of a register. Its numbers suppress from the moment they are added; those of the present file stay until
    /// this one is committed. A file older than the present one is [`StoreError::Conflict`]; a file of the same register that is
    /// being written is given up.
    async fn begin_register(&self, new: &register::NewRegister) -> Result<register::OpenRegister>;
    /// Adds numbers of an open file, in one short transaction. [`StoreError::Conflict`] where another file was begun since.
    async fn add_to_register(
        &self,
        open: register::OpenRegister,
        phones: &[E164],
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<()>;
    /// Lets an open file count instead of the present one. One without numbers is [`StoreError::Conflict`].
    async fn commit_register(
        &self,
        open: register::OpenRegister,
        as_of: Date,
        now: Timestamp,
    ) -> Result<register::Register>;
    /// Gives an open file up: its numbers are swept. One that was committed, or is given up already, stays as it is.
    async fn abandon_register(&self, open: register::OpenRegister) -> Result<()>;
    /// Removes at most `limit` numbers of files of any register that count no more; tells whether none are left.
    async fn sweep_registers(&self, limit: i64) -> Result<bool>;
    /// The days of the latest files of the registers that hold for a campaign of a seller, by name.
    async fn register_days(&self, seller: &str, campaign: CampaignId) -> Result<BTreeMap<String, Date>>;
    /// The registers that count, by name.
    async fn registers(&self) -> Result<Vec<register::Register>>;

    /// Adds up at most `limit` changes of the queue's counts; tells how many. What is counted is right before and after.
    async fn add_up_counts(&self, limit: i64) -> Result<u64>;
    /// Makes at most `limit` leads ready whose time has come; tells how many.
    async fn promote_due(&self, now: Timestamp, limit: i64) -> Result<u64>;
    /// Ends at most `limit` assignments whose lease ran out and gives their leads back; tells how many.
    async fn return_expired(&self, now: Timestamp, limit: i64) -> Result<u64>;
    /// Makes at most `limit` personal callbacks of a campaign anybody's that were callable before `overdue_since`, or are callable
    /// at `now` while their operator is away or disabled.
    async fn escalate_callbacks(
        &self,
        campaign: CampaignId,
        overdue_since: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64>;

    /// Keeps a tariff. The first of its name is a draft; other content than its latest version makes a version more, which a draft
    /// becomes at once and a published one when it is published. Other content of a retired one is [`StoreError::Conflict`].
    async fn save_tariff(&self, tariff: &Tariff, now: Timestamp) -> Result<tariff::StoredTariff>;
    /// Every tariff, by name.
    async fn tariffs(&self) -> Result<Vec<tariff::StoredTariff>>;
    /// The tariff of this short name.
    async fn tariff(&self, tariff: &str) -> Result<tariff::StoredTariff>;
    /// Every version of a tariff, and what it cost when.
    async fn tariff_history(&self, tariff: TariffId) -> Result<tariff::TariffHistory>;
    /// How many leads of a campaign are closed by a refusal, for this reason or for any.
    async fn standing_refusals(&self, campaign: CampaignId, reason: Option<&str>) -> Result<i64>;
    /// Standing refusals whose declared conditions a tariff meets, by id, after one; with what decides about each.
    async fn answered_refusals(&self, page: &tariff::AnswerPage<'_>) -> Result<tariff::AnsweredPage>;
    /// Accepts that a version is published at an instant to come, instead of what was accepted before. One that is published
    /// already stays as it is.
    async fn schedule_tariff(&self, tariff: TariffId, next: tariff::NextVersion) -> Result<tariff::StoredTariff>;
    /// Offers a version from now on, instead of the one that was offered, and ends the tariff that it replaces. One that is
    /// published already stays as it is; an earlier one than that, or one of a retired tariff, is [`StoreError::Conflict`].
    async fn publish_tariff(&self, tariff: TariffId, version: i64, now: Timestamp) -> Result<tariff::StoredTariff>;
    /// No longer offers a tariff. One that is retired already stays as it is. What it put back is taken back by
    /// [`reopening::ReopeningStore::take_back`].
    async fn retire_tariff(&self, tariff: TariffId, now: Timestamp) -> Result<tariff::StoredTariff>;
    /// How many leads of a campaign stand where.
    async fn funnel(&self, campaign: CampaignId, now: Timestamp) -> Result<Vec<question::FunnelCount>>;
    /// Outcomes that fit a filter, oldest first, after a cursor.
    async fn outcomes(&self, filter: &question::OutcomeFilter) -> Result<Vec<question::OutcomeRow>>;
    /// The numbers of a campaign's report.
    async fn report(&self, campaign: CampaignId) -> Result<question::ReportNumbers>;
    /// The leads that a question of "why" is about.
    async fn leads_in_question(&self, about: &question::About) -> Result<Vec<question::LeadInQuestion>>;
    /// What the calling rules look at for a call.
    async fn person_in_question(&self, call: &question::CallInQuestion) -> Result<question::PersonInQuestion>;
    /// The same for several calls, in their order, not all of one moment.
    async fn people_in_question(&self, calls: &[question::CallInQuestion]) -> Result<Vec<question::PersonInQuestion>>;
    /// Reads the ledger to be verified, as of one moment and without a lock that anybody waits for, in bounded parts.
    async fn read_ledger(&self, parts: &ledger::Parts) -> Result<()>;
    /// Reserves a request's key, or tells what was answered to it.
    async fn reserve_key(&self, request: &idempotency::Request, now: Timestamp) -> Result<idempotency::Reservation>;
    /// Keeps the answer to a reserved request.
    async fn keep_answer(&self, user: UserId, key: &str, answer: &idempotency::KeptAnswer) -> Result<()>;
    /// Frees a reserved key whose request failed for a reason that a retry may not meet again.
    async fn free_key(&self, user: UserId, key: &str) -> Result<()>;
}
