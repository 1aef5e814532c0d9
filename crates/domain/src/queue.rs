//! Who is next: one order, used by the hand-out and by whoever shows the queue.
//!
//! A campaign's queue has five classes. Which goes first is the campaign's choice ([`QueueOrder`]), and how much of it goes to what
//! tariffs reopened ([`ReopenedShare`]); within a class its lists take turns by weight ([`Mix`]); within a list the best match of
//! what was reopened goes first, otherwise the longest due, then the oldest. [`next`] is all of it in one.

mod share;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CampaignId, LeadId, ListId};

pub use share::ReopenedShare;

/// Stored priority of a lead that a tariff reopened and that nothing speaks for more than for others. A better match stands before
/// it: see [`reopened`].
pub const REOPENED: i64 = 1;
/// Stored priority of a lead that was never tried.
pub const FRESH: i64 = 2;
/// Stored priority of a lead that was tried and not decided.
pub const RETRY: i64 = 3;

/// Stored priority of a lead that a tariff reopened with so many points ([`crate::matching::Score`]): the more, the earlier.
#[must_use]
pub fn reopened(points: i64) -> i64 {
    REOPENED - points.max(0)
}

/// What a lead is in the queue for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueClass {
    /// The operator had promised to call.
    PersonalCallback,
    /// Somebody had promised a call.
    AnyCallback,
    /// A tariff answers the person's refusal.
    Reopened,
    /// Never tried.
    Fresh,
    /// Tried before and not decided.
    Retry,
}

impl QueueClass {
    /// Every class, in the order that holds unless a campaign says otherwise.
    pub const ALL: [Self; 5] = [Self::PersonalCallback, Self::AnyCallback, Self::Reopened, Self::Fresh, Self::Retry];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonalCallback => "personal_callback",
            Self::AnyCallback => "any_callback",
            Self::Reopened => "reopened",
            Self::Fresh => "fresh",
            Self::Retry => "retry",
        }
    }

    /// The class of a lead with this stored priority.
    #[must_use]
    pub fn of_priority(priority: i64) -> Self {
        match priority {
            ..=REOPENED => Self::Reopened,
            FRESH => Self::Fresh,
            _ => Self::Retry,
        }
    }

    /// The stored priorities of the leads of a class that stands in lanes.
    #[must_use]
    pub fn priorities(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::Reopened => i64::MIN..=REOPENED,
            Self::Fresh => FRESH..=FRESH,
            _ => RETRY..=RETRY,
        }
    }

    /// Whether it is of those that a [`ReopenedShare`] divides the queue between: promises wait for no share.
    #[must_use]
    pub fn is_shared(self) -> bool {
        !matches!(self, Self::PersonalCallback | Self::AnyCallback)
    }
}

/// Which class of a campaign's queue goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<QueueClass>", into = "Vec<QueueClass>")]
pub struct QueueOrder([QueueClass; 5]);

/// The classes do not each stand there once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an order of the queue names each class once: personal_callback, any_callback, reopened, fresh, retry")]
pub struct NotAnOrder;

impl Default for QueueOrder {
    fn default() -> Self {
        Self(QueueClass::ALL)
    }
}

impl TryFrom<Vec<QueueClass>> for QueueOrder {
    type Error = NotAnOrder;

    fn try_from(classes: Vec<QueueClass>) -> Result<Self, NotAnOrder> {
        let order: [QueueClass; 5] = classes.try_into().map_err(|_| NotAnOrder)?;
        if QueueClass::ALL.iter().all(|class| order.contains(class)) { Ok(Self(order)) } else { Err(NotAnOrder) }
    }
}

impl From<QueueOrder> for Vec<QueueClass> {
    fn from(order: QueueOrder) -> Self {
        order.0.to_vec()
    }
}

impl QueueOrder {
    /// The classes, the first first.
    #[must_use]
    pub fn classes(&self) -> &[QueueClass; 5] {
        &self.0
    }

    /// How many classes go before this one.
    #[must_use]
    pub fn rank(&self, class: QueueClass) -> usize {
        self.0.iter().position(|other| *other == class).unwrap_or(QueueClass::ALL.len())
    }
}

