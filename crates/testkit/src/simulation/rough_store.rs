//! A store between the engine and the real one, through which commits fail.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

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
use relance_domain::{AssignmentId, AttemptId, CampaignId, ClientId, E164, LeadId, ListId, Span, TariffId, UserId};
use relance_store::{
    Result, Store, assignment, bell, campaign, claim, client, idempotency, late, ledger, list, outcome, pull, question,
    register, rule_set, suppression, tariff, user,
};

use super::weather::Weather;

/// A store that does what the real one does, as far as the weather between them lets it.
pub(super) struct RoughStore {
    pub(super) inner: Arc<dyn Store>,
    pub(super) weather: Arc<Weather>,
    pub(super) lie: Option<Lie>,
}

/// What a store does wrong on purpose, to show that the simulation can fail where the faults of `relance_domain::fault` are not
/// built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Leases are taken back twenty minutes early.
    LeasesEndEarly,
    /// Outcomes are answered, and not recorded.
    OutcomesAreLost,
    /// Suppressions are answered, and not kept.
    SuppressionsAreLost,
}

impl RoughStore {
    fn tells(&self, lie: Lie) -> bool {
        self.lie == Some(lie)
    }
}

#[async_trait]
impl Store for RoughStore {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn work(&self) -> &bell::WorkBell {
        self.inner.work()
    }

    async fn migrate(&self) -> Result<()> {
        self.weather.write("migrate", self.inner.migrate()).await
    }

    async fn pending_migrations(&self) -> Result<Vec<i64>> {
        self.weather.read(self.inner.pending_migrations()).await
    }

    async fn ping(&self) -> Result<()> {
        self.weather.read(self.inner.ping()).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }

    async fn add_user(&self, user: &user::NewUser, now: Timestamp) -> Result<user::User> {
        self.weather.write("add_user", self.inner.add_user(user, now)).await
    }

    async fn users(&self) -> Result<Vec<user::User>> {
        self.weather.read(self.inner.users()).await
    }

    async fn user(&self, name: &str) -> Result<user::User> {
        self.weather.read(self.inner.user(name)).await
    }

    async fn user_by_token(&self, token_sha256: &str) -> Result<Option<user::User>> {
        self.weather.read(self.inner.user_by_token(token_sha256)).await
    }

    async fn set_abilities(&self, name: &str, abilities: &Abilities) -> Result<user::User> {
        self.weather.write("set_abilities", self.inner.set_abilities(name, abilities)).await
    }

    async fn disable_user(&self, name: &str, now: Timestamp) -> Result<user::User> {
        self.weather.write("disable_user", self.inner.disable_user(name, now)).await
    }

    async fn set_away(&self, name: &str, away: Option<user::Away>) -> Result<user::User> {
        self.weather.write("set_away", self.inner.set_away(name, away)).await
    }

