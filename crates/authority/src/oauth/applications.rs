//! Making and changing applications.

use std::fmt::Write as _;

use tokenry_domain::{
    HolderId, Scopes,
    holder::{Application, Details, Holder, HolderKind},
};

use crate::{
    Authority, Caller, Error,
    holders::{Equipped, WantedHolder},
};

/// What is asked for of a new application.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// What it is to be called.
    pub name: String,
    /// Where it may be sent back to; a line each.
    pub redirect_uri: String,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
    /// Whether it can keep a secret.
    pub confidential: bool,
    /// Whether it is to belong to the caller, and not to the instance.
    pub own: bool,
}

/// New values for some of an application's properties; the others stay.
#[derive(Debug, Clone, Default)]
pub struct ApplicationChange {
    /// What it is called.
    pub name: Option<String>,
    /// What it may ask for, separated by spaces.
    pub scopes: Option<String>,
}

impl Authority {
    /// Makes an application with its first secret: of the instance for
    /// administrators, of one's own for everybody.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], [`Error::NotPermitted`] for an administrator's
    /// scopes without an administrator's rights, [`Error::Invalid`], or a fault
    /// of ours.
    pub async fn create_application(
        &self,
        caller: &Caller,
        new: NewApplication,
    ) -> Result<Equipped, Error> {
        check_reach(caller, &new.scopes)?;
        let uid: [u8; 32] = self.random()?;
        let details = Application {
            uid: hexadecimal(&uid),
            redirect_uri: new.redirect_uri,
            confidential: new.confidential,
            scopes: new.scopes,
            owner: caller.user().filter(|_| new.own).map(|user| user.id),
        };
        let wanted = WantedHolder {
            place: None,
            name: new.name,
            details: details.into(),
        };
        self.create_holder(caller, wanted).await
    }

    /// Changes an application of the caller's own. Access tokens that it has
    /// keep their scopes.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotPermitted`], [`Error::AdminOnly`],
    /// [`Error::Invalid`], or a fault of ours.
    pub async fn update_application(
        &self,
        caller: &Caller,
        id: HolderId,
        change: ApplicationChange,
    ) -> Result<Holder, Error> {
        if let Some(scopes) = &change.scopes {
            check_reach(caller, scopes)?;
        }
        let edit = move |name: &mut String, details: &mut Details| {
            if let Some(new) = change.name {
                *name = new;
            }
            if let (Some(scopes), Details::Application(application)) = (change.scopes, details) {
                application.scopes = scopes;
            }
        };
        self.update_holder(caller, HolderKind::Application, id, edit)
            .await
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Its tokens act as whoever made it, so an application gets no scopes of an
/// administrator from a token that hasn't an administrator's rights.
fn check_reach(caller: &Caller, names: &str) -> Result<(), Error> {
    let scopes = Scopes::from_names(names.split_whitespace()).unwrap_or_default();
    if scopes.meets(Scopes::ADMIN) && !caller.is_admin() {
        return Err(Error::NotPermitted("give an administrator's scopes"));
    }
    Ok(())
}
