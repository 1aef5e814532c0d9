//! Campaigns.

use anyhow::Result;
use relance_domain::campaign::CheckReport;
use relance_domain::campaign::state::CampaignEvent;
use relance_scheduler::{AppliedCampaign, CampaignDetails, CampaignPlan};
use relance_store::campaign::Campaign as StoredCampaign;

use super::{Session, folder};
use crate::args::campaigns::{Campaign, CampaignName};
use crate::print::campaigns as print;
use crate::transport::Call;
use crate::{Exit, out};

/// `relance campaign …`
pub(super) async fn run(session: &Session, campaign: Campaign) -> Result<Exit> {
    let send = async |path: &str, folder: &std::path::Path| {
        let folder = folder::read(folder)?;
        session.api.ask(Call::post(&["campaigns", path]).json(&folder)?).await
    };
    match &campaign {
        Campaign::Check(of) => {
            let answer = send("check", &of.folder).await?;
            let report: CheckReport = answer.decode()?;
            if session.json {
                out::line(&answer.text)?;
            } else {
                out::text(&print::checked(&report))?;
            }
            Ok(if report.passed { Exit::Done } else { Exit::Failed })
        }
        Campaign::Plan(of) => session.show::<CampaignPlan>(&send("plan", &of.folder).await?, print::planned),
        Campaign::Apply(of) => session.show::<AppliedCampaign>(&send("apply", &of.folder).await?, print::applied),
        Campaign::List => {
            let answer = session.api.ask(Call::get(&["campaigns"])).await?;
            session.show::<Vec<StoredCampaign>>(&answer, |campaigns| print::campaigns(campaigns))
        }
        Campaign::Show(of) => {
            let answer = session.api.ask(Call::get(&["campaigns", &of.campaign])).await?;
            session.show::<CampaignDetails>(&answer, print::details)
        }
        Campaign::Start(of) => change(session, of, CampaignEvent::Start).await,
        Campaign::Pause(of) => change(session, of, CampaignEvent::Pause).await,
        Campaign::Resume(of) => change(session, of, CampaignEvent::Resume).await,
        Campaign::Finish(of) => change(session, of, CampaignEvent::Finish).await,
    }
}

async fn change(session: &Session, of: &CampaignName, event: CampaignEvent) -> Result<Exit> {
    let call = Call::post(&["campaigns", &of.campaign, "state"]).json(&serde_json::json!({ "event": event }))?;
    session.show::<StoredCampaign>(&session.api.ask(call).await?, print::state_changed)
}
