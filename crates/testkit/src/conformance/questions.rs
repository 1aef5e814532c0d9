//! Questions over what happened.

use relance_domain::definition::{Detail, FeatureValue};
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::{Span, UserId};
use relance_store::question::{About, ListQuality, OutcomeFilter, OutcomeRow, ReasonCount, ReopeningYield};

use crate::builders::{accepted, client, definition, phone, provenance, purchased, rejected, repeated, row, tariff};
use crate::conformance::orders;
use crate::conformance::tariffs::{publish, publish_for_all};
use crate::{World, reports};

/// Every lead is in the funnel once.
pub async fn the_funnel_counts_every_lead_once(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=7).await;
    let mut nowhere = client(8);
    nowhere.zone = None;
    world.load_rows(&campaign, provenance("nowhere"), &[accepted(2, nowhere)]).await.expect("loaded");
    let due_at = world.in_minutes(60);
    for report in [
        reports::plain("no_answer"),
        reports::call_later(due_at),
        reports::not_interested(),
        reports::plain("do_not_call"),
    ] {
        world.call(&marie, &report).await;
    }
    world.hand_out(&marie).await;
    world.load(&other, 2..=2).await;
    let funnel = world.store.funnel(campaign.id, world.now()).await.expect("the funnel");
    assert_eq!(funnel.iter().map(|count| count.leads).sum::<i64>(), 7);
    let counted = |wanted: &dyn Fn(&LeadState) -> bool| -> i64 {
        funnel.iter().filter(|count| wanted(&count.state)).map(|count| count.leads).sum()
    };
    assert_eq!(counted(&|state| *state == LeadState::Ready), 2);
    assert_eq!(counted(&|state| *state == LeadState::Assigned), 1);
    assert_eq!(counted(&|state| matches!(state, LeadState::Scheduled { .. })), 2);
    assert_eq!(counted(&|state| *state == LeadState::Closed(ClosedReason::Refused)), 1);
    assert_eq!(counted(&|state| *state == LeadState::Closed(ClosedReason::Suppressed)), 1);
    let lanes = world.store.lanes(campaign.id).await.expect("lanes");
    let zone_of = |lane| lanes.iter().find(|other| other.id == lane).and_then(|lane| lane.traits.zone.clone());
    let nowhere = funnel.iter().filter(|count| zone_of(count.lane).is_none());
    assert_eq!(nowhere.map(|count| count.leads).sum::<i64>(), 1);
}

/// Leads that wait are counted with the earliest of their times, apart from those whose time has come.
pub async fn the_funnel_knows_when_the_first_comes(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=4).await;
    for minutes in [30, 90, 60] {
        world.call(&marie, &reports::call_later(world.in_minutes(minutes))).await;
    }
    let (first, second) = (world.in_minutes(30), world.in_minutes(60));
    world.clock.advance(Span::minutes(45));
    let funnel = world.store.funnel(campaign.id, world.now()).await.expect("the funnel");
    let mut waiting: Vec<_> = funnel
        .into_iter()
        .map(|count| match count.state {
            LeadState::Scheduled { due_at, .. } => (due_at, count.leads),
            other => panic!("{other:?}"),
        })
        .collect();
    waiting.sort();
    assert_eq!(waiting, [(first, 1), (second, 2)]);
}

async fn ask(world: &World, filter: OutcomeFilter) -> Vec<OutcomeRow> {
    world.store.outcomes(&OutcomeFilter { limit: 100, ..filter }).await.expect("outcomes")
}

