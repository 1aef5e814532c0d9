//! Orders over the engine: the story of one, and other systems that fail, hang and come back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use relance_domain::Span;
use relance_domain::definition::{
    CancelReason, Definition, Feature, FeatureKind, FeatureValue, FieldKind, OnlyFor, OrderField, OrderWebhook,
    WithdrawalTerms,
};
use relance_domain::order::Correction;
use relance_domain::order::state::{OrderEventKind, OrderRefusal};
use relance_domain::user::Role;
use relance_scheduler::{Delivery, Engine, Error, NotDelivered, OrderSummary, Sent, Webhooks, WhyQuestion};
use relance_store::order::OrderFilter;
use relance_store::user::NewUser;
use relance_store::webhook::{MessageFilter, Replay};
use relance_testkit::{World, builders, reports};
use tokio::sync::Notify;

relance_testkit::on_both_stores![
    an_order_goes_through_its_life,
    why_tells_of_an_order_that_was_cancelled,
    why_tells_of_the_order_that_brings_a_person_back,
    an_order_is_corrected_as_it_was_ordered,
    a_correction_says_whether_the_service_begins_at_once,
    a_system_that_is_away_loses_nothing_and_holds_nobody_up,
];

fn definition() -> Definition {
    let mut definition = builders::definition("fibre");
    definition.order.number = "F-{year}-{n:03}".parse().expect("a form");
    definition.order.withdrawal = WithdrawalTerms { days: Some(14), ..WithdrawalTerms::default() };
    let reason = |code: &str, label: &str, reopens_after| CancelReason {
        code: code.into(),
        label: label.into(),
        withdrawal: false,
        reopens_after,
    };
    definition.order.cancel_reasons =
        vec![reason("moved", "Moved away", Some(Span::days(2))), reason("unpaid", "Paid nothing", None)];
    let hook = |sink: &str, on: &[OrderEventKind]| OrderWebhook {
        sink: sink.into(),
        on: on.to_vec(),
        give_up_after: Span::days(3),
    };
    definition.order.webhooks =
        vec![hook("provider", &OrderEventKind::ALL), hook("warehouse", &[OrderEventKind::Verified])];
    definition
}

async fn selling(world: &World, people: u32) {
    let campaign = world.running(&definition()).await;
    world.load(&campaign, 2..=people + 1).await;
    let tariff =
        world.store.save_tariff(&builders::tariff("fibre-25", 2_499, &["fibre"]), world.now()).await.expect("saved");
    world.store.publish_tariff(tariff.id, tariff.version, world.now()).await.expect("published");
}

async fn sell(world: &World, engine: &Engine, operator: &relance_store::user::User) {
    let hand_out = world.hand_out(operator).await;
    let report = reports::ordered("fibre-25");
    let recorded = engine.record_outcome(operator.id, hand_out.assignment, &hand_out.token, &report).await;
    recorded.expect("recorded");
}

async fn orders(engine: &Engine) -> Vec<OrderSummary> {
    engine.orders(&OrderFilter { limit: 100, ..OrderFilter::default() }).await.expect("orders")
}

