//! Calling.

use anyhow::Result;
use relance_scheduler::{NextAnswer, NextRequest, OpenPromise};

use super::Session;
use crate::args::calls::{Callbacks, Next};
use crate::print::calls as print;
use crate::transport::Call;
use crate::{Exit, Usage};

/// `relance next`
pub(super) async fn next(session: &Session, next: Next) -> Result<Exit> {
    name_who_calls(session, next.operator.as_deref())?;
    session.api.catch_up().await?;
    let request = NextRequest { campaign: next.campaign, operator: next.operator, wait_s: next.wait };
    let answer = session.api.ask_and_wait(Call::post(&["next"]).json(&request)?).await?;
    session.show::<NextAnswer>(&answer, print::next)
}

/// Nobody is signed in where there is no server.
pub(super) fn name_who_calls(session: &Session, operator: Option<&str>) -> Result<()> {
    if operator.is_none() && session.api.is_here() {
        return Err(Usage("who calls? Name the operator, as in --operator olga".to_owned()).into());
    }
    Ok(())
}

/// `relance callbacks`
pub(super) async fn callbacks(session: &Session, filter: Callbacks) -> Result<Exit> {
    let call = Call::get(&["callbacks"]).with("operator", filter.operator).with("campaign", filter.campaign);
    let call = call.with("overdue", filter.overdue.then_some(true));
    let answer = session.api.ask(call).await?;
    session.show::<Vec<OpenPromise>>(&answer, |promises| print::callbacks(promises, filter.overdue))
}
