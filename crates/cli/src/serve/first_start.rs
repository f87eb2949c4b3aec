//! The first start makes root, and hands out root's token.
//!
//! The text is on disk before the database knows of it. A start that is cut
//! off in between leaves a file whose token was never issued, and the next
//! start, still the first, replaces it; cut off later, the file's token is
//! root's.

use std::io::{self, Write as _};

use tokenry_authority::{Authority, tokens::Issued};
use tokenry_domain::expiry;
use tokenry_token::TokenText;
use tracing::info;

use crate::{
    data_dir::{DataDir, RootTokenFile},
    exit::Failure,
};

/// Makes root, if there is nobody yet. A preset text is the operator's own
/// secret: it is neither printed nor kept.
pub(super) async fn first_start(
    authority: &Authority,
    dir: &DataDir,
    preset: Option<TokenText>,
) -> Result<(), Failure> {
    if !authority.is_new().await? {
        if preset.is_some() {
            info!("TOKENRY_INITIAL_ROOT_TOKEN is passed over: this is not the first start");
        }
        return Ok(());
    }
    let file = dir.root_token();
    if let Some(text) = preset {
        file.remove()?;
        authority.bootstrap(Some(text)).await?;
        say("The administrator root was created with the token in TOKENRY_INITIAL_ROOT_TOKEN.\n");
        return Ok(());
    }
    let text = authority.mint_root_token()?;
    file.write(&text)?;
    if let Some(issued) = authority.bootstrap(Some(text)).await? {
        say(&announcement(&issued, &file));
    }
    Ok(())
}

fn announcement(issued: &Issued, file: &RootTokenFile) -> String {
    let end = issued.token.life.expires_at.map(expiry::date);
    let end = end.map_or_else(
        || "It doesn't expire.".to_owned(),
        |date| format!("It expires on {date}."),
    );
    format!(
        "The administrator root was created. Root's token, shown this once:\n\n    {}\n\n\
         {end} It also lies in {} until you remove that file.\n",
        issued.text.reveal(),
        file.path().display()
    )
}

/// Nobody may be listening; the file tells it as well.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
