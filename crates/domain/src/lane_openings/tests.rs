use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::rules::RuleSet;
use crate::testing::definition;

/// Places, with zones of which some change their clocks at midnight.
const PLACES: &[(&str, &str)] = &[
    ("FR", "Europe/Paris"),
    ("ES", "Europe/Madrid"),
    ("IT", "Europe/Rome"),
    ("GB", "Europe/London"),
    ("US-TX", "America/Chicago"),
    ("US-FL", "America/New_York"),
    ("AU", "Australia/Lord_Howe"),
    ("BR", "America/Sao_Paulo"),
    ("FR", "America/Havana"),
    ("FR", "Africa/Cairo"),
    ("FR", "Asia/Beirut"),
    ("FR", "America/Asuncion"),
];
const CONSENTS: [ConsentClass; 3] = [ConsentClass::Written, ConsentClass::Given, ConsentClass::Unsaid];

/// The law of campaigns for business and for show, which have hours of their own or none.
static LAWS: LazyLock<Vec<Law>> = LazyLock::new(|| {
    let law = |demonstration| {
        let mut definition = definition();
        definition.calling.demonstration = demonstration;
        Law::of(&definition, &RuleSet::shipped())
    };
    vec![law(false), law(true)]
});

/// A lane of somewhere, numbered: the numbers decide everything about it, so that a lane may also change.
fn lane<'a>(number: usize, zone: Option<&'a ZoneName>, place: &'a Place) -> Lane<'a> {
    Lane {
        zone,
        place,
        consent: CONSENTS[number % 3],
        hours_waiver: number.is_multiple_of(5),
        relationship: if number.is_multiple_of(2) { Relationship::Contract } else { Relationship::None },
        weight: (number.is_multiple_of(11)).then_some(0),
        is_reserved: number.is_multiple_of(7),
    }
}

/// Steps of a clock, in seconds: on and back, from a blink to a season.
fn steps() -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![-90..90_i64, -7_200..7_200_i64, -90_000..90_000_i64, -9_000_000..9_000_000_i64];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_kept_is_what_would_be_decided_anew(
        start in 1_767_225_600..1_830_000_000_i64,
        steps in steps(),
        first in 0..1_000_usize,
        law in 0..2_usize,
    ) {
        let law = &LAWS[law];
        let places: Vec<(Place, ZoneName)> =
            PLACES.iter().map(|(place, zone)| (place.parse().expect("a place"), zone.parse().expect("a zone"))).collect();
        let mut kept = LaneOpenings::default();
        let mut now = start * 1_000;
        for (turn, step) in steps.into_iter().enumerate() {
            now += step * 1_000 + step % 7;
            let at = Timestamp::from_millisecond(now).expect("in range");
            // A file of a register is loaded now and then.
            let day = Timestamp::from_second(start).expect("in range").to_zoned(jiff::tz::TimeZone::UTC).date();
            let registers: BTreeMap<String, Date> =
                ["bloctel", "us-dnc", "tps"].into_iter().take(turn / 8).map(|name| (name.to_owned(), day)).collect();
            for (id, (place, zone)) in (1_i64..).zip(&places) {
                let number = first + usize::try_from(id).expect("small") + turn / 20;
                let lane = lane(number, (!number.is_multiple_of(13)).then_some(zone), place);
                let found = kept.of(at, (CampaignId(1), LaneId(id)), law, &lane, &registers);
                prop_assert_eq!(found, lane_opening(at, law, &lane, &registers), "lane {} at {}", id, at);
            }
        }
    }

    /// Every instant before the one until which it holds: sought out around it, and at random.
    #[test]
    fn an_opening_holds_for_as_long_as_it_says(
        now in 1_767_225_600_000..1_830_000_000_000_i64,
        number in 0..1_000_usize,
        parts in prop::collection::vec(0.0..1.0_f64, 20),
    ) {
        let (place, zone) = PLACES[number % PLACES.len()];
        let (place, zone) = (place.parse().expect("a place"), zone.parse().expect("a zone"));
        let lane = Lane { weight: None, ..lane(number, Some(&zone), &place) };
        let (law, registers) = (&LAWS[0], BTreeMap::new());
        let at = |ms| Timestamp::from_millisecond(ms).expect("in range");
        let (opening, until) = lane_opening_until(at(now), law, &lane, &registers);
        let length = until.as_millisecond() - now;
        prop_assert!(length <= 26 * 3_600_000, "midnight ends it");
        let within = parts.into_iter().map(|part| now + (length as f64 * part) as i64);
        for ms in within.chain([until.as_millisecond() - 1]).filter(|ms| (now..until.as_millisecond()).contains(ms)) {
            prop_assert_eq!(lane_opening(at(ms), law, &lane, &registers), opening, "{}", at(ms));
        }
    }
}

#[test]
fn a_lane_is_decided_anew_only_when_something_has_changed() {
    let (zone, place) = ("Europe/Paris".parse().expect("a zone"), "FR".parse().expect("a place"));
    let open = Lane { consent: ConsentClass::Written, weight: None, ..lane(1, Some(&zone), &place) };
    let mut definition = definition();
    definition.calling.demonstration = false;
    let law = Law::of(&definition, &RuleSet::shipped());
    let mut kept = LaneOpenings::default();
    let mut holds = |now: &str, lane: &Lane<'_>| {
        let now = now.parse().expect("an instant");
        kept.of(now, (CampaignId(1), LaneId(1)), &law, lane, &BTreeMap::new());
        kept.campaigns[&CampaignId(1)].lanes[&LaneId(1)].holds.clone()
    };
    let since = |now: &str| now.parse::<Timestamp>().expect("an instant");
    let first = holds("2026-11-24T09:30:00Z", &open);
    assert_eq!(first, since("2026-11-24T09:30:00Z")..since("2026-11-24T11:59:00Z"), "a minute before the hours close");
    assert_eq!(holds("2026-11-24T11:58:59.999Z", &open), first);
    assert_eq!(holds("2026-11-24T10:00:00Z", &Lane { is_reserved: true, ..open }), first);
    assert_eq!(holds("2026-11-24T11:59:00.001Z", &open).end, since("2026-11-24T13:00:00Z"), "closed over midday");
    assert_eq!(holds("2026-11-24T10:00:00Z", &open).start, since("2026-11-24T10:00:00Z"), "a clock that went back");
    let agreed = Lane { hours_waiver: true, ..open };
    assert_eq!(holds("2026-11-24T11:00:00Z", &agreed).start, since("2026-11-24T11:00:00Z"), "another lane");
}
