//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, request::Parts},
};
use ipnet::IpNet;
use tokenry_domain::audit::Origin;

use crate::request_id::RequestId;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// What is known of a request when it comes in.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    id: RequestId,
    peer: Option<IpAddr>,
}

/// Notes a request's name, in the place of its peer's address: with one more
/// extension than the router makes anyway, their map would grow every time.
pub(crate) fn note(extensions: &mut Extensions, id: RequestId) {
    let peer = extensions.remove::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|peer| peer.0.ip());
    extensions.insert(Arrival { id, peer });
}

/// The request's address and name, for the audit trail.
pub(crate) fn of(parts: &Parts, trusted: &[IpNet]) -> Origin {
    let Some(arrival) = parts.extensions.get::<Arrival>() else {
        return Origin::default();
    };
    let peer = arrival.peer;
    Origin {
        address: peer.map(|peer| client(peer, &parts.headers, trusted)),
        request_id: arrival.id.as_str().to_owned(),
    }
}

/// The client's address: the peer's, unless that is a proxy of ours; then the
/// last address in `X-Forwarded-For` that isn't. What stands before it was
/// written by the client and proves nothing.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut last = peer.to_canonical();
    if trusted.is_empty() {
        return last;
    }
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        if !trusted.iter().any(|net| net.contains(&last)) {
            break;
        }
        match parse(hop.trim()) {
            Some(address) => last = address.to_canonical(),
            None => break,
        }
    }
    last
}

/// Proxies write addresses with and without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    address.or_else(|| hop.parse::<SocketAddr>().ok().map(|full| full.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_our_proxies_are_believed() {
        assert_eq!(client_of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client_of("::ffff:10.0.0.1", &["198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_before_our_proxies_counts_for_nothing() {
        let forged = "192.0.2.66, 198.51.100.1, 10.0.0.2";
        assert_eq!(client_of("10.0.0.1", &[forged]), "198.51.100.1");
        assert_eq!(
            client_of("10.0.0.1", &["192.0.2.66", "198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(client_of("10.0.0.1", &["rubbish, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn ports_and_brackets_are_read() {
        assert_eq!(
            client_of("10.0.0.1", &["198.51.100.1:4711"]),
            "198.51.100.1"
        );
        assert_eq!(client_of("fd00::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client_of("fd00::1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
