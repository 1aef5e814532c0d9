//! Lists that campaigns pull by themselves.

use relance_scheduler::{LoadReport, PullSummary};

use super::lists::counts;
use super::loaded::loaded;
use super::{perhaps, sections, table};

/// The pulls that are declared.
pub(crate) fn pulls(pulls: &[PullSummary]) -> String {
    if pulls.is_empty() {
        return "No campaign pulls lists by itself: declare [[pulls]] in its campaign.toml.".to_owned();
    }
    let row = |pull: &PullSummary| {
        let from = pull.database.as_ref().map_or_else(|| pull.from.clone(), |name| format!("database {name}"));
        vec![
            pull.campaign.clone(),
            pull.pull.clone(),
            from,
            pull.every.map_or_else(|| "on request".to_owned(), |every| every.to_string()),
            perhaps(pull.pulled_at),
            pull.list.map(|list| list.to_string()).unwrap_or_default(),
            pull.pulled_at.map(|_| pull.new_leads.to_string()).unwrap_or_default(),
            perhaps(pull.next_due),
        ]
    };
    let headers = ["campaign", "name", "from", "every", "last pulled", "list>", "new leads>", "next due"];
    let failed = pulls.iter().filter_map(|pull| {
        let failure = pull.failure.as_ref()?;
        Some(format!("{} of {}: {failure}", pull.pull, pull.campaign))
    });
    sections([table(&headers, pulls.iter().map(row)), failed.collect::<Vec<_>>().join("\n")])
}

/// What a pull did, or would do.
pub(crate) fn pulled(report: &LoadReport) -> String {
    if report.counts.rows_read == 0 {
        return "Nobody is chosen: no list is made.".to_owned();
    }
    if report.dry_run || report.list.is_some() {
        return loaded(report, true);
    }
    sections(["Nobody is new: no list was made.".to_owned(), counts(&report.counts)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull() -> PullSummary {
        PullSummary {
            campaign: "fibre".into(),
            pull: "crm".into(),
            from: "database".into(),
            database: Some("shop".into()),
            every: Some(relance_domain::Span::days(1)),
            pulled_at: None,
            list: None,
            new_leads: 0,
            failure: None,
            next_due: None,
        }
    }

    #[test]
    fn a_failure_is_told_below_the_table() {
        let failed = PullSummary { failure: Some("the database \"shop\" cannot be reached".into()), ..pull() };
        let shown = pulls(&[pull(), failed]);
        assert!(shown.contains("database shop") && shown.contains("1d"), "{shown}");
        assert!(shown.ends_with("crm of fibre: the database \"shop\" cannot be reached"), "{shown}");
        assert!(pulls(&[]).contains("[[pulls]]"));
    }
}