/// The first lead of its class in a list, or a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What it is in the queue for.
    pub class: QueueClass,
    /// How many classes go before its own in its campaign.
    pub rank: usize,
    /// Its stored priority within the class; 0 for a promise.
    pub priority: i64,
    /// Since when it could be called.
    pub due_at: Timestamp,
    /// The lead.
    pub lead: LeadId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its list, where lists take turns; a promise waits for no list's turn.
    pub list: Option<ListId>,
}

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// Which of the heads.
    pub at: usize,
    /// Whether it was its turn by the campaign's [`ReopenedShare`], because both what was reopened and the rest had somebody.
    pub by_share: bool,
}

/// The head that goes first. Where a campaign divides its queue between what was reopened and the rest, one of the two gives way
/// while both have somebody. Then the lowest rank; among the campaigns that have one, that of the longest due; among that campaign's
/// lists, the one whose turn it is; in it, the best match, the longest due, then the oldest.
#[must_use]
pub fn next(heads: &[Head], mix: &Mix) -> Option<First> {
    let turns = mix.turns(heads);
    let stands = |head: &&Head| !turns.give_way(head.campaign, head.class);
    let rank = heads.iter().filter(stands).map(|head| head.rank).min()?;
    let of_rank = |head: &&Head| stands(head) && head.rank == rank;
    let first = heads.iter().filter(of_rank).min_by_key(|head| (head.due_at, head.lead))?;
    let of_campaign = |head: &&Head| of_rank(head) && head.campaign == first.campaign;
    let list = match first.list {
        Some(_) => mix.turn(heads.iter().filter(of_campaign).filter_map(|head| head.list)),
        None => None,
    };
    let wanted = |head: &Head| of_campaign(&head) && head.list == list;
    let candidates = heads.iter().enumerate().filter(|(_, head)| wanted(head));
    let (at, head) = candidates.min_by_key(|(_, head)| (head.priority, head.due_at, head.lead))?;
    Some(First { at, by_share: head.class.is_shared() && turns.decide(head.campaign) })
}

/// In which campaigns both what was reopened and the rest have somebody, and whose turn it is.
#[derive(Debug, Default)]
pub struct Turns(BTreeMap<CampaignId, bool>);

impl Turns {
    /// Whether leads of a class wait because it is the turn of the others.
    #[must_use]
    pub fn give_way(&self, campaign: CampaignId, class: QueueClass) -> bool {
        let is_reopened = class == QueueClass::Reopened;
        class.is_shared() && self.0.get(&campaign).is_some_and(|reopened| *reopened != is_reopened)
    }

    fn decide(&self, campaign: CampaignId) -> bool {
        self.0.contains_key(&campaign)
    }
}

/// How far a list goes on by one lead at weight 1. Divisible by all weights up to 16, so that usual shares are exact.
const STRIDE: i64 = 720_720;
/// The largest weight of a list.
pub const WEIGHT_MAX: u32 = 10_000;

/// Where the lists of campaigns stand: each goes on by a stride, the shorter the greater its weight, with every lead that is handed
/// out of it, and the list that has come the least far is next (stride scheduling: Waldspurger and Weihl, 1995). It counts leads
/// that were handed out, not leads that wait: a slow list loses no turn and a large one takes none. A list that had nobody to call
/// goes on from where the others are, so that it does not make up for the time in one go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mix {
    lists: BTreeMap<ListId, Turn>,
    shares: BTreeMap<CampaignId, ReopenedShare>,
}

/// Where one list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Turn {
    campaign: CampaignId,
    stride: i64,
    pass: Option<i64>,
}

impl Mix {
    /// Adds a list of a campaign with how far it had come after the last lead that was handed out of it.
    pub fn add(&mut self, campaign: CampaignId, list: ListId, weight: u32, pass: Option<i64>) {
        let stride = STRIDE / i64::from(weight.clamp(1, WEIGHT_MAX));
        self.lists.insert(list, Turn { campaign, stride, pass });
    }

    /// Divides a campaign's queue between what was reopened and the rest.
    pub fn share(&mut self, campaign: CampaignId, share: ReopenedShare) {
        self.shares.insert(campaign, share);
    }

