//! Nasty inputs that only a database shows the nastiness of. Their numbers are those of the reader's own tests.

use relance_domain::Span;
use relance_domain::definition::{AttemptCap, StandardField};
use relance_domain::list::RejectCode;
use relance_scheduler::SuppressFor;
use relance_testkit::builders::definition;
use relance_testkit::{World, reports};

use crate::desk::{dry, into, load, next, nobody, number, told};

relance_testkit::on_both_stores![
    case_37_the_same_person_twice_and_in_another_list,
    case_38_of_a_number_that_must_not_be_called_only_the_count_is_kept,
    a_dry_run_tells_what_a_load_does,
];

async fn case_37_the_same_person_twice_and_in_another_list(world: &World) {
    let marie = world.operator("marie").await;
    for campaign in ["fibre", "loan"] {
        let mut definition = definition(campaign);
        definition.calling.caps = vec![AttemptCap { max: 1, window: Span::days(30) }];
        world.running(&definition).await;
    }
    let (fixed, mobile) = (number(2), "+33639980001");
    let twice = format!("Nom;Phone;Mobile\nA;{fixed};{mobile}\nB;{fixed};\nC;{};{mobile}\n", number(3));
    let first = load(world, into("fibre", "first"), twice).await;
    assert_eq!((first.counts.new_leads, first.counts.duplicates_in_file), (1, 2));
    let left_out = world.engine.left_out_rows(first.list.expect("a list"), 0, 10).await.expect("rows");
    let why: Vec<_> = left_out.iter().map(|row| (row.line, row.verdict.as_str(), row.message.clone())).collect();
    let repeated = "the same number stands on line 2".to_owned();
    let more = format!("{repeated}, and it has a further number that is not taken: put it beside the first");
    assert_eq!(why, [(3, "duplicate_in_file", Some(repeated)), (4, "duplicate_in_file", Some(more))]);
    let again = load(world, into("fibre", "second"), format!("Nom;Phone\nD;{mobile}\n")).await;
    assert_eq!((again.counts.new_leads, again.counts.duplicates_in_campaign), (0, 1));
    let elsewhere = load(world, into("loan", "third"), format!("Nom;Phone\nE;{mobile}\n")).await;
    assert_eq!((elsewhere.counts.new_leads, elsewhere.counts.known_clients), (1, 1));
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 1);
    // One call is all that the person may get, in all campaigns together.
    let called = next(world, &marie).await;
    let busy = reports::plain("busy");
    world.engine.record_outcome(marie.id, called.assignment, &called.token, &busy).await.expect("recorded");
    world.pass_minutes(60).await;
    nobody(&world.engine, &marie).await;
}

async fn case_38_of_a_number_that_must_not_be_called_only_the_count_is_kept(world: &World) {
    world.running(&definition("fibre")).await;
    for suppressed in [2, 902] {
        world
            .engine
            .suppress(&number(suppressed), "FR", SuppressFor::default(), "asked by letter", None)
            .await
            .expect("suppressed");
    }
    let mut file = "Nom;Phone;Mobile;Adresse;Hobby\n".to_owned();
    // By the first number, and by the second.
    file.push_str(&format!("Zwentibold;{};+33639980001;rue du Secret;philately\n", number(2)));
    file.push_str(&format!("Zwentibold;+33639980002;{};rue du Secret;philately\n", number(902)));
    for refused in ["0899701234", "112", "15", "0000000000"] {
        file.push_str(&format!("Martin;{refused};;;\n"));
    }
    (3..30).for_each(|person| file.push_str(&format!("Durand;{};;rue Haute;\n", number(person))));
    for attempt in [dry(into("fibre", "first")), into("fibre", "first")] {
        let report = load(world, attempt, &file).await;
        assert_eq!((report.counts.suppressed, report.counts.rejected, report.counts.new_leads), (2, 4, 27));
        assert!(report.rejects.iter().all(|group| group.code == RejectCode::PhoneInvalid), "{:?}", report.rejects);
        let everything = world.everything().await;
        for personal in ["Zwentibold", "rue du Secret", "philately", "639980001", "639980002"] {
            let kept: Vec<_> = everything.iter().filter(|row| row.contains(personal)).collect();
            assert!(kept.is_empty(), "{personal} is kept: {kept:?}");
        }
        let with_number = |n| everything.iter().filter(move |row| row.contains(&number(n)));
        assert!(with_number(2).chain(with_number(902)).all(|row| row.starts_with("suppression ")), "{everything:?}");
    }
}

/// A file with every kind of row: its report is the same for a dry run, which leaves nothing.
async fn a_dry_run_tells_what_a_load_does(world: &World) {
    let mut fibre = definition("fibre");
    fibre.columns.insert(StandardField::Consent, vec!["Consentement".to_owned()]);
    world.running(&fibre).await;
    world.running(&definition("loan")).await;
    load(world, into("fibre", "before"), format!("Nom;Phone\nMartin;{}\n", number(2))).await;
    let elsewhere = format!("Nom;Phone;Mobile\n;{};{}\nBernard;{};\n", number(3), number(903), number(4));
    load(world, into("loan", "elsewhere"), elsewhere).await;
    world.engine.suppress(&number(5), "FR", SuppressFor::default(), "asked by letter", None).await.expect("suppressed");
    let mut file = "Nom;Phone;Mobile;Ville;Consentement;Date du consentement;Hobby\n".to_owned();
    let rows = [
        format!("Martin;{};;Lyon;;;", number(2)),
        format!("Durand;{};;Lyon;oui;14/02/2026;chess", number(3)),
        // The same person as above, of whom the file gives two numbers apart.
        format!("Durand;{};;Paris;;;", number(903)),
        format!("Moreau;{};;;non;;", number(5)),
        format!("Petit;{} poste 12;{};Lille;oui;25/12/2026;", number(6), number(906)),
        format!("Petit;{};;;;;", number(906)),
        format!("Roux;{};{};;;;", number(7), number(4)),
        // Two clients who are one, says the row.
        format!("Simon;{};{};;;;", number(903), number(4)),
        "Nom;Phone;Mobile;Ville;Consentement;Date du consentement;Hobby".to_owned(),
        "Laurent;12;;;;;".to_owned(),
        "Laurent;;;;;;".to_owned(),
        format!("Laurent;{};;;perhaps;;", number(8)),
        format!("Laurent;{};;;;;;one;two", number(9)),
        format!("Michel;{}", number(10)),
    ];
    rows.iter().for_each(|row| file.push_str(&format!("{row}\n")));
    let before = world.everything().await;
    let would = load(world, dry(into("fibre", "every kind")), &file).await;
    assert_eq!(before, world.everything().await, "a dry run stores nothing");
    assert!(would.dry_run && would.list.is_none() && !would.resumed);
    let did = load(world, into("fibre", "every kind"), &file).await;
    assert_eq!(told(&did), told(&would));
    let counts = did.counts;
    assert_eq!((counts.rows_read, did.repeated_headers), (13, 1));
    assert_eq!((counts.suppressed, counts.rejected), (1, 4), "{:?}", did.rejects);
    assert_eq!((counts.duplicates_in_file, counts.duplicates_in_campaign), (2, 2));
    assert_eq!((counts.new_clients, counts.known_clients), (2, 2));
    assert!(did.joins == 0 && did.changes.0.contains_key("city"), "{:?} {:?}", did.joins, did.changes);
    assert!(!did.remarks.is_empty() && did.rejects.len() >= 3);
    assert_eq!((did.consent.given, did.consent.refused), (1, 1));
}