/// Each filter by itself, and all of them together.
pub async fn outcomes_are_filtered_by_each_column(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let list = world.load(&fibre, 2..=4).await;
    world.clock.advance(Span::minutes(1));
    world.load(&loan, 5..=5).await;
    publish(world, &tariff("fibre-40", 3_999, &["fibre"])).await;
    let start = world.now();
    world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::minutes(1));
    world.call(&paul, &reports::refused_offer("fibre-40")).await;
    world.clock.advance(Span::minutes(1));
    world.call(&marie, &reports::ordered("fibre-40")).await;
    world.clock.advance(Span::minutes(1));
    world.call(&paul, &reports::plain("busy")).await;
    publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    world.call(&paul, &reports::plain("no_answer")).await;
    let all = ask(world, OutcomeFilter::default()).await;
    assert_eq!(all.len(), 5);
    let places = async |filter: OutcomeFilter| -> Vec<usize> {
        let place = |row: &OutcomeRow| all.iter().position(|one| one == row).expect("one of all");
        ask(world, filter).await.iter().map(place).collect()
    };
    let any = OutcomeFilter::default;
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(places(OutcomeFilter { campaign: Some(loan.id), ..any() }).await, [3]);
    assert_eq!(places(OutcomeFilter { list: Some(list.id), ..any() }).await, [0, 1, 2, 4]);
    assert_eq!(places(OutcomeFilter { operator: named("paul"), ..any() }).await, [1, 3, 4]);
    assert_eq!(places(OutcomeFilter { disposition: named("refused"), ..any() }).await, [0, 1]);
    assert_eq!(places(OutcomeFilter { reason: named("dearer"), ..any() }).await, [1]);
    assert_eq!(places(OutcomeFilter { tariff: named("fibre-40"), ..any() }).await, [1, 2]);
    assert_eq!(places(OutcomeFilter { tariff: named("fibre-25"), ..any() }).await, [4]);
    let minute = |minutes| Some(Span::minutes(minutes).after(start));
    assert_eq!(places(OutcomeFilter { since: minute(1), until: minute(3), ..any() }).await, [1, 2]);
    let both = OutcomeFilter { operator: named("paul"), tariff: named("fibre-40"), campaign: Some(fibre.id), ..any() };
    assert_eq!(places(both).await, [1]);
    assert_eq!(places(OutcomeFilter { operator: named("nobody"), ..any() }).await, [0; 0]);
}

/// An outcome says everything that analysts may know.
pub async fn an_outcome_is_told_in_full(world: &World) {
    let marie = world.operator("marie").await;
    let mut definition = definition("fibre");
    let price = definition.reasons.iter_mut().find(|reason| reason.code == "price").expect("a reason");
    price.asks = vec![
        Detail::PriceCeiling,
        Detail::MaxMonths,
        Detail::WantedFeatures,
        Detail::Coverage,
        Detail::Competitor,
        Detail::CompetitorPrice,
        Detail::ContractEnd,
        Detail::CallAfter,
    ];
    let campaign = world.running(&definition).await;
    let list = world.load(&campaign, 2..=2).await;
    let mut report = reports::refused_over("30.50");
    report.note = Some("ask again in spring".into());
    report.duration_s = Some(95);
    let refusal = report.refusal.as_mut().expect("a refusal");
    refusal.competitor = Some("Rival".into());
    refusal.competitor_price = Some("31".into());
    refusal.max_months = Some(12);
    refusal.wanted_features = [("speed".to_owned(), FeatureValue::Amount(500))].into();
    refusal.coverage = Some("69001".into());
    let day = |day: &str| Some(day.parse().expect("a day"));
    (refusal.contract_end, refusal.call_after) = (day("2027-03-31"), day("2027-04-02"));
    let hand_out = world.call(&marie, &report).await;
    let rows = ask(world, OutcomeFilter::default()).await;
    let expected = OutcomeRow {
        attempt: rows[0].attempt,
        recorded_at: world.now(),
        campaign: "fibre".into(),
        list: list.id,
        list_name: list.name,
        operator: "marie".into(),
        lead: hand_out.lead,
        disposition: "refused".into(),
        class: "refusal".into(),
        reason: Some("price".into()),
        price_ceiling_minor: Some(3_050),
        max_months: Some(12),
        wanted_features: [("speed".to_owned(), FeatureValue::Amount(500))].into(),
        coverage: Some("69001".into()),
        competitor: Some("Rival".into()),
        competitor_price_minor: Some(3_100),
        contract_end: day("2027-03-31"),
        call_after: day("2027-04-02"),
        tariff_offered: None,
        offered_price_minor: None,
        tariff_ordered: None,
        order_price_minor: None,
        reopened_by: None,
        currency: Some("EUR".into()),
        duration_s: Some(95),
        note: Some("ask again in spring".into()),
    };
    assert_eq!(rows, [expected]);
}

