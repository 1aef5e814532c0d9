//! The main job, told as stories on both stores: a list becomes calls, calls become refusals, and a tariff brings back
//! the people whose refusal it answers, once each.

use std::io::Cursor;

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::campaign::{Folder, SourceFile};
use relance_domain::list::Provenance;
use relance_domain::outcome::OutcomeReport;
use relance_domain::tariff::Rate;
use relance_domain::{RefusalId, Span};
use relance_scheduler::{Engine, Error, LeadAnswer, ListToLoad, LoadReport, NextAnswer, loops};
use relance_store::StoreError;
use relance_store::claim::Why;
use relance_store::question::{ReasonCount, ReopeningYield};
use relance_store::tariff::{Reopen, ReopeningStep, StepDone};
use relance_store::user::User;
use relance_testkit::builders::{definition, phone, provenance, tariff};
use relance_testkit::{World, reports};
use relance_tests::campaigns;

relance_testkit::on_both_stores![
    a_refused_person_comes_back_with_the_tariff_that_answers,
    a_publication_that_was_cut_off_is_finished_once,
    two_nodes_finish_a_publication_once,
    a_tariff_is_published_on_a_day_on_which_it_is_to_be_had,
    a_reason_with_open_refusals_stays,
    a_definition_keeps_what_stands,
    a_draft_that_is_withdrawn_stays_one,
    a_price_in_another_currency_needs_a_rate,
    a_dry_load_leaves_nothing,
    a_file_that_cannot_be_read_to_its_end_leaves_nothing,
    a_list_is_taken_back,
];

/// Loads a file into the campaign `fibre`, or tries that.
async fn load(
    world: &World,
    provenance: Provenance,
    dry_run: bool,
    file: Cursor<Vec<u8>>,
) -> Result<LoadReport, Error> {
    let load = ListToLoad { dry_run, ..ListToLoad::new("fibre", provenance) };
    let file = world.engine.spool_list(file).await?;
    world.engine.load_list(load, file).await
}

/// A file of these people, and of a cell that is no number.
fn file(people: std::ops::RangeInclusive<u32>) -> Cursor<Vec<u8>> {
    let mut text = String::from("phone,last_name,time zone\n");
    for person in people {
        text.push_str(&format!("{},Person {person},Europe/Paris\n", phone(person).reveal()));
    }
    text.push_str("unknown,Nobody,Europe/Paris\n");
    Cursor::new(text.into_bytes())
}

/// The campaign `fibre`, which takes its people's zones from the file.
async fn campaign_with_files(world: &World) {
    let mut definition = definition("fibre");
    let headers = [("last_name", relance_domain::definition::StandardField::LastName)];
    for (header, field) in headers {
        definition.columns.insert(field, vec![header.to_owned()]);
    }
    definition.columns.insert(relance_domain::definition::StandardField::TimeZone, vec!["time zone".to_owned()]);
    world.running(&definition).await;
}

