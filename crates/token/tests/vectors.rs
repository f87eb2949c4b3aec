//! The vectors of spec/token-information-api.md section 3.

#![allow(clippy::unwrap_used, reason = "tests")]

use tokenry_token::{Form, Payload, Prefix, Prefixes, decode, has_valid_checksum, mint, recognise};

struct Vector {
    prefix: &'static str,
    random: [u8; 16],
    payload: Payload,
    token: &'static str,
}

/// Sixteen bytes that count up from `start`.
fn counting(start: u8) -> [u8; 16] {
    std::array::from_fn(|at| start + u8::try_from(at).unwrap())
}

fn personal(user: u64) -> Payload {
    Payload {
        organization: Some(1),
        user: Some(user),
        ..Payload::default()
    }
}

fn vectors() -> [Vector; 5] {
    [
        Vector {
            prefix: "glpat-",
            random: counting(0),
            payload: personal(70),
            token: "glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjF5CA.01.0y0uz3v3n",
        },
        Vector {
            prefix: "acme-glpat-",
            random: counting(0x10),
            payload: Payload {
                cell: Some(100),
                ..personal(12_345_678)
            },
            token: "acme-glpat-EBESExQVFhcYGRobHB0eH2M6MnMKbzoxCnU6N2NsemkQ.01.181fkc9e1",
        },
        Vector {
            prefix: "glagent-",
            random: [0xff; 16],
            payload: Payload {
                organization: Some(1),
                project: Some(278_964),
                ..Payload::default()
            },
            token: "glagent-_____________________286MQpwOjV6OTAK.01.100bwtzi7",
        },
        Vector {
            prefix: "glrt-",
            random: [0; 16],
            payload: Payload {
                group: Some(9970),
                runner_type: Some(2),
                ..personal(70)
            },
            token: "glrt-AAAAAAAAAAAAAAAAAAAAAGc6N295Cm86MQp0OjIKdToxeRI.01.1b0bnirgk",
        },
        Vector {
            prefix: "glpat-",
            random: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
            payload: personal(70),
            token: "glpat-AAAAAAAAAAAAAAAAAAAAB286MQp1OjF5CA.01.0y00jm7o4",
        },
    ]
}

/// Case 67: the prefix is kept.
#[test]
fn minting_writes_them() {
    for vector in vectors() {
        let prefix = Prefix::new(vector.prefix).unwrap();
        let minted = mint(&prefix, &vector.payload, &vector.random);
        assert_eq!(minted.reveal(), vector.token);
    }
}

/// Case 71: what was written as digits is read as integers.
#[test]
fn decoding_reads_them() {
    for vector in vectors() {
        let routable = decode(vector.token).unwrap();
        assert_eq!(routable.prefix, vector.prefix);
        assert_eq!(routable.payload, vector.payload);
        assert!(has_valid_checksum(vector.token));
    }
}

#[test]
fn recognising_finds_their_prefix_among_all() {
    let known: Prefixes = vectors()
        .iter()
        .map(|v| Prefix::new(v.prefix).unwrap())
        .collect();
    for vector in vectors() {
        let prefix = known.get(vector.prefix).unwrap();
        let expected = Form::Routable {
            prefix,
            payload: vector.payload,
        };
        assert_eq!(recognise(vector.token, &known), Ok(expected));
    }
}
