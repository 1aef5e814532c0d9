//! The trait, kept by one transaction per method.

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::abilities::Abilities;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::client::UpdatePolicy;
use relance_domain::definition::Definition;
use relance_domain::list::{KeptMapping, Row};
use relance_domain::outcome::OutcomeDetail;
use relance_domain::rules::RuleSet;
use relance_domain::tariff::Tariff;
use relance_domain::{AssignmentId, CampaignId, ClientId, E164, LeadId, ListId, Span, TariffId, UserId};
use relance_store::assignment::{HandedBack, Held, Holder, Take, Taken};
use relance_store::bell::WorkBell;
use relance_store::campaign::{Applied, Campaign, Lane};
use relance_store::claim::{Answer, Batch, HandOut};
use relance_store::client::{
    Client, ClientForRetention, Erase, Erased, JoinFilter, Merge, Merged, MergedClient, OpenJoin,
};
use relance_store::idempotency::{KeptAnswer, Request, Reservation};
use relance_store::late::{LateFilter, LateOutcome, NewReview};
use relance_store::ledger::Parts;
use relance_store::list::{
    Abandon, Begun, Changes, Chunk, ChunkDone, Join, LeftOutRow, List, LoadProgress, NewLoad, Undo,
};
use relance_store::outcome::{Callback, CallbackFilter, NewSuppression, Record, Recorded};
use relance_store::pull::{ClientOfBase, ClientsPage, PullTurn};
use relance_store::question::{
    About, CallInQuestion, FunnelCount, LeadInQuestion, OutcomeFilter, OutcomeRow, PersonInQuestion, ReportNumbers,
};
use relance_store::register::{NewRegister, OpenRegister, Register, Suppression};
use relance_store::rule_set::{PlacingStep, ToPlace, Unplaced};
use relance_store::suppression::{KnownKey, NestStep};
use relance_store::tariff::{AnswerPage, AnsweredPage, NextVersion, StoredTariff, TariffHistory};
use relance_store::user::{Away, NewUser, User};
use relance_store::{Result, Store};

use super::transaction::{
    always, read, read_batch, read_one_moment, retried, some, write, write_and_ring, write_batch,
};
use super::{
    answering, callback, campaign, claim, client, client_merge, erasure, facts, hand_out, hold, idempotency,
    kept_mapping, lane, late, lease, ledger, list, list_undo, load, load_changes, load_rows, mix, outcome, person,
    pull, question, register, retention, rule_set, schema, suppression, suppression_key, take, tariff, user,
};
use crate::EngineStore;
use crate::connect::failed;

#[async_trait]
impl Store for EngineStore {
    fn describe(&self) -> String {
        self.words()
    }

    async fn migrate(&self) -> Result<()> {
        // A node that must not serve changes no tables either.
        let held: Result<()> = read!(self, suppression_key::hold_known(self.keys()));
        held?;
        EngineStore::migrate(self).await?;
        self.check_suppression_keys().await
    }

    async fn pending_migrations(&self) -> Result<Vec<i64>> {
        read_one_moment!(self, schema::pending())
    }

    async fn ping(&self) -> Result<()> {
        read_one_moment!(self, schema::answers())
    }

    async fn close(&self) {
        self.end_connections().await;
    }

    fn work(&self) -> &WorkBell {
        self.bell()
    }

    async fn add_user(&self, new: &NewUser, now: Timestamp) -> Result<User> {
        write!(self, "add_user", user::add(new, now))
    }

    async fn users(&self) -> Result<Vec<User>> {
        read!(self, user::all())
    }

    async fn user(&self, name: &str) -> Result<User> {
        read!(self, user::by_name(name))
    }

    async fn user_by_token(&self, token_sha256: &str) -> Result<Option<User>> {
        read!(self, user::by_token(token_sha256))
    }

    async fn set_abilities(&self, name: &str, abilities: &Abilities) -> Result<User> {
        write!(self, "set_abilities", user::set_abilities(name, abilities))
    }

