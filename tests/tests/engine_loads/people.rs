//! What a list tells of people: to the operator who calls them, and to the client base that knows them.

use relance_domain::client::UpdatePolicy;
use relance_lists::ListError;
use relance_scheduler::{Error, FieldShown, Known, ListToLoad, WhyQuestion};
use relance_testkit::World;
use relance_testkit::builders::{definition, purchased};

use crate::desk::{dry, into, load, mapped, next, number, told, try_load, with_policy};

relance_testkit::on_both_stores![
    all_that_a_row_says_is_shown_with_the_lead,
    a_list_changes_what_its_policy_permits,
    rows_that_join_two_people_are_told,
    what_was_said_of_a_vendors_columns_is_kept,
];

async fn all_that_a_row_says_is_shown_with_the_lead(world: &World) {
    let marie = world.operator("marie").await;
    let mut campaign = definition("fibre");
    let shown = ["last_name", "extension", "consent", "consent_date", "consent_wording"];
    campaign.shown = shown.map(str::to_owned).to_vec();
    world.running(&campaign).await;
    let file = format!(
        "Nom;Phone;Mobile;Consentement;Date du consentement;Texte;Hobby;Reste\n\
        Durand;{} poste 12;+33639980001 / +33639980002;oui;14/02/2026;J'accepte;=opéra;\n",
        number(2)
    );
    let columns = [("Texte", "consent_wording")];
    load(world, mapped(into("fibre", "first"), &columns), file).await;
    let lead = next(world, &marie).await;
    assert_eq!((lead.phone, lead.extension.as_deref()), (number(2), Some("12")));
    let others: Vec<_> = lead.other_phones.iter().map(|other| other.phone.as_str()).collect();
    assert_eq!(others, ["+33639980001", "+33639980002"]);
    let values: Vec<_> = lead.client.iter().map(|FieldShown { value, .. }| value.as_str()).collect();
    assert_eq!(values, ["Durand", "12", "yes", "2026-02-14", "J'accepte"]);
    assert_eq!(lead.attributes, [("Hobby".to_owned(), "=opéra".to_owned())].into());
    for phone in [number(2).as_str(), "+33639980001", "06 39 98 00 02"] {
        let about = WhyQuestion { phone: Some(phone.to_owned()), country: Some("FR".into()), ..WhyQuestion::default() };
        let why = world.engine.why(&about).await.expect("an answer");
        assert_eq!(why.leads.iter().map(|why| why.lead).collect::<Vec<_>>(), [lead.lead], "{phone}");
    }
}

/// Every policy, seen in a report, in the client base, and after an undo.
async fn a_list_changes_what_its_policy_permits(world: &World) {
    world.running(&definition("fibre")).await;
    world.running(&definition("loan")).await;
    load(world, into("loan", "known"), format!("Nom;Phone\nDurand;{}\n", number(2))).await;
    let before = clients(world).await;
    for policy in UpdatePolicy::ALL {
        let file = format!("Nom;Phone;Mobile;Ville\nMoreau;{};+33639980001;Lyon\n", number(2));
        let asked = || with_policy(into("fibre", policy.as_str()), policy);
        let would = load(world, dry(asked()), &file).await;
        let did = load(world, asked(), &file).await;
        assert_eq!(told(&did), told(&would), "{policy:?}");
        let kinds: Vec<_> = did.changes.0.iter().map(|(what, n)| (what.as_str(), n.filled, n.replaced)).collect();
        match policy {
            UpdatePolicy::Keep => assert_eq!(kinds, []),
            UpdatePolicy::FillGaps => assert_eq!(kinds, [("city", 1, 0), ("phone", 1, 0)]),
            UpdatePolicy::Overwrite => assert_eq!(kinds, [("city", 1, 0), ("last_name", 0, 1), ("phone", 1, 0)]),
        }
        let shown = format!("{:?}", did.changes);
        assert!(!shown.contains("Durand") && !shown.contains("Moreau") && !shown.contains("639980001"), "{shown}");
        let after = clients(world).await;
        let says = |text: &str| after.iter().any(|row| row.contains(text));
        assert_eq!((says("Lyon"), says("Moreau")), (policy != UpdatePolicy::Keep, policy == UpdatePolicy::Overwrite));
        let list = did.list.expect("a list");
        let undone = world.engine.undo_list(list, false).await.expect("undone");
        assert_eq!(usize::try_from(undone.reverted_changes), Ok(kinds.len()), "{policy:?}");
        assert_eq!(clients(world).await, before, "{policy:?}: an undo leaves what was known");
    }
}

async fn clients(world: &World) -> Vec<String> {
    let rows = world.everything().await.into_iter();
    rows.filter(|row| row.starts_with("client ") || row.starts_with("client_phone ")).collect()
}

async fn rows_that_join_two_people_are_told(world: &World) {
    world.running(&definition("fibre")).await;
    world.running(&definition("loan")).await;
    let known = format!("Nom;Phone\nA;{}\nB;{}\nC;{}\n", number(2), number(3), number(4));
    load(world, into("loan", "known"), known).await;
    let file =
        format!("Nom;Phone;Mobile\nA;{};{}\nC;{};+33639980001\nB;{};\n", number(2), number(3), number(4), number(3));
    let would = load(world, dry(into("fibre", "joins")), &file).await;
    let did = load(world, into("fibre", "joins"), &file).await;
    assert_eq!(told(&did), told(&would));
    assert_eq!((did.joins, did.join_examples.len(), did.join_examples[0].line), (1, 1, 2));
    assert_eq!((did.counts.new_leads, did.counts.duplicates_in_file), (2, 1));
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 3, "they stay two until somebody merges them");
}

async fn what_was_said_of_a_vendors_columns_is_kept(world: &World) {
    world.running(&definition("fibre")).await;
    let bought = |name: &str, vendor: &str| ListToLoad::new("fibre", purchased(name, vendor));
    let file = |person: u32| format!("Nazwisko;Nr klienta kom\nKowalski;{}\n", number(person));
    let unsaid = try_load(&world.engine, bought("first", "Dane SA"), file(2)).await;
    assert!(matches!(unsaid, Err(Error::ListFile(ListError::MappingNeeded { .. }))), "{unsaid:?}");
    let columns = [("Nr klienta kom", "phone"), ("Nazwisko", "last_name")];
    let tried = load(world, dry(mapped(bought("first", "Dane SA"), &columns)), file(2)).await;
    assert!(tried.inspection.columns.iter().all(|column| column.known == Known::Declared));
    let unkept = try_load(&world.engine, bought("first", "Dane SA"), file(2)).await;
    assert!(unkept.is_err(), "a dry run keeps nothing: {unkept:?}");
    load(world, mapped(bought("first", "Dane SA"), &columns), file(2)).await;
    let next = load(world, bought("second", "Dane SA"), file(3)).await;
    assert_eq!(next.counts.new_leads, 1);
    let known: Vec<_> = next.inspection.columns.iter().map(|column| (column.feeds.join(","), column.known)).collect();
    assert_eq!(known, [("last_name".to_owned(), Known::Kept), ("phone".to_owned(), Known::Kept)]);
    let theirs = try_load(&world.engine, bought("third", "Another"), file(4)).await;
    assert!(matches!(theirs, Err(Error::ListFile(ListError::MappingNeeded { .. }))), "{theirs:?}");
    let other_header = file(4).replace("Nazwisko", "Imię");
    let unlike = try_load(&world.engine, bought("third", "Dane SA"), other_header).await;
    assert!(matches!(unlike, Err(Error::ListFile(ListError::MappingNeeded { .. }))), "{unlike:?}");
}
