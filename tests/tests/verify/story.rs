//! Five weeks of a small call centre, with everything that its ledger can hold.

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::list::{ListSource, ListedClient, ListedPhone, Provenance};
use relance_domain::outcome::OutcomeReport;
use relance_domain::{CampaignId, ClientId, Span, queue};
use relance_scheduler::{Engine, Error, LeadAnswer, NextAnswer, SuppressFor, loops};
use relance_store::register::NewRegister;
use relance_store::user::User;
use relance_testkit::builders::{
    abroad, accepted, client, definition, other_rules, phone, provenance, rejected, tariff, under_the_law, who_agreed,
};
use relance_testkit::{World, reports};

/// The story. People 2 to 17 are leads of `fibre`, which is held to the law; 20 to 24 of `loan`, which is not; somebody in California is
/// one of `west`.
pub(crate) async fn tell(world: &World) {
    let mut office = Office::open(world).await;
    office.first_day().await;
    office.back_office().await;
    office.evening().await;
    office.later_days().await;
    office.last_days().await;
}

struct Office<'w> {
    world: &'w World,
    engine: Engine,
    marie: User,
    paul: User,
    zoe: User,
    nina: User,
    olga: User,
    omar: User,
}

fn with_basis(name: &str) -> Provenance {
    Provenance { consent_basis: Some("opt-in form".to_owned()), source: ListSource::Web, ..provenance(name) }
}

/// A person who agreed; the third and the seventh have a further number.
fn agreed(n: u32) -> ListedClient {
    let mut client = who_agreed(n, "2026-10-01");
    if n == 3 || n == 7 {
        client.phones.add(ListedPhone { number: phone(n + 100), extension: None });
    }
    client
}

impl<'w> Office<'w> {
    async fn open(world: &'w World) -> Self {
        let fibre = world.running(&under_the_law("fibre")).await;
        let mut waits = definition("loan");
        waits.calling.days_after_refusal = 1;
        let loan = world.running(&waits).await;
        let west = world.running(&under_the_law("west")).await;
        let people: Vec<_> =
            (2..=17).map(|n| accepted(u64::from(n), agreed(n))).chain([rejected(18, &["x"])]).collect();
        world.load_rows(&fibre, with_basis("fibre"), &people).await.expect("loaded");
        let people: Vec<_> = (20..=24).map(|n| accepted(u64::from(n), client(n))).collect();
        world.load_rows(&loan, provenance("loan"), &people).await.expect("loaded");
        let ann = abroad("+19495550122", "US", "America/Los_Angeles");
        world.load_rows(&west, provenance("west"), &[accepted(2, ann)]).await.expect("loaded");
        let office = Self {
            world,
            engine: world.engine.clone(),
            marie: world.operator("marie").await,
            paul: world.operator("paul").await,
            zoe: world.operator("zoe").await,
            nina: world.operator("nina").await,
            olga: world.operator("olga").await,
            omar: world.operator("omar").await,
        };
        office.engine.publish_tariff(&tariff("fibre-40", 3_999, &["fibre"])).await.expect("published");
        office.loops().await;
        office
    }

    /// People call, refuse, promise, object; leads are handed back, run out, are taken and are taken back.
    async fn first_day(&mut self) {
        let (marie, zoe) = (&self.marie, &self.zoe);
        self.call(marie, 2, &reports::refused_over("30")).await;
        self.call(marie, 3, &reports::plain("no_answer")).await;
        self.call(marie, 4, &reports::call_later_myself(self.world.in_minutes(60))).await;
        self.call(marie, 5, &reports::plain("do_not_call")).await;
        self.call(marie, 6, &reports::ordered("fibre-40")).await;
        self.call(marie, 7, &reports::plain("wrong_number")).await;
        let given = self.lead(zoe, 8).await;
        self.engine.hand_back(zoe.id, given.assignment, &given.token, "a visitor").await.expect("handed back");
        let forgotten = self.lead(&self.nina, 9).await;
        self.pass(5).await;
        self.call(marie, 12, &reports::plain("busy")).await;
        self.call(marie, 11, &reports::not_interested()).await;
        self.call(marie, 13, &reports::plain("machine")).await;
        let taken = self.lead(&self.olga, 10).await;
        self.pass(1).await;
        self.engine.take_lead(None, taken.assignment, "gone home", Some(self.paul.id)).await.expect("taken");
        let held = self.engine.next_lead(self.paul.id, None).await.expect("an answer");
        let NextAnswer::Lead(held) = held else { panic!("paul holds the lead") };
        self.pass(1).await;
        self.report(&self.paul, &held, &reports::plain("busy")).await;
        self.lead(zoe, 14).await;
        self.pass(1).await;
        self.suppress(14).await;
        self.call(marie, 20, &reports::refused_over("30")).await;
        self.call(marie, 21, &reports::plain("busy")).await;
        self.pass(24).await;
        let (nina, busy) = (self.nina.id, reports::plain("busy"));
        let late = self.engine.record_outcome(nina, forgotten.assignment, &forgotten.token, &busy).await;
        assert!(matches!(late, Err(Error::Late(_))), "{late:?}");
        self.call(marie, 16, &reports::call_later(self.world.in_minutes(240))).await;
        self.pass(30).await;
        let NextAnswer::Lead(promised) = self.engine.next_lead(marie.id, None).await.expect("an answer") else {
            panic!("a promise is due")
        };
        self.report(marie, &promised, &reports::plain("no_answer")).await;
    }

