//! What headers usually mean, in French, English and Russian; some words of German.

use std::sync::LazyLock;

use relance_domain::definition::StandardField;

use super::headers::key;

/// What a header usually means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A standard field. Of two columns for one field the lower rank goes first.
    Field(StandardField, u8),
    /// A phone number or something else: the cells must tell. The field is fed where they are no numbers.
    Unclear(Option<StandardField>),
    /// Something that feeds no field, in words.
    Other(&'static str),
}

use Meaning::{Field, Other, Unclear};
use StandardField::{
    City, Consent, ConsentDate, ConsentWording, Country, Extension, FirstName, HoursWaiver, Language, LastName, Phone,
    Postcode, Reference, Region, Street, TimeZone,
};

/// Whole headers, without regard to the space between their words; `/` stands between two.
const HEADERS: [(Meaning, &str); 35] = [
    (Field(Phone, 0), "contact no/contact number/numero contact/numero de contact/numero a appeler/numero a contacter"),
    (Field(Phone, 0), "телефон для связи/номер для связи/контактный номер/телефонный номер/номер абонента"),
    (Field(LastName, 0), "nom/nom de famille/nom famille/nom usuel/surname/last name/family name/lname/nachname"),
    (Field(LastName, 0), "фамилия"),
    (Field(LastName, 1), "nom prenom/nom et prenom/prenom nom/prenom et nom/nom complet/raison sociale/noms prenoms"),
    (
        Field(LastName, 1),
        "name/full name/фио/ф и о/контактное лицо/фамилия имя/имя фамилия/фамилия имя отчество/полное имя",
    ),
    (Field(LastName, 2), "client/cliente/abonne/titulaire/customer/клиент/абонент"),
    (Field(FirstName, 0), "prenom/prenoms/first name/given name/forename/fname/vorname/имя"),
    (
        Field(Street, 0),
        "adresse/adresse1/adresse 1/adresse ligne 1/adresse postale/adresse complete/street/street address",
    ),
    (Field(Street, 0), "address/address1/address 1/address line 1/addr/postal address/адрес/адрес проживания/strasse"),
    (Field(Street, 1), "rue/voie/numero et rue/n et rue/numero et voie/улица"),
    (Field(Postcode, 0), "cp/code postal/codepostal/code post/zip/zip code/postcode/postal code/post code/plz"),
    (Field(Postcode, 0), "индекс/почтовый индекс"),
    (Field(City, 0), "ville/commune/localite/city/town/ort/stadt/город/населенный пункт"),
    (Field(Region, 0), "region/etat/state/province/регион/область/субъект рф/край"),
    (Field(Region, 1), "departement/county"),
    (Field(Country, 0), "pays/code pays/country/country code/land/страна/код страны"),
    (Field(TimeZone, 0), "fuseau/fuseau horaire/time zone/timezone/tz/часовой пояс/таймзона"),
    (
        Field(Reference, 0),
        "reference client/ref client/id client/identifiant client/numero client/n client/no client/num client",
    ),
    (Field(Reference, 0), "code client/n de client/numero de client/client id/customer id/customer number/customer no"),
    (Field(Reference, 0), "account number/account no/account id/код клиента/номер клиента/id клиента/no клиента"),
    (
        Field(Reference, 1),
        "reference/ref/id/identifiant/matricule/numero abonne/n abonne/numero de dossier/n dossier/dossier",
    ),
    (Field(Reference, 1), "lead id/contact id/record id/external id/лицевой счет/код/ид"),
    (
        Field(Extension, 0),
        "extension/ext/poste/numero de poste/poste telephonique/phone extension/доб/добавочный/добавочный номер",
    ),
    (Field(Consent, 0), "optin/opt in/consentement/consent/accord/accord client/согласие/согласие на звонок"),
    (Field(ConsentDate, 0), "date optin/date opt in/optin date/opt in date/date consentement/date de consentement"),
    (Field(ConsentDate, 0), "date du consentement/consent date/date of consent/дата согласия"),
    (
        Field(ConsentWording, 0),
        "texte consentement/texte du consentement/libelle consentement/texte optin/consent wording",
    ),
    (Field(ConsentWording, 0), "consent text/opt in text/optin text/текст согласия/формулировка согласия"),
    (
        Field(HoursWaiver, 0),
        "consentement hors horaires/accord hors horaires/appel hors horaires/consent outside hours/hours waiver",
    ),
    (Field(Language, 0), "langue/langue parlee/langue client/language/spoken language/preferred language/язык"),
    (Unclear(Some(LastName)), "contact/контакт"),
    (Unclear(Some(Reference)), "n/no"),
    (Unclear(None), "numero/num/number/nummer/numeros/номер"),
    (Unclear(None), "ligne/line/линия"),
];

