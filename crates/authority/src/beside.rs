//! Rows beside the ledger that are told with a token, in memory, so that
//! naming one needs no database whatever its kind.

mod remembered;

use std::sync::Arc;

use tokenry_domain::{
    HolderId, Kind, Particulars, Project, ProjectId, Subject, TokenId,
    holder::{Holder, HolderKind},
    kind::{Identifies, KINDS},
};
use tokenry_store::{StoreError, holders, particulars, projects};

use self::remembered::Remembered;
use crate::Authority;

/// For so many tokens that the index has room for, a row of holders and one of
/// particulars; most tokens have neither.
const TOKENS_A_ROW: usize = 32;
/// For so many, a project. Jobs tell theirs, and many have the same one.
const TOKENS_A_PROJECT: usize = 256;

/// What is told with tokens, as much of it as there is room for: some 500
/// bytes a row. Ids never come again, so what is left here of what is gone is
/// never asked for, and makes room in time.
#[derive(Debug)]
pub(crate) struct Beside {
    /// What holds tokens.
    pub(crate) holders: Remembered<HolderId, Holder>,
    /// Where jobs run.
    pub(crate) projects: Remembered<ProjectId, Project>,
    /// What only few kinds have; here also where a token of these has none.
    pub(crate) particulars: Remembered<TokenId, Particulars>,
}

impl Beside {
    /// Nothing, with as much room as goes with an index of this capacity.
    pub(crate) fn new(index_capacity: usize) -> Self {
        Self {
            holders: Remembered::new(index_capacity / TOKENS_A_ROW),
            projects: Remembered::new(index_capacity / TOKENS_A_PROJECT),
            particulars: Remembered::new(index_capacity / TOKENS_A_ROW),
        }
    }

    /// Forgets what is told with a token that was deleted.
    pub(crate) fn forget_with(&self, token: TokenId, subject: Option<Subject>) {
        self.particulars.forget(token);
        if let Some(Subject::Holder(id)) = subject {
            self.holders.forget(id);
        }
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        self.holders.forget_all();
        self.projects.forget_all();
        self.particulars.forget_all();
    }
}

/// The kinds of holder that tokens are told by, jobs last: there is always
/// another one.
pub(crate) fn told_holders() -> impl Iterator<Item = HolderKind> {
    let told_by = |identifies| {
        KINDS
            .iter()
            .filter(move |line| line.identifies == identifies)
    };
    told_by(Identifies::Holder)
        .chain(told_by(Identifies::Job))
        // Each once: runners have tokens of two kinds.
        .filter_map(|line| line.holder.filter(|held| held.token_kind() == line.kind))
}

/// Whether tokens of a kind are told with their particulars.
pub(crate) fn tells_particulars(kind: Kind) -> bool {
    matches!(
        kind.descriptor().identifies,
        Identifies::DeployToken | Identifies::Trigger
    )
}

impl Authority {
    /// The holder with this id.
    pub(crate) async fn recall_holder(
        &self,
        id: HolderId,
    ) -> Result<Option<Arc<Holder>>, StoreError> {
        let read = async || holders::by_id(&mut self.store.read().await?, id).await;
        self.beside.holders.recall(id, read).await
    }

    /// The project with this id.
    pub(crate) async fn recall_project(
        &self,
        id: ProjectId,
    ) -> Result<Option<Arc<Project>>, StoreError> {
        let read = async || projects::by_id(&mut self.store.read().await?, id).await;
        self.beside.projects.recall(id, read).await
    }

    /// The particulars of the token with this id.
    pub(crate) async fn recall_particulars(
        &self,
        id: TokenId,
    ) -> Result<Arc<Particulars>, StoreError> {
        let read = async || {
            let mut known = particulars::of(&mut self.store.read().await?, [id]).await?;
            Ok(Some(known.remove(&id).unwrap_or_default()))
        };
        let found = self.beside.particulars.recall(id, read).await?;
        Ok(found.unwrap_or_default())
    }
}
