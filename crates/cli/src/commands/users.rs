//! People who sign in.

use anyhow::Result;
use relance_scheduler::NewToken;
use relance_store::user::User;

use super::Session;
use crate::Exit;
use crate::args::users::Operator;
use crate::print::users as print;
use crate::transport::Call;

/// `relance operator …`
pub(super) async fn run(session: &Session, operator: Operator) -> Result<Exit> {
    match operator {
        Operator::Add(new) => {
            let call = Call::post(&["users"]).json(&serde_json::json!({ "name": new.name, "role": new.role }))?;
            session.show::<NewToken>(&session.api.ask(call).await?, print::added)
        }
        Operator::List => {
            let answer = session.api.ask(Call::get(&["users"])).await?;
            session.show::<Vec<User>>(&answer, |users| print::users(users))
        }
        Operator::Disable(of) => {
            let answer = session.api.ask(Call::post(&["users", &of.name, "disable"])).await?;
            session.show::<User>(&answer, print::disabled)
        }
    }
}
