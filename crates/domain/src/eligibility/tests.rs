use super::*;
use crate::calling_hours::WeeklyHours;
use crate::definition::AttemptCap;
use crate::testing::definition;

fn instant(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// A campaign that is held to its own limits only: 4 tries in 30 days, 60 days after a refusal.
fn own_limits() -> Law {
    let mut definition = definition();
    definition.calling.hours = WeeklyHours::always();
    definition.calling.caps = vec![AttemptCap { max: 4, window: Span::days(30) }];
    definition.calling.days_after_refusal = 60;
    Law::of(&definition, &RuleSet::shipped())
}

fn in_paris(zone: &ZoneName) -> Callee<'_> {
    let whereabouts = Whereabouts { number: "+33199001234", country: "FR", region: None };
    Callee { whereabouts, zone: Some(zone), consent: Consent::UNSAID, relationship: Relationship::None }
}

fn decide_in_paris(now: &str, facts: &Facts) -> Verdict {
    decide(instant(now), &own_limits(), &in_paris(&"Europe/Paris".parse().expect("a zone")), facts)
}

fn tries(at: &[&str]) -> Vec<Try> {
    let tried = |at: &&str| Try { at: instant(at), same_subject: true, same_number: true, connected: None };
    at.iter().map(tried).collect()
}

#[test]
fn the_gravest_reason_is_the_one_named() {
    let everything = Facts {
        suppressed: true,
        open_elsewhere_until: Some(instant("2026-11-24T12:00:00Z")),
        licence_until: Some("2026-01-01".parse().expect("a date")),
        ..Facts::default()
    };
    assert_eq!(decide_in_paris("2026-11-24T11:00:00Z", &everything), Verdict::Never(ClosedReason::Suppressed));
    let no_objection = Facts { suppressed: false, ..everything };
    assert_eq!(decide_in_paris("2026-11-24T11:00:00Z", &no_objection), Verdict::Never(ClosedReason::Expired));
    let licensed = Facts { licence_until: Some("2026-11-24".parse().expect("a date")), ..no_objection };
    assert!(matches!(
        decide_in_paris("2026-11-24T11:00:00Z", &licensed),
        Verdict::Wait { block: Block::OpenElsewhere, .. }
    ));
}

#[test]
fn a_cap_has_room_again_when_its_oldest_try_is_a_window_old() {
    let at = ["2026-11-01T10:00:00Z", "2026-11-05T10:00:00Z", "2026-11-03T10:00:00Z", "2026-11-04T10:00:00Z"];
    let facts = Facts { tries: tries(&at), ..Facts::default() };
    let until = instant("2026-12-01T10:00:00Z");
    assert_eq!(decide_in_paris("2026-12-01T09:59:59Z", &facts), Verdict::Wait { block: Block::AttemptCap, until });
    let Verdict::Callable(clearance) = decide_in_paris("2026-12-01T10:00:00Z", &facts) else { panic!("callable") };
    let used: Vec<u32> = clearance.rules.iter().filter_map(|rule| Some(rule.used?.used)).collect();
    assert_eq!(used, [3]);
}

#[test]
fn sixty_full_days_follow_a_refusal() {
    let last = LastEvents { refusal: Some(instant("2026-03-03T09:00:00Z")), ..LastEvents::default() };
    let facts = Facts { last, ..Facts::default() };
    let until = instant("2026-05-02T22:00:00Z"); // 3 May, midnight in Paris: the 61st day
    assert_eq!(decide_in_paris("2026-05-02T21:59:59Z", &facts), Verdict::Wait { block: Block::CoolDown, until });
    assert!(matches!(decide_in_paris("2026-05-02T22:00:00Z", &facts), Verdict::Callable(_)));
}

/// A consumer in Paris whom a campaign calls under the law, some weekday at noon.
fn under_the_law(consent: Consent, hits: Vec<RegisterHit>) -> Verdict {
    let mut definition = definition();
    definition.calling.demonstration = false;
    let law = Law::of(&definition, &RuleSet::shipped());
    let zone = "Europe/Paris".parse().expect("a zone");
    let callee = Callee { consent, ..in_paris(&zone) };
    decide(instant("2026-11-24T11:00:00Z"), &law, &callee, &Facts { hits, ..Facts::default() })
}

#[test]
fn a_consumer_who_agreed_to_nothing_is_not_callable_in_france() {
    let nobody = under_the_law(Consent::UNSAID, Vec::new());
    assert_eq!(nobody, Verdict::Wait { block: Block::NoConsent, until: Timestamp::MAX });
}

#[test]
fn one_who_agreed_is_callable_and_every_rule_is_told() {
    let day = Some("2026-10-01".parse().expect("a date"));
    let consent = Consent { class: ConsentClass::Written, given_on: day, last_used_on: None, hours_waiver: false };
    let Verdict::Callable(clearance) = under_the_law(consent, Vec::new()) else { panic!("callable") };
    let rules: Vec<&str> = clearance.rules.iter().map(|rule| rule.id.as_str()).collect();
    for rule in ["FR-HOURS", "FR-CAP-4-30", "FR-COOLDOWN-60", "FR-CONSENT-OPTIN"] {
        assert!(rules.contains(&rule), "{rule} is missing in {rules:?}");
    }
    assert_eq!((clearance.place.as_str(), clearance.window.as_str()), ("FR", "10:00-13:00"));
    // A register that no rule speaks of is the seller's own wish.
    let hit = RegisterHit { register: "our-own".into(), since: None };
    assert_eq!(under_the_law(consent, vec![hit]), Verdict::Never(ClosedReason::Suppressed));
}

#[test]
fn a_lane_is_open_or_says_why_not() {
    let mut definition = definition();
    definition.calling.demonstration = false;
    let law = Law::of(&definition, &RuleSet::shipped());
    let (zone, place) = ("Europe/Paris".parse().expect("a zone"), "FR".parse().expect("a place"));
    let lane = Lane {
        zone: Some(&zone),
        place: &place,
        consent: ConsentClass::Written,
        hours_waiver: false,
        relationship: Relationship::None,
        weight: None,
        is_reserved: false,
    };
    let opening = |now: &str, lane: Lane<'_>| lane_opening(instant(now), &law, &lane, &BTreeMap::new());
    assert_eq!(opening("2026-11-24T11:00:00Z", lane), LaneOpening::Open);
    let reserved = Lane { is_reserved: true, ..lane };
    assert_eq!(opening("2026-11-24T11:00:00Z", reserved), LaneOpening::OpenForOne);
    let (lunch, after) = ("2026-11-24T12:30:00Z", Some(instant("2026-11-24T13:00:00Z")));
    assert_eq!(opening(lunch, lane), LaneOpening::Closed { block: Block::OutsideHours, opens_at: after });
    let unsaid = Lane { consent: ConsentClass::Unsaid, ..lane };
    assert_eq!(opening(lunch, unsaid), LaneOpening::Closed { block: Block::NoConsent, opens_at: None });
    let nowhere = Lane { zone: None, ..lane };
    assert_eq!(opening(lunch, nowhere), LaneOpening::Closed { block: Block::NoTimeZone, opens_at: None });
    assert_eq!(opening(lunch, Lane { weight: Some(0), ..lane }), LaneOpening::SwitchedOff);
}
