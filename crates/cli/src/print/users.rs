//! People who sign in.

use relance_scheduler::NewToken;
use relance_store::user::User;

use super::{instant, perhaps, table};

/// A new user and their token.
pub(crate) fn added(new: &NewToken) -> String {
    let User { name, role, .. } = &new.user;
    format!("Added {name} ({role}). Their token, shown only now:\n\n  {}", new.token)
}

/// Everybody.
pub(crate) fn users(users: &[User]) -> String {
    if users.is_empty() {
        return "Nobody may sign in yet: relance operator add NAME".to_owned();
    }
    let row = |user: &User| {
        let (skills, languages) = (user.skills.join(", "), user.languages.join(", "));
        vec![
            user.name.clone(),
            user.role.to_string(),
            skills,
            languages,
            instant(user.created_at),
            perhaps(user.disabled_at),
            absence(user),
        ]
    };
    table(&["name", "role", "skills", "languages", "since", "disabled", "away"], users.iter().map(row))
}

/// What somebody can do.
pub(crate) fn able(user: &User) -> String {
    let or_none = |words: &[String]| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    format!("{}: skills {}; languages {}.", user.name, or_none(&user.skills), or_none(&user.languages))
}

/// Somebody who was locked out.
pub(crate) fn disabled(user: &User) -> String {
    format!("{} is disabled since {}.", user.name, perhaps(user.disabled_at))
}

/// From when until when somebody is away.
fn absence(user: &User) -> String {
    user.away.map(|away| format!("{} to {}", instant(away.from), instant(away.until))).unwrap_or_default()
}

/// Somebody who is away.
pub(crate) fn away(user: &User) -> String {
    format!("{} is away: {}.", user.name, absence(user))
}

/// Somebody who is back.
pub(crate) fn back(user: &User) -> String {
    format!("{} is back.", user.name)
}