/// Headers that are known so that nothing else is made of them.
const OTHERS: [(&str, &str); 7] = [
    (
        "an e-mail address",
        "mail/courriel/email/e mail/adresse mail/adresse email/adresse e mail/почта/эл почта/электронная почта",
    ),
    (
        "a day of birth",
        "date naissance/date de naissance/ddn/naissance/dob/birth date/date of birth/birthday/дата рождения/др",
    ),
    ("a form of address", "civilite/mme m/m mme/title/titre/salutation/gender/sexe/genre/sex/обращение/пол"),
    ("a patronymic", "отчество/patronyme/patronymic/middle name"),
    ("where the row comes from", "source/origine/fichier/campaign/campagne/provenance/источник"),
    ("a fax number", "fax/telecopie/telecopieur/numero de fax/fax number/факс"),
    ("a company", "societe/entreprise/company/organisation/organization/firma/компания/организация"),
];

/// Words that make a header one of a phone number, if only [`BESIDE_PHONE`] stands with them.
const PHONE: &str = "telephone tel telephones tels phone phones mobile portable gsm cell cellphone cellular \
     landline msisdn phonenumber mobilephone homephone workphone mobilenumber cellnumber numtel \
     numerotel numerotelephone telfixe telmobile telportable teleph fixe telefon telefonnummer \
     telefono handy handynummer mobilnummer mobil rufnummer festnetz телефон телефона телефонный \
     телефоны тел моб мобильного мобильный мобильник сотовый сот";
const BESIDE_PHONE: &str = "numero n no num nr number nb de du des d la le l the of client cliente clients customer \
     abonne titulaire contact contacts prospect lead principal principale primary main default \
     secondaire secondary autre other alternatif domicile home work bureau office pro \
     professionnel professionnelle personnel personnelle perso private personal day evening jour \
     soir line ligne e164 international whatsapp format номер основной дополнительный домашний \
     рабочий городской контактный клиента клиент абонента для связи";
/// Words that say whose field it is and not which.
const BESIDE_ANY: &str = "de du des d la le l les the of your votre client cliente clients customer abonne titulaire \
     prospect lead contact contacts клиента абонента контакта";

struct Known {
    /// Compact headers, each with its meaning.
    headers: Vec<(String, Meaning)>,
    phone: Vec<String>,
    beside_phone: Vec<String>,
    beside_any: Vec<String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let words = |text: &str| text.split_whitespace().map(key).collect();
    let others = OTHERS.iter().map(|(words, headers)| (Other(words), *headers));
    let all = HEADERS.iter().copied().chain(others);
    let headers =
        all.flat_map(|(meaning, headers)| headers.split('/').map(move |header| (compact(&key(header)), meaning)));
    Known {
        headers: headers.collect(),
        phone: words(PHONE),
        beside_phone: words(BESIDE_PHONE),
        beside_any: words(BESIDE_ANY),
    }
});

/// What a header means, given as it is compared; `None` where it is not known. Words are compared whole, and every one
/// of them counts: `telephone conjoint` is not the client's number.
pub(super) fn meaning(key: &str) -> Option<Meaning> {
    let known = &*KNOWN;
    let whole = |compact: &str| known.headers.iter().find(|(header, _)| header == compact).map(|(_, meaning)| *meaning);
    let words: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
    let is_phone = || is_phone(&words, known).then_some(Field(Phone, 0));
    let without_owner = || {
        let left: String = words.iter().filter(|word| !has(&known.beside_any, word)).copied().collect();
        whole(&left)
    };
    whole(&compact(key)).or_else(is_phone).or_else(without_owner)
}

fn is_phone(words: &[&str], known: &Known) -> bool {
    let mut names_it = false;
    for word in words {
        // `tel1`, `phone2`
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let bare = if word.len() - bare.len() <= 2 { bare } else { word };
        names_it |= has(&known.phone, word) || has(&known.phone, bare);
        let may_stand = bare.is_empty()
            || [word, bare].iter().any(|word| has(&known.phone, word) || has(&known.beside_phone, word));
        if !may_stand {
            return false;
        }
    }
    names_it
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|known| known == word)
}

