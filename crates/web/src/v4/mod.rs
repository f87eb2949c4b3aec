//! GitLab's REST API, version 4, as far as tokens need it.

mod access_tokens;
mod associations;
mod current_user;
mod group_edit;
mod group_list;
mod group_tokens;
mod impersonation_tokens;
mod members;
mod place_params;
mod project_edit;
mod project_list;
mod service_account_tokens;
mod service_accounts;
mod settings;
mod token_information;
mod token_issue;
mod token_list;
mod token_revoke;
mod token_rotate;
mod token_show;
mod user_edit;
mod user_list;
mod user_states;
mod version;

use tokenry_domain::{TokenId, UserId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, failure::Failure, params::Reader};

/// Every route under `/api`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .merge(tokens())
        .merge(users())
        .merge(groups())
        .merge(projects())
        .merge(instance())
}

fn tokens() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(token_list::list))
        .routes(routes!(token_show::show_self, token_revoke::revoke_self))
        .routes(routes!(token_show::show, token_revoke::revoke))
        .routes(routes!(associations::associations))
        .routes(routes!(token_rotate::rotate_self))
        .routes(routes!(token_rotate::rotate))
        .routes(routes!(token_issue::issue))
        .routes(routes!(token_issue::issue_own))
        .routes(routes!(
            impersonation_tokens::list,
            impersonation_tokens::issue
        ))
        .routes(routes!(
            impersonation_tokens::show,
            impersonation_tokens::revoke
        ))
        .routes(routes!(
            token_information::identify,
            token_information::revoke
        ))
}

fn users() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(
            service_accounts::of_instance::list,
            service_accounts::of_instance::create
        ))
        .routes(routes!(
            service_accounts::of_instance::update,
            service_accounts::of_instance::remove
        ))
        .routes(routes!(current_user::show))
        .routes(routes!(current_user::show_v3))
        .routes(routes!(user_list::list, user_edit::create))
        .routes(routes!(
            user_list::show,
            user_edit::update,
            user_edit::remove
        ))
        .routes(routes!(user_states::block))
        .routes(routes!(user_states::unblock))
        .routes(routes!(user_states::ban))
        .routes(routes!(user_states::unban))
        .routes(routes!(user_states::activate))
        .routes(routes!(user_states::deactivate))
}

fn groups() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(group_list::list, group_edit::create))
        .routes(routes!(
            group_list::show,
            group_edit::update,
            group_edit::remove
        ))
        .routes(routes!(group_tokens::revoke))
        .routes(routes!(group_list::subgroups))
        .routes(routes!(project_list::of_group))
        .routes(routes!(
            access_tokens::of_group::list,
            access_tokens::of_group::issue
        ))
        .routes(routes!(
            access_tokens::of_group::show,
            access_tokens::of_group::revoke
        ))
        .routes(routes!(access_tokens::of_group::rotate))
        .routes(routes!(access_tokens::of_group::rotate_self))
        .routes(routes!(
            service_accounts::of_group::list,
            service_accounts::of_group::create
        ))
        .routes(routes!(
            service_accounts::of_group::update,
            service_accounts::of_group::remove
        ))
        .routes(routes!(
            service_account_tokens::of_group::list,
            service_account_tokens::of_group::issue
        ))
        .routes(routes!(service_account_tokens::of_group::revoke))
        .routes(routes!(service_account_tokens::of_group::rotate))
        .routes(routes!(members::of_group::list, members::of_group::add))
        .routes(routes!(members::of_group::list_all))
        .routes(routes!(
            members::of_group::show,
            members::of_group::change,
            members::of_group::remove
        ))
        .routes(routes!(members::of_group::show_any))
}

fn projects() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(project_list::list, project_edit::create))
        .routes(routes!(
            project_list::show,
            project_edit::update,
            project_edit::remove
        ))
        .routes(routes!(project_edit::archive))
        .routes(routes!(project_edit::unarchive))
        .routes(routes!(
            access_tokens::of_project::list,
            access_tokens::of_project::issue
        ))
        .routes(routes!(
            access_tokens::of_project::show,
            access_tokens::of_project::revoke
        ))
        .routes(routes!(access_tokens::of_project::rotate))
        .routes(routes!(access_tokens::of_project::rotate_self))
        .routes(routes!(
            service_accounts::of_project::list,
            service_accounts::of_project::create
        ))
        .routes(routes!(
            service_accounts::of_project::update,
            service_accounts::of_project::remove
        ))
        .routes(routes!(
            service_account_tokens::of_project::list,
            service_account_tokens::of_project::issue
        ))
        .routes(routes!(service_account_tokens::of_project::revoke))
        .routes(routes!(service_account_tokens::of_project::rotate))
        .routes(routes!(members::of_project::list, members::of_project::add))
        .routes(routes!(members::of_project::list_all))
        .routes(routes!(
            members::of_project::show,
            members::of_project::change,
            members::of_project::remove
        ))
        .routes(routes!(members::of_project::show_any))
}

fn instance() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(version::version))
        .routes(routes!(version::metadata))
        .routes(routes!(settings::show, settings::change))
}

/// The token that a path names; an id that no row can have is an unknown one.
fn token_id(reader: &mut Reader<'_>, name: &str) -> TokenId {
    let number = reader.integer(name).unwrap_or_default();
    TokenId::new(number).unwrap_or(TokenId::from_row(0))
}

/// The user that a path names; an id that no row can have is an unknown one.
fn user_id(reader: &mut Reader<'_>, name: &str) -> UserId {
    let number = reader.integer(name).unwrap_or_default();
    UserId::new(number).unwrap_or(UserId::from_row(0))
}

/// Reads one parameter of the path and nothing else.
fn only<T>(mut reader: Reader<'_>, read: fn(&mut Reader<'_>, &str) -> T) -> Result<T, Failure> {
    let value = read(&mut reader, "id");
    reader.finish()?;
    Ok(value)
}
