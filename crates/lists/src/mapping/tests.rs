use proptest::prelude::*;
use relance_domain::definition::ClientField;

use super::*;
use crate::cell::{DateOrder, DecimalMark};
use crate::table::Lines;
use relance_domain::list::{KeptMapping, MappedColumn};

fn target(country: &str) -> Target {
    let today = "2026-11-24".parse().expect("a date");
    Target::standard(country, "EUR".parse().expect("a currency"), today)
}

fn with_campaign() -> Target {
    let mut target = target("FR");
    let headers = |headers: &[&str]| headers.iter().map(|header| (*header).to_owned()).collect();
    target.columns.insert(StandardField::Phone, headers(&["Numéro d'appel", "Portable"]));
    target.columns.insert(StandardField::City, headers(&["Localisation"]));
    let field = |name: &str, kind, columns: &[&str]| ClientField {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        columns: headers(columns),
    };
    target.client_fields = vec![
        field("due", FieldKind::Money, &["Montant dû"]),
        field("since", FieldKind::Date, &["Client depuis"]),
        field("town", FieldKind::Text, &["Localisation"]),
    ];
    target
}

fn sample(rows: &[Vec<String>]) -> Batch {
    let mut batch = Batch::default();
    for (at, row) in rows.iter().enumerate() {
        let line = at as u64 + 2;
        batch.push(Lines { first: line, last: line }, row.iter().map(String::as_str));
    }
    batch
}

