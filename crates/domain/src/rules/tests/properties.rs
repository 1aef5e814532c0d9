//! What holds for everybody at every instant.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::super::*;
use super::person::{Person, by_shipped, date};
use crate::calling_hours::{Day, WeeklyHours, Window};
use crate::definition::CallingProfile;
use crate::testing::definition;

const PLACES: &[(&str, &str, &[&str])] = &[
    ("+33199001234", "FR", &["Europe/Paris"]),
    ("+33612345678", "RE", &["Europe/Paris", "Indian/Reunion"]),
    ("+13055550123", "US", &["America/New_York", "America/Chicago"]),
    ("+390612345678", "IT", &["Europe/Rome"]),
    ("+79161234567", "RU", &["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"]),
    ("+61291234567", "AU", &["Australia/Lord_Howe"]),
    ("+34911234567", "FR", &["Europe/Madrid"]),
    ("+447700900123", "GB", &["Europe/London"]),
    ("+5511912345678", "BR", &["America/Sao_Paulo"]),
];

const FROM_S: i64 = 1_767_225_600; // 2026-01-01
const SPAN_S: i64 = 3 * 365 * 86_400;

fn instants() -> impl Strategy<Value = Timestamp> {
    (0..SPAN_S * 1_000).prop_map(|ms| Timestamp::from_millisecond(FROM_S * 1_000 + ms).expect("in range"))
}

fn people() -> impl Strategy<Value = (Person, Timestamp)> {
    let event = || prop::option::of(0..100 * 86_400_i64);
    let words = (0..PLACES.len(), 0..4_usize, 0..3_usize, 0..5_usize, 0..900_i64);
    let tries = prop::collection::vec((0..45 * 86_400_i64, any::<bool>(), any::<Option<bool>>()), 0..8);
    (words, tries, (event(), event(), event()), instants()).prop_map(|(words, tries, events, now)| {
        let (place, purpose, mode, class, age) = words;
        let (number, country, zones) = PLACES[place];
        let mut person = by_shipped(number, country, None, zones);
        let before = |seconds: i64| now.checked_sub(seconds.seconds()).expect("in range");
        person.call.purpose = [Purpose::Marketing, Purpose::Debt, Purpose::Research, Purpose::Any][purpose];
        person.call.mode = [DialMode::Manual, DialMode::Automated, DialMode::Prerecorded][mode];
        person.consent.class = [
            ConsentClass::Written,
            ConsentClass::Proven,
            ConsentClass::Given,
            ConsentClass::Unsaid,
            ConsentClass::Written,
        ][class];
        let today = person.zones[0].to_datetime(now).date();
        person.consent.given_on = Some(today.checked_sub(age.days()).expect("in range"));
        for register in ["bloctel", "us-dnc", "it-rpo", "au-dncr", "robinson", "tps", "br-nmp"] {
            person.registers.insert(register.to_owned(), today);
        }
        let one = |(ago, same, connected)| Try { at: before(ago), same_subject: same, same_number: same, connected };
        person.tries = tries.into_iter().map(one).collect();
        person.last.refusal = events.0.map(before);
        person.last.conversation = events.1.map(before);
        person.last.abandoned = events.2.map(before);
        (person, now)
    })
}

fn is_clear(person: &Person, at: Timestamp) -> bool {
    check(at, &person.set, &person.own, &person.circumstances()).obstacle.is_none()
}

fn clear_from(person: &Person, now: Timestamp) -> Option<Timestamp> {
    first_clear(now, &person.set, &person.own, &person.circumstances())
}

