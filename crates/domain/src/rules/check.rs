//! May this call be made now?

use jiff::Timestamp;

use super::circumstances::{Circumstances, ConsentClass};
use super::findings::{Findings, Obstacle, ObstacleKind, RuleFinding};
use super::first_clear::{Rules, first_open};
use super::hours::Closing;
use super::judge::{Judgement, decides, judge, sentence};
use super::moment::Moment;
use super::rule::Rule;
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
    let (mut closing, mut hours_open): (Option<Closing>, bool) = (None, true);
    for rule in rules.binding((moment.first, moment.last)).into_iter().filter(|rule| decides(rule)) {
        let judgement = judge(rule, &moment);
        let Judgement { standing, kind, closing: of_rule, .. } = judgement;
        let finding = finding(rule, &judgement, &moment);
        closing = [closing, of_rule].into_iter().flatten().min();
        hours_open &= kind != ObstacleKind::OutsideHours || standing == Standing::Clear;
        if standing != Standing::Clear && is_graver((kind, standing), obstacle.as_ref()) {
            let (rule, until, sentence) = (Some(rule.id.clone()), standing.ends(), finding.sentence.clone());
            obstacle = Some((Obstacle { kind, rule, until, sentence }, standing));
        }
        findings.rules.push(finding);
    }
    findings.obstacle = obstacle.map(|(obstacle, _)| obstacle);
    if let Some(obstacle) = findings.obstacle.as_mut().filter(|found| found.kind == ObstacleKind::OutsideHours) {
        // One rule's next opening need not be the others'.
        obstacle.until = first_open(moment, &rules);
    }
    if let Some((until, window)) = closing.filter(|_| hours_open) {
        findings.window = Some(window.to_string());
        findings.open_until = Some(rules.until_change(until, &moment));
    }
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

fn finding(rule: &Rule, judgement: &Judgement, moment: &Moment<'_>) -> RuleFinding {
    RuleFinding {
        id: rule.id.clone(),
        kind: rule.kind(),
        passed: judgement.standing == Standing::Clear,
        until: judgement.standing.ends(),
        used: judgement.used,
        sentence: sentence(rule, judgement, moment),
    }
}