async fn next(world: &World, operator: &User) -> LeadAnswer {
    match world.engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn call(world: &World, operator: &User, report: &OutcomeReport) -> LeadAnswer {
    let lead = next(world, operator).await;
    world.engine.record_outcome(operator.id, lead.assignment, &lead.token, report).await.expect("recorded");
    lead
}

async fn a_refused_person_comes_back_with_the_tariff_that_answers(world: &World) {
    let marie = world.operator("marie").await;
    campaign_with_files(world).await;
    let loaded = load(world, provenance("spring"), false, file(2..=4)).await.expect("loaded");
    assert_eq!((loaded.counts.rows_read, loaded.counts.new_leads, loaded.counts.rejected), (4, 3, 1));
    assert_eq!((loaded.rejects.len(), loaded.without_time_zone), (1, 0));
    let over_thirty = call(world, &marie, &reports::refused_over("30.00")).await;
    call(world, &marie, &reports::refused_over("20.00")).await;

    let cheaper = tariff("fibre-25", 2_499, &["fibre"]);
    let preview = world.engine.preview_tariff(&cheaper).await.expect("a preview");
    assert_eq!((preview.refusals, preview.reopened_now, preview.reopened_later, preview.held_back), (2, 1, 0, 0));
    assert_eq!((preview.by_reason[0].reason.as_str(), preview.by_reason[0].refusals), ("price", 1));
    assert_eq!(preview.examples[0].phone, "+33•••••••02");
    assert_eq!(world.number("SELECT COUNT(*) FROM tariff").await, 0, "a preview stores nothing");

    let published = world.engine.publish_tariff(&cheaper).await.expect("published");
    assert_eq!((published.reopened, published.published_at), (1, Some(world.now())));
    assert_eq!(world.engine.publish_tariff(&cheaper).await.expect("published before").reopened, 0);
    let summary = world.engine.tariffs().await.expect("tariffs").remove(0);
    assert!(summary.reopening_complete);

    let back = next(world, &marie).await;
    assert_eq!((back.lead, back.why), (over_thirty.lead, Why::Reopened));
    assert_eq!(
        back.because,
        "refused on 24 November: over 30.00 EUR a month; Tariff fibre-25 now costs 24.99 EUR a month"
    );
    assert_eq!(back.offers.iter().map(|offer| offer.tariff.as_str()).collect::<Vec<_>>(), ["fibre-25"]);
    assert_eq!(back.history[0].reason.as_deref(), Some("price"));
    let ordered = reports::ordered("fibre-25");
    let recorded =
        world.engine.record_outcome(marie.id, back.assignment, &back.token, &ordered).await.expect("recorded");
    assert_eq!(recorded.lead_state, "closed");

    let campaign = world.store.campaign("fibre").await.expect("the campaign").id;
    let report = world.store.report(campaign).await.expect("the report");
    assert_eq!(report.funnel, [3, 1, 2, 2, 2, 1]);
    assert_eq!(
        report.reasons,
        [ReasonCount { reason: "price".into(), refusals: 2, median_price_ceiling_minor: Some(2_000) }]
    );
    assert_eq!(
        report.reopenings,
        [ReopeningYield { tariff: "fibre-25".into(), reopened: 1, attempted: 1, ordered: 1, revenue_minor: 2_499 }]
    );
}

/// Seven people who refused over 30 euros, and a tariff that answers: published, its first step taken for three of them.
async fn cut_off_after_three(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=8).await;
    for _ in 2..=8 {
        call(world, &marie, &reports::refused_over("30")).await;
    }
    let draft = world.store.save_tariff(&tariff("fibre-25", 2_499, &["fibre"]), world.now()).await.expect("saved");
    let stored = world.store.publish_tariff(draft.id, draft.latest, world.now()).await.expect("published");
    let first: Vec<RefusalId> =
        world.numbers("SELECT id FROM refusal ORDER BY id LIMIT 3").await.into_iter().map(RefusalId).collect();
    let reopen = first.iter().map(|refusal| Reopen {
        refusal: *refusal,
        because: "it costs less now".into(),
        held: None,
        most_in_a_year: None,
        score: relance_domain::matching::Score::default(),
        waits_for_budget: false,
        kept_for: None,
        held_out: None,
    });
    let step = ReopeningStep {
        tariff: stored.id,
        version: stored.version,
        from: stored.reopened_to,
        to: first[2],
        reopen: reopen.collect(),
        last: false,
    };
    assert_eq!(world.store.reopen(&step, world.now()).await.expect("a step"), StepDone::Reopened(3));
}

async fn a_publication_that_was_cut_off_is_finished_once(world: &World) {
    cut_off_after_three(world).await;
    world.clock.advance(Span::minutes(5));
    assert_eq!(loops::run_once(&world.engine).await.expect("a round").reopened, 4);
    assert!(loops::run_once(&world.engine).await.expect("a round").idle());
    assert_eq!(world.number("SELECT COUNT(*) FROM reopening").await, 7);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE state = 'ready' AND priority <= 1").await, 7);
}

async fn two_nodes_finish_a_publication_once(world: &World) {
    cut_off_after_three(world).await;
    let node = world.another_node().await;
    let round = async |engine: &Engine| loops::run_once(engine).await.expect("a round").reopened;
    let (a, b, c) = tokio::join!(round(&world.engine), round(&node), round(&node));
    assert_eq!(a + b + c, 4);
    assert_eq!(world.number("SELECT COUNT(*) FROM reopening").await, 7);
}

async fn a_tariff_is_published_on_a_day_on_which_it_is_to_be_had(world: &World) {
    world.running(&definition("fibre")).await;
    let mut yesterdays = tariff("fibre-25", 2_499, &["fibre"]);
    yesterdays.valid_until = Some("2026-11-22".parse().expect("a date"));
    let refused = world.engine.publish_tariff(&yesterdays).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let checked = world.engine.check_tariff(&tariff_file("past", "valid_until = 2026-11-22")).await;
    assert!(
        matches!(&checked, Err(Error::Invalid { problems, .. }) if problems[0].field == "valid_until"),
        "{checked:?}"
    );
    world.engine.publish_tariff(&tariff("gone", 2_499, &["fibre"])).await.expect("published");
    let gone = tariff_file("gone", "");
    assert!(world.engine.check_tariff(&gone).await.is_ok(), "a version more");
    world.engine.withdraw_tariff("gone").await.expect("withdrawn");
    let checked = world.engine.check_tariff(&gone).await;
    assert!(
        matches!(&checked, Err(Error::Store(StoreError::Conflict(why))) if why.contains("has ended")),
        "{checked:?}"
    );
    let past = tariff_file("past", "valid_until = 2027-11-22");
    let wrong = past.text.replace("EUR", "USD").replace("[\"fibre\"]", "[\"fibre\", \"no\"]");
    let file = SourceFile { text: format!("{wrong}\nfeatures.fax = true\n"), ..past };
    let Err(Error::Files { problems }) = world.engine.check_tariff(&file).await else { panic!("it does not fit") };
    let found: Vec<_> = problems.iter().map(|problem| (problem.check.as_str(), problem.line)).collect();
    assert_eq!(found, [("tariff-currency", Some(5)), ("tariff-features", Some(12)), ("tariffs-belong", Some(9))]);
    let mut of_nothing = tariff("fibre-25", 2_499, &["nothing"]);
    of_nothing.features = [("fax".to_owned(), relance_domain::definition::FeatureValue::Has(true))].into();
    let refused = world.engine.publish_tariff(&of_nothing).await;
    assert!(matches!(refused, Err(Error::Files { .. })), "{refused:?}");
    assert_eq!(world.texts("SELECT tariff FROM tariff").await, ["gone"]);
}

