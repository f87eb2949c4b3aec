//! The address that answers point to.

use axum::http::{HeaderMap, header};

/// A host name and port are shorter than this.
const LONGEST_HOST: usize = 260;

/// What URLs in answers begin with, without a final slash: the configured
/// address, else the `Host` of the request, else nothing, which makes them
/// relative.
pub(crate) fn base(external_url: Option<&str>, headers: &HeaderMap) -> String {
    if let Some(url) = external_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    host.filter(|host| is_sane(host))
        .map_or_else(String::new, |host| format!("http://{host}"))
}

/// The server's name, where an address is configured: what a request says of
/// itself isn't good enough to keep.
pub(crate) fn host(external_url: Option<&str>) -> Option<String> {
    let url: axum::http::Uri = external_url?.parse().ok()?;
    url.host().map(str::to_owned)
}

/// Whether a text can be a host and port. Whatever else a client sends as
/// `Host` must not find its way into links.
fn is_sane(host: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._:[]".contains(&c);
    !host.is_empty() && host.len() <= LONGEST_HOST && host.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_of(external: Option<&str>, host: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        base(external, &headers)
    }

    #[test]
    fn the_configured_address_wins() {
        let url = "https://tokens.example.com/sub/";
        assert_eq!(
            base_of(Some(url), "other"),
            "https://tokens.example.com/sub"
        );
    }

    #[test]
    fn the_name_is_that_of_the_configured_address() {
        assert_eq!(
            host(Some("https://tokens.example.com:8443/sub")).unwrap(),
            "tokens.example.com"
        );
        assert_eq!(host(None), None);
        assert_eq!(host(Some("not an address")), None);
    }

    #[test]
    fn a_host_is_believed_if_it_is_one() {
        assert_eq!(base_of(None, "tokens.test:8080"), "http://tokens.test:8080");
        assert_eq!(base_of(None, "[::1]:80"), "http://[::1]:80");
        for bad in [
            "",
            "a b",
            "x/y",
            "evil.test>; rel=\"next\"",
            &"a".repeat(300),
        ] {
            assert_eq!(base_of(None, bad), "", "{bad}");
        }
        assert_eq!(base(None, &HeaderMap::new()), "");
    }
}
