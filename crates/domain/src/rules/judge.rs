//! One rule and one call.

use super::findings::{CapUse, ObstacleKind};
use super::hours::Closing;
use super::moment::Moment;
use super::rule::{Ban, Demand, Rule};
use super::standing::Standing;
use super::{cap, consent, cooldown, hours, register};

/// What a rule says of a call.
pub(super) struct Judgement {
    /// Whether it stands in the way, and for how long.
    pub(super) standing: Standing,
    /// What kind of obstacle it is unless clear.
    pub(super) kind: ObstacleKind,
    /// Of hours: the window that closes first, when they are open.
    pub(super) closing: Option<Closing>,
    /// Of a cap: how much of it is used.
    pub(super) used: Option<CapUse>,
}

/// What a rule says of a call.
pub(super) fn judge(rule: &Rule, moment: &Moment<'_>) -> Judgement {
    let plain = |standing, kind| Judgement { standing, kind, closing: None, used: None };
    match &rule.demand {
        Demand::Hours(hours) => {
            let (standing, closing) = hours::standing(hours, moment);
            Judgement { closing, ..plain(standing, ObstacleKind::OutsideHours) }
        }
        Demand::Cap(cap) => {
            let (standing, used) = cap::standing(cap, moment);
            Judgement { used: Some(used), ..plain(standing, ObstacleKind::AttemptCap) }
        }
        Demand::Cooldown(cooldown) => plain(cooldown::standing(cooldown, moment), ObstacleKind::CoolDown),
        Demand::Consent(demand) => plain(consent::standing(demand, moment), ObstacleKind::NoConsent),
        Demand::Dnc(demand) => {
            let (standing, kind) = register::standing(demand, moment);
            plain(standing, kind)
        }
        Demand::Ban(ban) => plain(ban_standing(ban, moment), ObstacleKind::Banned),
        Demand::Retention(_) | Demand::Record(_) => plain(Standing::Clear, ObstacleKind::Banned),
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
pub(super) fn sentence(rule: &Rule, judgement: &Judgement, moment: &Moment<'_>) -> String {
    let standing = judgement.standing;
    match &rule.demand {
        Demand::Hours(hours) => hours::sentence(hours, standing, judgement.closing, moment),
        Demand::Cap(cap) => cap::sentence(cap, standing, judgement.used.map_or(0, |used| used.used), moment),
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