    /// A tariff answers a refusal; people are suppressed, merged and erased; a campaign stops, goes on and is changed.
    async fn back_office(&mut self) {
        let published = self.engine.publish_tariff(&tariff("loan-25", 2_499, &["loan"])).await.expect("published");
        assert_eq!(published.reopened, 1);
        self.suppress(16).await;
        let (keep, other) = (self.client(11).await, self.client(17).await);
        self.engine.merge_clients(keep, other, None, false).await.expect("merged");
        self.engine.erase_client(self.client(13).await, "asked by letter", None).await.expect("erased");
        for event in [CampaignEvent::Pause, CampaignEvent::Resume] {
            self.engine.change_campaign_state("fibre", event).await.expect("changed");
        }
        let mut stricter = under_the_law("fibre");
        stricter.calling.days_after_refusal = 30;
        self.world.store.apply_campaign(&stricter, None, self.world.now()).await.expect("applied");
        self.register("2026-11-20").await;
    }

    /// It is morning in California, and evening in Paris.
    async fn evening(&mut self) {
        self.world.clock.set("2026-11-24T18:30:00Z".parse().expect("half past ten in California"));
        self.loops().await;
        let NextAnswer::Lead(west) = self.engine.next_lead(self.paul.id, Some("west")).await.expect("an answer") else {
            panic!("somebody in California can be called")
        };
        self.report(&self.paul, &west, &reports::not_interested()).await;
        self.pass(60).await;
        self.register("2026-11-23").await;
    }

    /// A node with other rules decides for a day. Somebody is tried four times; who refused is called about the tariff when the cool-down is over.
    async fn later_days(&mut self) {
        for (day, said) in [("25", "no_answer"), ("26", "machine"), ("27", "no_answer")] {
            self.world.clock.set(format!("2026-11-{day}T09:30:00Z").parse().expect("half past ten in Paris"));
            self.engine = if day == "25" { self.world.engine_under(other_rules()) } else { self.world.engine.clone() };
            self.loops().await;
            self.call(&self.paul, 12, &reports::plain(said)).await;
            if day == "26" {
                let reopened = self.lead(&self.olga, 20).await;
                assert!(reopened.decision.reopening.is_some());
                self.pass(31).await;
            }
        }
    }

    /// There is room under the cap again.
    async fn last_days(&mut self) {
        self.world.clock.set("2026-12-29T09:30:00Z".parse().expect("half past ten in Paris"));
        self.loops().await;
        self.lead(&self.omar, 12).await;
        self.pass(31).await;
        self.call(&self.marie, 15, &reports::call_later(self.world.in_minutes(60 * 24 * 10))).await;
        self.lead(&self.paul, 3).await;
    }

    async fn loops(&self) {
        loops::run_once(&self.engine).await.expect("a round of the loops");
    }

    async fn pass(&self, minutes: i64) {
        self.world.clock.advance(Span::minutes(minutes));
        self.loops().await;
    }

    async fn client(&self, person: u32) -> ClientId {
        self.world.store.client_of_phone(&phone(person)).await.expect("an answer").expect("a client")
    }

    async fn suppress(&self, person: u32) {
        let scope = SuppressFor::default();
        self.engine.suppress(phone(person).reveal(), "FR", scope, "asked by letter", None).await.expect("suppressed");
    }

    /// A file of the register that California needs, with somebody else's number. It holds there alone.
    async fn register(&self, as_of: &str) {
        let as_of = as_of.parse().expect("a day");
        let west = self.world.texts("SELECT CAST(id AS TEXT) FROM campaign WHERE campaign = 'west'").await;
        let campaign = Some(CampaignId(west[0].parse().expect("a key")));
        let new = NewRegister { register: "us-dnc".into(), seller: None, campaign, as_of };
        let (store, now) = (&self.world.store, self.world.now());
        let open = store.begin_register(&new).await.expect("open");
        store.add_to_register(open, &[phone(99)], None, now).await.expect("added");
        store.commit_register(open, as_of, now).await.expect("committed");
        while !store.sweep_registers(100).await.expect("swept") {}
    }

    /// Hands a person out who is put in front of everybody, past the store.
    async fn lead(&self, operator: &User, person: u32) -> LeadAnswer {
        let lead = self.world.lead_of(person).await.lead;
        let front = queue::REOPENED;
        let before = "(SELECT MIN(due_at_ms) FROM lead) - 1";
        self.world.write(&format!("UPDATE lead SET priority = {front}, due_at_ms = {before} WHERE id = {lead}")).await;
        match self.engine.next_lead(operator.id, None).await.expect("an answer") {
            NextAnswer::Lead(answer) if answer.lead == lead => *answer,
            other => panic!("person {person} for {}, not {other:?}", operator.name),
        }
    }

    async fn report(&self, operator: &User, lead: &LeadAnswer, report: &OutcomeReport) {
        self.engine.record_outcome(operator.id, lead.assignment, &lead.token, report).await.expect("recorded");
    }

    async fn call(&self, operator: &User, person: u32, report: &OutcomeReport) {
        let lead = self.lead(operator, person).await;
        self.report(operator, &lead, report).await;
    }
}
