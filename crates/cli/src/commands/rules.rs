//! The calling rules.

use anyhow::Result;
use relance_domain::rules::ConsentClass;
use relance_scheduler::{CallToTest, TestedCall};

use super::Session;
use crate::Exit;
use crate::args::rules::{RuleTest, Rules};
use crate::print::rules as print;
use crate::transport::Call;

/// `relance rules …`
pub(super) async fn run(session: &Session, rules: Rules) -> Result<Exit> {
    match rules {
        Rules::List(wanted) => {
            let call = Call::get(&["rules"])
                .with("in", wanted.jurisdiction)
                .with("kind", wanted.kind)
                .with("unverified", wanted.unverified.then_some(true));
            session.show(&session.api.ask(call).await?, print::list)
        }
        Rules::Show(wanted) => session.show(&session.api.ask(Call::get(&["rules", &wanted.rule])).await?, print::rule),
        Rules::Test(test) => self::test(session, *test).await,
    }
}

async fn test(session: &Session, test: RuleTest) -> Result<Exit> {
    let answer = session.api.ask(Call::post(&["rules", "test"]).json(&imagined(test))?).await?;
    let callable = answer.decode::<TestedCall>()?.callable;
    session.show(&answer, print::tested)?;
    Ok(if callable { Exit::Done } else { Exit::NotCallable })
}

fn imagined(test: RuleTest) -> CallToTest {
    let consent = match (test.no_consent, test.consent_on, test.consent_wording) {
        (true, ..) => ConsentClass::Refused,
        (false, None, _) => ConsentClass::Unsaid,
        (false, Some(_), false) => ConsentClass::Proven,
        (false, Some(_), true) => ConsentClass::Written,
    };
    CallToTest {
        phone: test.number,
        country: test.country,
        region: test.region,
        postcode: test.postcode,
        time_zone: test.time_zone,
        at: test.at,
        purpose: test.purpose,
        audience: test.audience,
        mode: test.mode,
        sector: test.sector,
        relationship: test.relationship,
        consent,
        consent_on: test.consent_on,
        hours_waiver: test.hours_waiver,
        tries: test.tries.unwrap_or_default(),
        tried_at: test.tried_at,
        refused_at: test.refused_at,
        registers: test.register.into_iter().collect(),
    }
}
