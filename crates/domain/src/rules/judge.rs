//! One rule and one call.

use super::findings::ObstacleKind;
use super::moment::Moment;
use super::rule::{Ban, Demand, Rule};
use super::standing::Standing;
use super::{cap, consent, cooldown, hours, register};

/// What a rule says of a call: its standing, and what kind of obstacle it is unless clear.
pub(super) fn judge(rule: &Rule, moment: &Moment<'_>) -> (Standing, ObstacleKind) {
    match &rule.demand {
        Demand::Hours(hours) => (hours::standing(hours, moment).0, ObstacleKind::OutsideHours),
        Demand::Cap(cap) => (cap::standing(cap, moment).0, ObstacleKind::AttemptCap),
        Demand::Cooldown(cooldown) => (cooldown::standing(cooldown, moment), ObstacleKind::CoolDown),
        Demand::Consent(demand) => (consent::standing(demand, moment), ObstacleKind::NoConsent),
        Demand::Dnc(demand) => register::standing(demand, moment),
        Demand::Ban(ban) => (ban_standing(ban, moment), ObstacleKind::Banned),
        Demand::Retention(_) | Demand::Record(_) => (Standing::Clear, ObstacleKind::Banned),
    }
}

/// Whether anything is decided by a rule.
pub(super) fn decides(rule: &Rule) -> bool {
    !matches!(rule.demand, Demand::Retention(_) | Demand::Record(_))
}

/// A campaign that names no sector is in none, so that only bans of every sector hold it.
fn ban_standing(ban: &Ban, moment: &Moment<'_>) -> Standing {
    let sector = moment.person.call.sector.as_deref();
    let meant = ban.sectors.is_empty() || ban.sectors.iter().any(|banned| Some(banned.as_str()) == sector);
    if meant && !ban.unless.contains(&moment.person.relationship) { Standing::Never } else { Standing::Clear }
}

/// What a rule says of a call, in a sentence with the facts it rests on.
pub(super) fn sentence(rule: &Rule, standing: Standing, moment: &Moment<'_>) -> String {
    match &rule.demand {
        Demand::Hours(hours) => hours::sentence(hours, standing, moment),
        Demand::Cap(cap) => cap::sentence(cap, moment),
        Demand::Cooldown(cooldown) => cooldown::sentence(cooldown, standing, moment),
        Demand::Consent(demand) => consent::sentence(demand, standing, moment),
        Demand::Dnc(demand) => register::sentence(demand, moment),
        Demand::Ban(ban) => ban_sentence(ban, standing, moment),
        Demand::Retention(_) | Demand::Record(_) => String::new(),
    }
}

fn ban_sentence(ban: &Ban, standing: Standing, moment: &Moment<'_>) -> String {
    let such = match ban.sectors.as_slice() {
        [] => "such calls".to_owned(),
        sectors => format!("calls of the sector {}", sectors.join(", ")),
    };
    let sector = moment.person.call.sector.as_deref().unwrap_or("none");
    match standing {
        Standing::Clear if ban.unless.contains(&moment.person.relationship) => {
            format!("{such} are forbidden, but not to a person with {}", consent::bond(moment.person.relationship))
        }
        Standing::Clear => format!("{such} are forbidden; the sector of this one is {sector}"),
        _ => format!("{such} are forbidden"),
    }
}
