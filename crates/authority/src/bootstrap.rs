//! The first start: the administrator `root`, and a token for them.

use tokenry_domain::{
    Kind, Scopes, UserId,
    audit::{Action, Origin, Target, token_facts, user_facts},
    expiry::Expires,
    token::{Card, Draft},
    user::Profile,
};
use tokenry_store::{Work, audit, prefixes, users};
use tokenry_token::{TokenText, recognise};

use crate::{Authority, Caller, Error, tokens::Issued, users::insert_person};

impl Authority {
    /// Whether nobody has started here yet: [`Authority::bootstrap`] would
    /// create `root`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_new(&self) -> Result<bool, Error> {
        Ok(users::count(&mut self.store.read().await?).await? == 0)
    }

    /// A text for root's first token, for callers who keep it somewhere safe
    /// before they hand it to [`Authority::bootstrap`].
    ///
    /// # Errors
    /// [`Error::Entropy`].
    pub fn mint_root_token(&self) -> Result<TokenText, Error> {
        // The first user of a database.
        self.text(Kind::Personal, UserId::from_row(1), None)
    }

    /// Creates the administrator `root` with a token, if there is no user yet.
    /// `preset` is the token's text where the operator chose one.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the preset text has no form of a token, or a
    /// fault of ours.
    pub async fn bootstrap(&self, preset: Option<TokenText>) -> Result<Option<Issued>, Error> {
        let turn = self.turn().await;
        if !self.is_new().await? {
            return Ok(None);
        }
        let root = Profile {
            username: "root".to_owned(),
            name: "Administrator".to_owned(),
            email: "root@localhost".to_owned(),
            admin: true,
            external: false,
        };
        let text = match preset {
            Some(text) => self.preset(text)?,
            None => self.mint_root_token()?,
        };
        let kept = self.keep(Kind::Personal, &text)?;
        let expires = self
            .settings()
            .expires(Kind::Personal, Expires::default(), self.now())?;
        let caller = Caller::console(Origin {
            address: None,
            request_id: "first-start".to_owned(),
        });
        let (now, known) = (self.now(), self.settings().prefixes());
        let mut created = self.entry(&caller, Action::UserCreated, Target::Instance);
        let mut issued = self.entry(&caller, Action::TokenCreated, Target::Instance);
        let (index, directory) = (self.index.clone(), self.directory.clone());
        let (token, _) = self
            .store
            .write(
                move |conn| -> Work<'_, _, Error> {
                    Box::pin(async move {
                        prefixes::remember(conn, &known, now).await?;
                        let user = insert_person(conn, &root, None, now).await?;
                        created.target = Target::User(user.id);
                        created.after = user_facts(&user);
                        audit::insert(conn, &created).await?;
                        let scopes = Scopes::USER.and(Scopes::ADMIN);
                        let name = "initial root token".to_owned();
                        let draft = Draft::new(Kind::Personal, &user, name, None, scopes, expires)?;
                        let token = kept.insert(conn, &draft, now).await?;
                        issued.target = Target::Token(token.id);
                        issued.after = token_facts(&token);
                        audit::insert(conn, &issued).await?;
                        Ok((token, user))
                    })
                },
                move |(token, user)| {
                    let _turn = turn;
                    directory.put(user.clone());
                    index.insert(token.digest, Card::from(token.clone()));
                },
            )
            .await?;
        Ok(Some(Issued { text, token }))
    }

    /// An operator's text must have the form of a token, or it could never be
    /// recognised again.
    fn preset(&self, text: TokenText) -> Result<TokenText, Error> {
        match recognise(text.reveal(), &self.prefixes.load()) {
            Ok(_) => Ok(text),
            Err(_) => Err(tokenry_domain::Invalid::field(
                "initial root token",
                "must be glpat- followed by 20 letters, digits, '-' or '_'",
            )
            .into()),
        }
    }
}