    /// Whether a campaign's queue is divided so.
    #[must_use]
    pub fn is_shared(&self, campaign: CampaignId) -> bool {
        self.shares.contains_key(&campaign)
    }

    /// Whose turn it is in the campaigns that divide their queues, as far as these are before an operator.
    #[must_use]
    pub fn turns(&self, heads: &[Head]) -> Turns {
        let has = |campaign: CampaignId, reopened: bool| {
            let of_campaign = heads.iter().filter(|head| head.campaign == campaign && head.class.is_shared());
            of_campaign.into_iter().any(|head| (head.class == QueueClass::Reopened) == reopened)
        };
        let contested = self.shares.iter().filter(|(campaign, _)| has(**campaign, true) && has(**campaign, false));
        Turns(contested.map(|(campaign, share)| (*campaign, share.is_turn_of_reopened())).collect())
    }

    /// Notes a lead of a class as handed out by a campaign's share; tells the credit that what was reopened has then.
    pub fn shared_out(&mut self, campaign: CampaignId, class: QueueClass) -> Option<i64> {
        Some(self.shares.get_mut(&campaign)?.handed_out(class == QueueClass::Reopened))
    }

    /// Where the list of the campaign that was served last began its turn: nobody starts behind it.
    fn begun(&self, campaign: CampaignId) -> i64 {
        let lists = self.lists.values().filter(|turn| turn.campaign == campaign);
        lists.filter_map(|turn| Some(turn.pass? - turn.stride)).max().unwrap_or(0)
    }

    fn pass(&self, list: ListId) -> i64 {
        let Some(turn) = self.lists.get(&list) else { return 0 };
        let begun = self.begun(turn.campaign);
        turn.pass.map_or(begun, |pass| pass.max(begun))
    }

    /// Whose turn it is among these lists; the older list where two stand alike.
    fn turn(&self, lists: impl Iterator<Item = ListId>) -> Option<ListId> {
        lists.min_by_key(|list| (self.pass(*list), *list))
    }

