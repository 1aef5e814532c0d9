//! The leads that are before the operators of one batch: the promises that are due and the fronts of the lanes that are open, in queue
//! order. Nothing is read here; [`Next::ReadOn`] says what is to be read ([`super::front`]) before it can be told who is next.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use relance_domain::definition::Definition;
use relance_domain::eligibility::Law;
use relance_domain::funnel::LaneOpening;
use relance_domain::queue::{self, First, Head, Mix, QueueClass, ReopenedShare};
use relance_domain::{CampaignId, LeadId, UserId};
use relance_store::campaign::Lane;
use relance_store::claim::{Batch, RunningCampaign};

use super::asking::Asking;
use super::facts::RegisterDays;

/// A candidate: a lead that the search found, not yet checked.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) head: Head,
    pub(super) class: QueueClass,
    /// Which of the batch's campaigns.
    pub(super) campaign: usize,
    pub(super) promise: Option<Promise>,
    /// It is its turn by the campaign's share of reopened leads.
    by_share: bool,
    front: usize,
}

/// The promise that a candidate waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    pub(super) callback: i64,
    /// The number on which it was given.
    pub(super) phone_position: i64,
}

/// Who may keep the promises of a front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Whoever asks first.
    Anybody,
    /// Its operator only.
    Operator(UserId),
    /// Its operator, who is not there, and therefore whoever asks first.
    Absent(UserId),
}

/// Where the leads of a front stand.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// Those of one class in a lane; where the campaign's lists take turns, it is of one.
    Lane { lane: Arc<Lane>, class: QueueClass, is_mixed: bool },
    /// Promises of one owner in a campaign.
    Promises(Owner),
}

/// A lead that waits in a front.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) priority: i64,
    pub(super) due_at: Timestamp,
    pub(super) lead: LeadId,
    pub(super) promise: Option<Promise>,
    /// What else is asked of whoever keeps a promise: that they speak this language, and are this operator.
    pub(super) language: Option<String>,
    pub(super) reserved_for: Option<UserId>,
}

/// What was read of leads that stand one behind the other.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub(super) source: Source,
    pub(super) campaign: usize,
    pub(super) waiting: VecDeque<Waiting>,
    /// Priority, due time and key of the last that was read.
    pub(super) read_to: (i64, i64, i64),
    pub(super) read_to_end: bool,
}

/// Before every priority, due time and key.
const BEGINNING: (i64, i64, i64) = (i64::MIN, i64::MIN, 0);

impl Front {
    fn new(source: Source, campaign: usize) -> Self {
        Self { source, campaign, waiting: VecDeque::new(), read_to: BEGINNING, read_to_end: false }
    }

    /// In which class the operator would be given what stands here; none where they may not have it.
    fn class_for(&self, asking: &Asking<'_>, campaign: &RunningCampaign) -> Option<QueueClass> {
        if asking.request.campaign.is_some_and(|wanted| wanted != campaign.id) {
            return None;
        }
        let can = asking.has_skills_for(&campaign.definition);
        match &self.source {
            Source::Promises(Owner::Operator(owner) | Owner::Absent(owner)) if *owner == asking.request.operator => {
                Some(QueueClass::PersonalCallback)
            }
            Source::Promises(Owner::Operator(_)) => None,
            Source::Promises(Owner::Anybody | Owner::Absent(_)) => can.then_some(QueueClass::AnyCallback),
            Source::Lane { lane, class, .. } => {
                let is_for = can
                    && lane.traits.reserved_for.is_none_or(|operator| operator == asking.request.operator)
                    && lane.traits.language.as_ref().is_none_or(|one| asking.speaks(one, &campaign.definition))
                    && !(*class == QueueClass::Fresh && asking.without_fresh.contains(&campaign.id));
                is_for.then_some(*class)
            }
        }
    }
}

impl Waiting {
    /// Whether somebody other than its owner may keep the promise.
    fn is_for(&self, asking: &Asking<'_>, definition: &Definition) -> bool {
        self.language.as_ref().is_none_or(|language| asking.speaks(language, definition))
            && self.reserved_for.is_none_or(|operator| operator == asking.request.operator)
    }
}

/// Who is next for an operator.
#[derive(Debug)]
pub(super) enum Next {
    /// This one.
    Candidate(Candidate),
    /// Nobody knows before more of these fronts is read.
    ReadOn(Vec<usize>),
    /// Nobody.
    Nobody,
}

/// A front that was not read as far as somebody whom an operator may have.
struct Unread {
    campaign: CampaignId,
    class: QueueClass,
    rank: usize,
    at: usize,
}

