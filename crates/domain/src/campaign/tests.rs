//! Folders that pass, folders that do not, and what is said of them.

use proptest::prelude::*;

use super::*;
use crate::calling_hours::{Day, WeeklyHours};
use crate::definition::{Definition, FieldKind, OutcomeClass, Retry};
use crate::{Money, Span, script};

/// A small campaign that passes every check.
pub(crate) const CAMPAIGN: &str = r#"
campaign = "winback"
name = "Win-back"
goal = "Win clients back."
seller = "Fibre West"
country = "US"
currency = "USD"
lease = "15m"
script = """
Hello {{ client.first_name }},
{% if reopened %}{{ reopened }}{% endif %}
{% for offer in offers %}{{ offer.name }} at {{ offer.price }}{% endfor %}
bye {{ client.bill }}
"""
shown = ["first_name", "bill"]
[calling]
rules = "law"
purpose = "marketing"
audience = "b2c"
profile = "weekdays"
default_time_zone = "America/Los_Angeles"
days_after_refusal = 30
caps = [{ max = 2, window = "1d" }, { max = 4, window = "30d" }]
hours.mon = ["09:00-12:00", "13:00-20:00"]
[columns]
phone = ["Phone"]
[[client_fields]]
name = "bill"
label = "Present bill"
kind = "money"
columns = ["Bill"]

[[dispositions]]
code = "ordered"
label = "Ordered"
class = "order"

[[dispositions]]
code = "refused"
label = "Refused"
class = "refusal"

[[dispositions]]
code = "later"
label = "Call back"
class = "callback"

[[dispositions]]
code = "objected"
label = "Do not call"
class = "do_not_call"

[[dispositions]]
code = "busy"
label = "Line busy"
class = "busy"
retry = { after = "30m", max = 5 }

[[reasons]]
code = "price"
label = "Too expensive"
asks = ["price_ceiling", "wanted_features"]
reopened_by = ["price_within_ceiling", "has_wanted_features"]

[[reasons]]
code = "bound"
label = "Bound by a contract"
asks = ["contract_end"]
reopened_by = [{ contract_ends_within = "30d" }]

[[features]]
code = "speed"
label = "Download speed"
kind = "at_least"
unit = "Mbit/s"

[[features]]
code = "tv"
label = "Television"
kind = "has"

[callbacks]
horizon = "60d"
personal_grace = "30m"

[[order_form]]
name = "plan"
label = "Plan"
kind = "choice"
choices = ["Monthly", "Yearly"]
required = true

[[order_form]]
name = "bill"
label = "Bill"
kind = "money"
prefill = "bill"
"#;

pub(super) const TARIFF: &str = r#"
tariff = "fibre-25"
name = "Fibre 25"
price = "24.99"
currency = "USD"
per = "month"
fees = [{ name = "Installation", amount = "29.00" }]
regions = ["CA", "974"]
valid_from = 2026-01-01
valid_until = "2026-12-31"
time_zone = "America/Los_Angeles"
campaigns = ["winback"]

[features]
speed = 100
tv = true
"#;

pub(super) fn folder(campaign: &str, tariff: &str, header: &str) -> Folder {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    Folder {
        campaign: file("campaign.toml", campaign),
        tariffs: vec![file("tariffs/fibre-25.toml", tariff)],
        clients: Some(file("clients.csv", header)),
    }
}

/// Replaces a text that must be there.
fn broken(whole: &str, from: &str, to: &str) -> String {
    assert!(whole.contains(from), "{from:?} is not there");
    whole.replacen(from, to, 1)
}

/// The line on which a text stands.
pub(super) fn line_of(whole: &str, part: &str) -> Option<u32> {
    let at = whole.find(part).unwrap_or_else(|| panic!("{part:?} is not there"));
    u32::try_from(whole[..at].matches('\n').count() + 1).ok()
}