/// Whoever asks why a lead is closed by a refusal is told of that refusal, and of none where it is not.
pub async fn a_lead_tells_the_refusal_that_closes_it(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = world.lead_of(2).await.lead;
    let closing = async || world.store.stands_refused(lead).await.expect("answered");
    assert_eq!(closing().await, None);
    publish(world, &tariff("fibre-40", 3_999, &["fibre"])).await;
    let at = world.now();
    let mut report = reports::refused_over("30.50");
    report.refusal.as_mut().expect("a refusal").tariff_offered = Some("fibre-40".into());
    world.call(&marie, &report).await;
    let stands = closing().await.expect("the refusal");
    assert_eq!(stands.refusal.price_ceiling.map(|most| most.minor), Some(3_050));
    assert_eq!((stands.refused_at, stands.offered.map(|(_, price)| price.minor)), (at, Some(3_999)));
    publish_for_all(world, &tariff("fibre-25", 2_499, &["fibre"])).await;
    assert_eq!(closing().await, None, "it is in the queue again");
}

/// Pages by cursor lose nothing and repeat nothing.
pub async fn outcomes_page_without_loss_or_repeat(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=8).await;
    world.work_off(&marie).await;
    let all = ask(world, OutcomeFilter::default()).await;
    assert_eq!(all.len(), 7);
    let mut paged = Vec::new();
    loop {
        let after = paged.last().map(|row: &OutcomeRow| row.attempt);
        let filter = OutcomeFilter { after, limit: 3, ..OutcomeFilter::default() };
        let page = world.store.outcomes(&filter).await.expect("a page");
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

/// Two lists, ten leads, one tariff: every number of the report can be counted on fingers.
pub async fn the_report_of_a_known_story(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let mut bought: Vec<_> = (2..=7).map(row).collect();
    bought.extend([repeated(8, 2), rejected(9, &["x"])]);
    world.load_rows(&campaign, purchased("Autumn", "Vendor"), &bought).await.expect("loaded");
    world.load_rows(&campaign, provenance("own"), &[row(10), row(11), row(2)]).await.expect("loaded");
    publish(world, &tariff("fibre-40", 3_999, &["fibre"])).await;
    for report in [
        reports::refused_over("30"),
        reports::refused_over("20"),
        reports::plain("no_answer"),
        reports::plain("wrong_number"),
        reports::ordered("fibre-40"),
        reports::refused_over("25"),
        reports::plain("do_not_call"),
    ] {
        world.call(&marie, &report).await;
    }
    assert_eq!(publish_for_all(world, &tariff("fibre-24", 2_499, &["fibre"])).await, 2);
    world.call(&marie, &reports::ordered("fibre-24")).await;
    let report = world.store.report(campaign.id).await.expect("the report");
    // Person 7 is reopened and not yet called, person 4 is to be tried again, person 11 is fresh.
    assert_eq!(report.funnel, [8, 3, 7, 6, 5, 2]);
    let by_price = ReasonCount { reason: "price".into(), refusals: 3, median_price_ceiling_minor: Some(2_500) };
    assert_eq!(report.reasons, [by_price]);
    let vendor = ListQuality {
        vendor: "Vendor".into(),
        lists: 1,
        rows_read: 8,
        rejected: 1,
        duplicates: 1,
        leads: 6,
        attempted: 6,
        reached: 5,
        ordered: 2,
    };
    let own = ListQuality {
        vendor: "existing".into(),
        lists: 1,
        rows_read: 3,
        rejected: 0,
        duplicates: 1,
        leads: 2,
        attempted: 1,
        reached: 1,
        ordered: 0,
    };
    assert_eq!(report.lists, [vendor, own]);
    let brought =
        ReopeningYield { tariff: "fibre-24".into(), reopened: 2, attempted: 1, ordered: 1, revenue_minor: 2_499 };
    assert_eq!(report.reopenings, std::slice::from_ref(&brought));
    orders::cancel_each(world).await;
    let brought = ReopeningYield { ordered: 0, revenue_minor: 0, ..brought };
    assert_eq!(world.store.report(campaign.id).await.expect("the report").reopenings, [brought]);
}

/// The report of a campaign in which nothing happened is of noughts.
pub async fn the_report_of_an_empty_campaign(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    assert_eq!(
        world.store.report(campaign.id).await.expect("the report"),
        relance_store::question::ReportNumbers::default()
    );
    assert_eq!(world.store.funnel(campaign.id, world.now()).await.expect("the funnel"), []);
}

/// Vendors are told in the order of the characters, whatever the database's language.
pub async fn vendors_are_told_in_one_order(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    for (who, vendor) in [(2, "beta"), (3, "Zeta"), (4, "alpha"), (5, "a_b"), (6, "Élan")] {
        world.load_rows(&campaign, purchased(vendor, vendor), &[row(who)]).await.expect("loaded");
    }
    let vendors: Vec<_> =
        world.store.report(campaign.id).await.expect("the report").lists.into_iter().map(|list| list.vendor).collect();
    assert_eq!(vendors, ["Zeta", "a_b", "alpha", "beta", "Élan"]);
}

/// Reasons are told by their number, and the middle of an even number of ceilings is the lower one.
pub async fn the_median_is_the_lower_middle(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=9).await;
    for ceiling in ["40", "10", "30", "20"] {
        world.call(&marie, &reports::refused_over(ceiling)).await;
    }
    let mut with_a_ceiling = reports::not_interested();
    with_a_ceiling.refusal.as_mut().expect("a refusal").price_ceiling = Some("5".into());
    for report in [reports::refused_for_speed(500), with_a_ceiling, reports::not_interested()] {
        world.call(&marie, &report).await;
    }
    let reason = |reason: &str, refusals, median| ReasonCount {
        reason: reason.into(),
        refusals,
        median_price_ceiling_minor: median,
    };
    let expected =
        [reason("price", 4, Some(2_000)), reason("not_interested", 2, Some(500)), reason("features", 1, None)];
    assert_eq!(world.store.report(campaign.id).await.expect("the report").reasons, expected);
}