    async fn disable_user(&self, name: &str, now: Timestamp) -> Result<User> {
        write_and_ring!(self, "disable_user", user::disable(name, now), always)
    }

    async fn set_away(&self, name: &str, away: Option<Away>) -> Result<User> {
        write!(self, "set_away", user::set_away(name, away))
    }

    async fn apply_campaign(&self, definition: &Definition, by: Option<UserId>, now: Timestamp) -> Result<Applied> {
        write_and_ring!(self, "apply_campaign", campaign::apply(definition, by, now), always)
    }

    async fn campaigns(&self) -> Result<Vec<Campaign>> {
        read!(self, campaign::all())
    }

    async fn campaign(&self, name: &str) -> Result<Campaign> {
        read!(self, campaign::by_name(name))
    }

    async fn definition(&self, id: CampaignId, version: i64) -> Result<Definition> {
        read!(self, campaign::definition(id, version))
    }

    async fn change_campaign_state(&self, id: CampaignId, event: CampaignEvent) -> Result<Campaign> {
        write_and_ring!(self, "change_campaign_state", campaign::change_state(id, event), always)
    }

    async fn use_rules(&self, rules: &RuleSet, now: Timestamp) -> Result<Option<ClientId>> {
        write!(self, "use_rules", rule_set::take_up(rules, now))
    }

    async fn people_to_place(&self, which: ToPlace, limit: i64) -> Result<Vec<Unplaced>> {
        read!(self, rule_set::to_place(which, limit))
    }

    async fn place_people(&self, step: &PlacingStep<'_>, now: Timestamp) -> Result<u64> {
        write_and_ring!(self, "place_people", rule_set::place(step, now), some)
    }

    async fn mix_lists(&self, id: CampaignId, shares: &[(ListId, u32)]) -> Result<Vec<List>> {
        write_and_ring!(self, "mix_lists", mix::set(id, shares), always)
    }

    async fn reserve_lead(&self, id: LeadId, operator: Option<UserId>) -> Result<()> {
        write_and_ring!(self, "reserve_lead", lane::reserve(id, operator), always)
    }

    async fn lanes(&self, id: CampaignId) -> Result<Vec<Lane>> {
        read!(self, lane::open(Some(id)))
    }

    async fn begin_load(&self, new: &NewLoad, now: Timestamp) -> Result<Begun> {
        write!(self, "begin_load", load::begin(new, now))
    }

    async fn load_rows(&self, chunk: &Chunk<'_>, now: Timestamp) -> Result<ChunkDone> {
        write!(self, "load_rows", load_rows::take(self.keys(), chunk, now))
    }

    async fn check_rows(
        &self,
        campaign: CampaignId,
        policy: UpdatePolicy,
        rows: &[Row],
        leads_of_known: &HashSet<ClientId>,
    ) -> Result<ChunkDone> {
        read_one_moment!(self, load_rows::check(self.keys(), campaign, policy, rows, leads_of_known))
    }

    async fn commit_load(&self, id: ListId, ticket: &str, now: Timestamp) -> Result<List> {
        write_and_ring!(self, "commit_load", load::commit(self.keys(), id, ticket, now), always)
    }

    async fn load_changes(&self, id: ListId, limit: i64) -> Result<(Changes, Vec<Join>)> {
        read_one_moment!(self, load_changes::told(id, limit))
    }

    async fn abandon_load(&self, id: ListId, which: Abandon<'_>, limit: i64) -> Result<bool> {
        write!(self, "abandon_load", load::abandon(id, which, limit))
    }

    async fn dead_loads(&self, since: Timestamp) -> Result<Vec<ListId>> {
        read!(self, load::dead(since))
    }

    async fn presume_loads_dead(&self, since: Timestamp) -> Result<()> {
        write!(self, "presume_loads_dead", load::presume_dead(since))
    }

    async fn kept_mappings(&self, vendor: &str) -> Result<Vec<KeptMapping>> {
        read!(self, kept_mapping::of_vendor(vendor))
    }

