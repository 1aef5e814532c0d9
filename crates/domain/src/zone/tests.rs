use super::*;

const PARIS: Option<&str> = Some("Europe/Paris");

fn person<'a>(country: &'a str, region: Option<&'a str>, postcode: Option<&'a str>) -> Whereabouts<'a> {
    Whereabouts { country, region, postcode, ..Whereabouts::default() }
}

fn found(person: Whereabouts<'_>, default: Option<&str>) -> Option<(String, ZoneSource)> {
    let default = default.map(|name| name.parse().expect("a zone"));
    resolve(person, default.as_ref()).zone.map(|(zone, source)| (zone.to_string(), source))
}

fn zone(country: &str, region: Option<&str>, postcode: Option<&str>, default: Option<&str>) -> Option<String> {
    found(person(country, region, postcode), default).map(|(zone, _)| zone)
}

#[test]
fn the_address_comes_before_the_default() {
    assert_eq!(zone("FR", None, Some("97400"), PARIS).as_deref(), Some("Indian/Reunion"));
    assert_eq!(zone("FR", None, Some("45000"), None).as_deref(), PARIS);
    assert_eq!(zone("US", Some("CA"), Some("92270"), None).as_deref(), Some("America/Los_Angeles"));
    assert_eq!(zone("PT", None, Some("9500-321"), None).as_deref(), Some("Atlantic/Azores"));
    assert_eq!(zone("DE", None, Some("10115"), Some("Europe/Berlin")).as_deref(), Some("Europe/Berlin"));
}

#[test]
fn an_ambiguous_address_is_not_overruled_by_the_default() {
    assert_eq!(zone("US", Some("FL"), None, Some("America/New_York")), None);
    assert_eq!(zone("FR", None, Some("98700"), PARIS), None);
    assert_eq!(zone("FR", None, Some("4500"), PARIS), None);
    assert_eq!(zone("US", None, None, None), None);
}

#[test]
fn the_list_s_own_column_comes_first() {
    let stated: ZoneName = "America/Denver".parse().expect("a zone");
    let person = Whereabouts {
        stated: Some(&stated),
        by_number: &["Europe/Paris"],
        fixed_line: true,
        ..person("FR", None, Some("45000"))
    };
    let zone = Some((stated.clone(), ZoneSource::List));
    assert_eq!(resolve(person, None), Resolved { zone, disagrees: false });
}

#[test]
fn the_number_counts_where_the_address_says_nothing() {
    let by = |by_number| Whereabouts { by_number, ..person("FR", None, None) };
    let number = |zone: &str| Some((zone.to_owned(), ZoneSource::Number));
    let by_default = |zone: &str| Some((zone.to_owned(), ZoneSource::Default));
    assert_eq!(found(by(&["Europe/Paris"]), None), number("Europe/Paris"));
    assert_eq!(found(by(&["Europe/London"]), PARIS), number("Europe/London"));
    assert_eq!(found(by(&["Europe/Paris", "Europe/Paris"]), None), number("Europe/Paris"));
    assert_eq!(found(by(&[]), PARIS), by_default("Europe/Paris"));
    let spanish = by(&["Atlantic/Canary", "Europe/Madrid"]);
    assert_eq!(found(spanish, None), None, "two candidates are none");
    assert_eq!(found(spanish, Some("Europe/Madrid")), by_default("Europe/Madrid"));
    assert_eq!(found(spanish, PARIS), None, "the default does not overrule the number");
}

#[test]
fn the_number_chooses_among_the_zones_of_an_address_and_no_others() {
    let by = |by_number, state, postcode| found(Whereabouts { by_number, ..person("US", state, postcode) }, None);
    let eastern: &[&str] = &["America/New_York"];
    let number = Some(("America/New_York".to_owned(), ZoneSource::Number));
    assert_eq!(by(eastern, Some("FL"), None), number);
    assert_eq!(by(eastern, None, Some("33101")), number);
    assert_eq!(by(eastern, Some("AZ"), None), None, "Arizona is not in New York's zone");
    assert_eq!(by(&["Europe/Paris"], None, Some("33101")), None);
    assert_eq!(by(&["America/Chicago", "America/New_York"], Some("FL"), None), None);
    assert_eq!(by(&[], Some("FL"), None), None);
    let tahiti = Whereabouts { by_number: &["Pacific/Tahiti"], ..person("FR", None, Some("98700")) };
    assert_eq!(found(tahiti, None), Some(("Pacific/Tahiti".to_owned(), ZoneSource::Number)));
}

#[test]
fn a_fixed_line_of_another_zone_than_the_address_is_reported() {
    for (postcode, by_number, fixed_line, disagrees) in [
        ("97400", &["Europe/Paris"][..], true, true),
        ("97400", &["Europe/Paris"], false, false), // a mobile phone travels
        ("97400", &["Indian/Mayotte", "Indian/Reunion"], true, false),
        ("97400", &[], true, false),
        ("45000", &["Europe/Paris"], true, false),
        ("45000", &["Indian/Mayotte", "Indian/Reunion"], true, true),
    ] {
        let person = Whereabouts { by_number, fixed_line, ..person("FR", None, Some(postcode)) };
        let resolved = resolve(person, None);
        assert_eq!(resolved.disagrees, disagrees, "{postcode} {by_number:?}");
        assert_eq!(resolved.zone.map(|(_, source)| source), Some(ZoneSource::Address));
    }
    let madeira =
        Whereabouts { by_number: &["Europe/Lisbon"], fixed_line: true, ..person("PT", None, Some("9000-001")) };
    assert!(!resolve(madeira, None).disagrees, "the number's table has no Madeira");
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    assert!("Europe/Atlantis".parse::<ZoneName>().is_err());
}

#[test]
fn whoever_may_live_in_several_zones_is_told_all_of_them() {
    let of = |country, region, by_number: &[&str]| -> Vec<String> {
        let person = Whereabouts { by_number, ..person(country, region, None) };
        candidates(person).into_iter().map(|zone| zone.to_string()).collect()
    };
    assert_eq!(of("", None, &["Atlantic/Canary", "Europe/Madrid"]), ["Atlantic/Canary", "Europe/Madrid"]);
    assert_eq!(of("US", Some("CA"), &["Europe/Paris"]), ["America/Los_Angeles"]);
    assert_eq!(of("US", Some("FL"), &["America/New_York"]), ["America/New_York"]);
    let contradicting = of("US", Some("FL"), &["Europe/Paris"]);
    assert!(contradicting.len() > 2 && contradicting[0] == "Europe/Paris", "{contradicting:?}");
    assert!(of("", None, &[]).is_empty());
}
