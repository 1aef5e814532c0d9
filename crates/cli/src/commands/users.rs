//! People who sign in.

use anyhow::Result;
use jiff::tz::TimeZone;
use relance_domain::ZoneName;
use relance_domain::abilities::Abilities;
use relance_scheduler::NewToken;
use relance_store::user::User;

use super::Session;
use crate::args::users::Operator;
use crate::callback_time::CallbackTime;
use crate::print::users as print;
use crate::transport::Call;
use crate::{Exit, Usage};

/// `relance operator …`
pub(super) async fn run(session: &Session, operator: Operator) -> Result<Exit> {
    match operator {
        Operator::Add(new) => {
            let body = serde_json::json!({
                "name": new.name, "role": new.role, "skills": new.skills, "languages": new.languages,
            });
            let call = Call::post(&["users"]).json(&body)?;
            session.show::<NewToken>(&session.api.ask(call).await?, print::added)
        }
        Operator::List => {
            let answer = session.api.ask(Call::get(&["users"])).await?;
            session.show::<Vec<User>>(&answer, |users| print::users(users))
        }
        Operator::Away(away) => {
            let instant = |flag: &str, time: CallbackTime| {
                time.instant(session.api.now(), own_zone().as_ref()).map_err(|error| Usage(format!("{flag}: {error}")))
            };
            let from = away.from.map(|from| instant("--from", from)).transpose()?;
            let body = serde_json::json!({ "from": from, "until": instant("--until", away.until)? });
            let answer = session.api.ask(Call::put(&["users", &away.name, "away"]).json(&body)?).await?;
            session.show::<User>(&answer, print::away)
        }
        Operator::Back(of) => {
            let answer = session.api.ask(Call::delete(&["users", &of.name, "away"])).await?;
            session.show::<User>(&answer, print::back)
        }
        Operator::Set(set) => {
            let said = |words: Vec<String>, none: bool| (none || !words.is_empty()).then_some(words);
            let abilities =
                Abilities { skills: said(set.skills, set.no_skills), languages: said(set.languages, set.no_languages) };
            let call = Call::put(&["users", &set.name, "abilities"]).json(&abilities)?;
            session.show::<User>(&session.api.ask(call).await?, print::able)
        }
        Operator::Disable(of) => {
            let answer = session.api.ask(Call::post(&["users", &of.name, "disable"])).await?;
            session.show::<User>(&answer, print::disabled)
        }
    }
}

/// The zone of this machine, if it has a name.
fn own_zone() -> Option<ZoneName> {
    TimeZone::system().iana_name().and_then(|name| name.parse().ok())
}