fn owned(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The same row many times over.
fn rows(row: &[&str]) -> Vec<Vec<String>> {
    vec![owned(row); 20]
}

fn mapped_as(headers: &[&str], rows: &[Vec<String>], target: &Target, wishes: &Wishes) -> Result<Mapped, ListError> {
    map(Some(&owned(headers)), &sample(rows), target, wishes, false)
}

fn mapped(headers: &[&str], row: &[&str]) -> Mapped {
    mapped_as(headers, &rows(row), &target("FR"), &Wishes::default()).expect("a mapping")
}

fn said(pairs: &[(&str, &str)]) -> Vec<MappedColumn> {
    let one =
        |(column, field): &(&str, &str)| MappedColumn { column: (*column).to_owned(), field: (*field).to_owned() };
    pairs.iter().map(one).collect()
}

fn telling(pairs: &[(&str, &str)]) -> Wishes {
    Wishes { mapping: said(pairs), ..Wishes::default() }
}

fn phones(mapped: &Mapped) -> Vec<usize> {
    mapped.columns.phones.iter().map(|phone| phone.at).collect()
}

fn feeds(mapped: &Mapped) -> Vec<String> {
    mapped.uses.iter().map(|column| column.feeds.join("+")).collect()
}

fn codes(mapped: &Mapped) -> Vec<&str> {
    mapped.questions.iter().map(|question| question.code.as_str()).collect()
}

#[test]
fn french_headers() {
    let headers =
        ["Civilité", "Nom", "Prénom", "Adresse", "Code postal", "Ville", "Tél", "E-mail", "Date de naissance"];
    let row =
        ["Mme", "Durand", "Chloé", "12 rue Haute", "75011", "Paris", "06 39 98 12 34", "c@example.org", "03/04/1980"];
    let mapped = mapped(&headers, &row);
    assert_eq!(feeds(&mapped), ["", "last_name", "first_name", "street", "postcode", "city", "phone", "", ""]);
    let attributes: Vec<&str> = mapped.columns.attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(attributes, ["Civilité", "E-mail", "Date de naissance"]);
    assert_eq!((mapped.uses[6].known, mapped.uses[3].known), (Known::Certain, Known::Likely));
    assert_eq!(
        mapped.uses[6].because,
        "its header is one of a phone number, and 100 % of its cells are telephone numbers"
    );
    assert!(mapped.questions.is_empty() && mapped.notices.is_empty(), "{:?}", mapped.notices);
}

#[test]
fn english_and_russian_headers() {
    let english =
        ["customer_id", "FullName", "Street Address", "Zip", "City", "State", "Phone Number", "Time zone", "ext."];
    let row = ["C-17", "Jo Smith", "1 High St", "02139", "Boston", "MA", "(617) 555-0122", "America/New_York", "12"];
    let american = mapped_as(&english, &rows(&row), &target("US"), &Wishes::default()).expect("a mapping");
    let fields = ["reference", "last_name", "street", "postcode", "city", "region", "phone", "time_zone", "extension"];
    assert_eq!(feeds(&american), fields);
    assert_eq!(american.columns.extension, Some(8));
    assert!(!american.columns.standard.contains_key(&StandardField::Extension));

    let russian =
        ["№", "Фамилия", "Имя", "Отчество", "Моб. телефон", "Город", "Область", "Индекс", "Согласие", "Дата согласия"];
    let row =
        ["1", "Иванов", "Пётр", "Ильич", "8 (812) 123-45-67", "Самара", "Самарская", "443001", "да", "03.04.2025"];
    let russian = mapped_as(&russian, &rows(&row), &target("RU"), &Wishes::default()).expect("a mapping");
    let fields =
        ["reference", "last_name", "first_name", "", "phone", "city", "region", "postcode", "consent", "consent_date"];
    assert_eq!(feeds(&russian), fields);
    assert_eq!(russian.uses[9].reading.as_deref(), Some("dates are day/month/year"));
    assert_eq!(russian.columns.habits(StandardField::ConsentDate).dates, DateOrder::DayFirst);
}

#[test]
fn the_campaigns_headers_go_before_those_that_everybody_knows() {
    let headers = ["Tél", "Portable", "numero d'appel", "Localisation", "Ville", "Montant dû", "Client depuis"];
    let row = ["01 99 00 12 34", "06 39 98 12 34", "06 39 98 12 35", "Lyon", "Paris", "1.234", "23/11/2020"];
    let mut all = rows(&row);
    all.push(owned(&["", "", "06 39 98 12 36", "", "", "12,50", ""]));
    let mapped = mapped_as(&headers, &all, &with_campaign(), &Wishes::default()).expect("a mapping");
    assert_eq!(phones(&mapped), [2, 1, 0], "in the campaign's order, then those of other headers");
    assert_eq!(feeds(&mapped), ["phone", "phone", "phone", "city+town", "", "due", "since"]);
    assert_eq!((mapped.uses[2].known, mapped.uses[2].because.as_str()), (Known::Marked, "header of the campaign"));
    let habits: Vec<_> = mapped.columns.facts.iter().map(|fact| (fact.name.as_str(), fact.at)).collect();
    assert_eq!(habits, [("due", 5), ("since", 6), ("town", 3)]);
    assert_eq!(mapped.columns.facts[0].habits.decimals, DecimalMark::Comma);
    assert_eq!(mapped.columns.attributes, [("Ville".to_owned(), 4)]);
}

#[test]
fn what_is_said_goes_first_and_what_was_kept_second() {
    let headers = ["Tél", "Bureau", "Ville", "Commune", "Divers"];
    let row = ["06 39 98 12 34", "01 99 00 12 34", "Paris", "Lyon", "x"];
    let map_with = |mapping: &[(&str, &str)], kept: &[(&str, &str)]| {
        let header = headers.map(str::to_owned).to_vec();
        let kept_mappings = vec![KeptMapping { header, mapping: said(kept) }];
        let wishes = Wishes { mapping: said(mapping), kept_mappings, ..Wishes::default() };
        mapped_as(&headers, &rows(&row), &with_campaign(), &wishes).expect("a mapping")
    };
    let mapped = map_with(&[("bureau", "phone"), ("Ville", "-")], &[]);
    assert_eq!(feeds(&mapped), ["", "phone", "", "city", ""]);
    assert_eq!((mapped.uses[1].known, mapped.uses[2].known), (Known::Declared, Known::Declared));
    let mapped =
        map_with(&[("Commune", "city")], &[("Ville", "city"), ("Divers", "reference"), ("Weg", "phone"), ("Tél", "?")]);
    assert_eq!(feeds(&mapped), ["phone", "", "", "city", "reference"]);
    assert_eq!(mapped.uses[4].known, Known::Kept);
    let mapped = map_with(&[], &[("Bureau", "phone"), ("Ville", "-")]);
    assert_eq!(feeds(&mapped), ["", "phone", "", "city", ""]);
    let mapped = map_with(&[("col 5", "town"), ("col 5", "reference")], &[]);
    assert_eq!(feeds(&mapped), ["phone", "", "city", "", "town+reference"]);
}

#[test]
fn a_mapping_that_cannot_be_says_what_is_there() {
    let fails = |pairs: &[(&str, &str)]| {
        let headers = ["Tél", "Ville", "Commune"];
        let row = rows(&["06 39 98 12 34", "Paris", "Lyon"]);
        mapped_as(&headers, &row, &with_campaign(), &telling(pairs)).expect_err("it cannot be").to_string()
    };
    assert_eq!(
        fails(&[("Telefon", "phone")]),
        r#"there is no column "Telefon" in the file; its columns are "Tél", "Ville", "Commune""#
    );
    let unknown = fails(&[("Ville", "town_name")]);
    assert!(unknown.starts_with(r#"there is no field "town_name"; the fields are phone, reference,"#), "{unknown}");
    assert!(unknown.ends_with("due, since, town, and - keeps the column as an attribute"), "{unknown}");
    assert!(
        fails(&[("Ville", "city"), ("Commune", "city")])
            .starts_with(r#"columns "Ville" and "Commune" are both mapped"#)
    );
}

#[test]
fn case_12_a_file_without_header_is_mapped_by_its_cells() {
    let row = ["Durand", "06 39 98 12 34", "75011", "639981235", "c@example.org"];
    let mapped = map(None, &sample(&rows(&row)), &target("FR"), &Wishes::default(), false).expect("a mapping");
    assert_eq!(feeds(&mapped), ["", "phone", "postcode", "", ""]);
    assert_eq!((mapped.uses[1].known, mapped.uses[2].known), (Known::Likely, Known::Assumed));
    assert_eq!(mapped.uses[0].header, "col 1");
    let attributes: Vec<&str> = mapped.columns.attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(attributes, ["col 1", "col 4", "col 5"]);
    let wishes = telling(&[("col 4", "phone"), ("col 1", "last_name")]);
    let mapped = map(None, &sample(&rows(&row)), &target("FR"), &wishes, false).expect("a mapping");
    assert_eq!(feeds(&mapped), ["last_name", "", "postcode", "phone", ""]);

    let bare = map(None, &sample(&rows(&["639981234", "639981235"])), &target("FR"), &Wishes::default(), false);
    assert_eq!(codes(&bare.expect("a question")), ["mapping_unsure"]);
    let none = map(None, &sample(&rows(&["a", "75011"])), &target("FR"), &Wishes::default(), false);
    let error = none.expect_err("no numbers").to_string();
    assert!(error.ends_with(r#"the columns are "col 1", "col 2"; say which, as in --map 'HEADER=phone'"#), "{error}");
}

#[test]
fn case_14_two_columns_with_one_header_are_both_kept() {
    let headers = ["Nom", "Tél", "Tél", "Nom", "Divers", "Divers"];
    let both = mapped(&headers, &["Durand", "06 39 98 12 34", "01 99 00 12 34", "Martin", "a", "b"]);
    assert_eq!(phones(&both), [1, 2]);
    assert_eq!(both.columns.standard[&StandardField::LastName], 0);
    let attributes = both.columns.attributes.iter().map(|(name, at)| (name.as_str(), *at)).collect::<Vec<_>>();
    assert_eq!(attributes, [("Nom (2)", 3), ("Divers", 4), ("Divers (2)", 5)]);
    assert_eq!(
        both.notices,
        [
            r#"columns 1 and 4 are all headed "Nom": kept as attributes are "Nom (2)""#,
            r#"columns 5 and 6 are all headed "Divers": kept as attributes are "Divers" and "Divers (2)""#
        ]
    );
    let several = mapped(&["Fixe", "Mobile", "Tél1"], &["01 99 00 12 34", "06 39 98 12 34", ""]);
    assert_eq!(phones(&several), [0, 1, 2], "in the order of the file");
}

#[test]
fn case_15_empty_headers_count_only_with_cells() {
    let mapped = mapped(&["Tél", "", " ", ""], &["06 39 98 12 34", "rappeler", "", " "]);
    assert_eq!(mapped.columns.attributes, [("col 2".to_owned(), 1)]);
    assert_eq!(mapped.uses.len(), 4);
    assert_eq!(mapped.uses[2].because, "it has no header and its cells are empty");
}

#[test]
fn case_39_a_phone_column_without_numbers_stops_and_asks() {
    let headers = ["Nom", "Téléphone", "Date de naissance"];
    let row = rows(&["Durand", "03/04/1980", "06 39 98 12 34"]);
    let swapped = mapped_as(&headers, &row, &target("FR"), &Wishes::default()).expect("a question");
    assert_eq!(codes(&swapped), ["phone_column_doubtful"]);
    let message = &swapped.questions[0].message;
    for part in [
        r#"column "Téléphone" is to hold the phone number, but only 0 % of its 20 filled cells"#,
        "this is a date",
        r#"column "Date de naissance" holds numbers in 100 % of its cells: are the two swapped?"#,
        "--map 'Date de naissance=phone'",
        "--trust-phones",
    ] {
        assert!(message.contains(part), "{message}");
    }
    for wishes in [Wishes { trust_phones: true, ..Wishes::default() }, telling(&[("Téléphone", "phone")])] {
        assert_eq!(codes(&mapped_as(&headers, &row, &target("FR"), &wishes).expect("a mapping")), [""; 0]);
    }
    let few = mapped_as(&headers, &row[..9], &target("FR"), &Wishes::default()).expect("a mapping");
    assert!(few.questions.is_empty(), "nine cells prove nothing");
}

#[test]
fn a_column_that_only_its_header_makes_a_phone_column_gives_way() {
    let mapped = mapped(&["Tél", "Mobile"], &["06 39 98 12 34", "oui"]);
    assert_eq!(phones(&mapped), [0]);
    assert_eq!(mapped.columns.attributes, [("Mobile".to_owned(), 1)]);
    assert_eq!(mapped.notices.len(), 1);
    assert!(mapped.questions.is_empty());
}

#[test]
fn unclear_headers_are_decided_by_their_cells() {
    assert_eq!(feeds(&mapped(&["Nom", "Contact"], &["Durand", "06 39 98 12 34"])), ["last_name", "phone"]);
    assert_eq!(feeds(&mapped(&["Contact", "Tél"], &["Chloé Durand", "06 39 98 12 34"])), ["last_name", "phone"]);
    assert_eq!(feeds(&mapped(&["Numéro", "Rue", "Tél"], &["12", "Haute", "06 39 98 12 34"])), ["", "street", "phone"]);
    assert_eq!(feeds(&mapped(&["№", "Tél"], &["12", "06 39 98 12 34"])), ["reference", "phone"]);
    let both = mapped(&["Numéro", "Tél"], &["639981235", "06 39 98 12 34"]);
    assert_eq!((codes(&both), phones(&both)), (vec!["mapping_unsure"], vec![1]));
    let mut rows = rows(&["Chloé Durand"]);
    rows.extend(vec![owned(&["06 39 98 12 34"]); 5]);
    let half = mapped_as(&["Contact"], &rows, &target("FR"), &Wishes::default()).expect("a question");
    assert_eq!(codes(&half), ["mapping_unsure"]);
    let message = &half.questions[0].message;
    assert!(message.contains("20 % of its cells") && message.contains("--map 'Contact=phone' or --map 'Contact=-'"));
}

#[test]
fn headers_in_an_unknown_language_are_never_guessed() {
    let row = rows(&["Jan", "06 39 98 12 34"]);
    let error = mapped_as(&["Imię", "Numer"], &row, &target("FR"), &Wishes::default()).expect_err("not guessed");
    assert_eq!(error.line(), Some(1));
    assert_eq!(
        error.to_string(),
        "line 1: nothing says which column holds the phone number; the columns are \"Imię\", \"Numer\"; 100 % of the \
         cells of \"Numer\" are telephone numbers: if it is the one, say --map 'Numer=phone'"
    );
    let told = mapped_as(&["Imię", "Numer"], &row, &target("FR"), &telling(&[("Numer", "phone")]));
    assert_eq!(phones(&told.expect("a mapping")), [1]);
}

#[test]
fn cells_that_are_something_else_feed_nothing() {
    let headers = ["Tél", "Adresse", "Pays", "Fuseau", "Poste", "Optin", "Consentement"];
    let row = ["06 39 98 12 34", "c@example.org", "Atlantide", "UTC+3", "Vendeur", "peut-être", "03/04/2025"];
    let found = mapped(&headers, &row);
    assert_eq!(feeds(&found), ["phone", "", "", "", "", "", "consent_date"]);
    assert_eq!(found.notices.len(), 6, "five columns and the order of the dates: {:?}", found.notices);
    let headers = ["Tél", "Pays", "Optin"];
    let found = mapped(&headers, &["06 39 98 12 34", "France", "oui"]);
    assert_eq!(feeds(&found), ["phone", "country", "consent"]);
    let empty = mapped(&headers, &["", "", ""]);
    assert_eq!(feeds(&empty), ["phone", "country", "consent"]);
    assert_eq!(empty.uses[0].known, Known::Likely);
}

#[test]
fn the_habit_of_a_phone_column_is_said() {
    let rows = rows(&["33639981234"]);
    // The first is a number of the German plan without a plus too, the second is not.
    let cells = [vec![owned(&["4917791589104"]); 10], vec![owned(&["493012345678"]); 10]].concat();
    let german = mapped_as(&["Telefon"], &cells, &target("DE"), &Wishes::default());
    let german = german.expect("a mapping");
    assert!(german.columns.phones[0].habit.plus);
    assert_eq!(german.uses[0].reading.as_deref(), Some("+ is put before bare digits: they begin with a country code"));
    let french = mapped_as(&["Tél"], &rows, &target("FR"), &Wishes::default()).expect("a mapping");
    assert_eq!(codes(&french), [""; 0]);
}

#[test]
fn days_of_excel_only_in_a_workbook() {
    let headers = owned(&["Tél", "Client depuis"]);
    let rows = sample(&rows(&["06 39 98 12 34", "29314"]));
    let habits = |from_workbook| {
        let mapped =
            map(Some(&headers), &rows, &with_campaign(), &Wishes::default(), from_workbook).expect("a mapping");
        (mapped.columns.facts[0].habits.serial_days, mapped.uses[1].reading.clone())
    };
    assert_eq!(habits(true), (true, Some("numbers are Excel's days since 1900".to_owned())));
    assert_eq!(habits(false), (false, None));
}

#[test]
fn no_message_repeats_a_client() {
    let headers = ["Durand", "06 39 98 12 34"];
    let error = mapped_as(&headers, &rows(&["Martin", "x"]), &target("FR"), &Wishes::default()).expect_err("no header");
    assert!(!error.to_string().contains("98 12"), "{error}");
    let error = mapped_as(&headers, &[], &target("FR"), &telling(&[("0639981234", "phone")])).expect_err("no column");
    assert!(!error.to_string().contains("3998"), "{error}");
}

#[test]
fn an_unknown_country_is_an_error() {
    let error = mapped_as(&["Tél"], &[], &target("XX"), &Wishes::default()).expect_err("no country");
    assert!(matches!(error, ListError::Country(_)));
}

fn any_header() -> impl Strategy<Value = String> {
    let known =
        ["Tél", "Nom", "Contact", "Numéro", "Optin", "CP", "Montant dû", "Client depuis", "", "col 2", "Nom (2)"];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "\\PC{0,12}"]
}

fn any_cell() -> impl Strategy<Value = String> {
    let known = ["06 39 98 12 34", "639981234", "03/04/1980", "oui", "x", "75011", "1,234", "Paris", "a@b.fr", ""];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "\\PC{0,16}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn map_never_panics_and_leaves_no_column_out(
        headers in prop::option::of(prop::collection::vec(any_header(), 0..6)),
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..7), 0..14),
        said in prop::collection::vec((any_header(), prop::sample::select(&["phone", "city", "due", "-"])), 0..3),
        kept in prop::collection::vec((any_header(), prop::sample::select(&["phone", "city", "due", "-", "?"])), 0..3),
        from_workbook: bool,
    ) {
        let mapping = |pairs: Vec<(String, &str)>| {
            pairs.into_iter().map(|(column, field)| MappedColumn { column, field: field.to_owned() }).collect()
        };
        let kept_mappings = vec![KeptMapping { header: headers.clone().unwrap_or_default(), mapping: mapping(kept) }];
        let wishes = Wishes { mapping: mapping(said), kept_mappings, ..Wishes::default() };
        let Ok(mapped) = map(headers.as_deref(), &sample(&rows), &with_campaign(), &wishes, from_workbook) else {
            return Ok(());
        };
        let columns = &mapped.columns;
        prop_assert!(!columns.phones.is_empty() || !mapped.questions.is_empty());
        for (at, column) in mapped.uses.iter().enumerate() {
            let fed = columns.phones.iter().any(|phone| phone.at == at)
                || columns.extension == Some(at)
                || columns.standard.values().any(|fed| *fed == at)
                || columns.facts.iter().any(|fact| fact.at == at);
            let kept = columns.attributes.iter().any(|(_, kept)| *kept == at);
            prop_assert_eq!(fed, !column.feeds.is_empty());
            prop_assert!(!(fed && kept));
            let has_header = headers.as_ref().is_some_and(|all| !all[at].trim().is_empty());
            prop_assert!(fed || kept || !has_header);
        }
    }
}
