//! What every request shares.

use std::sync::Arc;

use tokenry_authority::Authority;

use crate::WebOptions;

/// The authority and the options, behind one pointer.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    authority: Arc<Authority>,
    options: WebOptions,
}

impl App {
    pub(crate) fn new(authority: Arc<Authority>, options: WebOptions) -> Self {
        Self(Arc::new(Shared { authority, options }))
    }

    pub(crate) fn authority(&self) -> &Arc<Authority> {
        &self.0.authority
    }

    pub(crate) fn options(&self) -> &WebOptions {
        &self.0.options
    }
}