fn tariff_file(name: &str, more: &str) -> SourceFile {
    let text = format!(
        r#"
            tariff = "{name}"
            name = "{name}"
            price = "20.00"
            currency = "EUR"
            per = "month"
            valid_from = 2026-01-01
            time_zone = "Europe/Paris"
            campaigns = ["fibre"]
            {more}
        "#
    );
    SourceFile { path: format!("{name}.toml"), text }
}

async fn a_reason_with_open_refusals_stays(world: &World) {
    let marie = world.operator("marie").await;
    let folder: Folder = serde_json::from_value(campaigns::folder("fibre-winback")).expect("a folder");
    world.engine.apply_campaign(&folder, None).await.expect("applied");
    world.engine.change_campaign_state("fibre-winback", CampaignEvent::Start).await.expect("started");
    let campaign = world.store.campaign("fibre-winback").await.expect("the campaign");
    world.load(&campaign, 2..=2).await;
    let mut renamed = folder.clone();
    renamed.campaign.text = folder.campaign.text.replace("code = \"not_interested\"", "code = \"no_interest\"");
    world.engine.plan_campaign(&renamed).await.expect("nobody has refused yet");
    world.call(&marie, &reports::not_interested()).await;
    for refused in [
        world.engine.plan_campaign(&renamed).await.map(|plan| plan.changes),
        world.engine.apply_campaign(&renamed, None).await.map(|applied| applied.changes),
    ] {
        let Err(Error::Files { problems }) = refused else { panic!("{refused:?}") };
        assert_eq!(problems[0].check, "reasons-kept");
        assert!(
            problems[0].message.contains("\"not_interested\" is gone, but refusals for it still stand (1)"),
            "{problems:?}"
        );
    }
    let version = world.store.campaign("fibre-winback").await.expect("the campaign").version;
    assert_eq!(version, campaign.version);
}

/// A definition takes neither the currency from what is recorded, nor the unit or the feature from a tariff that is offered; whoever
/// waits for a day to be called again stands for their reason as well.
async fn a_definition_keeps_what_stands(world: &World) {
    let marie = world.operator("marie").await;
    let folder: Folder = serde_json::from_value(campaigns::folder("fibre-winback")).expect("a folder");
    world.engine.apply_campaign(&folder, None).await.expect("applied");
    world.engine.change_campaign_state("fibre-winback", CampaignEvent::Start).await.expect("started");
    let campaign = world.store.campaign("fibre-winback").await.expect("the campaign");
    let with = |from: &str, to: &str| {
        let mut changed = Folder { tariffs: Vec::new(), ..folder.clone() };
        assert!(changed.campaign.text.contains(from), "{from}");
        changed.campaign.text = changed.campaign.text.replace(from, to);
        changed
    };
    let checks = async |changed: &Folder| match world.engine.apply_campaign(changed, None).await {
        Err(Error::Files { problems }) => problems.iter().map(|problem| problem.check.clone()).collect(),
        other => panic!("{other:?}"),
    };
    let fibre = world.engine.stored_tariff("fibre-25").await.expect("the draft");
    world.engine.publish_tariff(&fibre).await.expect("published");
    let found: Vec<String> = checks(&with("unit = \"Mbit/s\"", "unit = \"Gbit/s\"")).await;
    assert_eq!(found, ["tariff-features"]);
    world.load(&campaign, 2..=2).await;
    world.call(&marie, &reports::not_interested()).await;
    let found: Vec<String> = checks(&with("currency = \"USD\"", "currency = \"EUR\"")).await;
    assert_eq!(found, ["currency-kept", "tariff-currency"]);
    assert_eq!(world.store.campaign("fibre-winback").await.expect("the campaign").version, campaign.version);
}

