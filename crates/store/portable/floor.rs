//! The leads that are before the operators of one batch: the fronts of the lanes that are open, merged in queue order.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::definition::Definition;
use relance_domain::funnel::LaneOpening;
use relance_domain::queue::{self, Head, Mix, QueueClass};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, LeadId};
use relance_store::Result;
use relance_store::campaign::Lane;
use relance_store::claim::{Batch, RunningCampaign};

use super::claim::Asking;
use super::facts::{Kept, days_for};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Most leads read from the front of a lane, and promises looked up, at a time.
const FRONT_MAX: usize = 16;

/// A candidate: a lead that the search found, not yet checked.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) head: Head,
    pub(super) class: QueueClass,
    /// Which of the batch's campaigns.
    pub(super) campaign: usize,
    pub(super) promise: Option<Promise>,
}

/// The promise that a candidate waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    pub(super) callback: i64,
    /// The number on which it was given.
    pub(super) phone_position: i64,
}

/// What was read of the leads of one class of an open lane.
struct Front {
    lane: Arc<Lane>,
    campaign: usize,
    class: QueueClass,
    /// The campaign's lists take turns.
    is_mixed: bool,
    rank: usize,
    leads: VecDeque<(Timestamp, LeadId)>,
    read_to_end: bool,
}

impl Front {
    /// The first lead that the operator who asks may have, and where it stands.
    fn head(&self, asking: &Asking<'_>) -> Option<(usize, Head)> {
        let mut leads = self.leads.iter().enumerate();
        let (at, (due_at, lead)) = leads.find(|(_, (_, lead))| !asking.resting.contains(lead))?;
        let (due_at, lead) = (*due_at, *lead);
        let (campaign, list) = (self.lane.campaign, self.is_mixed.then_some(self.lane.list));
        Some((at, Head { rank: self.rank, due_at, lead, campaign, list }))
    }

    fn is_used_up(&self, asking: &Asking<'_>) -> bool {
        self.head(asking).is_none() && !self.read_to_end
    }

    /// Whether the operator who asks may be given what stands here.
    fn is_for(&self, asking: &Asking<'_>, definition: &Definition) -> bool {
        let traits = &self.lane.traits;
        asking.request.campaign.is_none_or(|wanted| wanted == self.lane.campaign)
            && traits.reserved_for.is_none_or(|operator| operator == asking.request.operator)
            && traits.language.as_ref().is_none_or(|language| asking.speaks(language, definition))
            && asking.has_skills_for(definition)
            && !(self.class == QueueClass::Fresh && asking.without_fresh.contains(&self.lane.campaign))
    }
}

/// The leads that are before the operators of one batch.
pub(super) struct Floor<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) keys: &'a SuppressionKeys,
    pub(super) batch: &'a Batch,
    pub(super) campaigns: &'a [Arc<RunningCampaign>],
    /// The days of the registers that hold for each campaign.
    pub(super) registers: Vec<BTreeMap<String, Date>>,
    pub(super) now: Timestamp,
    fronts: Vec<Front>,
    pub(super) mix: Mix,
    /// Leads this transaction has looked at.
    pub(super) seen: HashSet<LeadId>,
    /// Those among them that are still in the queue, because another node holds them.
    pub(super) held_by_others: usize,
}

/// The classes that stand in lanes, with their stored priorities.
const IN_LANES: [(QueueClass, i64); 3] =
    [(QueueClass::Reopened, queue::REOPENED), (QueueClass::Fresh, queue::FRESH), (QueueClass::Retry, queue::RETRY)];

impl<'a> Floor<'a> {
    pub(super) fn new(
        connection: &'a mut Connection,
        keys: &'a SuppressionKeys,
        batch: &'a Batch,
        registers: &[Kept],
        now: Timestamp,
    ) -> Self {
        let campaigns = &batch.campaigns;
        let days = |campaign: &Arc<RunningCampaign>| days_for(registers, &campaign.definition.seller, campaign.id);
        Self {
            connection,
            keys,
            batch,
            campaigns,
            registers: campaigns.iter().map(days).collect(),
            now,
            fronts: Vec::new(),
            mix: Mix::default(),
            seen: HashSet::new(),
            held_by_others: 0,
        }
    }

