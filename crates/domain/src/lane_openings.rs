//! Which lanes are open, kept for as long as it holds: the rules need not be asked anew for every operator who waits.
//!
//! A hundred lanes of ten places under the shipped rules took 0.6 to 0.75 ms to decide (release build, two busy cores), in every
//! batch. What is decided for a lane changes at local midnight and when its hours open or close, so that it is decided a few times a day.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::eligibility::{Lane, Law, lane_opening, lane_opening_until};
use crate::fault::{self, Fault};
use crate::funnel::LaneOpening;
use crate::rules::{ConsentClass, Place, Relationship};
use crate::{CampaignId, LaneId, ZoneName};

/// More lanes of a campaign than this are forgotten and decided anew: those of lists that are long gone are among them.
const LANES_MAX: usize = 10_000;

/// What was decided for the lanes of some campaigns, each under one law: begin with an empty one where a law has changed.
#[derive(Debug, Default)]
pub struct LaneOpenings {
    campaigns: HashMap<CampaignId, OfCampaign>,
}

#[derive(Debug, Default)]
struct OfCampaign {
    /// The days of the registers that it was decided by.
    registers: BTreeMap<String, Date>,
    lanes: HashMap<LaneId, Decided>,
}

/// What was decided for a lane, by what, and the instants at which it holds: a clock that is set back finds it as little as one
/// that has gone on.
#[derive(Debug)]
struct Decided {
    zone: Option<ZoneName>,
    place: Place,
    consent: ConsentClass,
    hours_waiver: bool,
    relationship: Relationship,
    opening: LaneOpening,
    holds: Range<Timestamp>,
}

impl LaneOpenings {
    /// What [`lane_opening`] says of a lane of a campaign.
    pub fn of(
        &mut self,
        now: Timestamp,
        (campaign, id): (CampaignId, LaneId),
        law: &Law,
        lane: &Lane<'_>,
        registers: &BTreeMap<String, Date>,
    ) -> LaneOpening {
        if lane.weight == Some(0) {
            return lane_opening(now, law, lane, registers);
        }
        let known = self.campaigns.entry(campaign).or_default();
        if known.registers != *registers || known.lanes.len() > LANES_MAX {
            *known = OfCampaign { registers: registers.clone(), lanes: HashMap::new() };
        }
        let opening = match known.lanes.get(&id) {
            Some(decided) if decided.is_of(lane) && decided.holds.contains(&now) => decided.opening,
            _ => {
                let decided = Decided::now(now, law, lane, registers);
                let opening = decided.opening;
                known.lanes.insert(id, decided);
                opening
            }
        };
        match opening {
            LaneOpening::Open if lane.is_reserved => LaneOpening::OpenForOne,
            opening => opening,
        }
    }
}

impl Decided {
    /// For whomever the lane is kept, and whatever the share of its list is: neither is a matter of time.
    fn now(now: Timestamp, law: &Law, lane: &Lane<'_>, registers: &BTreeMap<String, Date>) -> Self {
        let (opening, until) =
            lane_opening_until(now, law, &Lane { is_reserved: false, weight: None, ..*lane }, registers);
        Self {
            zone: lane.zone.cloned(),
            place: lane.place.clone(),
            consent: lane.consent,
            hours_waiver: lane.hours_waiver,
            relationship: lane.relationship,
            opening,
            holds: now..if fault::is_on(Fault::LaneStaysShut) { Timestamp::MAX } else { until },
        }
    }

    fn is_of(&self, lane: &Lane<'_>) -> bool {
        let Lane { zone, place, consent, hours_waiver, relationship, weight: _, is_reserved: _ } = *lane;
        self.zone.as_ref() == zone
            && self.place == *place
            && self.consent == consent
            && self.hours_waiver == hours_waiver
            && self.relationship == relationship
    }
}

#[cfg(test)]
mod tests;
