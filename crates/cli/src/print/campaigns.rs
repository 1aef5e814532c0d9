//! Campaigns.

use relance_domain::campaign::{Change, CheckReport, NamedCheck};
use relance_domain::definition::{AttemptCap, Definition};
use relance_scheduler::{AppliedCampaign, CampaignDetails, CampaignPlan};
use relance_store::campaign::Campaign;

use super::calls::coded;
use super::{DEMONSTRATION, count, facts, instant, listed, sections, table};

/// Every check, and what it found. Those that only lack a file that cannot be read are one line.
pub(crate) fn checked(report: &CheckReport) -> String {
    let (unread, told): (Vec<_>, Vec<_>) = report.checks.iter().partition(|check| check.is_unread());
    let mut lines: Vec<String> = told.into_iter().flat_map(check_lines).collect();
    if !unread.is_empty() {
        let (checks, were) = (count(unread.len() as i128, "check"), if unread.len() == 1 { "was" } else { "were" });
        lines.push(format!("{checks} {were} not run, because the file cannot be read."));
    }
    let problems = report.checks.iter().map(|check| check.problems.len()).sum::<usize>();
    lines.push(match (report.passed, problems) {
        (true, _) => format!("\nAll {} passed.", count(report.checks.len() as i128, "check")),
        (false, 0) => "\nNot every check could run.".to_owned(),
        (false, some) => format!("\n{}.", count(some as i128, "problem")),
    });
    lines.join("\n")
}

fn check_lines(check: &NamedCheck) -> Vec<String> {
    let passed = check.problems.is_empty() && check.not_run.is_none();
    let mut lines = vec![format!("{} {}: {}", if passed { "✓" } else { "✗" }, check.name, check.description)];
    lines.extend(check.not_run.iter().map(|why| format!("    not run: {why}")));
    lines.extend(check.problems.iter().map(|problem| {
        let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("    {}{line}: {}", problem.file, problem.message)
    }));
    lines
}

/// What applying would change.
pub(crate) fn planned(plan: &CampaignPlan) -> String {
    let what = match plan.present_version {
        None => format!("Campaign {} would be new.", plan.campaign),
        Some(version) if plan.changes.is_empty() => {
            format!("Campaign {} would stay as it is (version {version}).", plan.campaign)
        }
        Some(version) => {
            let changes = count(plan.changes.len() as i128, "change");
            format!("Campaign {} would change from version {version}: {changes}.", plan.campaign)
        }
    };
    sections([what, changes(&plan.changes)])
}

fn changes(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("  {change}")).collect::<Vec<_>>().join("\n")
}

/// What was applied.
pub(crate) fn applied(applied: &AppliedCampaign) -> String {
    let Campaign { campaign, version, state, .. } = &applied.campaign;
    let tariffs = format!("Tariffs of the folder: {}.", listed(&applied.tariffs));
    // Of a campaign that is new everything is a change: `campaign show` tells it better.
    let (what, changes) = match (*version, applied.changes.as_slice()) {
        (_, []) => (format!("Campaign {campaign} stays as it is: version {version}, {state}."), String::new()),
        (1, _) => (format!("Campaign {campaign} is new: version 1, {state}."), String::new()),
        (_, made) => (format!("Campaign {campaign} is at version {version} now, {state}."), changes(made)),
    };
    sections([what, changes, tariffs])
}

/// Every campaign.
pub(crate) fn campaigns(campaigns: &[Campaign]) -> String {
    if campaigns.is_empty() {
        return "There are no campaigns yet: relance campaign apply DIR".to_owned();
    }
    let row = |c: &Campaign| {
        vec![
            c.campaign.clone(),
            c.name.clone(),
            c.seller.clone(),
            c.state.to_string(),
            c.version.to_string(),
            instant(c.created_at),
        ]
    };
    table(&["campaign", "name", "seller", "state", "version>", "since"], campaigns.iter().map(row))
}

/// A campaign after something happened to it.
pub(crate) fn state_changed(campaign: &Campaign) -> String {
    format!("Campaign {} is {} now.", campaign.campaign, campaign.state)
}

/// A campaign and what it is made of.
pub(crate) fn details(details: &CampaignDetails) -> String {
    let CampaignDetails { campaign, definition } = details;
    let what = facts(&[
        ("campaign", campaign.campaign.clone()),
        ("name", campaign.name.clone()),
        ("goal", definition.goal.clone()),
        ("seller", campaign.seller.clone()),
        ("state", format!("{}, version {}, since {}", campaign.state, campaign.version, instant(campaign.created_at))),
        ("country", format!("{}, prices in {}", definition.country, definition.currency)),
        ("lease", definition.lease.to_string()),
        ("dispositions", listed(definition.dispositions.iter().map(|d| coded(&d.code, d.class.as_str())))),
        ("reasons", listed(definition.reasons.iter().map(|reason| reason.code.clone()))),
        ("features", listed(definition.features.iter().map(|feature| feature.code.clone()))),
        ("order form", listed(definition.order_form.iter().map(|field| field.name.clone()))),
    ]);
    let note = if definition.calling.demonstration { DEMONSTRATION.to_owned() } else { String::new() };
    sections([what, calling(definition), note])
}

fn calling(definition: &Definition) -> String {
    let calling = &definition.calling;
    let hours = calling.hours.0.iter().map(|(day, windows)| {
        let windows: Vec<_> = windows.iter().map(ToString::to_string).collect();
        format!("{} {}", day.as_str(), if windows.is_empty() { "closed".to_owned() } else { windows.join(" and ") })
    });
    let zone = calling.default_time_zone.as_ref().map(ToString::to_string);
    let caps = calling.caps.iter().map(|AttemptCap { max, window }| format!("{max} tries in {window}"));
    facts(&[
        ("calling profile", calling.profile.clone()),
        ("hours", listed(hours)),
        ("caps", listed(caps)),
        ("after a refusal", count(calling.days_after_refusal, "full day") + " without a call"),
        ("zone if unknown", zone.unwrap_or_else(|| "none: not called".to_owned())),
    ])
}
