//! The funnel of a campaign with every kind of lead in it, and the same told of each lead by itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::campaign::{Folder, read_definition};
use relance_domain::definition::Definition;
use relance_domain::funnel::Standing;
use relance_domain::list::{ListedClient, Provenance, Row};
use relance_domain::list::{ListedPhone, Phones};
use relance_domain::outcome::{CallbackReport, OrderReport, OutcomeReport, RefusalReport};
use relance_domain::rules::{Relationship, Whereabouts};
use relance_domain::zone::ZoneSource;
use relance_domain::{E164, LeadId, Span};
use relance_scheduler::loops;
use relance_scheduler::{Funnel, LeadAnswer, LeadWhy, NextAnswer, WhyQuestion};
use relance_store::campaign::Campaign;
use relance_store::client::Erase;
use relance_store::list::List;
use relance_store::question::About;
use relance_store::user::User;
use relance_testkit::builders::{accepted, client, phone, provenance, purchased, zone};
use relance_testkit::{World, reports};
use relance_tests::campaigns;

relance_testkit::on_both_stores![
    every_lead_stands_in_one_place_and_is_told_why,
    what_stands_against_a_person_is_found_by_the_search,
    a_promise_outlives_the_share_of_its_list,
];

const LOAN: &str = "bank-loan";

// Who is who, in the order in which the search meets them.
const LICENSED: u32 = 2;
const COOLING: u32 = 3;
const CAPPED: u32 = 4;
const ELSEWHERE: u32 = 5;
const WORKED: std::ops::RangeInclusive<u32> = 6..=12;
const HELD: u32 = 13;
const KEPT: u32 = 14;
const FREE: std::ops::RangeInclusive<u32> = 15..=16;
const ERASED: u32 = 17;
const SWITCHED_OFF: std::ops::RangeInclusive<u32> = 18..=19;
const UNSAID: u32 = 20;
const ZONELESS: u32 = 21;
const ANTILLES: &str = "+596596000101";
const BAHAMAS: &str = "+12425550123";
const NEW_YORK: &str = "+12125550123";
/// How many people the campaign has.
const TOTAL: i64 = 23;

fn at(instant: &str) -> Timestamp {
    instant.parse().expect("an instant")
}

async fn apply_the_folder(world: &World) -> Campaign {
    let folder: Folder = serde_json::from_value(campaigns::folder(LOAN)).expect("a folder");
    world.engine.apply_campaign(&folder, None).await.expect("applied");
    let tariff = folder.tariffs.iter().find(|file| file.path.ends_with("loan-39.toml")).expect("the tariff");
    let tariff = world.engine.check_tariff(tariff).await.expect("a tariff that fits");
    world.engine.publish_tariff(&tariff).await.expect("published");
    world.engine.change_campaign_state(LOAN, CampaignEvent::Start).await.expect("started")
}

/// Another campaign of the bank, made of the same definition.
async fn another(world: &World, campaign: &str, sector: Option<&str>) -> Campaign {
    let file = campaigns::path(LOAN).join("campaign.toml");
    let text = std::fs::read_to_string(&file).expect("the folder of the sample campaign");
    let mut definition: Definition = read_definition("campaign.toml", &text).expect("a definition without problems");
    definition.campaign = campaign.to_owned();
    definition.calling.call.sector = sector.map(str::to_owned);
    world.running(&definition).await
}

/// People under a contract with the bank: French law lets it call them.
fn own(name: &str) -> Provenance {
    Provenance { relationship: Relationship::Contract, ..provenance(name) }
}

async fn load(
    world: &World,
    campaign: &Campaign,
    provenance: Provenance,
    people: impl IntoIterator<Item = ListedClient>,
) -> List {
    let rows: Vec<Row> = people.into_iter().zip(2..).map(|(person, line)| accepted(line, person)).collect();
    world.load_rows(campaign, provenance, &rows).await.expect("loaded")
}

fn number(text: &str) -> E164 {
    E164::parse(text).expect("a number in international form")
}

/// Somebody who lives elsewhere than in Paris.
fn abroad(world: &World, text: &str, country: &str, time_zone: &str) -> ListedClient {
    let place = world.engine.rules().place(&Whereabouts { number: text, country, region: None });
    ListedClient {
        phones: Phones::new(ListedPhone { number: number(text), extension: None }),
        postcode: None,
        country: country.to_owned(),
        place: Some(place.as_str().to_owned()),
        zone: Some((zone(time_zone), ZoneSource::Address)),
        ..client(1)
    }
}

