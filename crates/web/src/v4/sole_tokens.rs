//! `/user/feed_token` and `/user/incoming_email_token`: tokenry's own, since
//! GitLab shows and resets these on its pages only (spec/rest.md section 3.12).

use tokenry_authority::Error;
use tokenry_domain::Kind;

use crate::{
    access::Write,
    answer,
    call::{Answer, Call},
    failure::Failure,
    openapi::Refusals,
    represent::secret::SecretBody,
};

async fn show(call: &Call<Write>, kind: Kind) -> Answer {
    let shown = call.authority().show_sole_token(&call.caller, kind).await;
    let shown = shown.map_err(|error| worded(error, kind))?;
    Ok(answer::ok(&SecretBody::of(&shown)))
}

async fn reset(call: &Call<Write>, kind: Kind) -> Answer {
    let issued = call
        .change(|authority, caller| async move { authority.renew_sole_token(&caller, kind).await })
        .await?;
    Ok(answer::created(&SecretBody::of(&issued)))
}

async fn revoke(call: &Call<Write>, kind: Kind) -> Answer {
    call.change(
        |authority, caller| async move { authority.revoke_sole_token(&caller, kind).await },
    )
    .await
    .map_err(|error| worded(error, kind))?;
    Ok(answer::no_content())
}

fn worded(error: Error, kind: Kind) -> Failure {
    match error {
        Error::NotFound(_) => Failure::not_found(match kind {
            Kind::Feed => "Feed Token",
            _ => "Incoming Email Token",
        }),
        other => other.into(),
    }
}

/// The routes of one kind; they differ in nothing but path and name.
macro_rules! sole_token_routes {
    ($module:ident: $kind:ident, $tag:literal, $one:literal, $reset:literal) => {
        pub(super) mod $module {
            use super::*;

            /// Show your token
            ///
            /// Takes the scope `api`, since others may do with it what you may.
            #[utoipa::path(
                                        get, path = $one, tag = $tag,
                                        responses((status = 200, body = SecretBody<'_>), Refusals)
                                    )]
            pub(in crate::v4) async fn show(call: Call<Write>) -> Answer {
                super::show(&call, Kind::$kind).await
            }

            /// Reset your token
            ///
            /// The one before works no more. Without one before, it is the first.
            #[utoipa::path(
                                        post, path = $reset, tag = $tag,
                                        responses((status = 201, body = SecretBody<'_>), Refusals)
                                    )]
            pub(in crate::v4) async fn reset(call: Call<Write>) -> Answer {
                super::reset(&call, Kind::$kind).await
            }

            /// Revoke your token
            ///
            /// You have none then, until you reset it.
            #[utoipa::path(
                                        delete, path = $one, tag = $tag,
                                        responses((status = 204), Refusals)
                                    )]
            pub(in crate::v4) async fn revoke(call: Call<Write>) -> Answer {
                super::revoke(&call, Kind::$kind).await
            }
        }
    };
}

sole_token_routes!(
    feed: Feed, "Feed tokens",
    "/api/v4/user/feed_token",
    "/api/v4/user/feed_token/reset"
);
sole_token_routes!(
    incoming_email: IncomingEmail, "Incoming e-mail tokens",
    "/api/v4/user/incoming_email_token",
    "/api/v4/user/incoming_email_token/reset"
);