#[track_caller]
pub(super) fn assert_only(report: &CheckReport, check: &str, line: Option<u32>, says: &str) {
    let problems = report.problems();
    let as_expected = problems.len() == 1 && problems[0].check == check && problems[0].line == line;
    assert!(
        as_expected && problems[0].message.contains(says),
        "expected {check} on line {line:?} with {says:?}: {problems:#?}"
    );
    assert!(!report.passed);
}

#[test]
fn the_small_campaign_passes() {
    let report = check_folder(&folder(CAMPAIGN, TARIFF, "Name;\"Phone\""));
    assert!(report.passed && report.problems().is_empty(), "{:#?}", report.problems());
}

/// What is broken, what with, the check that must find it, the text on whose line, and what must be said.
#[test]
fn every_fault_of_a_campaign_is_found_where_it_stands() {
    #[rustfmt::skip]
    let faults = [
        ("lease = \"15m\"", "lease = ", "toml-syntax", "lease", "not TOML"),
        ("lease = \"15m\"", "lease = \"15m\"\nlaese = 1", "known-keys", "laese", "did you mean `lease`?"),
        ("hours.mon", "hours.monday", "known-keys", "hours.monday", "mon, tue"),
        ("phone = [\"Phone\"]", "phone = [\"Phone\"]\nfon = []", "known-keys", "fon", "first_name"),
        ("kind = \"has\"", "kind = \"has\"\nunit = \"x\"", "known-keys", "unit = \"x\"", "at_least"),
        ("class = \"busy\"\n", "", "required-keys", "[[dispositions]]\ncode = \"busy\"", "class = \"no_answer\""),
        ("horizon = \"60d\"\n", "", "required-keys", "[callbacks]", "`callbacks.horizon` is missing"),
        ("choices = [\"Monthly\", \"Yearly\"]\n", "", "required-keys", "[[order_form]]\nname = \"plan\"", "choices"),
        ("unit = \"Mbit/s\"\n", "", "required-keys", "[[features]]\ncode = \"speed\"", "unit"),
        ("days_after_refusal = 30", "days_after_refusal = \"30\"", "value-types", "days_after_refusal", "without quotes"),
        ("required = true", "required = \"yes\"", "value-types", "required", "true or false"),
        ("shown = [\"first_name\", \"bill\"]", "shown = \"first_name\"", "value-types", "shown", "a list"),
        ("days_after_refusal = 30", "days_after_refusal = -1", "values-valid", "days_after_refusal", "0 to 3660"),
        ("lease = \"15m\"", "lease = \"2 weeks\"", "values-valid", "lease", "as in 2h or 30d"),
        ("lease = \"15m\"", "lease = \"0s\"", "values-valid", "lease", "1s to 1d"),
        ("13:00-20:00", "20:00-13:00", "values-valid", "20:00-13:00", "09:00-20:00"),
        ("America/Los_Angeles", "America/Atlantis", "values-valid", "America/Atlantis", "Europe/Paris"),
        ("\"USD\"", "\"usd\"", "values-valid", "\"usd\"", "ISO 4217"),
        ("\"US\"", "\"UX\"", "values-valid", "\"UX\"", "ISO 3166-1"),
        ("class = \"busy\"", "class = \"bussy\"", "values-valid", "bussy", "did you mean `busy`?"),
        ("\"Yearly\"", "\"monthly\"", "values-valid", "\"monthly\"", "twice"),
        ("[{ contract_ends_within = \"30d\" }]", "[\"contract_ends_within\"]", "values-valid", "[\"contract_ends", "30d"),
        ("\"winback\"", "\"Win back\"", "names-well-formed", "\"Win back\"", "lower-case"),
        ("kind = \"at_least\"", "kind = \"atleast\"", "values-valid", "kind = \"atleast\"", "did you mean `at_least`?"),
        ("lease = \"15m\"", "lease = \"15m\"\ngoals = \"\"", "known-keys", "goals", "dispositions, reasons"),
        ("code = \"busy\"", "code = \"line busy\"", "names-well-formed", "line busy", "as in no_answer"),
        ("code = \"busy\"", "code = \"later\"", "codes-unique", "code = \"later\"\nlabel = \"Line", "stands on line"),
        ("code = \"tv\"", "code = \"speed\"", "codes-unique", "code = \"speed\"\nlabel = \"Tele", "\"speed\""),
        ("bye {{ client.bill }}", "bye {{ client.bil }}", "script-merge-fields", "bye", "did you mean `client.bill`?"),
        ("bye {{ client.bill }}", "bye {{ client.bill }", "script-merge-fields", "bye", "not a template"),
        ("at {{ offer.price }}", "at {{ offer.prise }}", "script-merge-fields", "at {{", "cannot be filled"),
        ("bye {{ client.bill }}", "bye {{ client.bill | shout }}", "script-merge-fields", "bye", "shout"),
        ("\"first_name\", \"bill\"]", "\"first_name\",\n\"bil\"]", "shown-fields-exist", "\"bil\"", "did you mean `bill`?"),
        ("\"first_name\", \"bill\"]", "\"bill\",\n\"bill\"]", "shown-fields-exist", "\"bill\"]", "twice"),
        ("prefill = \"bill\"", "prefill = \"invoice\"", "order-prefill-exists", "prefill", "no field"),
        ("prefill = \"bill\"", "prefill = \"city\"", "order-prefill-exists", "prefill", "an amount"),
        ("class = \"do_not_call\"", "class = \"other\"", "outcomes-complete", "[[dispositions]]", "do_not_call"),
        ("class = \"order\"", "class = \"order\"\nretry = { after = \"1d\", max = 1 }",
            "retry-where-it-makes-sense", "retry", "accepted"),
        ("[\"contract_end\"]", "[\"competitor\"]", "reasons-answerable", "reopened_by = [{", "contract_end"),
        ("[{ contract_ends_within = \"30d\" }]", "[[\"below_competitor\"], [{ contract_ends_within = \"30d\" }]]",
            "reasons-answerable", "reopened_by = [[", "competitor_price"),
        ("[{ contract_ends_within = \"30d\" }]", "[[\"covers_address\"], [\"covers_address\"], [\"covers_address\"], [\"covers_address\"], \
            [\"covers_address\"], [\"covers_address\"], [\"covers_address\"]]", "reasons-answerable", "reopened_by = [[", "at most 6"),
        ("[{ contract_ends_within = \"30d\" }]", "[{ days_since = 0 }]", "values-valid", "{ days_since", "1 to 3660"),
        ("[{ contract_ends_within = \"30d\" }]", "[{ days_since = 9, reopenings_a_year = 1 }]", "values-valid", "{ days_since",
            "each by itself"),
        ("asks = [\"contract_end\"]", "asks = [\"contract_end\"]\nrequired = [\"note\"]", "values-valid", "required = [\"note\"]",
            "not among"),
        ("asks = [\"contract_end\"]", "asks = [\"contract_end\"]\ncounts_as = \"objection\"", "reasons-answerable",
            "counts_as = \"objection\"", "not called again"),
        ("asks = [\"contract_end\"]", "asks = [\"contract_end\", \"call_after\"]", "reasons-answerable", "\"call_after\"]",
            "date_has_come"),
        ("{ max = 4, window = \"30d\" }", "{ max = 4, window = \"1d\" }", "caps-sane", "caps", "keep the one of 2"),
        ("{ max = 4, window = \"30d\" }", "{ max = 1, window = \"30d\" }", "caps-sane", "caps", "never reached"),
        ("\"13:00-20:00\"", "\"11:00-20:00\"", "hours-open", "hours.mon", "overlaps 09:00-12:00"),
        ("hours.mon = [\"09:00-12:00\", \"13:00-20:00\"]", "hours.mon = []", "hours-open", "hours.mon", "nobody"),
        ("rules = \"law\"\n", "", "required-keys", "[calling]", "names no rules"),
        ("rules = \"law\"", "rules = \"none\"", "values-valid", "rules", "law"),
        ("purpose = \"marketing\"", "purpose = \"any\"", "values-valid", "purpose", "marketing, debt"),
        ("audience = \"b2c\"", "audience = \"all\"", "values-valid", "audience", "b2c, b2b"),
        ("rules = \"law\"", "rules = \"demonstration\"", "demonstration-says-so", "profile", "name"),
        ("[callbacks]", "[queue]\nreopened_share = \"130%\"\n[callbacks]", "values-valid", "reopened_share", "0% to 100%"),
        ("[callbacks]", "[queue]\nreopened_share = 0.3\n[callbacks]", "value-types", "reopened_share", "text"),
        ("[callbacks]", "[reopening]\nper_day = -5\ntime_zone = \"UTC\"\n[callbacks]", "values-valid", "per_day", "1 to 1000000"),
        ("[callbacks]", "[reopening]\nper_day = 5\n[callbacks]", "required-keys", "[reopening]", "time_zone"),
        ("[callbacks]", "[reopening]\ntime_zone = \"UTC\"\n[callbacks]", "known-keys", "time_zone = \"UTC\"", "per_day"),
        ("[callbacks]", "[reopening]\nfirst_operator = \"90d\"\n[callbacks]", "values-valid", "first_operator", "60d"),
        ("profile = \"weekdays\"", "profile = \"demonstration\"", "demonstration-says-so", "profile", "rules ="),
        ("horizon = \"60d\"", "horizon = \"30m\"", "callback-horizon", "personal_grace", "shorten"),
        ("horizon = \"60d\"", "horizon = \"0d\"", "callback-horizon", "horizon", "no callback"),
        ("phone = [\"Phone\"]", "city = [\"City\"]", "phone-has-columns", "[columns]", "phone = "),
        ("columns = [\"Bill\"]\n", "", "client-fields-have-columns", "[[client_fields]]", "names no columns"),
        ("phone = [\"Phone\"]", "phone = [\"Tel\"]", "clients-header-has-phone", "", "\"Tel\""),
    ];
    for (from, to, check, at, says) in faults {
        let campaign = broken(CAMPAIGN, from, to);
        let line = if check == "clients-header-has-phone" { Some(1) } else { line_of(&campaign, at) };
        assert_only(&check_folder(&folder(&campaign, TARIFF, "Phone")), check, line, says);
    }
}

