//! GitLab's REST API, version 4, as far as tokens need it.

mod access_tokens;
mod agent_tokens;
mod agents;
mod applications;
mod associations;
mod current_user;
mod deploy_tokens;
mod flags_clients;
mod group_edit;
mod group_list;
mod group_tokens;
mod impersonation_tokens;
mod job_edit;
mod job_show;
mod members;
mod own_applications;
mod place_params;
mod project_edit;
mod project_list;
mod runner_create;
mod runner_form;
mod runner_list;
mod runner_managers;
mod runner_self;
mod runners;
mod scim_tokens;
mod service_account_tokens;
mod service_accounts;
mod sessions;
mod settings;
mod sole_tokens;
mod token_information;
mod token_issue;
mod token_list;
mod token_revoke;
mod token_rotate;
mod token_rows;
mod token_show;
mod triggers;
mod user_edit;
mod user_list;
mod user_states;
mod version;

use tokenry_domain::{HolderId, TokenId, UserId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, failure::Failure, params::Reader};

/// Every route under `/api`.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .merge(tokens())
        .merge(secrets())
        .merge(deploy_tokens())
        .merge(flags_clients())
        .merge(users())
        .merge(groups())
        .merge(projects())
        .merge(jobs())
        .merge(applications())
        .merge(runners())
        .merge(agents())
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

/// Tokens that open nothing here.
fn secrets() -> OpenApiRouter<App> {
    use sole_tokens::{feed, incoming_email};
    OpenApiRouter::default()
        .routes(routes!(feed::show, feed::revoke))
        .routes(routes!(feed::reset))
        .routes(routes!(incoming_email::show, incoming_email::revoke))
        .routes(routes!(incoming_email::reset))
        .routes(routes!(triggers::list, triggers::issue))
        .routes(routes!(triggers::show, triggers::change, triggers::remove))
        .routes(routes!(triggers::take))
        .routes(routes!(scim_tokens::list, scim_tokens::issue))
        .routes(routes!(scim_tokens::revoke))
        .routes(routes!(
            scim_tokens::list_instance,
            scim_tokens::issue_instance
        ))
        .routes(routes!(scim_tokens::revoke_instance))
}

fn flags_clients() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(flags_clients::list, flags_clients::create))
        .routes(routes!(flags_clients::reset))
        .routes(routes!(flags_clients::remove))
}

fn deploy_tokens() -> OpenApiRouter<App> {
    use deploy_tokens::{of_group, of_project};
    OpenApiRouter::default()
        .routes(routes!(deploy_tokens::list_all))
        .routes(routes!(of_group::list, of_group::issue))
        .routes(routes!(of_group::show, of_group::remove))
        .routes(routes!(of_project::list, of_project::issue))
        .routes(routes!(of_project::show, of_project::remove))
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
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
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

fn jobs() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(job_show::list, job_edit::start))
        .routes(routes!(job_show::show))
        .routes(routes!(job_show::own))
        .routes(routes!(job_show::allowed_agents))
        .routes(routes!(job_edit::finish))
}

fn applications() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(applications::list, applications::create))
        .routes(routes!(applications::remove))
        .routes(routes!(applications::renew))
        .routes(routes!(own_applications::list, own_applications::create))
        .routes(routes!(
            own_applications::show,
            own_applications::update,
            own_applications::remove
        ))
        .routes(routes!(own_applications::renew))
}

fn runners() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(runner_create::create))
        .routes(routes!(
            runner_list::kept,
            runner_create::register,
            runner_self::remove
        ))
        .routes(routes!(runner_list::all))
        .routes(routes!(runner_self::verify))
        .routes(routes!(runner_self::reset))
        .routes(routes!(runner_managers::remove))
        .routes(routes!(runners::show, runners::update, runners::remove))
        .routes(routes!(runners::reset))
        .routes(routes!(runner_managers::list))
        .routes(routes!(project_list::of_runner))
        .routes(routes!(runner_list::of_project))
        .routes(routes!(runner_list::of_group))
}

fn agents() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(agents::list, agents::create))
        .routes(routes!(agents::show, agents::remove))
        .routes(routes!(agent_tokens::list, agent_tokens::issue))
        .routes(routes!(agent_tokens::show, agent_tokens::revoke))
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

/// The holder that a path names; an id that no row can have is an unknown one.
fn holder_id(reader: &mut Reader<'_>, name: &str) -> HolderId {
    let number = reader.integer(name).unwrap_or_default();
    HolderId::new(number).unwrap_or(HolderId::from_row(0))
}

/// Reads one parameter of the path and nothing else.
fn only<T>(mut reader: Reader<'_>, read: fn(&mut Reader<'_>, &str) -> T) -> Result<T, Failure> {
    let value = read(&mut reader, "id");
    reader.finish()?;
    Ok(value)
}
