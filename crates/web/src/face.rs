//! Which of the faces a request looks at: they word refusals differently.

/// One wire surface over the same use cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// GitLab's shapes.
    Gitlab,
    /// tokenry's own: problem details.
    Own,
}

/// Where tokenry's own routes are.
const OWN: &str = "/api/v1";

impl Face {
    /// The face of a path.
    pub(crate) fn of(path: &str) -> Self {
        match path.strip_prefix(OWN) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Self::Own,
            _ => Self::Gitlab,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_face() {
        for path in ["/api/v1", "/api/v1/", "/api/v1/tokens"] {
            assert_eq!(Face::of(path), Face::Own, "{path}");
        }
        for path in ["/", "/api/v4/user", "/api/v11", "/oauth/token"] {
            assert_eq!(Face::of(path), Face::Gitlab, "{path}");
        }
    }
}