#[test]
fn every_fault_of_a_tariff_is_found_where_it_stands() {
    #[rustfmt::skip]
    let faults = [
        ("price = \"24.99\"", "price = 24.99", "value-types", "in quotes"),
        ("price = \"24.99\"", "price = \"24.999\"", "values-valid", "24.99"),
        ("price = \"24.99\"", "price = \"-1\"", "prices-not-negative", "less than nothing"),
        ("amount = \"29.00\"", "amount = \"-29.00\"", "prices-not-negative", "less than nothing"),
        ("valid_until = \"2026-12-31\"", "valid_until = 2025-12-31", "validity-in-order", "before"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T00:00:00", "values-valid", "2026-11-23"),
        ("\"974\"", "\"La Réunion\"", "names-well-formed", "CA or 974"),
        ("[\"CA\", \"974\"]", "[\"XX:1\"]", "names-well-formed", "\"XX\" is not a country"),
        ("[features]", "hold_out = { share = \"101%\", for = \"30d\", how = \"uncalled\" }\n[features]", "values-valid", "1% to 50%"),
        ("[features]", "hold_out = { share = \"10%\", how = \"uncalled\" }\n[features]", "required-keys", "for = \"30d\""),
        ("[features]", "hold_out = { share = \"10%\", for = \"1h\", how = \"uncalled\" }\n[features]", "values-valid", "366d"),
        ("[features]", "hold_out = { share = \"10%\", for = \"30d\", how = \"maybe\" }\n[features]", "values-valid", "without_offer"),
        ("[features]", "reopened_per_day = 0\n[features]", "values-valid", "1 to 1000000"),
        ("[\"winback\"]", "[]", "values-valid", "no campaign"),
        ("[\"winback\"]", "[\"winback\", \"winback\"]", "codes-unique", "twice"),
        ("[\"winback\"]", "[\"other\"]", "tariffs-belong", "\"winback\""),
        ("currency = \"USD\"", "currency = \"EUR\"", "tariff-currency", "EUR"),
        ("speed = 100", "speed = true", "tariff-features", "Mbit/s"),
        ("speed = 100", "sped = 100", "tariff-features", "did you mean `speed`?"),
        ("tv = true", "tv = 3", "tariff-features", "tv = true"),
        ("tv = true", "tv = 1.5", "value-types", "whole number"),
        ("per = \"month\"", "per = \" \"", "values-valid", "write something"),
        ("speed = 100", "speed = { amount = 100, unit = \"Gbit/s\" }", "tariff-features", "different units"),
        ("fees = [{ name = \"Installation\", amount = \"29.00\" }]", "replaces = \"fibre-25\"", "tariffs-follow", "itself"),
        ("fees = [{ name = \"Installation\", amount = \"29.00\" }]", "rates = [{ to = \"USD\", rate = \"1\", on = 2026-11-01 }]",
            "values-valid", "into another currency"),
        ("fees = [{ name = \"Installation\", amount = \"29.00\" }]", "rates = [{ to = \"EUR\", rate = \"0\", on = 2026-11-01 }]",
            "values-valid", "as in 0.9213"),
    ];
    for (from, to, check, says) in faults {
        let tariff = broken(TARIFF, from, to);
        assert_only(&check_folder(&folder(CAMPAIGN, &tariff, "Phone")), check, line_of(&tariff, to), says);
    }
    let mut twice = folder(CAMPAIGN, TARIFF, "Phone");
    twice.tariffs.push(SourceFile { path: "tariffs/again.toml".into(), text: TARIFF.into() });
    assert_only(&check_folder(&twice), "tariffs-unique", Some(2), "tariffs/fibre-25.toml");
}

#[test]
fn all_faults_are_reported_at_once() {
    let mut campaign = broken(CAMPAIGN, "lease = \"15m\"", "lease = \"soon\"");
    campaign = broken(&campaign, "code = \"busy\"", "cod = \"busy\"");
    campaign = broken(&campaign, "shown = [\"first_name\", \"bill\"]", "shown = [\"shoe_size\"]");
    let tariff = broken(TARIFF, "speed = 100", "spede = 100");
    let report = check_folder(&folder(&campaign, &tariff, "Number"));
    let found: Vec<_> = report.problems().iter().map(|problem| problem.check.as_str()).collect();
    let expected = [
        "values-valid",
        "shown-fields-exist",
        "required-keys",
        "known-keys",
        "clients-header-has-phone",
        "tariff-features",
    ];
    assert_eq!(found, expected, "{:#?}", report.problems());
    // What looks at the dispositions could not run, because one of them could not be read.
    let not_run: Vec<_> = report.checks.iter().filter(|c| c.not_run.is_some()).map(|c| c.name.as_str()).collect();
    assert_eq!(not_run, ["outcomes-complete", "retry-where-it-makes-sense", "objections-count"]);
}

#[test]
fn a_check_that_could_not_run_has_not_passed() {
    let report = check_folder(&folder("campaign = ", TARIFF, "Phone"));
    assert!(report.checks.iter().all(|check| check.name == "toml-syntax" || check.not_run.is_some()));
    let report = check_folder(&folder(CAMPAIGN, "tariff = ", "Phone"));
    let belong = report.checks.iter().find(|check| check.name == "tariffs-belong").expect("the check");
    assert_eq!(belong.not_run.as_deref(), Some("could not run on tariffs/fibre-25.toml (it is not TOML)"));
    assert!(load(&folder(CAMPAIGN, "tariff = ", "Phone")).is_err());
}

#[test]
fn reads_what_is_written() {
    let definition = read_definition("campaign.toml", CAMPAIGN).expect("a definition");
    assert_eq!((definition.campaign.as_str(), definition.lease), ("winback", Span::minutes(15)));
    let busy = definition.disposition("busy").expect("busy");
    assert_eq!(
        (busy.class, busy.retry),
        (OutcomeClass::Busy, Some(Retry { after: Span::minutes(30), max: 5, other_time: false }))
    );
    assert_eq!(definition.order_form[0].kind, FieldKind::Choice(vec!["Monthly".into(), "Yearly".into()]));
    assert_eq!(definition.calling.hours.0[&Day::Mon].len(), 2);
    assert!(definition.script.starts_with("Hello {{"));
    let stored = serde_json::to_string(&definition).expect("json");
    assert_eq!(serde_json::from_str::<Definition>(&stored).expect("a definition"), definition);

    let tariff = read_tariff("fibre-25.toml", TARIFF).expect("a tariff");
    assert_eq!(tariff.price, Money { minor: 2499, currency: definition.currency });
    assert_eq!(tariff.valid_until.map(|date| date.to_string()).as_deref(), Some("2026-12-31"));
    assert_eq!(misfits(&tariff, &definition), []);
}

#[test]
fn an_empty_file_names_every_key_that_is_missing() {
    let problems = read_definition("campaign.toml", "").expect_err("problems");
    assert_eq!(problems.len(), 14, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem.check == "required-keys" && problem.line.is_none()));
}

