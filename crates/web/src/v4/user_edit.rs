//! `POST /users`, `PUT` and `DELETE /users/:id` (spec/rest.md section 4.2).

use tokenry_authority::users::{NewUser, UserChange};
use tokenry_domain::{Password, user::Profile};
use utoipa::ToSchema;

use super::{only, user_id};
use crate::{
    access::AdminWrite,
    answer,
    call::{Answer, Call},
    openapi::Refusals,
    params::Reader,
    represent::user::FullUser,
};

/// The ways to settle a new user's password; GitLab wants one of them.
const PASSWORD_WAYS: [&str; 3] = ["password", "reset_password", "force_random_password"];

/// What is settled of a new user.
#[derive(Debug, ToSchema)]
struct UserForm {
    /// The address mail goes to.
    email: String,
    /// The name in URLs.
    username: String,
    /// The name people read.
    name: String,
    /// The password. Without one, `reset_password` or `force_random_password`
    /// must be true; the user then has none.
    #[schema(value_type = Option<String>)]
    password: Option<Password>,
    /// Whether the user is an administrator.
    admin: Option<bool>,
    /// Whether the user is from outside the organisation.
    external: Option<bool>,
}

impl UserForm {
    fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            email: reader.required("email").to_owned(),
            username: reader.required("username").to_owned(),
            name: reader.required("name").to_owned(),
            password: password(reader),
            admin: reader.flag("admin"),
            external: reader.flag("external"),
        }
    }

    fn wanted(self) -> NewUser {
        NewUser {
            profile: Profile {
                username: self.username,
                name: self.name,
                email: self.email,
                admin: self.admin.unwrap_or_default(),
                external: self.external.unwrap_or_default(),
            },
            password: self.password,
        }
    }
}

fn password(reader: &mut Reader<'_>) -> Option<Password> {
    let reset = reader.flag("reset_password").unwrap_or_default();
    let random = reader.flag("force_random_password").unwrap_or_default();
    if !PASSWORD_WAYS.iter().any(|way| reader.has(way)) {
        let ways = PASSWORD_WAYS.join(", ");
        reader.problem(format!(
            "{ways} are missing, at least one parameter must be provided"
        ));
    }
    let password = reader.text("password").map(Password::from);
    password.filter(|_| !reset && !random)
}

/// Create a user
#[utoipa::path(
    post, path = "/api/v4/users", tag = "Users", request_body = UserForm,
    responses((status = 201, body = FullUser<'_>), (status = 409, description = "The username or e-mail address is taken."), Refusals)
)]
pub(super) async fn create(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let form = UserForm::read(&mut reader);
    reader.finish()?;
    let new = form.wanted();
    let user = call
        .change(|authority, caller| async move { authority.create_user(&caller, new).await })
        .await?;
    Ok(answer::created(&FullUser::for_admin(&user, &call.base())))
}

/// What is changed of a user; the rest stays.
#[derive(Debug, ToSchema)]
struct UserChanges {
    /// The address mail goes to.
    email: Option<String>,
    /// The name in URLs.
    username: Option<String>,
    /// The name people read.
    name: Option<String>,
    /// The password.
    #[schema(value_type = Option<String>)]
    password: Option<Password>,
    /// Whether the user is an administrator.
    admin: Option<bool>,
    /// Whether the user is from outside the organisation.
    external: Option<bool>,
}

impl UserChanges {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut text = |name| reader.text(name).map(str::to_owned);
        Self {
            email: text("email"),
            username: text("username"),
            name: text("name"),
            password: text("password").map(Password::from),
            admin: reader.flag("admin"),
            external: reader.flag("external"),
        }
    }

    fn wanted(self) -> UserChange {
        UserChange {
            username: self.username,
            name: self.name,
            email: self.email,
            admin: self.admin,
            external: self.external,
            password: self.password,
        }
    }
}

/// Edit a user
#[utoipa::path(
    put, path = "/api/v4/users/{id}", tag = "Users",
    params(("id" = i64, Path)), request_body = UserChanges,
    responses((status = 200, body = FullUser<'_>), (status = 409, description = "The username or e-mail address is taken."), Refusals)
)]
pub(super) async fn update(call: Call<AdminWrite>) -> Answer {
    let mut reader = call.params.reader();
    let id = user_id(&mut reader, "id");
    let changes = UserChanges::read(&mut reader);
    reader.finish()?;
    let change = changes.wanted();
    let user = call
        .change(|authority, caller| async move { authority.update_user(&caller, id, change).await })
        .await?;
    Ok(answer::ok(&FullUser::for_admin(&user, &call.base())))
}

/// Remove a user
///
/// With all their tokens.
#[utoipa::path(
    delete, path = "/api/v4/users/{id}", tag = "Users",
    params(("id" = i64, Path)),
    responses((status = 204), Refusals)
)]
pub(super) async fn remove(call: Call<AdminWrite>) -> Answer {
    let id = only(call.params.reader(), user_id)?;
    call.change(|authority, caller| async move { authority.remove_user(&caller, id).await })
        .await?;
    Ok(answer::no_content())
}