/// The leads that are before the operators of one batch.
#[derive(Clone)]
pub(super) struct Floor<'a> {
    pub(super) campaigns: &'a [Arc<RunningCampaign>],
    pub(super) fronts: Vec<Front>,
    mix: Mix,
    /// Leads that were taken out of their fronts.
    seen: HashSet<LeadId>,
}

impl<'a> Floor<'a> {
    pub(super) fn new(campaigns: &'a [Arc<RunningCampaign>]) -> Self {
        Self { campaigns, fronts: Vec::new(), mix: Mix::default(), seen: HashSet::new() }
    }

    /// Divides the queues of campaigns that declare a share of reopened leads, each going on from the credit that it had last.
    pub(super) fn share(&mut self, credits: &HashMap<CampaignId, i64>) {
        for campaign in self.campaigns {
            if let Some(percent) = campaign.definition.queue.reopened_share {
                self.mix.share(campaign.id, ReopenedShare::new(percent, credits.get(&campaign.id).copied()));
            }
        }
    }

    /// Opens the lanes whose leads may be called now. Nothing is read of them yet.
    pub(super) fn open_lanes(&mut self, batch: &Batch, lanes: Vec<Lane>, days: &[RegisterDays], now: Timestamp) {
        let mixed: HashSet<CampaignId> =
            lanes.iter().filter(|lane| lane.weight.is_some()).map(|lane| lane.campaign).collect();
        // What it holds is right or not there, whatever became of who held it before.
        let mut openings = batch.openings.lock().unwrap_or_else(PoisonError::into_inner);
        for lane in lanes {
            let Some(campaign) = self.campaigns.iter().position(|c| c.id == lane.campaign) else { continue };
            let is_mixed = mixed.contains(&lane.campaign);
            if is_mixed {
                self.mix.add(lane.campaign, lane.list, lane.weight.unwrap_or(1), lane.mix_pass);
            }
            let law: &Law = &self.campaigns[campaign].law;
            let opening = openings.of(now, (lane.campaign, lane.id), law, &lane.for_rules(), &days[campaign]);
            if !matches!(opening, LaneOpening::Open | LaneOpening::OpenForOne) {
                continue;
            }
            let lane = Arc::new(lane);
            for class in [QueueClass::Reopened, QueueClass::Fresh, QueueClass::Retry] {
                self.fronts.push(Front::new(Source::Lane { lane: Arc::clone(&lane), class, is_mixed }, campaign));
            }
        }
    }