async fn a_price_in_another_currency_needs_a_rate(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    call(world, &marie, &reports::refused_over("25")).await;
    let usd = "USD".parse().expect("a currency");
    let mut dollars = tariff("fibre-25", 2_499, &["fibre"]);
    dollars.price.currency = usd;
    let refused = world.engine.publish_tariff(&dollars).await;
    let Err(Error::Files { problems }) = refused else { panic!("{refused:?}") };
    assert!(problems[0].message.contains("EUR") && problems[0].message.contains("USD"), "{problems:?}");
    let on = |day: &str| day.parse().expect("a date");
    let (to, rate) = ("EUR".parse().expect("a currency"), "0.92".parse().expect("a rate"));
    dollars.rates = vec![Rate { to, rate, on: on("2026-11-25") }];
    let tomorrows = world.engine.publish_tariff(&dollars).await;
    assert!(
        matches!(&tomorrows, Err(Error::Invalid { problems, .. }) if problems[0].field == "rates.on"),
        "{tomorrows:?}"
    );
    dollars.rates[0].on = on("2026-11-23");
    assert_eq!(world.engine.publish_tariff(&dollars).await.expect("published").reopened, 1);
    let back = next(world, &marie).await;
    assert_eq!(back.offers[0].price.to_string(), "22.99 EUR");
    assert!(
        back.because.ends_with("over 25.00 EUR a month; Tariff fibre-25 now costs 22.99 EUR a month"),
        "{}",
        back.because
    );
}

/// What was never offered has not ended: it may be published another day.
async fn a_draft_that_is_withdrawn_stays_one(world: &World) {
    world.running(&definition("fibre")).await;
    let mut offer = tariff("fibre-25", 2_499, &["fibre"]);
    offer.valid_from = "2027-01-01".parse().expect("a date");
    let scheduled = world.engine.publish_tariff(&offer).await.expect("scheduled");
    assert!(scheduled.starts_at.is_some() && scheduled.published_at.is_none());
    assert_eq!(world.engine.withdraw_tariff("fibre-25").await.expect("withdrawn").retired_at, None);
    let draft = world.engine.tariff("fibre-25").await.expect("a draft").summary;
    assert_eq!((draft.starts_at, draft.retired_at), (None, None));
    offer.valid_from = "2026-01-01".parse().expect("a date");
    assert!(world.engine.publish_tariff(&offer).await.expect("published").published_at.is_some());
}

async fn a_dry_load_leaves_nothing(world: &World) {
    campaign_with_files(world).await;
    let dry = load(world, provenance("spring"), true, file(2..=4)).await.expect("tried");
    assert_eq!((dry.dry_run, dry.list), (true, None));
    assert_eq!(world.number("SELECT (SELECT COUNT(*) FROM list) + (SELECT COUNT(*) FROM list_row)").await, 0);
    let loaded = load(world, provenance("spring"), false, file(2..=4)).await.expect("loaded");
    assert_eq!((loaded.counts, loaded.sha256), (dry.counts, dry.sha256));
    assert_eq!((loaded.inspection, loaded.rejects), (dry.inspection, dry.rejects));
}

async fn a_file_that_cannot_be_read_to_its_end_leaves_nothing(world: &World) {
    campaign_with_files(world).await;
    let mut cut = file(2..=2_500).into_inner();
    cut.extend(b"\"a quote that nobody ends");
    let no_phone = b"name\nMarie\n".to_vec();
    for broken in [cut, no_phone] {
        let refused = load(world, provenance("broken"), false, Cursor::new(broken)).await;
        assert!(matches!(refused, Err(Error::ListFile(_))), "{refused:?}");
        assert_eq!(world.number("SELECT (SELECT COUNT(*) FROM list) + (SELECT COUNT(*) FROM client)").await, 0);
    }
    let purchased = Provenance { source: relance_domain::list::ListSource::Purchased, ..provenance("bought") };
    let undeclared = load(world, purchased, false, file(2..=3)).await;
    assert!(matches!(undeclared, Err(Error::Invalid { .. })), "{undeclared:?}");
}

async fn a_list_is_taken_back(world: &World) {
    let marie = world.operator("marie").await;
    campaign_with_files(world).await;
    let list = load(world, provenance("spring"), false, file(2..=4)).await.expect("loaded").list;
    let list = list.expect("a list");
    call(world, &marie, &reports::not_interested()).await;
    let dry = world.engine.undo_list(list, true).await.expect("counted");
    assert_eq!((dry.removed_leads, dry.removed_clients, dry.kept_leads), (2, 2, 1));
    assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, 3);
    assert_eq!(world.engine.undo_list(list, false).await.expect("undone"), dry);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead").await, 1);
    let again = load(world, provenance("spring"), false, file(2..=4)).await.expect("loaded again");
    assert_eq!((again.counts.new_leads, again.counts.duplicates_in_campaign), (2, 1));
}
