//! A folder is checked by a flat list of named checks that all run and all report.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    PRICES_NOT_NEGATIVE, VALIDITY_IN_ORDER, check_campaign, check_clients, check_order, check_pulls, check_reasons,
    check_tariffs, read, read_tariff,
};
use crate::definition::Definition;
use crate::tariff::Tariff;
use crate::toml_file::{
    CODES_UNIQUE, Document, Finding, KNOWN_KEYS, NAMES_WELL_FORMED, Problem, REQUIRED_KEYS, TOML_SYNTAX, VALUE_TYPES,
    VALUES_VALID,
};

/// A campaign folder as it travels to the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// `campaign.toml`.
    pub campaign: SourceFile,
    /// `tariffs/*.toml`.
    #[serde(default)]
    pub tariffs: Vec<SourceFile>,
    /// `clients.csv`, of which only the header line is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<SourceFile>,
}

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// What problems call it.
    #[schema(example = "campaigns/fibre-winback/campaign.toml")]
    pub path: String,
    /// Its content.
    pub text: String,
}

/// What became of every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckReport {
    /// Whether every check ran on every file and found nothing.
    pub passed: bool,
    /// The checks, always all of them and in the same order.
    pub checks: Vec<NamedCheck>,
}

/// What became of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedCheck {
    /// Its name.
    #[schema(example = "shown-fields-exist")]
    pub name: String,
    /// What it holds the folder to.
    pub description: String,
    /// On what it could not run, and why. It has not passed then.
    pub not_run: Option<String>,
    /// What it found.
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// Everything that was found, by file and line.
    #[must_use]
    pub fn problems(&self) -> Vec<&Problem> {
        let mut problems: Vec<_> = self.checks.iter().flat_map(|check| &check.problems).collect();
        problems.sort();
        problems
    }
}

impl NamedCheck {
    /// Whether it only has to tell that a file is not TOML, which the check of its syntax tells already.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.problems.is_empty() && self.not_run.as_ref().is_some_and(|why| why.contains(NOT_TOML))
    }
}

/// What a check says of a file that it could not read.
const NOT_TOML: &str = "(it is not TOML)";

/// A folder that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Its campaign.
    pub definition: Definition,
    /// Its tariffs, in the order of their files.
    pub tariffs: Vec<Tariff>,
}

/// Runs every check on a folder.
#[must_use]
pub fn check_folder(folder: &Folder) -> CheckReport {
    run(folder).0
}

/// Reads a folder, or gives the report of its checks.
pub fn load(folder: &Folder) -> Result<Loaded, CheckReport> {
    match run(folder) {
        (report, Some(loaded)) if report.passed => Ok(loaded),
        (report, _) => Err(report),
    }
}

/// One check.
struct Check {
    name: &'static str,
    description: &'static str,
    /// The parts of the campaign file that it looks at; empty for what reading itself checks.
    needs: &'static [&'static str],
    /// Whether it looks at the tariffs.
    tariffs: bool,
    run: Run,
}

type Run = fn(&Subject<'_>) -> Vec<Problem>;

/// The files of a folder as far as they could be read.
pub(super) struct Subject<'a> {
    /// The parsed campaign file.
    pub(super) document: &'a Document<'a>,
    /// Its content.
    pub(super) definition: &'a Definition,
    /// The tariffs that could be read.
    pub(super) tariffs: Vec<(&'a Document<'a>, &'a Tariff)>,
    /// The list's header.
    pub(super) clients: Option<&'a SourceFile>,
}

impl Subject<'_> {
    /// A problem of the campaign file, at a path such as `shown.2`.
    pub(super) fn at(&self, path: &str, message: String) -> Problem {
        at(self.document, path, message)
    }
}

/// A problem at a path of a document. The runner puts the check's name to it.
pub(super) fn at(document: &Document<'_>, path: &str, message: String) -> Problem {
    Problem { file: document.file.to_owned(), line: document.line_of(path), check: String::new(), message }
}

/// The line of a file on which a key such as `features.speed_mbps` stands, or the nearest thing around it.
#[must_use]
pub fn line_of(file: &SourceFile, key: &str) -> Option<u32> {
    Document::parse(&file.path, &file.text).ok()?.line_of(key)
}

/// A check that reading a file makes.
const fn of_reading(name: &'static str, description: &'static str) -> Check {
    Check { name, description, needs: &[], tariffs: false, run: |_| Vec::new() }
}

