//! What the files may say, and what of it counts for the version.

use proptest::prelude::*;

use super::super::*;
use super::small::{HOLIDAYS, PACK, compile, set};
use crate::toml_file::Problem;

#[test]
fn the_shipped_files_are_read_without_a_problem() {
    let read =
        |path: &str| std::fs::read_to_string(format!("{}/../../rules/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path);
    let (pack, holidays) = (read("calling-rules.toml"), read("holidays.toml"));
    let compiled = RuleSet::compile(("calling-rules.toml", &pack), ("holidays.toml", &holidays));
    let lines = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let set = compiled.unwrap_or_else(|problems| panic!("{}", lines(problems)));
    assert_eq!(set.version(), RuleSet::shipped().version());
    assert_eq!(set.version().len(), 16);
}

#[test]
fn the_version_counts_meaning_and_not_layout() {
    let version = set().version().to_owned();
    let of = |pack: &str, holidays: &str| compile(pack, holidays).expect("well formed").version().to_owned();
    let spaced = PACK.replace(" = ", "=").replace("\n\n", "\n# a comment\n\n");
    let reordered = PACK.replace("code = \"GB\"\nname = \"Britain\"", "name = \"Britain\"\ncode = \"GB\"");
    let other_list_order = PACK.replace(r#"["+33", "+262"]"#, r#"["+262", "+33"]"#);
    let other_window_order = PACK.replace(r#""10:00-13:00", "14:00-20:00""#, r#""14:00-20:00", "10:00-13:00""#);
    let (head, default) = PACK.rsplit_once("[[rules]]").expect("rules");
    let (head, rules) = head.split_once("[[rules]]").expect("rules");
    let moved = format!("{head}[[rules]]{default}\n[[rules]]{rules}");
    for same in [spaced, reordered, other_list_order, other_window_order, moved] {
        assert_ne!(same, PACK);
        assert_eq!(of(&same, HOLIDAYS), version, "{same}");
    }
    for (before, after) in [
        ("max = 2", "max = 3"),
        ("+4480", "+4481"),
        ("\"P2D\"", "\"P3D\""),
        ("a note", "another note"),
        ("SCT\", ", "ABD\", "),
    ] {
        assert!(PACK.contains(before));
        assert_ne!(of(&PACK.replace(before, after), HOLIDAYS), version, "{before}");
    }
    assert_ne!(of(PACK, &HOLIDAYS.replace("2026-11-24", "2026-11-25")), version);
    assert_ne!(of(PACK, &HOLIDAYS.replace(", 2027", "")), version);
}

#[test]
fn rules_kept_for_the_record_can_be_listed() {
    let set = set();
    let rule = set.rule("GB-ABANDON").expect("a rule");
    let Demand::Record(record) = &rule.demand else { panic!("kept for the record") };
    assert_eq!(record.of, RuleKind::Abandoned);
    assert_eq!(record.figures["max_pct"], Figure::Decimal("3".to_owned()));
    assert_eq!(record.figures["window"], Figure::Period(Period::Days(1)));
    let shipped = RuleSet::shipped();
    assert!(shipped.rules().iter().filter(|rule| rule.kind().of_record()).count() > 15);
    assert_eq!(set.rules().len(), 7);
    assert_eq!(set.jurisdictions().iter().map(|j| j.code.as_str()).collect::<Vec<_>>(), ["EU", "FR", "GB", "GB-SCT"]);
}

#[test]
fn a_rule_is_shown_as_json_with_its_words() {
    let json = serde_json::to_value(RuleSet::shipped().rule("FR-CAP-4-30")).expect("json");
    assert_eq!((&json["in"], &json["kind"], &json["window"]), (&"FR".into(), &"cap".into(), &"P30D".into()));
    let kept = serde_json::to_value(set().rule("GB-ABANDON")).expect("json");
    assert_eq!((&kept["kind"], &kept["max_pct"]), (&"abandoned".into(), &"3".into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any damage is a report, never a panic.
    #[test]
    fn damage_is_reported(at in 0..PACK.len(), length in 0..40_usize, instead in "[ -~\n]{0,12}") {
        let end = (at + length).min(PACK.len());
        let damaged = format!("{}{instead}{}", &PACK[..at], &PACK[end..]);
        if let Err(problems) = compile(&damaged, HOLIDAYS) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}