    async fn apply_campaign(
        &self,
        definition: &Definition,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<campaign::Applied> {
        self.weather.write("apply_campaign", self.inner.apply_campaign(definition, by, now)).await
    }

    async fn campaigns(&self) -> Result<Vec<campaign::Campaign>> {
        self.weather.read(self.inner.campaigns()).await
    }

    async fn campaign(&self, campaign: &str) -> Result<campaign::Campaign> {
        self.weather.read(self.inner.campaign(campaign)).await
    }

    async fn definition(&self, campaign: CampaignId, version: i64) -> Result<Definition> {
        self.weather.read(self.inner.definition(campaign, version)).await
    }

    async fn change_campaign_state(&self, campaign: CampaignId, event: CampaignEvent) -> Result<campaign::Campaign> {
        self.weather.write("change_campaign_state", self.inner.change_campaign_state(campaign, event)).await
    }

    async fn use_rules(&self, rules: &RuleSet, now: Timestamp) -> Result<Option<ClientId>> {
        self.weather.write("use_rules", self.inner.use_rules(rules, now)).await
    }

    async fn people_to_place(&self, which: rule_set::ToPlace, limit: i64) -> Result<Vec<rule_set::Unplaced>> {
        self.weather.read(self.inner.people_to_place(which, limit)).await
    }

    async fn place_people(&self, step: &rule_set::PlacingStep<'_>, now: Timestamp) -> Result<u64> {
        self.weather.write("place_people", self.inner.place_people(step, now)).await
    }

    async fn mix_lists(&self, campaign: CampaignId, shares: &[(ListId, u32)]) -> Result<Vec<list::List>> {
        self.weather.write("mix_lists", self.inner.mix_lists(campaign, shares)).await
    }

    async fn reserve_lead(&self, lead: LeadId, operator: Option<UserId>) -> Result<()> {
        self.weather.write("reserve_lead", self.inner.reserve_lead(lead, operator)).await
    }

    async fn lanes(&self, campaign: CampaignId) -> Result<Vec<campaign::Lane>> {
        self.weather.read(self.inner.lanes(campaign)).await
    }

    async fn begin_load(&self, load: &list::NewLoad, now: Timestamp) -> Result<list::Begun> {
        self.weather.write("begin_load", self.inner.begin_load(load, now)).await
    }

    async fn load_rows(&self, chunk: &list::Chunk<'_>, now: Timestamp) -> Result<list::ChunkDone> {
        self.weather.write("load_rows", self.inner.load_rows(chunk, now)).await
    }

    async fn check_rows(
        &self,
        campaign: CampaignId,
        policy: UpdatePolicy,
        rows: &[Row],
        leads_of_known: &HashSet<ClientId>,
    ) -> Result<list::ChunkDone> {
        self.weather.read(self.inner.check_rows(campaign, policy, rows, leads_of_known)).await
    }

    async fn commit_load(&self, list: ListId, ticket: &str, now: Timestamp) -> Result<list::List> {
        self.weather.write("commit_load", self.inner.commit_load(list, ticket, now)).await
    }

    async fn load_changes(&self, list: ListId, limit: i64) -> Result<(list::Changes, Vec<list::Join>)> {
        self.weather.read(self.inner.load_changes(list, limit)).await
    }

    async fn abandon_load(&self, list: ListId, which: list::Abandon<'_>, limit: i64) -> Result<bool> {
        self.weather.write("abandon_load", self.inner.abandon_load(list, which, limit)).await
    }

    async fn dead_loads(&self, since: Timestamp) -> Result<Vec<ListId>> {
        self.weather.read(self.inner.dead_loads(since)).await
    }

    async fn kept_mappings(&self, vendor: &str) -> Result<Vec<KeptMapping>> {
        self.weather.read(self.inner.kept_mappings(vendor)).await
    }

    async fn keep_mapping(&self, vendor: &str, mapping: &KeptMapping, now: Timestamp) -> Result<()> {
        self.weather.write("keep_mapping", self.inner.keep_mapping(vendor, mapping, now)).await
    }

    async fn presume_loads_dead(&self, since: Timestamp) -> Result<()> {
        self.weather.write("presume_loads_dead", self.inner.presume_loads_dead(since)).await
    }

    async fn load_progress(&self, ticket: &str) -> Result<Option<list::LoadProgress>> {
        self.weather.read(self.inner.load_progress(ticket)).await
    }

    async fn lists(&self, campaign: Option<CampaignId>) -> Result<Vec<list::List>> {
        self.weather.read(self.inner.lists(campaign)).await
    }

    async fn list(&self, list: ListId) -> Result<list::List> {
        self.weather.read(self.inner.list(list)).await
    }

    async fn left_out_rows(&self, list: ListId, after_line: i64, limit: i64) -> Result<Vec<list::LeftOutRow>> {
        self.weather.read(self.inner.left_out_rows(list, after_line, limit)).await
    }

    async fn preview_undo(&self, list: ListId) -> Result<list::Undo> {
        self.weather.read(self.inner.preview_undo(list)).await
    }

    async fn undo_list(&self, list: ListId, now: Timestamp) -> Result<list::Undo> {
        self.weather.write("undo_list", self.inner.undo_list(list, now)).await
    }

    async fn client(&self, client: ClientId) -> Result<client::Client> {
        self.weather.read(self.inner.client(client)).await
    }

    async fn client_of_phone(&self, phone: &E164) -> Result<Option<ClientId>> {
        self.weather.read(self.inner.client_of_phone(phone)).await
    }

    async fn merged_into(&self, client: ClientId) -> Result<Vec<client::MergedClient>> {
        self.weather.read(self.inner.merged_into(client)).await
    }

    async fn joins(&self, filter: &client::JoinFilter) -> Result<Vec<client::OpenJoin>> {
        self.weather.read(self.inner.joins(filter)).await
    }

    async fn merge_clients(&self, merge: &client::Merge, now: Timestamp) -> Result<client::Merged> {
        self.weather.write("merge_clients", self.inner.merge_clients(merge, now)).await
    }

    async fn erase_client(&self, erase: &client::Erase, now: Timestamp) -> Result<client::Erased> {
        self.weather.write("erase_client", self.inner.erase_client(erase, now)).await
    }

    async fn clients_for_retention(&self, after: ClientId, limit: i64) -> Result<Vec<client::ClientForRetention>> {
        self.weather.read(self.inner.clients_for_retention(after, limit)).await
    }

    async fn clients_page(&self, page: &pull::ClientsPage) -> Result<Vec<pull::ClientOfBase>> {
        self.weather.read(self.inner.clients_page(page)).await
    }

    async fn begin_pull(&self, campaign: CampaignId, pull: &str, due_since: Timestamp, now: Timestamp) -> Result<bool> {
        self.weather.write("begin_pull", self.inner.begin_pull(campaign, pull, due_since, now)).await
    }

    async fn end_pull(&self, turn: &pull::PullTurn) -> Result<bool> {
        self.weather.write("end_pull", self.inner.end_pull(turn)).await
    }

    async fn pull_turns(&self, campaign: Option<CampaignId>) -> Result<Vec<pull::PullTurn>> {
        self.weather.read(self.inner.pull_turns(campaign)).await
    }

    async fn claim(&self, batch: &claim::Batch, now: Timestamp) -> Result<claim::Answer> {
        self.weather.write("claim", self.inner.claim(batch, now)).await
    }

    async fn open_assignment(&self, operator: UserId) -> Result<Option<AssignmentId>> {
        self.weather.read(self.inner.open_assignment(operator)).await
    }

    async fn hand_out(&self, assignment: AssignmentId) -> Result<claim::HandOut> {
        self.weather.read(self.inner.hand_out(assignment)).await
    }

    async fn hand_outs(&self, assignments: &[AssignmentId]) -> Result<Vec<claim::HandOut>> {
        self.weather.read(self.inner.hand_outs(assignments)).await
    }

    async fn hold(&self, holder: &assignment::Holder, lease: Span, now: Timestamp) -> Result<assignment::Held> {
        self.weather.write("hold", self.inner.hold(holder, lease, now)).await
    }

    async fn hand_back(
        &self,
        holder: &assignment::Holder,
        reason: &str,
        now: Timestamp,
    ) -> Result<assignment::HandedBack> {
        self.weather.write("hand_back", self.inner.hand_back(holder, reason, now)).await
    }

    async fn take(&self, take: &assignment::Take, now: Timestamp) -> Result<assignment::Taken> {
        self.weather.write("take", self.inner.take(take, now)).await
    }

    async fn record_outcomes(&self, records: &[outcome::Record], now: Timestamp) -> Result<Vec<outcome::Recorded>> {
        if self.tells(Lie::OutcomesAreLost) {
            let done = |_| outcome::Recorded::Done { attempt: AttemptId(1), lead_state: "closed".to_owned() };
            return Ok(records.iter().map(done).collect());
        }
        self.weather.write("record_outcomes", self.inner.record_outcomes(records, now)).await
    }

    async fn late_outcomes(&self, filter: &late::LateFilter) -> Result<Vec<late::LateOutcome>> {
        self.weather.read(self.inner.late_outcomes(filter)).await
    }

    async fn review_late_outcome(&self, review: &late::NewReview, now: Timestamp) -> Result<late::LateOutcome> {
        self.weather.write("review_late_outcome", self.inner.review_late_outcome(review, now)).await
    }

    async fn callbacks(&self, filter: &outcome::CallbackFilter) -> Result<Vec<outcome::Callback>> {
        self.weather.read(self.inner.callbacks(filter)).await
    }

    async fn suppress(&self, suppression: &outcome::NewSuppression, now: Timestamp) -> Result<u64> {
        if self.tells(Lie::SuppressionsAreLost) {
            return Ok(0);
        }
        self.weather.write("suppress", self.inner.suppress(suppression, now)).await
    }

    async fn suppressions(&self, about: &question::About) -> Result<Vec<register::Suppression>> {
        self.weather.read(self.inner.suppressions(about)).await
    }

    async fn suppression_keys(&self) -> Result<Vec<suppression::KnownKey>> {
        self.weather.read(self.inner.suppression_keys()).await
    }

    async fn check_suppression_keys(&self) -> Result<()> {
        self.weather.write("check_suppression_keys", self.inner.check_suppression_keys()).await
    }

    async fn begin_key_rotation(&self) -> Result<i64> {
        self.weather.write("begin_key_rotation", self.inner.begin_key_rotation()).await
    }

    async fn nest_suppressions(&self, after: i64, limit: i64) -> Result<suppression::NestStep> {
        self.weather.write("nest_suppressions", self.inner.nest_suppressions(after, limit)).await
    }

    async fn begin_register(&self, new: &register::NewRegister) -> Result<register::OpenRegister> {
        self.weather.write("begin_register", self.inner.begin_register(new)).await
    }

    async fn add_to_register(
        &self,
        open: register::OpenRegister,
        phones: &[E164],
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<()> {
        self.weather.write("add_to_register", self.inner.add_to_register(open, phones, by, now)).await
    }

    async fn commit_register(
        &self,
        open: register::OpenRegister,
        as_of: Date,
        now: Timestamp,
    ) -> Result<register::Register> {
        self.weather.write("commit_register", self.inner.commit_register(open, as_of, now)).await
    }

    async fn abandon_register(&self, open: register::OpenRegister) -> Result<()> {
        self.weather.write("abandon_register", self.inner.abandon_register(open)).await
    }

    async fn sweep_registers(&self, limit: i64) -> Result<bool> {
        self.weather.write("sweep_registers", self.inner.sweep_registers(limit)).await
    }

    async fn register_days(&self, seller: &str, campaign: CampaignId) -> Result<BTreeMap<String, Date>> {
        self.weather.read(self.inner.register_days(seller, campaign)).await
    }

    async fn registers(&self) -> Result<Vec<register::Register>> {
        self.weather.read(self.inner.registers()).await
    }

    async fn add_up_counts(&self, limit: i64) -> Result<u64> {
        self.weather.write("add_up_counts", self.inner.add_up_counts(limit)).await
    }

    async fn promote_due(&self, now: Timestamp, limit: i64) -> Result<u64> {
        self.weather.write("promote_due", self.inner.promote_due(now, limit)).await
    }

    async fn return_expired(&self, now: Timestamp, limit: i64) -> Result<u64> {
        let now = if self.tells(Lie::LeasesEndEarly) { Span::minutes(20).after(now) } else { now };
        self.weather.write("return_expired", self.inner.return_expired(now, limit)).await
    }

    async fn escalate_callbacks(
        &self,
        campaign: CampaignId,
        overdue_since: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        self.weather
            .write("escalate_callbacks", self.inner.escalate_callbacks(campaign, overdue_since, now, limit))
            .await
    }

    async fn save_tariff(&self, tariff: &Tariff, now: Timestamp) -> Result<tariff::StoredTariff> {
        self.weather.write("save_tariff", self.inner.save_tariff(tariff, now)).await
    }

    async fn tariffs(&self) -> Result<Vec<tariff::StoredTariff>> {
        self.weather.read(self.inner.tariffs()).await
    }

    async fn tariff(&self, tariff: &str) -> Result<tariff::StoredTariff> {
        self.weather.read(self.inner.tariff(tariff)).await
    }

    async fn tariff_history(&self, tariff: TariffId) -> Result<tariff::TariffHistory> {
        self.weather.read(self.inner.tariff_history(tariff)).await
    }

    async fn standing_refusals(&self, campaign: CampaignId, reason: Option<&str>) -> Result<i64> {
        self.weather.read(self.inner.standing_refusals(campaign, reason)).await
    }

    async fn answered_refusals(&self, page: &tariff::AnswerPage<'_>) -> Result<tariff::AnsweredPage> {
        self.weather.read(self.inner.answered_refusals(page)).await
    }

    async fn schedule_tariff(&self, tariff: TariffId, next: tariff::NextVersion) -> Result<tariff::StoredTariff> {
        self.weather.write("schedule_tariff", self.inner.schedule_tariff(tariff, next)).await
    }

    async fn publish_tariff(&self, tariff: TariffId, version: i64, now: Timestamp) -> Result<tariff::StoredTariff> {
        self.weather.write("publish_tariff", self.inner.publish_tariff(tariff, version, now)).await
    }

    async fn retire_tariff(&self, tariff: TariffId, now: Timestamp) -> Result<tariff::StoredTariff> {
        self.weather.write("retire_tariff", self.inner.retire_tariff(tariff, now)).await
    }

    async fn funnel(&self, campaign: CampaignId, now: Timestamp) -> Result<Vec<question::FunnelCount>> {
        self.weather.read(self.inner.funnel(campaign, now)).await
    }

    async fn outcomes(&self, filter: &question::OutcomeFilter) -> Result<Vec<question::OutcomeRow>> {
        self.weather.read(self.inner.outcomes(filter)).await
    }

    async fn report(&self, campaign: CampaignId) -> Result<question::ReportNumbers> {
        self.weather.read(self.inner.report(campaign)).await
    }

    async fn leads_in_question(&self, about: &question::About) -> Result<Vec<question::LeadInQuestion>> {
        self.weather.read(self.inner.leads_in_question(about)).await
    }

    async fn person_in_question(&self, call: &question::CallInQuestion) -> Result<question::PersonInQuestion> {
        self.weather.read(self.inner.person_in_question(call)).await
    }

    async fn people_in_question(&self, calls: &[question::CallInQuestion]) -> Result<Vec<question::PersonInQuestion>> {
        self.weather.read(self.inner.people_in_question(calls)).await
    }

    async fn read_ledger(&self, parts: &ledger::Parts) -> Result<()> {
        self.weather.read(self.inner.read_ledger(parts)).await
    }

    async fn reserve_key(&self, request: &idempotency::Request, now: Timestamp) -> Result<idempotency::Reservation> {
        self.weather.write("reserve_key", self.inner.reserve_key(request, now)).await
    }

    async fn keep_answer(&self, user: UserId, key: &str, answer: &idempotency::KeptAnswer) -> Result<()> {
        self.weather.write("keep_answer", self.inner.keep_answer(user, key, answer)).await
    }

    async fn free_key(&self, user: UserId, key: &str) -> Result<()> {
        self.weather.write("free_key", self.inner.free_key(user, key)).await
    }
}
