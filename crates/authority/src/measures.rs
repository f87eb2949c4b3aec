//! What a server knows of itself, in figures, for those who watch it.

use tokenry_store::purges;

use crate::{
    Authority, Caller, Error,
    retention::{Behind, Runs},
};

/// What a server knows of itself. Nothing of it names a token or a user.
#[derive(Debug, Clone)]
pub struct Measures {
    /// What is in memory.
    pub index: IndexSize,
    /// Tokens whose last use isn't written yet.
    pub last_uses: usize,
    /// Purges that haven't ended.
    pub open_purges: u64,
    /// Tokens that purges have deleted since the server started.
    pub purged: u64,
    /// For how long what is due by the rules of retention has waited.
    pub behind: Behind,
    /// The runs of retention since the server started.
    pub retention: Runs,
}

/// How large the verification index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexSize {
    /// So many tokens are in it.
    pub tokens: usize,
    /// In so many bytes.
    pub bytes: usize,
    /// Whether these are all.
    pub whole: bool,
}

impl Authority {
    /// What the server knows of itself, for administrators. It costs some seeks
    /// in indexes of the database, however much is stored.
    ///
    /// # Errors
    /// [`Error::AdminOnly`], or a fault of ours.
    pub async fn measure(&self, caller: &Caller) -> Result<Measures, Error> {
        caller.require_admin()?;
        let (tokens, bytes, whole) = self.index_size();
        let open_purges = purges::count_open(&mut self.store.read().await?).await?;
        Ok(Measures {
            index: IndexSize {
                tokens,
                bytes,
                whole,
            },
            last_uses: self.last_used.len(),
            open_purges,
            purged: self.purges.deleted(),
            behind: self.behind().await?,
            retention: self.all_retention_runs(),
        })
    }
}