/// "Why" finds a lead by its key, by an assignment, or every lead of a phone.
pub async fn leads_in_question_are_found_in_three_ways(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=3).await;
    world.load(&loan, 2..=2).await;
    let hand_out = world.hand_out(&marie).await;
    let by_lead = world.store.leads_in_question(&About::Lead(hand_out.lead)).await.expect("found");
    assert_eq!(by_lead.len(), 1);
    let lead = &by_lead[0];
    assert_eq!((lead.campaign_name.as_str(), lead.phone_masked.as_str()), ("fibre", "+33•••••••02"));
    assert_eq!((lead.state, lead.last_assignment), (LeadState::Assigned, Some(hand_out.assignment)));
    assert_eq!((lead.list_name.as_str(), lead.campaign_version), ("people 2..=3", 1));
    let by_assignment = world.store.leads_in_question(&About::Assignment(hand_out.assignment)).await.expect("found");
    assert_eq!(by_assignment, by_lead);
    let by_phone = world.store.leads_in_question(&About::Phone(phone(2))).await.expect("found");
    assert_eq!(by_phone.iter().map(|lead| lead.campaign).collect::<Vec<_>>(), [fibre.id, loan.id]);
    for nothing in [
        About::Phone(phone(9)),
        About::Lead(relance_domain::LeadId(999)),
        About::Assignment(relance_domain::AssignmentId(999)),
    ] {
        assert_eq!(world.store.leads_in_question(&nothing).await.expect("an answer"), []);
    }
}

/// Nobody holds what an operator without a lead holds.
pub async fn an_operator_without_a_lead_holds_none(world: &World) {
    let marie = world.operator("marie").await;
    assert_eq!(world.store.open_assignment(marie.id).await.expect("an answer"), None);
    assert_eq!(world.store.open_assignment(UserId(marie.id.0 + 100)).await.expect("an answer"), None);
}
