//! Who asks, and what they may do.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use relance_domain::UserId;
use relance_domain::user::{Permission, Role};
use relance_store::StoreError;
use relance_store::user::User;

use crate::Server;
use crate::problem::{Kind, Problem};

/// The user on whose behalf a request is made in this process. Only the command line can put it on a request: nothing
/// that arrives over the network becomes an extension. A local administrator who is no stored user has the key 0.
#[derive(Debug, Clone)]
pub struct ActAs(pub User);

/// The user who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) User);

/// Finds out who asks, for every route of the API.
pub(crate) async fn authenticate(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let user = match request.extensions_mut().remove::<ActAs>() {
        Some(ActAs(user)) => user,
        None => signed_in(&server, request.headers()).await?,
    };
    request.extensions_mut().insert(Caller(user));
    Ok(next.run(request).await)
}

async fn signed_in(server: &Server, headers: &HeaderMap) -> Result<User, Problem> {
    let unauthenticated = |detail| Problem::new(Kind::Unauthenticated, detail);
    let Some(token) = bearer(headers) else {
        return Err(unauthenticated("send the header Authorization: Bearer TOKEN, with the token you were given"));
    };
    let user = server.engine.user_of_token(token).await?;
    user.ok_or_else(|| unauthenticated("this token signs nobody in: it is mistyped, or its user is disabled"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

impl Caller {
    /// Refuses a caller whose role may not do this.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        let role = self.0.role;
        if role.may(permission) {
            return Ok(());
        }
        let able: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may(permission)).map(Role::as_str).collect();
        let detail = format!("the role {role} may not do this; who may: {}", able.join(", "));
        Err(Problem::new(Kind::Forbidden, detail))
    }

    /// The caller's key, if they are stored.
    pub(crate) fn stored(&self) -> Option<UserId> {
        Some(self.0.id).filter(|id| id.0 != 0)
    }

    /// The operator that the caller works as: themselves, or somebody whom they name and may call for.
    pub(crate) async fn operator(&self, server: &Server, named: Option<&str>) -> Result<UserId, Problem> {
        let name = match (named, self.stored()) {
            (None, Some(id)) => return Ok(id),
            (Some(name), Some(id)) if name == self.0.name => return Ok(id),
            (None, None) => {
                return Err(Problem::field(
                    "operator",
                    "is missing: the local administrator calls nobody, so name who does",
                ));
            }
            (Some(name), _) => name,
        };
        self.require(Permission::CallForOthers)?;
        who_calls(server, "operator", name).await
    }
}

/// The user whom a field names, if they may be handed a lead.
pub(crate) async fn who_calls(server: &Server, field: &str, name: &str) -> Result<UserId, Problem> {
    let user = named_user(server, field, name).await?;
    if user.disabled_at.is_some() {
        return Err(Problem::field(field, format!("the user {name:?} is disabled: name one who is not")));
    }
    if !user.role.may(Permission::Call) {
        let message = format!("the user {name:?} has the role {}, which calls nobody: name an operator", user.role);
        return Err(Problem::field(field, message));
    }
    Ok(user.id)
}

/// The user whom a field names.
pub(crate) async fn named_user(server: &Server, field: &str, name: &str) -> Result<User, Problem> {
    match server.engine.store().user(name).await {
        Err(StoreError::NotFound { .. }) => {
            Err(Problem::field(field, format!("there is no user {name:?}: write the name they sign in with")))
        }
        found => Ok(found?),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Kind::Unauthenticated, "nobody is signed in");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// The caller, after their role was found to have the permission `P`. Handlers name it first, so that somebody who may
/// not do a thing learns nothing about the rest of their request.
pub(crate) struct May<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P> Deref for May<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Needed, S: Send + Sync> FromRequestParts<S> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        caller.require(P::PERMISSION)?;
        Ok(Self { caller, permission: PhantomData })
    }
}

/// A permission as a type.
pub(crate) trait Needed: Send {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($name:ident),+ $(,)?) => {$(
        pub(crate) struct $name;

        impl Needed for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

permissions!(
    Call,
    SeeCampaigns,
    RunCampaigns,
    HandleOrders,
    Analyse,
    LookUpPerson,
    LookAfterOperators,
    ReserveLeads,
    SeeUsers,
    AdministerUsers,
    ErasePeople,
    RotateKeys,
    VerifyLedger
);
