//! From a request to its caller: the token or session presented, and whom it
//! asks to act as.

use axum::http::request::Parts;
use tokenry_authority::{Caller, Error, Refusal, Thing, sessions};
use tokenry_domain::access::Door;

use crate::{
    access::Access,
    app::App,
    call::to_the_end,
    credential::{self, Presented},
    failure::Failure,
    origin,
    params::{Found, Params},
    v1::once::Key,
};

/// The header in which a page shows that it knows the session.
const PAGE_PROOF: &str = "x-csrf-token";
/// The header that names a user to act as.
pub(crate) const SUDO: &str = "sudo";

/// Lets the caller in. What few requests need is in boxes: the others would
/// carry the room for it about.
pub(crate) async fn admit<A: Access>(
    app: &App,
    parts: &Parts,
    params: &Params,
) -> Result<Caller, Failure> {
    let caller = authenticate::<A>(app, parts, params).await?;
    let caller = match wanted_user(parts, params)? {
        Some(who) => Box::pin(sudo(app, caller, &who)).await?,
        None => caller,
    };
    if A::ADMIN {
        caller.require_admin()?;
    }
    Ok(caller)
}

async fn authenticate<A: Access>(
    app: &App,
    parts: &Parts,
    params: &Params,
) -> Result<Caller, Error> {
    let options = app.options();
    let origin = || origin::of(parts, &options.trusted_proxies);
    let from_parameters = options.private_token_parameter;
    let authority = app.authority();
    match credential::presented(&parts.headers, params, from_parameters, A::JOBS) {
        Presented::Text("") | Presented::Nothing => Err(Refusal::Missing.into()),
        Presented::Garbage => Err(Refusal::Unknown.into()),
        Presented::Text(text) if A::ROTATES => {
            let (authority, text, origin) = (authority.clone(), text.to_owned(), origin());
            // What is wrong with a key is said later, to those who are let in.
            let key = A::ONCE.then(|| Key::of(&parts.headers).ok().flatten());
            let work = async move {
                let key = key.flatten();
                let key = key.as_ref().map(Key::as_str);
                authority
                    .authenticate_to_rotate(&text, A::NEED, key, origin)
                    .await
            };
            Box::pin(to_the_end(work)).await
        }
        Presented::Text(text) => {
            let door = if A::JOBS { Door::ApiOrJob } else { Door::Api };
            authority
                .authenticate_at(door, text, A::NEED, origin())
                .await
        }
        Presented::Job(text) => {
            Box::pin(authority.authenticate_at(Door::Job, &text, A::NEED, origin())).await
        }
        Presented::Cookie(cookie) => {
            let presented = session(parts, cookie);
            Box::pin(authority.authenticate_session(presented, A::NEED, origin())).await
        }
    }
}

/// A session, and whether this request takes the proof of a page.
fn session<'r>(parts: &'r Parts, cookie: &'r str) -> sessions::Presented<'r> {
    let proof = parts.headers.get(PAGE_PROOF);
    sessions::Presented {
        cookie,
        proof: proof.and_then(|value| value.to_str().ok()),
        changes: !parts.method.is_safe(),
    }
}

/// The user that the caller asks to act as, by parameter or header.
fn wanted_user(parts: &Parts, params: &Params) -> Result<Option<String>, Failure> {
    let header = || {
        let value = parts.headers.get(SUDO)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    // An empty one is a user nobody knows: a script whose variable is empty must
    // not act as the administrator.
    match params.find(SUDO) {
        Found::Absent | Found::Null => Ok(header()),
        Found::Text(text) => Ok(Some(text.to_owned())),
        Found::List(_) | Found::Odd => Err(Failure::parameters("sudo is invalid")),
    }
}

/// Acts as another user (spec/rest.md section 1.9).
async fn sudo(app: &App, caller: Caller, who: &str) -> Result<Caller, Failure> {
    let nobody = || Failure::not_found(&format!("User with ID or username '{who}'"));
    // Nobody is called so, and not every database would look.
    let unheard_of = caller.is_admin() && who.chars().any(char::is_control);
    if unheard_of {
        return Err(nobody());
    }
    let acting = app.authority().sudo(caller, who).await;
    acting.map_err(|error| match error {
        Error::AdminOnly => Failure::forbidden("Must be admin to use sudo"),
        Error::NotFound(Thing::User) => nobody(),
        other => other.into(),
    })
}
