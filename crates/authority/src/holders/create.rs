//! Making a holder, with its first token.

use serde_json::Value;
use tokenry_domain::{
    IfExists, Invalid, Token, UserId,
    audit::{Action, Entry, Target, holder_facts, runner_manager_facts, token_facts},
    expiry::Expires,
    holder::{Details, Holder, NewHolder},
    runner_manager::Contact,
    token::{Card, Draft},
};
use tokenry_store::{Conn, Work, audit, holders, runner_managers};

use super::{Equipped, Right, WantedHolder, require};
use crate::{
    Authority, Caller, Error, places,
    tokens::{Belonging, Issued, Kept, Wanted, require_no_bot},
};

impl Authority {
    /// Makes a holder with its first token, for those who may manage it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the place, [`Error::RoleTooLow`],
    /// [`Error::AdminOnly`], [`Error::NotPermitted`], [`Error::Invalid`], or a
    /// fault of ours.
    pub async fn create_holder(
        &self,
        caller: &Caller,
        wanted: WantedHolder,
    ) -> Result<Equipped, Error> {
        self.create_equipped(caller, wanted, None).await
    }

    /// The same; a runner with the manager that says this of itself.
    pub(crate) async fn create_equipped(
        &self,
        caller: &Caller,
        wanted: WantedHolder,
        manager: Option<Contact>,
    ) -> Result<Equipped, Error> {
        let new = self.new_holder(caller, &wanted).await?;
        let draft = self.first_token(&new)?;
        let belonging = Belonging::of_holder(&new.details, new.creator, new.place);
        let (text, kept) = self.mint_for(caller, draft.kind, belonging)?;
        let with = With {
            token: Some((draft, kept)),
            manager,
        };
        let (holder, token) = self.write_holder(caller, new, with).await?;
        let token = token.ok_or(Error::NotPermitted("be without a token"))?;
        let issued = Issued { text, token };
        Ok(Equipped { holder, issued })
    }

    /// Makes a holder that gets its tokens later, for those who may manage it.
    ///
    /// # Errors
    /// As [`Authority::create_holder`].
    pub async fn create_bare_holder(
        &self,
        caller: &Caller,
        wanted: WantedHolder,
    ) -> Result<Holder, Error> {
        let new = self.new_holder(caller, &wanted).await?;
        self.write_holder(caller, new, With::default())
            .await
            .map(|(holder, _)| holder)
    }

    /// The holder that is asked for, if the rules allow it.
    async fn new_holder(&self, caller: &Caller, wanted: &WantedHolder) -> Result<NewHolder, Error> {
        let creator = caller.user().map(|user| user.id);
        let creator = creator.ok_or(Error::NotPermitted("make this without being a user"))?;
        let standing = match &wanted.place {
            Some(place) => Some(self.place(caller, place).await?),
            None => None,
        };
        let (kind, owner) = (wanted.details.kind(), wanted.details.owner());
        if owner.is_some() {
            // It would outlive the bot's token, where nobody sees it.
            require_no_bot(caller)?;
        }
        require(caller, Right::Manage, kind, owner, standing.as_ref())?;
        let new = NewHolder {
            place: standing.map(|standing| standing.place),
            creator,
            name: wanted.name.clone(),
            details: wanted.details.clone(),
        };
        Ok(new.checked()?)
    }

    fn first_token(&self, new: &NewHolder) -> Result<Draft, Error> {
        self.draft(wanted_token(&new.name, &new.details, new.creator))
    }

    async fn write_holder(
        &self,
        caller: &Caller,
        new: NewHolder,
        with: With,
    ) -> Result<(Holder, Option<Token>), Error> {
        let mut entry = self.entry(caller, Action::HolderCreated, Target::Instance);
        let (caller, index) = (caller.clone(), self.index.clone());
        self.store
            .write(
                move |conn| -> Work<'_, (Holder, Option<Token>), Error> {
                    Box::pin(async move {
                        let standing = match new.place {
                            Some(place) => Some(
                                places::held(conn, &caller, &place.into(), entry.at)
                                    .await?
                                    .1,
                            ),
                            None => None,
                        };
                        let (kind, owner) = (new.details.kind(), new.details.owner());
                        require(&caller, Right::Manage, kind, owner, standing.as_ref())?;
                        check_name(conn, &new).await?;
                        let holder = holders::insert(conn, &new, entry.at).await?;
                        entry.target = Target::Holder(holder.kind(), holder.id);
                        entry.after = holder_facts(&holder);
                        let issued = with.write(conn, &holder, &mut entry).await?;
                        audit::insert(conn, &entry).await?;
                        Ok((holder, issued))
                    })
                },
                move |(_, token)| {
                    if let Some(token) = token {
                        index.insert(token.digest, Card::from(token.clone()));
                    }
                },
            )
            .await
    }
}

/// The token that a holder of this name is to show who it is with.
pub(super) fn wanted_token(name: &str, details: &Details, owner: UserId) -> Wanted {
    let kind = details.token_kind();
    let named = !name.trim().is_empty() && !name.contains(char::is_control);
    Wanted {
        kind,
        owner,
        subject: None,
        name: if named { name } else { kind.descriptor().title }.to_owned(),
        description: None,
        scopes: details.scopes(),
        expires: Expires::At(None),
        if_exists: IfExists::Add,
    }
}

/// Where names are unique, the place is held: nobody else can take it meanwhile.
async fn check_name(conn: &mut Conn, new: &NewHolder) -> Result<(), Error> {
    let kind = new.details.kind();
    if let Some(place) = new.place.filter(|_| kind.names_are_unique())
        && holders::is_named(conn, kind, place, &new.name).await?
    {
        return Err(Invalid::field("name", "has already been taken").into());
    }
    Ok(())
}

/// What comes with a new holder.
#[derive(Default)]
struct With {
    token: Option<(Draft, Kept)>,
    /// What the machine says of itself that registers as a runner.
    manager: Option<Contact>,
}

impl With {
    /// Writes it, and adds it to the holder's facts in the trail; answers the
    /// token.
    async fn write(
        self,
        conn: &mut Conn,
        holder: &Holder,
        entry: &mut Entry,
    ) -> Result<Option<Token>, Error> {
        let mut issued = None;
        if let Some((draft, kept)) = self.token {
            let token = kept.insert(conn, &draft.of(holder.id), entry.at).await?;
            tell(&mut entry.after, "token", token_facts(&token));
            entry.tokens.push(token.id);
            issued = Some(token);
        }
        if let Some(contact) = self.manager {
            let manager = runner_managers::insert(conn, holder.id, &contact, entry.at).await?;
            tell(&mut entry.after, "manager", runner_manager_facts(&manager));
        }
        Ok(issued)
    }
}

fn tell(facts: &mut Value, name: &str, more: Value) {
    if let Some(facts) = facts.as_object_mut() {
        facts.insert(name.to_owned(), more);
    }
}