async fn an_order_goes_through_its_life(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    let vera = NewUser {
        name: "vera".into(),
        role: Role::Supervisor,
        token_sha256: "hash of vera".into(),
        abilities: Default::default(),
    };
    let vera = Some(world.store.add_user(&vera, world.now()).await.expect("added").id);
    let engine = &world.engine;
    sell(world, engine, &olga).await;
    let order = orders(engine).await.remove(0);
    assert_eq!(order.number, format!("F-{}-001", world.now().strftime("%Y")));
    // The end of the fourteenth day where the client is.
    let until = order.withdraw_until.expect("a right to withdraw");
    assert!(until > Span::days(14).after(world.now()) && until <= Span::days(15).after(world.now()), "{until}");
    let own = engine.verify_order(order.id, 1, Some(olga.id)).await;
    assert!(matches!(own, Err(Error::OrderRefused(OrderRefusal::SamePerson))), "{own:?}");
    let verified = engine.verify_order(order.id, 1, vera).await.expect("verified");
    assert_eq!((verified.order.state.as_str(), verified.order.version), ("verified", 2));
    assert!(engine.verify_order(order.id, 1, None).await.is_err(), "seen long ago");
    let correction =
        Correction { fields: BTreeMap::from([("full_name".into(), "Person Two".into())]), ..Correction::default() };
    let unsaid = engine.correct_order(order.id, 2, (&correction, " "), vera).await;
    assert!(matches!(unsaid, Err(Error::Invalid { .. })), "a correction says why");
    let wrong = Correction { fields: BTreeMap::from([("colour".into(), "red".into())]), ..Correction::default() };
    let Err(Error::Invalid { problems, .. }) = engine.correct_order(order.id, 2, (&wrong, "x"), vera).await else {
        panic!("no such field")
    };
    assert_eq!(problems[0].field, "order.fields.colour");
    let corrected = engine.correct_order(order.id, 2, (&correction, "spelled again"), vera).await.expect("corrected");
    assert_eq!((corrected.order.state.as_str(), corrected.fields[0].value.as_str()), ("placed", "Person Two"));
    let change = corrected.history.last().and_then(|last| last.change.clone()).expect("a change");
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("Person 2"), Some("Person Two")));
    let unknown = engine.cancel_order(order.id, 3, ("mood", None), vera).await;
    assert!(
        matches!(&unknown, Err(Error::Invalid { problems, .. }) if problems[0].message.contains("use moved, unpaid"))
    );
    let cancelled = engine.cancel_order(order.id, 3, ("moved", Some("to Lyon")), vera).await.expect("cancelled");
    assert_eq!(cancelled.order.reopens_at, Some(Span::days(2).after(world.now())));
    world.pass_minutes(2 * 24 * 60).await;
    world.claim(&olga).await;
    let lead = engine.held_lead(olga.id).await.expect("answered").expect("the lead is back");
    assert!(lead.because.contains("cancelled on") && lead.because.contains("Moved away (to Lyon)"), "{}", lead.because);
}

/// Whose order was cancelled for good stays closed, and whoever asks why reads more than that they once accepted.
async fn why_tells_of_an_order_that_was_cancelled(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    sell(world, &world.engine, &olga).await;
    let order = orders(&world.engine).await.remove(0);
    let about = WhyQuestion { lead: Some(order.lead), ..WhyQuestion::default() };
    let sentence = async || world.engine.why(&about).await.expect("answered").leads.remove(0).sentence;
    assert_eq!(sentence().await, "Not callable: the client accepted.");
    let vera = world.operator("vera").await;
    world.engine.cancel_order(order.id, order.version, ("unpaid", None), Some(vera.id)).await.expect("cancelled");
    let told = sentence().await;
    assert!(told.contains("cancelled on") && told.contains("Paid nothing"), "{told}");
}

/// Who comes back after a cancellation waits for it to be long enough ago, and whoever asks why reads of the order.
async fn why_tells_of_the_order_that_brings_a_person_back(world: &World) {
    selling(world, 1).await;
    let olga = world.operator("olga").await;
    sell(world, &world.engine, &olga).await;
    let order = orders(&world.engine).await.remove(0);
    world.engine.cancel_order(order.id, order.version, ("moved", None), None).await.expect("cancelled");
    let about = WhyQuestion { lead: Some(order.lead), ..WhyQuestion::default() };
    let told = world.engine.why(&about).await.expect("answered").leads.remove(0).sentence;
    assert!(told.contains("to be tried again later (ordered ") && told.contains("Moved away), until "), "{told}");
}

