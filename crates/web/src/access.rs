//! What each route asks of its caller, as types, so that a handler can't be
//! written without saying it.

use tokenry_domain::access::Need;

/// What a route asks of its caller.
pub(crate) trait Access: Send + Sync + 'static {
    /// Of the token's scopes.
    const NEED: Need;
    /// Whether only administrators may.
    const ADMIN: bool = false;
    /// Whether the route takes job tokens.
    const JOBS: bool = false;
    /// Whether the route rotates: a revoked token presented there ends its family.
    const ROTATES: bool = false;
    /// Whether the route is done once where a request has an `Idempotency-Key`.
    const ONCE: bool = false;
}

macro_rules! access {
    ($($(#[$doc:meta])* $name:ident: $need:ident $(, $flag:ident)*;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub(crate) struct $name;

            impl Access for $name {
                const NEED: Need = Need::$need;
                $(const $flag: bool = true;)*
            }
        )+
    };
}

access! {
    /// Reads.
    Read: Read;
    /// Reads users.
    ReadUsers: ReadUsers;
    /// Changes something.
    Write: Write;
    /// Reads, also with a job's token.
    ReadOrJob: Read, JOBS;
    /// Changes something, also with a job's token.
    WriteOrJob: Write, JOBS;
    /// Concerns the presented token alone.
    Own: Own;
    /// Rotates any token the caller may rotate.
    Rotate: Write, ROTATES;
    /// The same, once where its client says so.
    RotateOnce: Write, ROTATES, ONCE;
    /// Rotates the presented token.
    RotateSelf: RotateSelf, ROTATES;
    /// Creates a runner.
    CreateRunner: CreateRunner;
    /// Changes one runner.
    ManageRunner: ManageRunner;
    /// Reads one runner.
    ReadRunner: ReadRunner;
    /// Reads what only administrators may.
    AdminRead: Read, ADMIN;
    /// Changes what only administrators may.
    AdminWrite: Write, ADMIN;
}
