//! What can go wrong here: anything, and then the run is over.

/// Any error. A benchmark that can't go on says why and stops.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The result of almost everything here.
pub(crate) type Outcome<T> = Result<T, Fault>;

/// An error with these words.
pub(crate) fn fault(words: impl Into<String>) -> Fault {
    words.into().into()
}
