//! Everything that is refused, with its file, its line and what would be right.

use super::small::{HOLIDAYS, PACK, compile};

/// What is replaced in the pack, the line at fault (the first that holds the text), its check, and words of the message.
type Fault = (&'static str, &'static str, &'static str, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    ("gaps = ", "gap = ", "gap = ", "known-keys", "did you mean `gaps`?"),
    ("waiver = true", "max = 4", "max = 4", "known-keys", "`rules.max` is not a key here"),
    ("max_pct = 3.0", "max_percent = 3.0", "max_percent", "known-keys", "did you mean `max_pct`?"),
    ("kind = \"cap\"", "kind = \"cup\"", "kind = \"cup\"", "values-valid", "did you mean `cap`?"),
    (
        "mode = \"automated\"",
        "mode = \"robot\"",
        "\"robot\"",
        "values-valid",
        "use any, automated, prerecorded, manual",
    ),
    (
        "basis = \"product-default\"",
        "basis = \"campaign\"",
        "\"campaign\"",
        "values-valid",
        "use law, regulator-policy",
    ),
    ("\"14:00-20:00\"", "\"12:00-20:00\"", "12:00-20:00", "windows-apart", "10:00-13:00 and 12:00-20:00 overlap"),
    ("\"14:00-20:00\"", "\"20:00-14:00\"", "20:00-14:00", "values-valid", "the end later than the start"),
    ("\"14:00-20:00\"", "\"14-20\"", "14-20\"", "values-valid", "write start and end as in 09:00-20:00"),
    ("sat = []", "saturday = []", "saturday", "known-keys", "`rules.windows.saturday` is not a key here"),
    ("from = 2023-03-01", "from = \"1 March\"", "1 March", "values-valid", "is not a date: write year, month and day"),
    ("to = 2030-12-31", "to = 2020-12-31", "to = 2020", "validity-in-order", "before the first, 2023-03-01"),
    ("source = \"D.223-9\"\n", "", "[[rules]]", "sources-given", "a rule without a source"),
    ("source = \"D.223-9\"", "source = \" \"", "source = \" \"", "sources-given", "the source is blank"),
    ("https://www.legifrance.gouv.fr/", "legifrance", "legifrance", "values-valid", "is not an address"),
    ("id = \"EU-CAP\"", "id = \"FR-HOURS\"", "id = \"EU-CAP\"", "codes-unique", "stands on line 40 already"),
    ("id = \"EU-CAP\"", "id = \"eu cap\"", "id = \"eu cap\"", "names-well-formed", "as in FR-CAP-4-30"),
    ("in = \"FR\"", "in = \"FX\"", "in = \"FX\"", "values-valid", "is not a jurisdiction of this file"),
    ("parent = \"EU\"", "parent = \"UE\"", "parent = \"UE\"", "values-valid", "is not a jurisdiction of this file"),
    ("parent = \"EU\"", "parent = \"FR\"", "parent = \"FR\"", "parents-in-order", "lies in itself"),
    ("code = \"GB-SCT\"", "code = \"EU\"", "code = \"GB-SCT\"", "codes-unique", "stands on line 8 already"),
    ("code = \"GB-SCT\"", "code = \"Scotland\"", "code = \"Scotland\"", "names-well-formed", "as in FR or US-FL"),
    ("\"+262\"", "\"+4480\"", "+33", "claimed-once", "the prefix \"+4480\" stands on line 5 already"),
    ("\"+262\"", "\"0262\"", "0262", "values-valid", "write + and the first digits"),
    ("\"RE\"", "\"GB\"", "countries = [\"GB\"]", "claimed-once", "the country \"GB\" stands on line"),
    ("\"RE\"", "\"XX\"", "\"XX\"", "values-valid", "is not a country"),
    ("\"SCT\", \"Scotland\"", "\"SCT\", \"sct\"", "regions", "claimed-once", "the region \"GB sct\""),
    (
        "countries = [\"GB\"]\nregions",
        "countries = [\"GB\", \"IE\"]\nregions",
        "regions",
        "values-valid",
        "of one country",
    ),
    ("holidays = \"FR\"", "holidays = \"FR-57\"", "FR-57", "values-valid", "is not a calendar of the holidays file"),
    ("holidays = \"FR\"\n", "", "[[rules]]", "required-keys", "`rules.holidays` is missing"),
    ("holiday_windows = [\"09:00-12:00\"]\n", "", "[[rules]]", "required-keys", "`rules.holiday_windows` is missing"),
    (
        "verified = false",
        "verified = true",
        "verified = false",
        "verified-by-reading",
        "nothing is verified from memory",
    ),
    ("window = \"P1M\"", "window = \"1 month\"", "1 month", "values-valid", "is not a duration: write days"),
    ("window = \"P1M\"", "window = \"P30D\"", "P30D", "values-valid", "months for calendar_month"),
    ("\"P2D\"", "\"PT48H\"", "PT48H", "values-valid", "hours cannot be counted in days"),
    ("max = 2", "max = 0", "max = 0", "values-valid", "0 is out of range: write 1 to 10000"),
    ("max_pct = 3.0", "max_pct = 300.0", "max_pct", "values-valid", "from 0 to 100"),
    ("min = \"P2Y\"\nmax = \"P3Y\"\n", "", "[[rules]]", "required-keys", "`rules.min` or `rules.max` is missing"),
    ("register = \"tps\"", "register = \"TPS list\"", "TPS list", "names-well-formed", "is not a short name"),
    ("reviewed = 2026-11-23", "reviewed = 2026-02-30", "2026-02-30", "toml-syntax", ""),
];

