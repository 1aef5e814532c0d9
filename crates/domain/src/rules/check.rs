//! May this call be made now?

use jiff::Timestamp;

use super::cap;
use super::circumstances::{Circumstances, ConsentClass};
use super::findings::{CapUse, Findings, Obstacle, ObstacleKind, RuleFinding};
use super::first_clear::{Rules, first_open};
use super::hours::{self, Closing};
use super::judge::{decides, judge, sentence};
use super::moment::Moment;
use super::rule::{Demand, Rule};
use super::set::RuleSet;
use super::standing::Standing;

/// Applies every rule that binds the call, and the campaign's own limits, at `now`. The call may be made when there is no
/// obstacle. Rules are chosen by the local date of the call; where the person may live in several zones, by each of them.
#[must_use]
pub fn check(now: Timestamp, set: &RuleSet, own: &[Rule], person: &Circumstances<'_>) -> Findings {
    let moment = Moment::new(now, set, person);
    let rules = Rules::concerning(set, own, person);
    let mut obstacle = beyond_rules(set, person).map(|obstacle| (obstacle, Standing::Never));
    let mut findings = Findings::default();
    let mut closing: Option<Closing> = None;
    for rule in rules.binding((moment.first, moment.last)).into_iter().filter(|rule| decides(rule)) {
        let (standing, kind) = judge(rule, &moment);
        let finding = finding(rule, standing, &moment);
        if let Demand::Hours(demand) = &rule.demand {
            closing = [closing, hours::standing(demand, &moment).1].into_iter().flatten().min();
        }
        if standing != Standing::Clear && is_graver((kind, standing), obstacle.as_ref()) {
            let (rule, until, sentence) = (Some(rule.id.clone()), standing.ends(), finding.sentence.clone());
            obstacle = Some((Obstacle { kind, rule, until, sentence }, standing));
        }
        findings.rules.push(finding);
    }
    let mut obstacle = obstacle.map(|(obstacle, _)| obstacle);
    let hours_failed = findings.rules.iter().any(|f| f.kind == super::RuleKind::Hours && !f.passed);
    match &mut obstacle {
        // One rule's next opening need not be the others'.
        Some(obstacle) if obstacle.kind == ObstacleKind::OutsideHours => obstacle.until = first_open(moment, &rules),
        _ => {}
    }
    if let Some((until, window)) = closing.filter(|_| !hours_failed) {
        findings.window = Some(window.to_string());
        findings.open_until = Some(until);
    }
    findings.obstacle = obstacle;
    findings
}

/// What stands in the way whatever the rules say.
pub(super) fn beyond_rules(set: &RuleSet, person: &Circumstances<'_>) -> Option<Obstacle> {
    let (kind, sentence) = if person.place.is_nowhere() {
        let sentence = "the number or the address is of no place whose rules are known here";
        (ObstacleKind::NoJurisdiction, sentence.to_owned())
    } else if !set.knows(person.place) {
        let sentence = format!("these rules do not know {} any more: the place must be found anew", person.place);
        (ObstacleKind::NoJurisdiction, sentence)
    } else if person.zones.is_empty() {
        (ObstacleKind::NoTimeZone, "nobody knows what time it is for the person".to_owned())
    } else if person.consent.class == ConsentClass::Refused {
        (ObstacleKind::NoConsent, "the person refused to be called".to_owned())
    } else {
        return None;
    };
    Some(Obstacle { kind, rule: None, until: None, sentence })
}

/// The gravest kind counts, and of one kind what lasts longest.
fn is_graver((kind, standing): (ObstacleKind, Standing), than: Option<&(Obstacle, Standing)>) -> bool {
    than.is_none_or(|(other, of_other)| kind < other.kind || (kind == other.kind && standing > *of_other))
}

fn finding(rule: &Rule, standing: Standing, moment: &Moment<'_>) -> RuleFinding {
    let used: Option<CapUse> = match &rule.demand {
        Demand::Cap(cap) => Some(cap::standing(cap, moment).1),
        _ => None,
    };
    RuleFinding {
        id: rule.id.clone(),
        kind: rule.kind(),
        passed: standing == Standing::Clear,
        until: standing.ends(),
        used,
        sentence: sentence(rule, standing, moment),
    }
}