#[test]
fn names_of_checks_differ_and_are_kebab_case() {
    let report = check_folder(&folder(CAMPAIGN, TARIFF, "Phone"));
    for (at, check) in report.checks.iter().enumerate() {
        assert!(check.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", check.name);
        assert!(report.checks[..at].iter().all(|other| other.name != check.name), "{}", check.name);
    }
}

pub(super) fn plan_in_words(old: Option<&str>, new: &str) -> Vec<String> {
    let read = |text| read_definition("campaign.toml", text).expect("a definition");
    plan(old.map(read).as_ref(), &read(new)).iter().map(ToString::to_string).collect()
}

#[test]
fn a_plan_says_what_would_change() {
    assert_eq!(plan_in_words(Some(CAMPAIGN), CAMPAIGN), Vec::<String>::new());
    let comment = format!("# a comment\n{CAMPAIGN}");
    assert_eq!(plan_in_words(Some(CAMPAIGN), &comment), Vec::<String>::new());

    let mut new = broken(CAMPAIGN, "{ after = \"30m\", max = 5 }", "{ after = \"1h\", max = 3 }");
    new = broken(&new, "hours.mon = [\"09:00-12:00\", \"13:00-20:00\"]", "hours.tue = [\"10:00-19:00\"]");
    new = broken(&new, "code = \"bound\"", "code = \"contract\"");
    new = broken(&new, "{ max = 4, window = \"30d\" }", "{ max = 3, window = \"30d\" }");
    new = broken(&new, "prefill = \"bill\"\n", "");
    assert_eq!(
        plan_in_words(Some(CAMPAIGN), &new),
        [
            "calling hours on Monday: 09:00-12:00, 13:00-20:00 → closed",
            "calling hours on Tuesday: closed → 10:00-19:00",
            "tries in any 30d: at most 4 → at most 3",
            "disposition `busy` retry: 30m, at most 5 → 1h, at most 3",
            "reason `contract` added: label Bound by a contract; asks contract_end; reopened by contract_ends_within 30d",
            "order field `bill` prefill removed: bill",
            "reason `bound` removed: label Bound by a contract; asks contract_end; reopened by contract_ends_within 30d",
        ]
    );
    let swapped = broken(&broken(CAMPAIGN, "code = \"price\"", "code = \"x\""), "code = \"bound\"", "code = \"price\"");
    let swapped = broken(&swapped, "code = \"x\"", "code = \"bound\"");
    assert!(
        plan_in_words(Some(CAMPAIGN), &swapped).contains(&"order of reasons: price, bound → bound, price".to_owned())
    );
    let all = plan_in_words(None, CAMPAIGN);
    assert!(all.len() > 25 && all.iter().all(|change| change.contains(" added: ")), "{all:#?}");
}

macro_rules! sample {
    ($campaign:literal, $($tariff:literal),+) => {{
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        Folder {
            campaign: file("campaign.toml", include_str!(concat!("../../../../campaigns/", $campaign, "/campaign.toml"))),
            tariffs: vec![$(file(
                concat!("tariffs/", $tariff, ".toml"),
                include_str!(concat!("../../../../campaigns/", $campaign, "/tariffs/", $tariff, ".toml")),
            )),+],
            clients: Some(file("clients.csv", include_str!(concat!("../../../../campaigns/", $campaign, "/clients.csv")))),
        }
    }};
}

fn samples() -> [Folder; 2] {
    [
        sample!("fibre-winback", "fibre-25", "fibre-gig", "copper-premium", "northwest-20"),
        sample!("bank-loan", "loan-39", "loan-49-long"),
    ]
}

#[test]
fn the_sample_folders_pass_every_check() {
    for folder in samples() {
        let loaded = load(&folder).unwrap_or_else(|report| panic!("{:#?}", report.problems()));
        assert_eq!(loaded.tariffs.len(), folder.tariffs.len());
        assert!(loaded.definition.client_fields.len() > 5 && loaded.definition.reasons.len() > 5);
    }
}

#[test]
fn the_sample_scripts_can_be_read_aloud() {
    for folder in samples() {
        let loaded = load(&folder).unwrap_or_else(|report| panic!("{:#?}", report.problems()));
        let client = [("first_name".to_owned(), "Zoé".to_owned())].into();
        let mut context = script::ScriptContext::new(&loaded.definition, &client, "Marie");
        context.reopened = Some("it costs less now".into());
        let said = script::render(&loaded.definition.script, &context).expect("a script");
        assert!(said.contains("Zoé") && said.contains("Marie") && said.contains("it costs less now"), "{said}");
        assert!(!said.contains("\n\n"), "{said}");
    }
}

#[test]
fn the_sample_profile_that_is_always_open_says_so() {
    let [fibre, bank] =
        samples().map(|folder| load(&folder).unwrap_or_else(|report| panic!("{:#?}", report.problems())));
    assert!(fibre.definition.calling.demonstration && !bank.definition.calling.demonstration);
    assert_eq!(fibre.definition.calling.hours, WeeklyHours::always());
    assert_eq!((fibre.definition.calling.demonstration, bank.definition.calling.demonstration), (true, false));
}

/// Every reason for leaving in the sample list is a refusal reason of the campaign, or an outcome of its own.
#[test]
fn the_reasons_cover_those_of_the_sample_list() {
    let [folder, _] = samples();
    let loaded = load(&folder).unwrap_or_else(|report| panic!("{:#?}", report.problems()));
    let labels: Vec<&str> = (loaded.definition.reasons.iter().map(|reason| reason.label.as_str()))
        .chain(loaded.definition.dispositions.iter().map(|disposition| disposition.label.as_str()))
        .collect();
    let clients = folder.clients.expect("a list").text;
    let reasons: std::collections::BTreeSet<&str> = clients
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').next())
        .filter(|reason| !reason.is_empty())
        .collect();
    assert_eq!(reasons.len(), 20);
    assert_eq!(reasons.into_iter().filter(|reason| !labels.contains(reason)).collect::<Vec<_>>(), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<String>()) {
        _ = read_definition("f.toml", &text);
        _ = read_tariff("f.toml", &text);
    }

    /// A campaign file cut and spliced anywhere is read or refused, and checked, without a panic.
    #[test]
    fn checking_never_panics(from in 0..CAMPAIGN.len(), to in 0..CAMPAIGN.len(), put in r#"[\PC\n"\[\]{}=#]{0,12}"#) {
        let (from, to) = (from.min(to), from.max(to));
        let campaign = format!("{}{put}{}", &CAMPAIGN[..from], &CAMPAIGN[to..]);
        let report = check_folder(&folder(&campaign, TARIFF, "Phone"));
        let lines = u32::try_from(campaign.matches('\n').count() + 1).expect("few lines");
        let campaign_problems = report.problems().into_iter().filter(|p| p.file == "campaign.toml").cloned();
        prop_assert!(campaign_problems.into_iter().all(|p| p.line.is_none_or(|line| (1..=lines).contains(&line))));
    }
}