    async fn keep_mapping(&self, vendor: &str, mapping: &KeptMapping, now: Timestamp) -> Result<()> {
        write!(self, "keep_mapping", kept_mapping::keep(vendor, mapping, now))
    }

    async fn load_progress(&self, ticket: &str) -> Result<Option<LoadProgress>> {
        read!(self, load::progress(ticket))
    }

    async fn lists(&self, of: Option<CampaignId>) -> Result<Vec<List>> {
        read!(self, list::all(of))
    }

    async fn list(&self, id: ListId) -> Result<List> {
        read!(self, list::one(id))
    }

    async fn left_out_rows(&self, id: ListId, after_line: i64, limit: i64) -> Result<Vec<LeftOutRow>> {
        read!(self, list::left_out(id, after_line, limit))
    }

    async fn preview_undo(&self, id: ListId) -> Result<Undo> {
        read_one_moment!(self, list_undo::preview(id))
    }

    async fn undo_list(&self, id: ListId, now: Timestamp) -> Result<Undo> {
        write_and_ring!(self, "undo_list", list_undo::undo(id, now), always)
    }

    async fn client(&self, id: ClientId) -> Result<Client> {
        read_one_moment!(self, client::one(id))
    }

    async fn client_of_phone(&self, phone: &E164) -> Result<Option<ClientId>> {
        read!(self, client::of_phone(phone))
    }

    async fn merged_into(&self, id: ClientId) -> Result<Vec<MergedClient>> {
        read!(self, client::merged_into(id))
    }

    async fn joins(&self, filter: &JoinFilter) -> Result<Vec<OpenJoin>> {
        read!(self, client::joins(filter))
    }

    async fn merge_clients(&self, merge: &Merge, now: Timestamp) -> Result<Merged> {
        retried("merge_clients", || async {
            let mut transaction = self.begin().await?;
            let merged = client_merge::merge(&mut transaction, self.keys(), merge, now).await?;
            // A dry run does all of it, and takes it back.
            match merge.dry_run {
                true => transaction.rollback().await.map_err(failed)?,
                false => self.commit_and_ring(transaction).await?,
            }
            Ok(merged)
        })
        .await
    }

    async fn erase_client(&self, erase: &Erase, now: Timestamp) -> Result<Erased> {
        write!(self, "erase_client", erasure::erase(self.keys(), erase, now))
    }

    async fn clients_for_retention(&self, after: ClientId, limit: i64) -> Result<Vec<ClientForRetention>> {
        read!(self, retention::clients(after, limit))
    }

    async fn clients_page(&self, page: &ClientsPage) -> Result<Vec<ClientOfBase>> {
        read_one_moment!(self, pull::clients(page))
    }

    async fn begin_pull(&self, of: CampaignId, name: &str, due_since: Timestamp, now: Timestamp) -> Result<bool> {
        write!(self, "begin_pull", pull::begin(of, name, due_since, now))
    }

    async fn end_pull(&self, turn: &PullTurn) -> Result<bool> {
        write!(self, "end_pull", pull::end(turn))
    }

    async fn pull_turns(&self, of: Option<CampaignId>) -> Result<Vec<PullTurn>> {
        read!(self, pull::turns(of))
    }

    async fn claim(&self, batch: &Batch, now: Timestamp) -> Result<Answer> {
        write_batch!(self, "claim", claim::claim(self.keys(), batch, now))
    }

    async fn open_assignment(&self, operator: UserId) -> Result<Option<AssignmentId>> {
        read!(self, hand_out::open(operator))
    }

    async fn hand_out(&self, assignment: AssignmentId) -> Result<HandOut> {
        read!(self, hand_out::one(assignment))
    }

    async fn hand_outs(&self, assignments: &[AssignmentId]) -> Result<Vec<HandOut>> {
        read_batch!(self, hand_out::many(assignments))
    }

    async fn hold(&self, holder: &Holder, lease: Span, now: Timestamp) -> Result<Held> {
        write!(self, "hold", hold::hold(holder, lease, now))
    }

