//! What every request shares.

use std::sync::Arc;

use tokenry_authority::Authority;

use crate::{WebOptions, queries::Queries};

/// The authority and the options, behind one pointer.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    authority: Arc<Authority>,
    options: WebOptions,
    queries: Queries,
}

impl App {
    pub(crate) fn new(authority: Arc<Authority>, options: WebOptions, queries: Queries) -> Self {
        Self(Arc::new(Shared {
            authority,
            options,
            queries,
        }))
    }

    pub(crate) fn authority(&self) -> &Arc<Authority> {
        &self.0.authority
    }

    /// What addresses may ask.
    pub(crate) fn queries(&self) -> &Queries {
        &self.0.queries
    }

    pub(crate) fn options(&self) -> &WebOptions {
        &self.0.options
    }
}