fn compact(key: &str) -> String {
    key.chars().filter(|c| *c != ' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_mean(wanted: Option<Meaning>, headers: &[&str]) {
        for header in headers {
            assert_eq!(meaning(&key(header)), wanted, "{header}");
        }
    }

    #[test]
    fn headers_of_phone_numbers() {
        let headers = [
            "Téléphone",
            "Tél",
            "TEL1",
            "Tél 2",
            "tel_fixe",
            "Fixe",
            "Portable",
            "Mobile",
            "GSM",
            "num_tel",
            "N° de téléphone",
            "Téléphone principal",
            "Numéro de téléphone du client",
            "phone",
            "Phone Number",
            "phoneNumber",
            "Mobile phone",
            "cell",
            "Landline",
            "MSISDN",
            "contact_no",
            "Телефон",
            "тел.",
            "Моб. тел.",
            "Мобильный телефон",
            "Сотовый",
            "номер_телефона",
            "Телефон 1",
            "Домашний телефон",
            "tel_e164",
            "Téléphone mobile 1",
        ];
        all_mean(Some(Field(Phone, 0)), &headers);
        all_mean(
            None,
            &["Téléphone conjoint", "Opérateur mobile", "Numer", "Forfait mobile", "telephonie", "Marque du portable"],
        );
        all_mean(Some(Other("a fax number")), &["Fax", "Факс"]);
    }

    #[test]
    fn headers_of_the_other_fields() {
        all_mean(
            Some(Field(LastName, 0)),
            &["Nom", "NOM DE FAMILLE", "last_name", "LastName", "Surname", "Фамилия", "Nom du client"],
        );
        all_mean(
            Some(Field(LastName, 1)),
            &["Nom Prénom", "nom_prenom", "Full name", "Name", "ФИО", "Ф.И.О.", "Raison sociale"],
        );
        all_mean(Some(Field(FirstName, 0)), &["Prénom", "first-name", "Имя", "Имя клиента", "Given Name"]);
        all_mean(Some(Field(Street, 0)), &["Adresse", "Adresse1", "address", "Адрес"]);
        all_mean(Some(Field(Postcode, 0)), &["CP", "Code postal", "ZIP", "zipcode", "Почтовый индекс", "Индекс"]);
        all_mean(Some(Field(City, 0)), &["Ville", "Commune", "Localité", "Town", "Город", "Населённый пункт"]);
        all_mean(Some(Field(Region, 0)), &["Région", "État", "State", "Регион", "Область"]);
        all_mean(Some(Field(Country, 0)), &["Pays", "Country", "Страна"]);
        all_mean(Some(Field(TimeZone, 0)), &["Time zone", "Fuseau horaire", "Часовой пояс"]);
        all_mean(Some(Field(Reference, 0)), &["Réf. client", "Customer ID", "id client", "N° client", "Код клиента"]);
        all_mean(Some(Field(Extension, 0)), &["Poste", "ext.", "Доб."]);
        all_mean(Some(Field(Consent, 0)), &["Opt-in", "optin", "Consentement", "Согласие"]);
        all_mean(Some(Field(ConsentDate, 0)), &["date_optin", "Date du consentement", "consent_date", "Дата согласия"]);
        all_mean(Some(Field(ConsentWording, 0)), &["Texte du consentement", "Consent wording", "Текст согласия"]);
    }

    #[test]
    fn headers_that_are_unclear_or_something_else() {
        all_mean(Some(Unclear(Some(LastName))), &["Contact", "контакт"]);
        all_mean(Some(Unclear(Some(Reference))), &["N°", "№", "no"]);
        all_mean(Some(Unclear(None)), &["Numéro", "номер"]);
        all_mean(Some(Other("an e-mail address")), &["E-mail", "Courriel", "Adresse e-mail", "Эл. почта"]);
        all_mean(Some(Other("a day of birth")), &["Date de naissance", "DOB", "Дата рождения"]);
        all_mean(Some(Other("a form of address")), &["Civilité", "Mme/M", "Обращение"]);
        all_mean(Some(Other("a patronymic")), &["Отчество"]);
        all_mean(None, &["", "Ville de naissance", "Adresse IP", "Nom du commercial", "Montant", "col 3"]);
    }
}