    /// Opens the lanes whose leads may be called now. Nothing is read of them yet.
    pub(super) fn open(&mut self, lanes: Vec<Lane>) {
        let mixed: HashSet<CampaignId> =
            lanes.iter().filter(|lane| lane.weight.is_some()).map(|lane| lane.campaign).collect();
        // What it holds is right or not there, whatever became of who held it before.
        let mut openings = self.batch.openings.lock().unwrap_or_else(PoisonError::into_inner);
        for lane in lanes {
            let Some(campaign) = self.campaigns.iter().position(|c| c.id == lane.campaign) else { continue };
            let is_mixed = mixed.contains(&lane.campaign);
            if is_mixed {
                self.mix.add(lane.campaign, lane.list, lane.weight.unwrap_or(1), lane.mix_pass);
            }
            let RunningCampaign { definition, law, .. } = self.campaigns[campaign].as_ref();
            let of = (lane.campaign, lane.id);
            let opening = openings.of(self.now, of, law, &lane.for_rules(), &self.registers[campaign]);
            if !matches!(opening, LaneOpening::Open | LaneOpening::OpenForOne) {
                continue;
            }
            let lane = Arc::new(lane);
            self.fronts.extend(IN_LANES.map(|(class, _)| Front {
                lane: Arc::clone(&lane),
                campaign,
                class,
                is_mixed,
                rank: definition.queue.order.rank(class),
                leads: VecDeque::new(),
                read_to_end: false,
            }));
        }
    }

    /// How many leads are read of a front at a time: enough for the batch to be served from one reading.
    pub(super) fn front_size(&self, asking: &Asking<'_>) -> i64 {
        let others = self.held_by_others + asking.resting.len();
        let enough = (self.batch.requests.len() + 1).clamp(2, FRONT_MAX) + others;
        i64::try_from(enough).unwrap_or(i64::MAX)
    }

    /// Takes the best candidate for the operator who asks out of the promises and the open lanes.
    pub(super) fn next(&mut self, asking: &Asking<'_>, promises: &mut Vec<Candidate>) -> Option<Candidate> {
        let mut heads: Vec<Head> = promises.iter().map(|promise| promise.head).collect();
        let mut sources = Vec::new();
        for (at, front) in self.fronts.iter().enumerate() {
            let is_for = front.is_for(asking, &self.campaigns[front.campaign].definition);
            if let Some((place, head)) = front.head(asking).filter(|_| is_for) {
                heads.push(head);
                sources.push((at, place));
            }
        }
        let chosen = queue::next(&heads, &self.mix)?;
        let Some(source) = chosen.checked_sub(promises.len()) else { return Some(promises.remove(chosen)) };
        let (at, place) = sources[source];
        let front = &mut self.fronts[at];
        front.leads.remove(place);
        Some(Candidate { head: heads[chosen], class: front.class, campaign: front.campaign, promise: None })
    }

    /// Reads on where fronts are used up. Leads that were handed out or moved away have left the queue.
    pub(super) async fn refill(&mut self, asking: &Asking<'_>) -> Result<()> {
        let campaigns = self.campaigns;
        let is_wanted =
            |front: &Front| front.is_used_up(asking) && front.is_for(asking, &campaigns[front.campaign].definition);
        let used_up: Vec<usize> = (0..self.fronts.len()).filter(|at| is_wanted(&self.fronts[*at])).collect();
        if used_up.is_empty() {
            return Ok(());
        }
        let size = self.front_size(asking);
        let key = |front: &Front| (front.lane.id.0, priority(front.class));
        let wanted: Vec<(i64, i64)> = used_up.iter().map(|at| key(&self.fronts[*at])).collect();
        let rows = sqlx::query_as::<Engine, (i64, i64, i64, i64)>(dialect::FRONTS)
            .bind(to_json(&wanted))
            .bind(size)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed)?;
        let mut read: HashMap<(i64, i64), Vec<(Timestamp, LeadId)>> = HashMap::new();
        for (lane, lead, priority, due_at_ms) in rows {
            let due_at = Origin::new("lead", lead).instant("due_at_ms", due_at_ms)?;
            read.entry((lane, priority)).or_default().push((due_at, LeadId(lead)));
        }
        for at in used_up {
            let front = &mut self.fronts[at];
            let leads = read.remove(&key(front)).unwrap_or_default();
            let is_whole = i64::try_from(leads.len()).is_ok_and(|count| count < size);
            front.leads = leads.into_iter().filter(|(_, lead)| !self.seen.contains(lead)).collect();
            // A front of nothing but leads that others hold: what lies behind is theirs to find too, so this one is done.
            front.read_to_end = is_whole || front.head(asking).is_none();
        }
        Ok(())
    }
}

fn priority(class: QueueClass) -> i64 {
    IN_LANES.iter().find(|(other, _)| *other == class).map_or(queue::RETRY, |(_, priority)| *priority)
}