fn own_limits() -> impl Strategy<Value = CallingProfile> {
    (0..24_u16, 0..24_u16, 0..40_u32, 1..5_u32).prop_map(|(from, to, days_after_refusal, max)| {
        let window = format!("{:02}:00-{:02}:00", from.min(to), from.max(to) + 1);
        let windows = vec![window.parse::<Window>().expect("a window")];
        let mut profile = definition().calling;
        profile.hours = WeeklyHours(Day::ALL.into_iter().map(|day| (day, windows.clone())).collect());
        profile.days_after_refusal = days_after_refusal;
        profile.caps[0].max = max;
        profile
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn first_clear_is_clear_and_nothing_before_it_is((person, now) in people(), part in 0..1_000_i64) {
        match clear_from(&person, now) {
            Some(at) => {
                prop_assert!(at >= now && is_clear(&person, at), "{at}");
                if at > now {
                    prop_assert!(!is_clear(&person, at.checked_sub(1.milliseconds()).expect("in range")), "{at}");
                    let between = now.as_millisecond() + (at.as_millisecond() - now.as_millisecond()) * part / 1_000;
                    prop_assert!(!is_clear(&person, Timestamp::from_millisecond(between).expect("in range")), "{between}");
                }
            }
            None => {
                let later = now.checked_add((part * 8).hours()).expect("in range");
                prop_assert!(!is_clear(&person, later), "{later}");
            }
        }
    }

    #[test]
    fn an_obstacle_lasts_until_it_says((person, now) in people()) {
        let findings = check(now, &person.set, &[], &person.circumstances());
        for finding in &findings.rules {
            prop_assert!(finding.until.is_none_or(|until| until > now && !finding.passed), "{finding:?}");
        }
        if let Some(until) = findings.obstacle.as_ref().and_then(|obstacle| obstacle.until) {
            prop_assert!(clear_from(&person, now).is_none_or(|clear| clear >= until || clear_by_change(&person, now, until)));
        }
        let failed = findings.rules.iter().any(|finding| !finding.passed);
        prop_assert!(!failed || findings.obstacle.is_some());
    }

    #[test]
    fn the_strictest_wins((mut person, now) in people(), profile in own_limits()) {
        let (clear, first) = (is_clear(&person, now), clear_from(&person, now));
        person.own = own_rules(&profile);
        prop_assert!(clear || !is_clear(&person, now));
        match (first, clear_from(&person, now)) {
            (Some(without), Some(with)) => prop_assert!(without <= with),
            (None, Some(with)) => prop_assert!(false, "own limits made it callable at {with}"),
            (_, None) => {}
        }
    }

    #[test]
    fn another_try_never_helps((mut person, now) in people(), ago in 0..45 * 86_400_i64) {
        let clear = is_clear(&person, now);
        let at = now.checked_sub(ago.seconds()).expect("in range");
        person.tries.push(Try { at, same_subject: true, same_number: true, connected: None });
        prop_assert!(clear || !is_clear(&person, now));
    }

    /// By the person's own clocks, whatever they do: within a window, on a day that is no holiday.
    #[test]
    fn french_calls_are_within_french_hours(day in 0..1_096_i64, minute in 0..1_440_i64, zone in 0..3_usize) {
        let zones = ["Europe/Paris", "America/Cayenne", "America/Miquelon"];
        let person = by_shipped("+33199001234", "FR", None, &[zones[zone]]);
        let day: Date = date("2026-08-11").checked_add(day.days()).expect("in range");
        let local = day.to_datetime(Time::midnight()).checked_add(minute.minutes()).expect("in range");
        let at = person.at(&local.to_string());
        let local = person.zones[0].to_datetime(at);
        let weekday = local.weekday().to_monday_one_offset() <= 5;
        let within = |from: i8, to: i8| local.hour() >= from && (local.hour() < to - 1 || (local.hour() == to - 1 && local.minute() <= 59));
        let hours = check(at, &person.set, &[], &person.circumstances());
        if hours.obstacle.is_none() {
            prop_assert!(weekday && (within(10, 13) || within(14, 20)), "{local}");
            let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
            prop_assert!(!fixed.contains(&(local.month(), local.day())), "{local}");
        }
    }
}

/// Whether other rules come into force before an instant, so that an obstacle may be gone sooner than it says.
fn clear_by_change(person: &Person, now: Timestamp, until: Timestamp) -> bool {
    let day = |at: Timestamp| person.zones[0].to_datetime(at).date();
    let (first, last) = (day(now), day(until).tomorrow().expect("in range"));
    person.set.rules().iter().filter_map(|rule| rule.to).any(|to| first <= to && to <= last)
}