#[test]
fn every_fault_is_refused_with_its_line() {
    for (before, after, at, check, words) in FAULTS {
        assert!(PACK.contains(before), "{before}");
        let pack = PACK.replacen(before, after, 1);
        let problems = compile(&pack, HOLIDAYS).err().unwrap_or_else(|| panic!("{after} is taken"));
        let found = problems.iter().find(|problem| problem.check == *check && problem.message.contains(words));
        let problem = found.unwrap_or_else(|| panic!("{after}: {problems:#?}"));
        assert_eq!(problems.len(), 1, "{after}: {problems:#?}");
        assert_eq!(problem.file, "pack.toml");
        // The original tells the line where the replacement took it away.
        let line = problem.line.expect("a line") as usize;
        let within = |text: &str| text.lines().nth(line - 1).is_some_and(|found| found.contains(at));
        assert!(within(&pack) || within(PACK), "{after}: line {line} does not hold {at}: {problem}");
    }
}

#[test]
fn every_fault_of_the_holidays_is_refused_with_its_line() {
    for (before, after, line, words) in [
        ("years = [2026, 2027]", "years = [2027]", 10, "2026-05-25 is of a year that `table.years` does not name"),
        ("2026-05-25", "2026-11-24", 11, "stands here already as \"Whit Monday\""),
        ("name = \"A Tuesday\"", "title = \"A Tuesday\"", 11, "`calendars.days.title` is not a key here"),
        ("date = 2026-05-25", "date = \"Whitsun\"", 10, "is not a date"),
        ("generated_by = \"by hand\"\n", "", 2, "`table.generated_by` is missing"),
    ] {
        let problems = compile(PACK, &HOLIDAYS.replacen(before, after, 1)).expect_err(after);
        let found =
            problems.iter().any(|p| p.file == "holidays.toml" && p.line == Some(line) && p.message.contains(words));
        assert!(found, "{after}: {problems:#?}");
    }
}

#[test]
fn every_problem_of_both_files_is_told_at_once() {
    let pack =
        PACK.replace("max = 2", "max = 0").replace("to = 2030-12-31", "to = 2020-12-31").replace("\"SCT\", ", "3, ");
    let problems = compile(&pack, &HOLIDAYS.replace("2026-05-25", "2025-05-25")).expect_err("four faults");
    let places: Vec<_> = problems.iter().map(|p| (p.file.as_str(), p.check.as_str())).collect();
    assert_eq!(
        places,
        [
            ("holidays.toml", "values-valid"),
            ("pack.toml", "value-types"),
            ("pack.toml", "validity-in-order"),
            ("pack.toml", "values-valid")
        ]
    );
    // A broken holidays file does not hide the faults of the pack, nor does it make new ones.
    let problems = compile(&pack, "[table\n").expect_err("broken");
    assert_eq!(problems.iter().filter(|p| p.file == "pack.toml").count(), 3, "{problems:#?}");
}

#[test]
fn parents_in_a_circle_are_refused() {
    let pack = PACK.replace("code = \"EU\"\nname = \"Union\"", "code = \"EU\"\nname = \"Union\"\nparent = \"FR\"");
    let problems = compile(&pack, HOLIDAYS).expect_err("a circle");
    assert_eq!(problems.iter().filter(|p| p.check == "parents-in-order").count(), 2, "{problems:#?}");
}