async fn next(world: &World, operator: &User, campaign: &str) -> LeadAnswer {
    match world.engine.next_lead(operator.id, Some(campaign)).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

async fn call(world: &World, operator: &User, campaign: &str, person: u32, report: &OutcomeReport) {
    let lead = next(world, operator, campaign).await;
    assert_eq!(lead.phone, phone(person).reveal(), "person {person} is next");
    world.engine.record_outcome(operator.id, lead.assignment, &lead.token, report).await.expect("recorded");
}

fn not_now() -> OutcomeReport {
    let refusal = RefusalReport { reason: "no_project".to_owned(), ..RefusalReport::default() };
    OutcomeReport { refusal: Some(refusal), ..reports::plain("refused") }
}

fn call_back(due_at: Timestamp) -> OutcomeReport {
    OutcomeReport { callback: Some(CallbackReport { due_at, personal: false }), ..reports::plain("call_back") }
}

fn applied() -> OutcomeReport {
    let fields = [
        ("first_name", "Anna"),
        ("street", "2 rue Haute"),
        ("city", "Paris"),
        ("amount", "5000.00"),
        ("term", "48 months"),
        ("purpose", "Car"),
        ("net_monthly_income", "2400.00"),
        ("housing_loan", "no"),
        ("birth_date", "1980-02-01"),
        ("identity_paper", "Passport"),
        ("identity_number", "12AB34567"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let told = ["loan_commits", "may_withdraw", "papers"].map(str::to_owned).to_vec();
    let order = OrderReport { tariff: "loan-39".to_owned(), fields, told, ..OrderReport::default() };
    OutcomeReport { order: Some(order), ..reports::plain("applied") }
}

/// How many leads of a campaign stand where. They add up to the total.
async fn funnel(world: &World, campaign: &str) -> BTreeMap<Standing, (i64, Option<Timestamp>)> {
    let Funnel { total, standings, .. } = world.engine.funnel(campaign).await.expect("a funnel");
    let counts: BTreeMap<_, _> = standings.iter().map(|count| (count.standing, (count.leads, count.next_at))).collect();
    assert_eq!(counts.len(), standings.len(), "each standing is told once");
    assert_eq!(counts.values().map(|(leads, _)| leads).sum::<i64>(), total, "the counts add up");
    counts
}

/// The same of the loan campaign, whose people stay the same throughout.
async fn loan_funnel(world: &World) -> BTreeMap<Standing, (i64, Option<Timestamp>)> {
    let counts = funnel(world, LOAN).await;
    assert_eq!(counts.values().map(|(leads, _)| leads).sum::<i64>(), TOTAL, "{counts:?}");
    counts
}

/// The lead of a phone in a campaign.
async fn lead_of(world: &World, phone: &E164, campaign: &str) -> LeadId {
    let leads = world.store.leads_in_question(&About::Phone(phone.clone())).await.expect("the store answers");
    leads.iter().find(|lead| lead.campaign_name == campaign).expect("a lead of the campaign").lead
}

async fn why(world: &World, lead: LeadId) -> LeadWhy {
    let question = WhyQuestion { lead: Some(lead), ..WhyQuestion::default() };
    world.engine.why(&question).await.expect("an answer").leads.remove(0)
}

/// Where a person of the loan campaign stands, and until when.
async fn stands(world: &World, person: u32) -> (Standing, Option<Timestamp>) {
    let why = why(world, lead_of(world, &phone(person), LOAN).await).await;
    (why.standing, why.until)
}

/// Monday in the bank's other campaign: somebody is tried four times, each time until the lease runs out, and somebody refuses.
async fn monday(world: &World, marie: &User) -> Campaign {
    world.clock.set(at("2026-11-23T09:00:00Z"));
    let card = another(world, "card", None).await;
    load(world, &card, own("tried"), [client(CAPPED)]).await;
    for _ in 0..4 {
        next(world, marie, "card").await;
        world.clock.advance(Span::minutes(20));
        loops::run_once(&world.engine).await.expect("a round of the loops");
    }
    load(world, &card, own("refuses"), [client(COOLING)]).await;
    call(world, marie, "card", COOLING, &not_now()).await;
    card
}

/// Tuesday at eleven: the loan campaign with all its people, before anybody asks for one.
async fn tuesday(world: &World, card: &Campaign, paul: &User, olga: &User) -> Campaign {
    world.clock.set(at("2026-11-24T10:00:00Z"));
    load(world, card, own("elsewhere"), [client(ELSEWHERE)]).await;
    next(world, paul, "card").await;
    let loan = apply_the_folder(world).await;
    let ended = Provenance { licence_until: Some("2026-11-23".parse().expect("a date")), ..own("licensed") };
    load(world, &loan, ended, [client(LICENSED)]).await;
    let main = load(world, &loan, own("own clients"), (COOLING..=ERASED).map(client)).await;
    let off = load(world, &loan, own("put aside"), SWITCHED_OFF.map(client)).await;
    load(
        world,
        &loan,
        purchased("bought", "DataFR"),
        [client(UNSAID), abroad(world, NEW_YORK, "US", "America/New_York")],
    )
    .await;
    let zoneless = ListedClient { zone: None, ..client(ZONELESS) };
    let [antilles, bahamas] = [(ANTILLES, "MQ", "America/Martinique"), (BAHAMAS, "BS", "America/Nassau")]
        .map(|(number, country, zone)| abroad(world, number, country, zone));
    load(world, &loan, own("far away"), [zoneless, antilles, bahamas]).await;
    world.store.mix_lists(loan.id, &[(off.id, 0), (main.id, 1)]).await.expect("mixed");
    world.store.reserve_lead(lead_of(world, &phone(KEPT), LOAN).await, Some(olga.id)).await.expect("kept");
    loan
}

/// A call of each kind; the last one goes on.
async fn work(world: &World, marie: &User) {
    let reports = [
        applied(),
        not_now(),
        call_back(at("2026-11-24T14:30:00Z")),
        reports::plain("no_answer"),
        reports::plain("unreachable"),
        reports::plain("wrong_number"),
        reports::plain("do_not_call"),
    ];
    for (person, report) in WORKED.zip(reports) {
        call(world, marie, LOAN, person, &report).await;
        loan_funnel(world).await;
    }
    assert_eq!(next(world, marie, LOAN).await.phone, phone(HELD).reveal());
}

async fn every_lead_stands_in_one_place_and_is_told_why(world: &World) {
    let [marie, paul, olga] =
        [world.operator("marie").await, world.operator("paul").await, world.operator("olga").await];
    let card = monday(world, &marie).await;
    tuesday(world, &card, &paul, &olga).await;
    let erased = lead_of(world, &phone(ERASED), LOAN).await;
    work(world, &marie).await;
    let client = world.store.client_of_phone(&phone(ERASED)).await.expect("an answer").expect("a client");
    world
        .store
        .erase_client(&Erase { client, reason: "asked by letter".into(), by: None }, world.now())
        .await
        .expect("erased");

    let in_place = |place: u32| phone(*WORKED.start() + place);
    let [ordered, refused, promised, retried, exhausted, wrong, objected] = [0, 1, 2, 3, 4, 5, 6].map(in_place);
    let (free, off) = (phone(*FREE.start()), phone(*SWITCHED_OFF.start()));
    let time = |instant| Some(at(instant));
    let expected = [
        (Standing::Callable, 2, None, free, "Callable now"),
        (Standing::Reserved, 1, None, phone(KEPT), "by olga alone"),
        (Standing::Assigned, 1, None, phone(HELD), "With an operator"),
        (Standing::ListSwitchedOff, 2, None, off, "no share of the queue."),
        (Standing::TimeZoneUnknown, 1, None, phone(ZONELESS), "time zone."),
        (Standing::NoJurisdiction, 1, None, number(BAHAMAS), "(the number or the address is of no place"),
        (Standing::RegisterTooOld, 1, None, number(NEW_YORK), "(US-DNC-31: "),
        (Standing::NoConsent, 1, None, phone(UNSAID), "(FR-CONSENT-OPTIN: "),
        (Standing::OutsideHours, 1, time("2026-11-24T14:00:00Z"), number(ANTILLES), "(FR-HOURS: "),
        (Standing::CallbackPromised, 1, time("2026-11-24T14:30:00Z"), promised, "promised"),
        (Standing::RetryLater, 1, time("2026-11-25T10:00:00Z"), retried, "to be tried again later"),
        (Standing::AttemptCap, 1, time("2026-12-23T09:00:00Z"), phone(CAPPED), "(FR-CAP-4-30: "),
        (Standing::CoolDown, 1, time("2027-01-25T09:00:00Z"), phone(COOLING), "(FR-COOLDOWN-60: "),
        (Standing::OpenElsewhere, 1, time("2026-11-24T10:20:00Z"), phone(ELSEWHERE), "another campaign"),
        (Standing::Ordered, 1, None, ordered, "accepted"),
        (Standing::Refused, 1, None, refused, "the client declined (on 2026-1"),
        (Standing::Exhausted, 1, None, exhausted, "retry rule"),
        (Standing::WrongNumber, 1, None, wrong, "somebody else"),
        (Standing::Suppressed, 1, None, objected, "must not be called (asked not to be called again"),
        (Standing::LicenceExpired, 1, None, phone(LICENSED), "licence"),
    ];
    let mut counts = loan_funnel(world).await;
    for (standing, leads, next_at, phone, words) in expected {
        assert_eq!(counts.remove(&standing), Some((leads, next_at)), "{standing:?}");
        told_alike(&why(world, lead_of(world, &phone, LOAN).await).await, standing, next_at, words);
    }
    assert_eq!(counts.remove(&Standing::Withdrawn), Some((1, None)));
    told_alike(&why(world, erased).await, Standing::Withdrawn, None, "was erased");
    assert!(counts.is_empty(), "{counts:?}");
    the_banned(world).await;
    the_paused(world).await;
}

/// Another campaign of the same definition, for a sector whose calls French law forbids.
async fn the_banned(world: &World) {
    let works = another(world, "works", Some("home-energy")).await;
    load(world, &works, provenance("works"), (30..=32).map(client)).await;
    assert_eq!(funnel(world, "works").await, [(Standing::Banned, (3, None))].into());
    told_alike(&why(world, lead_of(world, &phone(30), "works").await).await, Standing::Banned, None, "(FR-BAN-RENOV: ");
}

/// A paused campaign is the reason of every lead that is open and not with an operator.
async fn the_paused(world: &World) {
    let is_open = |standing: &Standing| standing.is_open() && *standing != Standing::Assigned;
    let before = loan_funnel(world).await;
    let open: i64 = before.iter().filter(|(standing, _)| is_open(standing)).map(|(_, (leads, _))| leads).sum();
    world.engine.change_campaign_state(LOAN, CampaignEvent::Pause).await.expect("paused");
    let mut paused = loan_funnel(world).await;
    assert_eq!(paused.remove(&Standing::CampaignNotRunning), Some((open, None)));
    assert!(paused.iter().all(|(standing, count)| before.get(standing) == Some(count)), "{paused:?}");
    for person in [*FREE.start(), COOLING, UNSAID, *SWITCHED_OFF.start()] {
        assert_eq!(stands(world, person).await, (Standing::CampaignNotRunning, None));
    }
}

fn told_alike(why: &LeadWhy, standing: Standing, until: Option<Timestamp>, words: &str) {
    assert_eq!((why.standing, why.until), (standing, until), "{}", why.sentence);
    assert!(why.sentence.contains(words), "{}", why.sentence);
    if let Some(until) = until {
        assert!(why.sentence.ends_with(&format!(", until {until}.")), "{}", why.sentence);
    }
}

/// The funnel counts leads by lanes and by what was written on them; what stands against one person is found by a search that meets
/// the lead, or by whoever asks why.
async fn what_stands_against_a_person_is_found_by_the_search(world: &World) {
    let [marie, paul, olga] =
        [world.operator("marie").await, world.operator("paul").await, world.operator("olga").await];
    let card = monday(world, &marie).await;
    tuesday(world, &card, &paul, &olga).await;
    let found = [
        Standing::CoolDown,
        Standing::AttemptCap,
        Standing::OpenElsewhere,
        Standing::LicenceExpired,
        Standing::Assigned,
    ];
    let before = loan_funnel(world).await;
    assert!(found.iter().all(|standing| !before.contains_key(standing)), "{before:?}");
    let people = [COOLING, CAPPED, ELSEWHERE, LICENSED];
    let mut told = Vec::new();
    for person in people {
        told.push(stands(world, person).await);
    }
    assert_eq!(told.iter().map(|(standing, _)| *standing).collect::<Vec<_>>(), found[..4]);
    next(world, &marie, LOAN).await;
    let after = loan_funnel(world).await;
    let callable = |counts: &BTreeMap<Standing, (i64, Option<Timestamp>)>| counts[&Standing::Callable].0;
    assert_eq!(callable(&before) - callable(&after), 5, "four who are held back, and the one who was handed out");
    for ((standing, until), person) in told.into_iter().zip(people) {
        assert_eq!(after.get(&standing), Some(&(1, until)));
        assert_eq!(stands(world, person).await, (standing, until), "the search writes what was told before");
    }
}

/// A list without a share gives nobody any more, but what was promised to its people is kept.
async fn a_promise_outlives_the_share_of_its_list(world: &World) {
    let marie = world.operator("marie").await;
    let card = another(world, "card", None).await;
    let aside = load(world, &card, own("put aside"), [client(2), client(3)]).await;
    let main = load(world, &card, own("own clients"), [client(4)]).await;
    call(world, &marie, "card", 2, &call_back(world.in_minutes(30))).await;
    world.store.mix_lists(card.id, &[(aside.id, 0), (main.id, 1)]).await.expect("mixed");
    world.clock.advance(Span::minutes(30));
    let counts = funnel(world, "card").await;
    assert_eq!(counts, [(Standing::Callable, (2, None)), (Standing::ListSwitchedOff, (1, None))].into());
    let promised = lead_of(world, &phone(2), "card").await;
    told_alike(&why(world, promised).await, Standing::Callable, None, "Callable now");
    assert_eq!(next(world, &marie, "card").await.lead, promised);
}