    async fn hand_back(&self, holder: &Holder, reason: &str, now: Timestamp) -> Result<HandedBack> {
        write_and_ring!(self, "hand_back", hold::hand_back(self.keys(), holder, reason, now), always)
    }

    async fn take(&self, taking: &Take, now: Timestamp) -> Result<Taken> {
        write_and_ring!(self, "take", take::take(self.keys(), taking, now), always)
    }

    async fn record_outcomes(&self, records: &[Record], now: Timestamp) -> Result<Vec<Recorded>> {
        // Not every outcome: transactions that ring are committed one after the other.
        let makes_work = |(record, recorded): (&Record, &Recorded)| {
            let is_promise = matches!(record.outcome.detail, OutcomeDetail::Callback(_));
            matches!(recorded, Recorded::Done { lead_state, .. } if is_promise || lead_state == "ready")
        };
        retried("record_outcomes", || async {
            let mut transaction = self.begin_batch().await?;
            let recorded = outcome::record(&mut transaction, self.keys(), records, now).await?;
            if records.iter().zip(&recorded).any(makes_work) {
                self.commit_and_ring(transaction).await?;
            } else {
                self.commit(transaction).await?;
            }
            Ok(recorded)
        })
        .await
    }

    async fn late_outcomes(&self, filter: &LateFilter) -> Result<Vec<LateOutcome>> {
        read!(self, late::page(filter))
    }

    async fn review_late_outcome(&self, new: &NewReview, now: Timestamp) -> Result<LateOutcome> {
        write!(self, "review_late_outcome", late::review(new, now))
    }

    async fn callbacks(&self, filter: &CallbackFilter) -> Result<Vec<Callback>> {
        read!(self, callback::open(filter))
    }

    async fn suppress(&self, suppression: &NewSuppression, now: Timestamp) -> Result<u64> {
        write!(self, "suppress", suppression::suppress(self.keys(), suppression, now))
    }

    async fn suppressions(&self, about: &About) -> Result<Vec<Suppression>> {
        read!(self, suppression::against(self.keys(), about))
    }

    async fn suppression_keys(&self) -> Result<Vec<KnownKey>> {
        read!(self, suppression_key::told(self.keys()))
    }

    async fn check_suppression_keys(&self) -> Result<()> {
        let settled: Result<bool> = read_one_moment!(self, suppression_key::is_settled(self.keys()));
        let mut settled = settled?;
        while !settled {
            settled = write!(self, "settle_suppression_key", suppression_key::settle(self.keys()))?;
        }
        Ok(())
    }

    async fn begin_key_rotation(&self) -> Result<i64> {
        write!(self, "begin_key_rotation", suppression_key::begin_rotation(self.keys()))
    }

    async fn nest_suppressions(&self, after: i64, limit: i64) -> Result<NestStep> {
        write!(self, "nest_suppressions", suppression_key::nest(self.keys(), after, limit))
    }

    async fn begin_register(&self, new: &NewRegister) -> Result<OpenRegister> {
        write!(self, "begin_register", register::begin(new))
    }

