//! A campaign's own stricter limits as rules.

use super::period::Period;
use super::rule::{Cap, Cooldown, Demand, HolidayHours, Hours, Rule};
use super::words::{Audience, Basis, CooldownAfter, Counts, DayCount, DialMode, Evidence, Per, Purpose, WindowType};
use crate::definition::CallingProfile;

/// The limits that a campaign sets itself, as rules of basis `campaign`: `campaign-hours`, `campaign-cap-4-30d` for each
/// cap, and `campaign-refusal-60d`. They bind every call of the campaign and never lift a rule of the law.
#[must_use]
pub fn own_rules(profile: &CallingProfile) -> Vec<Rule> {
    let hours = Hours {
        windows: profile.hours.clone(),
        holiday: HolidayHours::Same,
        eve_of_holiday: None,
        holidays: None,
        waiver: false,
    };
    let mut rules = vec![own("campaign-hours".to_owned(), profile, Demand::Hours(hours))];
    for cap in &profile.caps {
        let id = format!("campaign-cap-{}-{}", cap.max, cap.window);
        let seconds = u32::try_from(cap.window.seconds()).unwrap_or(u32::MAX);
        let cap = Cap {
            max: cap.max,
            window: Period::Seconds(seconds),
            window_type: WindowType::Rolling,
            counts: Counts::Attempts,
            per: Per::Seller,
        };
        rules.push(own(id, profile, Demand::Cap(cap)));
    }
    if profile.days_after_refusal > 0 {
        let id = format!("campaign-refusal-{}d", profile.days_after_refusal);
        let cooldown = Cooldown {
            after: CooldownAfter::Refusal,
            duration: Some(Period::Days(profile.days_after_refusal)),
            counted: DayCount::FullDays,
            per: Per::Seller,
        };
        rules.push(own(id, profile, Demand::Cooldown(cooldown)));
    }
    rules
}

fn own(id: String, profile: &CallingProfile, demand: Demand) -> Rule {
    Rule {
        id,
        jurisdiction: super::EVERYWHERE.to_owned(),
        basis: Basis::Campaign,
        audience: Audience::Any,
        purpose: Purpose::Any,
        mode: DialMode::Any,
        from: None,
        to: None,
        source: format!("the campaign's own calling profile {}", profile.profile),
        source_url: None,
        evidence: Evidence::Primary,
        verified: true,
        note: None,
        conflict: None,
        what: None,
        demand,
    }
}