    /// Notes a lead of a list as handed out; tells how far the list has come. A list that was never added is in no mix.
    pub fn handed_out(&mut self, list: ListId) -> Option<i64> {
        let pass = self.pass(list);
        let turn = self.lists.get_mut(&list)?;
        turn.pass = Some(pass.saturating_add(turn.stride));
        turn.pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(rank: usize, second: i64, lead: i64, list: Option<i64>) -> Head {
        let due_at = Timestamp::from_second(second).expect("in range");
        let class = QueueClass::ALL[rank];
        let priority = 0;
        Head { class, rank, priority, due_at, lead: LeadId(lead), campaign: CampaignId(1), list: list.map(ListId) }
    }

    #[test]
    fn class_then_due_time_then_age() {
        let mut heads = vec![
            head(4, 0, 2, Some(1)),
            head(3, 2, 1, Some(1)),
            head(3, 1, 6, Some(1)),
            head(3, 1, 5, Some(1)),
            head(2, 9, 9, Some(1)),
            head(0, 9, 8, None),
        ];
        let mut order = Vec::new();
        while let Some(first) = next(&heads, &Mix::default()) {
            order.push(heads.remove(first.at).lead.0);
        }
        assert_eq!(order, [8, 9, 5, 6, 1, 2]);
    }

    #[test]
    fn of_what_was_reopened_the_best_match_goes_first() {
        let with = |points, second, lead| Head { priority: reopened(points), ..head(2, second, lead, None) };
        let mut heads = vec![with(10, 0, 1), with(700, 5, 2), with(700, 4, 3), with(0, 0, 4)];
        let mut order = Vec::new();
        while let Some(first) = next(&heads, &Mix::default()) {
            order.push(heads.remove(first.at).lead.0);
        }
        assert_eq!(order, [3, 2, 1, 4]);
        let priorities = |class: QueueClass| class.priorities();
        for points in [0, 1, 1_000, i64::MAX] {
            assert_eq!(QueueClass::of_priority(reopened(points)), QueueClass::Reopened);
            assert!(priorities(QueueClass::Reopened).contains(&reopened(points)));
        }
        assert_eq!(QueueClass::of_priority(*priorities(QueueClass::Fresh).end()), QueueClass::Fresh);
    }

    #[test]
    fn a_share_divides_the_queue_while_both_have_somebody() {
        let mut mix = Mix::default();
        mix.share(CampaignId(1), ReopenedShare::new(30, None));
        let (promise, back, fresh, retry) =
            (head(1, 9, 1, None), head(2, 0, 2, None), head(3, 0, 3, None), head(4, 0, 4, None));
        let both = [back, fresh, retry];
        let given = |mix: &mut Mix, heads: &[Head]| {
            let first = next(heads, mix).expect("somebody");
            let head = heads[first.at];
            if first.by_share {
                mix.shared_out(head.campaign, head.class);
            }
            head.class
        };
        for stretch in 0..50 {
            let classes: Vec<QueueClass> = (0..10).map(|_| given(&mut mix, &both)).collect();
            let reopened = classes.iter().filter(|class| **class == QueueClass::Reopened).count();
            assert_eq!(reopened, 3, "stretch {stretch}: {classes:?}");
            assert!(!classes.contains(&QueueClass::Retry), "the rest goes by its own order");
            // Nothing is made up for, in either direction, where one had nobody; promises wait for no share.
            for _ in 0..7 {
                assert_eq!(given(&mut mix, &[back]), QueueClass::Reopened);
                assert_eq!(given(&mut mix, &[retry]), QueueClass::Retry);
                assert_eq!(given(&mut mix, &[back, fresh, promise]), QueueClass::AnyCallback);
            }
        }
    }

    #[test]
    fn an_order_names_each_class_once() {
        use QueueClass as Q;
        let order = QueueOrder::try_from(vec![Q::Fresh, Q::PersonalCallback, Q::AnyCallback, Q::Retry, Q::Reopened]);
        assert_eq!(order.expect("an order").rank(Q::Retry), 3);
        assert!(QueueOrder::try_from(vec![Q::Fresh; 5]).is_err());
        assert!(QueueOrder::try_from(vec![Q::Fresh]).is_err());
    }

    /// Hands out of lists that always have somebody; tells how many of each, in windows of `size`.
    fn shares(mix: &mut Mix, lists: &[i64], size: usize, windows: usize) -> Vec<Vec<usize>> {
        let heads: Vec<Head> = lists.iter().map(|list| head(3, 0, *list, Some(*list))).collect();
        let window = |_| {
            let mut counts = vec![0; lists.len()];
            for _ in 0..size {
                let at = next(&heads, mix).expect("somebody").at;
                mix.handed_out(ListId(lists[at]));
                counts[at] += 1;
            }
            counts
        };
        (0..windows).map(window).collect()
    }

    #[test]
    fn shares_hold_over_any_stretch() {
        let mut mix = Mix::default();
        for (list, weight) in [(1, 70), (2, 20), (3, 10)] {
            mix.add(CampaignId(1), ListId(list), weight, None);
        }
        for counts in shares(&mut mix, &[1, 2, 3], 10, 200) {
            for (count, share) in counts.iter().zip([7_i64, 2, 1]) {
                assert!((*count as i64 - share).abs() <= 1, "{counts:?}");
            }
        }
    }

    #[test]
    fn a_list_that_was_empty_makes_up_for_nothing() {
        let mut mix = Mix::default();
        mix.add(CampaignId(1), ListId(1), 1, None);
        mix.add(CampaignId(1), ListId(2), 1, None);
        shares(&mut mix, &[1, 2], 10, 1);
        shares(&mut mix, &[1], 1_000, 1);
        assert_eq!(shares(&mut mix, &[1, 2], 10, 3), [[5, 5]; 3]);
    }

    #[test]
    fn a_list_that_is_new_begins_where_the_others_are() {
        let mut mix = Mix::default();
        mix.add(CampaignId(1), ListId(1), 1, Some(90 * STRIDE));
        mix.add(CampaignId(1), ListId(2), 1, None);
        assert_eq!(shares(&mut mix, &[1, 2], 10, 2), [[5, 5]; 2]);
    }
}
