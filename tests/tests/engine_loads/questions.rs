//! What a person must decide: a check asks, a load waits for the answer.

use relance_lists::Repair;
use relance_scheduler::{Error, ListToLoad, Wishes};
use relance_testkit::World;
use relance_testkit::builders::definition;

use crate::desk::{dry, into, load, try_load};

relance_testkit::on_both_stores![a_load_waits_for_answers_and_a_check_asks];

/// A file, the word of what is asked of it, and the answer.
struct Doubtful {
    asks: &'static str,
    option: &'static str,
    file: Vec<u8>,
    answer: Wishes,
}

fn doubtful() -> Vec<Doubtful> {
    let dos: Vec<u8> = (0..5)
        .flat_map(|at| [b"Chlo\x82;Orl\x82ans;".to_vec(), format!("019900123{at}\n").into_bytes()].concat())
        .collect();
    let mixed = ["Chloé;Orléans;0199001240\nZoé;Nîmes;0199001241\n".as_bytes(), b"Ren\xE9;Besan\xE7on;0199001242\n"];
    let twice = "ChloÃ©;OrlÃ©ans;0199001250\nZoÃ©;NÃ®mes;0199001251\n";
    let swapped: String = (0..40).map(|at| format!("Martin;{:02}/04/1980;01990013{at:02}\n", at % 28 + 1)).collect();
    let list = |rows: &[u8]| [b"Nom;Ville;Phone\n", rows].concat();
    let encoding = |label: &str| Some(label.parse().expect("an encoding"));
    let repair = Repair { encoded_twice: true, ..Repair::default() };
    vec![
        Doubtful {
            asks: "dos_encoding",
            option: "--encoding cp850",
            file: list(&dos),
            answer: Wishes { encoding: encoding("cp850"), ..Wishes::default() },
        },
        Doubtful {
            asks: "mixed_encoding",
            option: "--other-encoding",
            file: list(&mixed.concat()),
            answer: Wishes { other_encoding: encoding("windows-1252"), ..Wishes::default() },
        },
        Doubtful {
            asks: "encoded_twice",
            option: "--repair encoded-twice",
            file: list(twice.as_bytes()),
            answer: Wishes { repair, ..Wishes::default() },
        },
        Doubtful {
            asks: "phone_column_doubtful",
            option: "--trust-phones",
            file: [b"Nom;Phone;Date\n", swapped.as_bytes()].concat(),
            answer: Wishes { trust_phones: true, ..Wishes::default() },
        },
    ]
}

async fn a_load_waits_for_answers_and_a_check_asks(world: &World) {
    world.running(&definition("fibre")).await;
    for Doubtful { asks, option, file, answer } in doubtful() {
        let before = world.everything().await;
        let check = load(world, dry(into("fibre", asks)), &file).await;
        let asked: Vec<_> = check.inspection.questions.iter().map(|question| question.code.as_str()).collect();
        assert_eq!(asked, [asks]);
        assert!(check.inspection.questions[0].message.contains(option), "{:?}", check.inspection.questions);
        let refused = try_load(&world.engine, into("fibre", asks), &file).await;
        let Err(Error::Invalid { what: "the list", problems }) = refused else { panic!("{asks}: {refused:?}") };
        assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), [asks]);
        assert_eq!(before, world.everything().await, "{asks}: nothing is stored before the answer");
        let answered = load(world, ListToLoad { wishes: answer, ..into("fibre", asks) }, &file).await;
        assert!(answered.inspection.questions.is_empty() && answered.counts.rows_read > 0, "{asks}");
    }
    let names = world.everything().await;
    for name in ["Chloé", "Orléans", "René", "Besançon"] {
        assert!(names.iter().any(|row| row.contains(name)), "{name} is read right");
    }
}
