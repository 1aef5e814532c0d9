//! What the operator says: a template of the campaign, filled with what is known about the client.
//!
//! Merge fields: `client.<field>` (standard fields and the campaign's own), `operator.name`, `campaign.name`,
//! `campaign.goal`, `campaign.seller`, `reopened` (why a tariff brought the client back, or nothing) and `offers`, a
//! list of `name`, `price` and `per`. The language is Jinja's: `{{ client.city }}`, `{% if reopened %}…{% endif %}`.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use crate::definition::{Definition, StandardField};

/// Bounds the work of one script: about a million steps of a loop or 64 MB of text at the very most, and far more than
/// any script that is read aloud needs.
const FUEL: u64 = 1_000_000;

/// What a script is filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptContext {
    /// What is known about the client, by field name. A field that the campaign has and the client has not is empty text.
    pub client: BTreeMap<String, String>,
    /// Who calls.
    pub operator: ScriptOperator,
    /// For what.
    pub campaign: ScriptCampaign,
    /// Why a tariff brought the client back, in words.
    pub reopened: Option<String>,
    /// What may be offered.
    pub offers: Vec<ScriptOffer>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptOperator {
    /// The name they call themselves.
    pub name: String,
}

/// What a script may say of its campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptCampaign {
    /// The name people read.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// On whose behalf it calls.
    pub seller: String,
}

/// A tariff as the operator says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptOffer {
    /// Its name.
    pub name: String,
    /// Its price with the currency.
    pub price: String,
    /// What the price is per.
    pub per: String,
}

/// Why a script cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the script: {message}")]
pub struct ScriptError {
    /// The line of the script, from 1.
    pub line: u32,
    /// What was wrong.
    pub message: String,
}

impl ScriptContext {
    /// The context of a call: the client's known fields, everything else that the campaign declares left empty, nothing
    /// reopened and nothing on offer.
    #[must_use]
    pub fn new(definition: &Definition, client: &BTreeMap<String, String>, operator: &str) -> Self {
        let known = |name: &str| (name.to_owned(), client.get(name).cloned().unwrap_or_default());
        Self {
            client: client_fields(definition).map(known).collect(),
            operator: ScriptOperator { name: operator.to_owned() },
            campaign: ScriptCampaign {
                name: definition.name.clone(),
                goal: definition.goal.clone(),
                seller: definition.seller.clone(),
            },
            reopened: None,
            offers: Vec::new(),
        }
    }
}

/// The names of everything a campaign may know about a client: standard fields, then its own.
pub fn client_fields(definition: &Definition) -> impl Iterator<Item = &str> {
    let standard = StandardField::ALL.into_iter().map(|field| -> &str { field.as_str() });
    standard.chain(definition.client_fields.iter().map(|field| field.name.as_str()))
}

/// Fills a script.
pub fn render(template: &str, context: &ScriptContext) -> Result<String, ScriptError> {
    let environment = environment();
    let compiled = environment.template_from_str(template).map_err(explain)?;
    compiled.render(Serde(context)).map_err(explain)
}

/// The dotted names that a script asks for, as in `client.city`. Names that the script itself declares are not among them.
pub fn merge_fields(template: &str) -> Result<BTreeSet<String>, ScriptError> {
    let environment = environment();
    let compiled = environment.template_from_str(template).map_err(explain)?;
    Ok(compiled.undeclared_variables(true).into_iter().filter(|name| !is_function(&environment, name)).collect())
}

/// Whether a merge field exists in a campaign.
#[must_use]
pub fn exists(field: &str, definition: &Definition) -> bool {
    match field.split_once('.') {
        Some(("client", name)) => client_fields(definition).any(|known| known == name),
        Some(_) => matches!(field, "operator.name" | "campaign.name" | "campaign.goal" | "campaign.seller"),
        None => matches!(field, "reopened" | "offers"),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // A line that holds nothing but `{% … %}` leaves no line behind.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are Jinja's own"));
    // `reopened` of a client whom no tariff brought back is said as nothing, not as the word "none".
    environment.set_formatter(
        |out, state, value| {
            if value.is_none() { Ok(()) } else { minijinja::escape_formatter(out, state, value) }
        },
    );
    environment
}

fn is_function(environment: &Environment<'_>, name: &str) -> bool {
    environment.globals().any(|(global, _)| global == name)
}

fn explain(error: minijinja::Error) -> ScriptError {
    let line = error.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "it takes too long: take out loops within loops".to_owned(),
        ErrorKind::UndefinedError => format!("it asks for something that is not there{detail}"),
        kind => format!("{kind}{detail}"),
    };
    ScriptError { line, message }
}

/// A context with every field empty and everything there that may be, to try a script with.
#[must_use]
pub fn trial(definition: &Definition, reopened: bool) -> ScriptContext {
    let offer = ScriptOffer { name: "Offer".into(), price: "1.00".into(), per: "month".into() };
    let mut context = ScriptContext::new(definition, &BTreeMap::new(), "Operator");
    if reopened {
        context.reopened = Some("refused before".into());
        context.offers = vec![offer.clone(), offer];
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> ScriptContext {
        ScriptContext {
            client: BTreeMap::from([("first_name".into(), "Zoé <3".into()), ("city".into(), String::new())]),
            operator: ScriptOperator { name: "Marie".into() },
            campaign: ScriptCampaign { name: "C".into(), goal: "G".into(), seller: "S".into() },
            reopened: None,
            offers: vec![ScriptOffer { name: "Fibre 25".into(), price: "24.99 USD".into(), per: "month".into() }],
        }
    }

    #[test]
    fn fills_in_what_is_known() {
        let template = "Hello {{ client.first_name }}{{ client.city }}, {{ operator.name }} of \
             {{ campaign.seller }}.{{ reopened }}\n\
             {% for offer in offers %}\n{{ offer.name }}: {{ offer.price }} a {{ offer.per }}\n{% endfor %}\n\
             {% if reopened %}\n{{ reopened }}\n{% endif %}\nBye";
        let said = "Hello Zoé <3, Marie of S.\nFibre 25: 24.99 USD a month\nBye";
        assert_eq!(render(template, &context()).as_deref(), Ok(said));
        let again = ScriptContext { reopened: Some("It is cheaper now.".into()), ..context() };
        assert_eq!(render("{{ reopened }}", &again).as_deref(), Ok("It is cheaper now."));
    }

    #[test]
    fn names_what_it_asks_for() {
        let template = "{% set greeting = 'Hi' %}{{ greeting }} {{ client.city }}\
             {% for o in offers %}{{ o.name }}{% endfor %}\
             {% if reopened %}{{ client.age + 1 }}{% endif %}{{ range(3) }}";
        let fields = merge_fields(template).expect("a template");
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["client.age", "client.city", "offers", "reopened"]);
    }

    #[test]
    fn errors_name_the_line() {
        let error = merge_fields("one\ntwo {{ client.\nthree").expect_err("a broken template");
        assert!((2..=3).contains(&error.line), "{error}");
        let error = render("one\n{{ client.nobody }}", &context()).expect_err("an unknown field");
        assert_eq!(error.line, 2, "{error}");
        assert!(error.message.contains("not there"), "{error}");
        let error = render("\n{{ 'a' | shout }}", &context()).expect_err("an unknown filter");
        assert!(error.line == 2 && error.message.contains("shout"), "{error}");
    }

    #[test]
    fn ends_however_long_it_would_run() {
        let forever = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}";
        assert!(render(forever, &context()).expect_err("out of fuel").message.contains("too long"));
        assert!(render("{{ 'a' * 1000000000000 }}", &context()).is_err());
    }
}