/// A later version of the tariff takes nothing from an order: what was ordered with television keeps its box.
async fn an_order_is_corrected_as_it_was_ordered(world: &World) {
    let mut selling = definition();
    let feature = Feature { code: "tv".into(), label: "Television".into(), kind: FeatureKind::Has };
    selling.features.push(feature);
    selling.order_form.push(OrderField {
        name: "tv_box".into(),
        label: "Box".into(),
        kind: FieldKind::Text,
        required: true,
        prefill: Some("last_name".into()),
        only_for: Some(OnlyFor::Feature { feature: "tv".into(), at_least: None }),
    });
    let campaign = world.running(&selling).await;
    world.load(&campaign, 2..=2).await;
    let olga = world.operator("olga").await;
    let mut offer = builders::tariff("fibre-25", 2_499, &["fibre"]);
    offer.features.insert("tv".into(), FeatureValue::Has(true));
    world.engine.publish_tariff(&offer).await.expect("published");
    sell(world, &world.engine, &olga).await;
    offer.features.clear();
    world.engine.publish_tariff(&offer).await.expect("published without television");
    let order = orders(&world.engine).await.remove(0);
    let correction =
        Correction { fields: BTreeMap::from([("full_name".into(), "Person Two".into())]), ..Correction::default() };
    let corrected = world.engine.correct_order(order.id, 1, (&correction, "spelled again"), None).await;
    let fields: Vec<_> =
        corrected.expect("corrected").fields.into_iter().map(|field| (field.name, field.value)).collect();
    assert_eq!(fields, [("full_name".into(), "Person Two".into()), ("tv_box".into(), "Person 2".to_owned())]);
}

/// Whether an order waits for the right to withdraw to end is what its form says by now, not what it said as it was placed.
async fn a_correction_says_whether_the_service_begins_at_once(world: &World) {
    let mut selling = definition();
    selling.order.withdrawal.begins_at_once = Some("at_once".into());
    selling.order_form.push(OrderField {
        name: "at_once".into(),
        label: "The service begins at once".into(),
        kind: FieldKind::YesNo,
        required: false,
        prefill: None,
        only_for: None,
    });
    let campaign = world.running(&selling).await;
    world.load(&campaign, 2..=2).await;
    let engine = &world.engine;
    engine.publish_tariff(&builders::tariff("fibre-25", 2_499, &["fibre"])).await.expect("published");
    sell(world, engine, &world.operator("olga").await).await;
    let order = orders(engine).await.remove(0);
    let second = Some(world.operator("vera").await.id);
    let says = async |seen: i64, answer: &str| {
        let fields = BTreeMap::from([("at_once".into(), answer.into())]);
        let correction = Correction { fields, ..Correction::default() };
        let corrected = engine.correct_order(order.id, seen, (&correction, "asked again"), None).await;
        corrected.expect("corrected").order.begins_at_once
    };
    assert!(!order.begins_at_once, "the client was not asked");
    assert!(says(1, "yes").await);
    engine.verify_order(order.id, 2, second).await.expect("verified");
    assert!(!says(3, "no").await);
    engine.verify_order(order.id, 4, second).await.expect("verified");
    let waits = engine.fulfil_order(order.id, 5, second).await;
    assert!(matches!(waits, Err(Error::OrderRefused(OrderRefusal::StillWithdrawable { .. }))), "{waits:?}");
    assert!(says(5, "yes").await);
    engine.verify_order(order.id, 6, second).await.expect("verified");
    engine.fulfil_order(order.id, 7, second).await.expect("fulfilled before the right to withdraw ends");
}

/// How a system answers.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    Fails(u16),
    Hangs,
}

/// Two systems, each in a mood.
struct Systems {
    moods: Mutex<BTreeMap<&'static str, Mood>>,
    taken: Mutex<Vec<(String, String)>>,
    reached: Notify,
}

impl Systems {
    fn set(&self, sink: &'static str, mood: Mood) {
        self.moods.lock().expect("no panic").insert(sink, mood);
    }

    fn taken_by(&self, sink: &str) -> usize {
        self.taken.lock().expect("no panic").iter().filter(|(by, _)| by == sink).count()
    }
}