    async fn add_to_register(
        &self,
        open: OpenRegister,
        phones: &[E164],
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<()> {
        write!(self, "add_to_register", register::add(self.keys(), open, phones, by, now))
    }

    async fn commit_register(&self, open: OpenRegister, as_of: Date, now: Timestamp) -> Result<Register> {
        write_and_ring!(self, "commit_register", register::commit(open, as_of, now), always)
    }

    async fn abandon_register(&self, open: OpenRegister) -> Result<()> {
        write!(self, "abandon_register", register::abandon(open))
    }

    async fn sweep_registers(&self, limit: i64) -> Result<bool> {
        write!(self, "sweep_registers", register::sweep(limit))
    }

    async fn register_days(&self, seller: &str, campaign: CampaignId) -> Result<BTreeMap<String, Date>> {
        read!(self, facts::days_of(seller, campaign))
    }

    async fn registers(&self) -> Result<Vec<Register>> {
        read!(self, register::all())
    }

    async fn add_up_counts(&self, limit: i64) -> Result<u64> {
        write!(self, "add_up_counts", lane::add_up_counts(limit))
    }

    async fn promote_due(&self, now: Timestamp, limit: i64) -> Result<u64> {
        write_and_ring!(self, "promote_due", lease::promote_due(now, limit), some)
    }

    async fn return_expired(&self, now: Timestamp, limit: i64) -> Result<u64> {
        write_and_ring!(self, "return_expired", lease::return_expired(self.keys(), now, limit), some)
    }

    async fn escalate_callbacks(
        &self,
        of: CampaignId,
        overdue_since: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<u64> {
        write_and_ring!(self, "escalate_callbacks", callback::escalate(of, overdue_since, now, limit), some)
    }

    async fn save_tariff(&self, offer: &Tariff, now: Timestamp) -> Result<StoredTariff> {
        write!(self, "save_tariff", tariff::save(offer, now))
    }

    async fn tariffs(&self) -> Result<Vec<StoredTariff>> {
        read!(self, tariff::all())
    }

    async fn tariff(&self, name: &str) -> Result<StoredTariff> {
        read!(self, tariff::by_name(name))
    }

    async fn tariff_history(&self, id: TariffId) -> Result<TariffHistory> {
        read_one_moment!(self, tariff::history(id))
    }

    async fn standing_refusals(&self, campaign: CampaignId, reason: Option<&str>) -> Result<i64> {
        read!(self, answering::standing_for(campaign, reason))
    }

    async fn answered_refusals(&self, page: &AnswerPage<'_>) -> Result<AnsweredPage> {
        read_one_moment!(self, answering::page(self.keys(), page))
    }

    async fn schedule_tariff(&self, id: TariffId, next: NextVersion) -> Result<StoredTariff> {
        write!(self, "schedule_tariff", tariff::schedule(id, next))
    }

    async fn publish_tariff(&self, id: TariffId, version: i64, now: Timestamp) -> Result<StoredTariff> {
        write_and_ring!(self, "publish_tariff", tariff::publish(id, version, now), always)
    }

    async fn retire_tariff(&self, id: TariffId, now: Timestamp) -> Result<StoredTariff> {
        write!(self, "retire_tariff", tariff::retire(id, now))
    }

    async fn funnel(&self, of: CampaignId, now: Timestamp) -> Result<Vec<FunnelCount>> {
        read!(self, question::funnel(of, now))
    }

    async fn outcomes(&self, filter: &OutcomeFilter) -> Result<Vec<OutcomeRow>> {
        read!(self, question::outcomes(filter))
    }

    async fn report(&self, of: CampaignId) -> Result<ReportNumbers> {
        read_one_moment!(self, question::report(of))
    }

    async fn leads_in_question(&self, about: &About) -> Result<Vec<LeadInQuestion>> {
        read!(self, question::leads_in_question(about))
    }

    async fn person_in_question(&self, call: &CallInQuestion) -> Result<PersonInQuestion> {
        read_one_moment!(self, person::one(self.keys(), call))
    }

    async fn people_in_question(&self, calls: &[CallInQuestion]) -> Result<Vec<PersonInQuestion>> {
        read_batch!(self, person::of(self.keys(), calls))
    }

    async fn read_ledger(&self, parts: &Parts) -> Result<()> {
        read_one_moment!(self, ledger::read(self.keys(), parts))
    }

    async fn reserve_key(&self, request: &Request, now: Timestamp) -> Result<Reservation> {
        write!(self, "reserve_key", idempotency::reserve(request, now))
    }

    async fn keep_answer(&self, user: UserId, key: &str, answer: &KeptAnswer) -> Result<()> {
        write!(self, "keep_answer", idempotency::keep(user, key, answer))
    }

    async fn free_key(&self, user: UserId, key: &str) -> Result<()> {
        write!(self, "free_key", idempotency::free(user, key))
    }
}