    /// Lets promises be kept: of those who ask, of those who are not there, and of nobody.
    pub(super) fn open_promises(&mut self, askings: &[Asking<'_>], absent: &[UserId]) {
        let here = askings.iter().filter(|asking| asking.waits()).map(|asking| asking.request.operator);
        let mut owners: Vec<Owner> = absent.iter().copied().map(Owner::Absent).collect();
        owners.push(Owner::Anybody);
        for operator in here {
            let is_known =
                |owner: &Owner| matches!(owner, Owner::Operator(known) | Owner::Absent(known) if *known == operator);
            if !owners.iter().any(is_known) {
                owners.push(Owner::Operator(operator));
            }
        }
        let is_wanted = |campaign: &RunningCampaign| {
            askings.iter().any(|asking| asking.waits() && asking.request.campaign.is_none_or(|id| id == campaign.id))
        };
        for (at, _) in self.campaigns.iter().enumerate().filter(|(_, campaign)| is_wanted(campaign)) {
            self.fronts.extend(owners.iter().map(|owner| Front::new(Source::Promises(*owner), at)));
        }
    }

    /// Who is next for an operator, as far as the fronts were read.
    pub(super) fn next(&self, asking: &Asking<'_>) -> Next {
        let (mut heads, mut found, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        for (at, front) in self.fronts.iter().enumerate() {
            let campaign = &self.campaigns[front.campaign];
            let Some(class) = front.class_for(asking, campaign) else { continue };
            let rank = campaign.definition.queue.order.rank(class);
            match self.first_of(front, class, asking) {
                Some(waiting) => {
                    let list = match &front.source {
                        Source::Lane { lane, is_mixed: true, .. } => Some(lane.list),
                        _ => None,
                    };
                    let Waiting { priority, due_at, lead, .. } = *waiting;
                    heads.push(Head { class, rank, priority, due_at, lead, campaign: campaign.id, list });
                    found.push((at, waiting.promise));
                }
                None if !front.read_to_end => unread.push(Unread { campaign: campaign.id, class, rank, at }),
                None => {}
            }
        }
        let unread = self.needed(&heads, unread);
        if !unread.is_empty() {
            return Next::ReadOn(unread);
        }
        let Some(First { at, by_share }) = queue::next(&heads, &self.mix) else { return Next::Nobody };
        let (head, (front, promise)) = (heads[at], found[at]);
        let campaign = self.fronts[front].campaign;
        Next::Candidate(Candidate { head, class: head.class, campaign, promise, by_share, front })
    }

    /// Which of the fronts that were not read far enough must be read before it can be told who is next: whether a side of a queue
    /// that is divided has anybody, and then what could go first. What goes after a class that has somebody need not be known.
    fn needed(&self, heads: &[Head], mut unread: Vec<Unread>) -> Vec<usize> {
        let is_known = |one: &Unread| {
            let same_side = |head: &&Head| (head.class == QueueClass::Reopened) == (one.class == QueueClass::Reopened);
            let theirs = heads.iter().filter(|head| head.campaign == one.campaign && head.class.is_shared());
            theirs.into_iter().any(|head| same_side(&head))
        };
        let divides = |one: &&Unread| self.mix.is_shared(one.campaign) && one.class.is_shared() && !is_known(one);
        let undecided: Vec<usize> = unread.iter().filter(divides).map(|one| one.at).collect();
        if !undecided.is_empty() {
            return undecided;
        }
        let turns = self.mix.turns(heads);
        let stand = heads.iter().filter(|head| !turns.give_way(head.campaign, head.class));
        unread.retain(|one| !turns.give_way(one.campaign, one.class));
        let first = stand.map(|head| head.rank).chain(unread.iter().map(|one| one.rank)).min();
        unread.retain(|one| Some(one.rank) == first);
        unread.into_iter().map(|one| one.at).collect()
    }

    /// The first lead of a front that the operator may have.
    fn first_of<'f>(&self, front: &'f Front, class: QueueClass, asking: &Asking<'_>) -> Option<&'f Waiting> {
        let definition = &self.campaigns[front.campaign].definition;
        let is_free = |waiting: &&Waiting| {
            !self.seen.contains(&waiting.lead)
                && !asking.resting.contains(&waiting.lead)
                && (class != QueueClass::AnyCallback || waiting.is_for(asking, definition))
        };
        front.waiting.iter().find(is_free)
    }

    /// Takes a candidate out of its front.
    pub(super) fn take(&mut self, candidate: &Candidate) {
        self.seen.insert(candidate.head.lead);
        self.fronts[candidate.front].waiting.retain(|waiting| waiting.lead != candidate.head.lead);
    }

    /// Notes a candidate as handed out; tells how far its list has come, where it came from a list's turn.
    pub(super) fn handed_out(&mut self, candidate: &Candidate) -> Option<i64> {
        candidate.head.list.and_then(|list| self.mix.handed_out(list))
    }

    /// Notes a candidate as handed out by its campaign's share of reopened leads; tells the credit after it, where it was.
    pub(super) fn shared_out(&mut self, candidate: &Candidate) -> Option<i64> {
        let Candidate { by_share, head, class, .. } = candidate;
        by_share.then(|| self.mix.shared_out(head.campaign, *class)).flatten()
    }

    /// How many leads were looked at.
    pub(super) fn looked_at(&self) -> usize {
        self.seen.len()
    }

    /// The leads to be looked at next if everybody who waits is given the first they may have, and then `ahead` more for the first
    /// of them; or the fronts that must be read on before.
    pub(super) fn foresee(
        &self,
        askings: &[Asking<'_>],
        ahead: usize,
    ) -> std::result::Result<Vec<Candidate>, Vec<usize>> {
        let mut then = self.clone();
        let mut served = HashSet::new();
        let waits = |asking: &&Asking<'_>| asking.waits() && served.insert(asking.request.operator);
        let waiting: Vec<&Asking<'_>> = askings.iter().filter(waits).collect();
        let Some(first) = waiting.first().copied() else { return Ok(Vec::new()) };
        let mut candidates = Vec::new();
        for asking in waiting.into_iter().chain(std::iter::repeat_n(first, ahead)) {
            match then.next(asking) {
                Next::Candidate(candidate) => {
                    then.take(&candidate);
                    then.handed_out(&candidate);
                    then.shared_out(&candidate);
                    candidates.push(candidate);
                }
                Next::ReadOn(fronts) => return Err(fronts),
                Next::Nobody => {}
            }
        }
        Ok(candidates)
    }
}