#[async_trait]
impl Webhooks for Systems {
    fn sinks(&self) -> Vec<String> {
        vec!["provider".into(), "warehouse".into()]
    }

    async fn send(&self, sink: &str, delivery: &Delivery) -> Result<(), NotDelivered> {
        let mood = self.moods.lock().expect("no panic")[sink];
        self.reached.notify_one();
        match mood {
            Mood::Takes => {
                self.taken.lock().expect("no panic").push((sink.to_owned(), delivery.id.clone()));
                Ok(())
            }
            Mood::Fails(status) => Err(NotDelivered::Status(status)),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

async fn a_system_that_is_away_loses_nothing_and_holds_nobody_up(world: &World) {
    let systems = Arc::new(Systems {
        moods: Mutex::new(BTreeMap::from([("provider", Mood::Hangs), ("warehouse", Mood::Takes)])),
        taken: Mutex::new(Vec::new()),
        reached: Notify::new(),
    });
    let engine = world.engine.clone().with_webhooks(Arc::clone(&systems) as Arc<dyn Webhooks>);
    selling(world, 3).await;
    let olga = world.operator("olga").await;
    sell(world, &engine, &olga).await;
    let order = orders(&engine).await.remove(0);
    engine.verify_order(order.id, 1, None).await.expect("verified");
    // The provider hangs; the warehouse, the operators and the back office go on.
    let hanging = tokio::spawn({
        let engine = engine.clone();
        async move { engine.send_to("provider").await }
    });
    systems.reached.notified().await;
    assert_eq!(engine.send_to("warehouse").await.expect("sent"), Sent { taken: 1, not_taken: 0 });
    sell(world, &engine, &olga).await;
    // Its node dies; another one may send when the lease is over.
    hanging.abort();
    assert!(hanging.await.is_err());
    systems.set("provider", Mood::Fails(503));
    world.pass_minutes(2).await;
    let mut failed = 0;
    for _ in 0..4 {
        let sent = engine.send_webhooks().await.expect("sent");
        assert_eq!(sent.taken, 0);
        failed += sent.not_taken;
        world.pass_minutes(60).await;
    }
    assert!(failed >= 5, "{failed}");
    let overview =
        engine.webhooks(&MessageFilter { limit: 10, ..MessageFilter::default() }).await.expect("an overview");
    let provider = &overview.sinks[0];
    assert_eq!((provider.state.sink.as_str(), provider.state.waiting, provider.known_here), ("provider", 3, true));
    assert!(overview.rows.iter().all(|row| row.last_error.as_deref() == Some("it answered with status 503")));
    // It comes back: one message finds that out, and the rest follows at once.
    systems.set("provider", Mood::Takes);
    assert_eq!(engine.send_to("provider").await.expect("sent"), Sent { taken: 1, not_taken: 0 });
    assert_eq!(engine.send_to("provider").await.expect("sent"), Sent { taken: 2, not_taken: 0 });
    assert_eq!((systems.taken_by("provider"), systems.taken_by("warehouse")), (3, 1));
    let nothing = engine.replay_webhooks(&Replay { sink: Some("provider".into()), ..Replay::default() }).await;
    assert!(matches!(nothing, Err(Error::Invalid { .. })), "a replay says which");
    let since = Some(Span::days(30).before(world.now()));
    let replay = Replay { sink: Some("provider".into()), since, ..Replay::default() };
    assert_eq!(engine.replay_webhooks(&replay).await.expect("replayed"), 3);
    engine.send_to("provider").await.expect("sent");
    let taken = systems.taken.lock().expect("no panic").clone();
    let ids: std::collections::BTreeSet<&String> =
        taken.iter().filter(|(by, _)| by == "provider").map(|(_, id)| id).collect();
    assert_eq!((taken.len(), ids.len()), (7, 3), "the same ids, so that a system can tell");
}