/// A check of what these parts of the campaign file say as a whole.
const fn of_campaign(name: &'static str, run: Run, needs: &'static [&'static str], description: &'static str) -> Check {
    Check { name, description, needs, tariffs: false, run }
}

/// A check of whether the tariffs suit these parts of the campaign file.
const fn of_tariffs(name: &'static str, run: Run, needs: &'static [&'static str], description: &'static str) -> Check {
    Check { name, description, needs, tariffs: true, run }
}

const CHECKS: [Check; 34] = [
    of_reading(TOML_SYNTAX, "campaign and tariff files are TOML"),
    of_reading(KNOWN_KEYS, "no key is one that nobody reads"),
    of_reading(REQUIRED_KEYS, "no key is missing"),
    of_reading(VALUE_TYPES, "every value has the type of its key"),
    of_reading(VALUES_VALID, "every length of time, window, zone, country, currency, date and amount is one"),
    of_reading(NAMES_WELL_FORMED, "short names, codes and regions are well formed"),
    of_reading(CODES_UNIQUE, "no code stands twice"),
    of_reading(PRICES_NOT_NEGATIVE, "no price or fee is below nothing"),
    of_reading(VALIDITY_IN_ORDER, "no tariff ends before it begins"),
    of_campaign(
        "script-merge-fields",
        check_campaign::script_merge_fields,
        &["script", "client_fields"],
        "the script can be filled, and every merge field exists",
    ),
    of_campaign(
        "shown-fields-exist",
        check_campaign::shown_fields_exist,
        &["shown", "client_fields"],
        "every field shown to the operator exists and stands once",
    ),
    of_campaign(
        "order-prefill-exists",
        check_campaign::order_prefill_exists,
        &["order_form", "client_fields"],
        "order fields are filled from fields that exist and hold the same kind",
    ),
    of_campaign(
        "order-checks-fit",
        check_order::checks_fit,
        &["order", "order_form"],
        "checks between order fields are over fields that exist and can be compared",
    ),
    of_campaign(
        "order-parts-appear",
        check_order::parts_appear,
        &["order", "order_form", "features"],
        "what belongs to some tariffs only names tariffs or features that exist",
    ),
    of_campaign(
        "withdrawal-known",
        check_order::withdrawal_known,
        &["order", "order_form", "country"],
        "it is known how long clients may withdraw, and what waives it is asked",
    ),
    of_campaign(
        "orders-cancellable",
        check_order::orders_cancellable,
        &["order"],
        "an order can be cancelled for a reason",
    ),
    of_campaign(
        "outcomes-complete",
        check_campaign::outcomes_complete,
        &["dispositions"],
        "an order, a refusal, a callback and an objection can be recorded",
    ),
    of_campaign(
        "retry-where-it-makes-sense",
        check_campaign::retry_where_it_makes_sense,
        &["dispositions"],
        "only outcomes that leave the client to be tried again have a retry",
    ),
    of_campaign(
        "reasons-answerable",
        check_reasons::reasons_answerable,
        &["reasons", "features"],
        "what reopens a refusal is among what its reason asks for",
    ),
    of_campaign(
        "caps-sane",
        check_campaign::caps_sane,
        &["calling"],
        "no two caps have one window, and none is made idle by another",
    ),
    of_campaign("hours-open", check_campaign::hours_open, &["calling"], "some hours are open and none overlap"),
    of_campaign(
        "demonstration-says-so",
        check_campaign::demonstration_says_so,
        &["calling"],
        "a profile that is held to no calling rules is named for demonstration, and no other is",
    ),
    of_campaign(
        "objections-count",
        check_campaign::objections_count,
        &["dispositions"],
        "whoever asks not to be called again is recorded as having objected",
    ),
    of_campaign(
        "callback-horizon",
        check_campaign::callback_horizon,
        &["callbacks"],
        "callbacks can be promised, and their operator's time ends within the horizon",
    ),
    of_campaign(
        "phone-has-columns",
        check_clients::phone_has_columns,
        &["columns"],
        "the columns of the phone number are named",
    ),
    of_campaign(
        "client-fields-have-columns",
        check_clients::client_fields_have_columns,
        &["client_fields"],
        "every client field names its columns and has a name of its own",
    ),
    of_campaign(
        "clients-header-has-phone",
        check_clients::clients_header_has_phone,
        &["columns"],
        "the header of clients.csv has a column for the phone number",
    ),
    of_campaign(
        "pulls-declared",
        check_pulls::pulls_declared,
        &["pulls"],
        "every list that is pulled declares its origin as a loaded one does",
    ),
    of_campaign(
        "pull-conditions-fit",
        check_pulls::pull_conditions_fit,
        &["pulls", "campaign", "client_fields", "reasons"],
        "what people are chosen by can hold of somebody",
    ),
    of_tariffs("tariffs-unique", check_tariffs::tariffs_unique, &["campaign"], "no tariff stands in two files"),
    of_tariffs(
        "tariffs-follow",
        check_tariffs::tariffs_follow,
        &["campaign"],
        "no tariff replaces itself, ends before its successor begins to replace it, or is replaced twice",
    ),
    of_tariffs(check_tariffs::BELONG, check_tariffs::tariffs_belong, &["campaign"], "every tariff names this campaign"),
    of_tariffs(
        check_tariffs::CURRENCY,
        check_tariffs::tariff_currency,
        &["currency"],
        "every price is in the campaign's currency, or has a rate into it",
    ),
    of_tariffs(
        check_tariffs::FEATURES,
        check_tariffs::tariff_features,
        &["features"],
        "every feature of a tariff is one of the campaign's, of the same kind and unit",
    ),
];

/// A file after reading.
struct Read<'a, T> {
    path: &'a str,
    /// The parsed file and its value; `None` when it is not TOML.
    content: Option<(Document<'a>, T)>,
    problems: Vec<Problem>,
    /// The top-level keys with problems.
    faulty: BTreeSet<String>,
}

impl<'a, T> Read<'a, T> {
    fn new(file: &'a SourceFile, read: fn(&Document<'_>) -> (T, Vec<Finding>)) -> Self {
        let document = match Document::parse(&file.path, &file.text) {
            Ok(document) => document,
            Err(problems) => return Self { path: &file.path, content: None, problems, faulty: BTreeSet::new() },
        };
        let (value, findings) = read(&document);
        let faulty = findings.iter().map(|finding| finding.part.clone()).collect();
        let problems = findings.into_iter().map(|finding| finding.problem).collect();
        Self { path: &file.path, content: Some((document, value)), problems, faulty }
    }
}

fn run(folder: &Folder) -> (CheckReport, Option<Loaded>) {
    let campaign = Read::new(&folder.campaign, read::definition);
    let tariffs: Vec<_> = folder.tariffs.iter().map(|file| Read::new(file, read_tariff::tariff)).collect();
    let clean = tariffs.iter().filter(|tariff| tariff.problems.is_empty()).filter_map(|tariff| tariff.content.as_ref());
    let subject = campaign.content.as_ref().map(|(document, definition)| Subject {
        document,
        definition,
        tariffs: clean.map(|(document, tariff)| (document, tariff)).collect(),
        clients: folder.clients.as_ref(),
    });
    let read_problems = || campaign.problems.iter().chain(tariffs.iter().flat_map(|tariff| &tariff.problems));
    let checks: Vec<_> = CHECKS
        .iter()
        .map(|check| {
            let mut problems: Vec<_> = read_problems().filter(|problem| problem.check == check.name).cloned().collect();
            let not_run = not_run(check, &campaign, &tariffs);
            if let (Some(subject), true) = (&subject, runs_on(check, &campaign)) {
                problems.extend((check.run)(subject));
            }
            problems.iter_mut().for_each(|problem| check.name.clone_into(&mut problem.check));
            NamedCheck { name: check.name.into(), description: check.description.into(), not_run, problems }
        })
        .collect();
    let passed = checks.iter().all(|check| check.not_run.is_none() && check.problems.is_empty());
    let loaded = campaign.content.as_ref().map(|(_, definition)| Loaded {
        definition: definition.clone(),
        tariffs: tariffs.iter().filter_map(|tariff| Some(tariff.content.as_ref()?.1.clone())).collect(),
    });
    (CheckReport { passed, checks }, loaded)
}

/// Whether a check can run on the campaign file: none of the parts it looks at is a stand-in.
fn runs_on(check: &Check, campaign: &Read<'_, Definition>) -> bool {
    campaign.content.is_some() && check.needs.iter().all(|part| !campaign.faulty.contains(*part))
}

/// On what a check could not run, in words.
fn not_run(check: &Check, campaign: &Read<'_, Definition>, tariffs: &[Read<'_, Tariff>]) -> Option<String> {
    if check.name == TOML_SYNTAX {
        return None;
    }
    let mut on: Vec<String> = Vec::new();
    if campaign.content.is_none() {
        on.push(format!("{} {NOT_TOML}", campaign.path));
    } else {
        let faulty = check.needs.iter().filter(|part| campaign.faulty.contains(**part));
        on.extend(faulty.map(|part| format!("`{part}` of {} (it has problems of its own)", campaign.path)));
    }
    for tariff in tariffs {
        if tariff.content.is_none() && (check.tariffs || check.needs.is_empty()) {
            on.push(format!("{} {NOT_TOML}", tariff.path));
        } else if check.tariffs && !tariff.problems.is_empty() {
            on.push(format!("{} (it has problems of its own)", tariff.path));
        }
    }
    (!on.is_empty()).then(|| format!("could not run on {}", on.join(", ")))
}
