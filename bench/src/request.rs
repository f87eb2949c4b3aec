//! Requests, written out.

use std::{fmt::Write as _, rc::Rc};

use crate::{data::Texts, house::ROOT_TOKEN, load::Render};

/// The head of every request, behind its first line.
const HOST: &str = "Host: 127.0.0.1\r\nUser-Agent: tokenry-bench\r\nAccept: application/json\r\n";

/// `GET`, as root.
pub(crate) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\n{HOST}PRIVATE-TOKEN: {ROOT_TOKEN}\r\n\r\n").into_bytes()
}

/// `POST` of a JSON body, as root, into a buffer.
pub(crate) fn post_json(buffer: &mut Vec<u8>, target: &str, body: &str) {
    let parts = [
        "POST ",
        target,
        " HTTP/1.1\r\n",
        HOST,
        "PRIVATE-TOKEN: ",
        ROOT_TOKEN,
        "\r\nContent-Type: application/json\r\nContent-Length: ",
    ];
    for part in parts {
        buffer.extend_from_slice(part.as_bytes());
    }
    let mut length = String::with_capacity(8);
    // Writing to a string can't fail.
    let _ = write!(length, "{}", body.len());
    buffer.extend_from_slice(length.as_bytes());
    buffer.extend_from_slice(b"\r\n\r\n");
    buffer.extend_from_slice(body.as_bytes());
}

/// `GET /personal_access_tokens/self`, each time with the next token.
pub(crate) fn self_check(texts: Texts) -> Render {
    let start =
        format!("GET /api/v4/personal_access_tokens/self HTTP/1.1\r\n{HOST}PRIVATE-TOKEN: ");
    Rc::new(move |buffer| {
        buffer.extend_from_slice(start.as_bytes());
        buffer.extend_from_slice(texts.next().as_bytes());
        buffer.extend_from_slice(b"\r\n\r\n");
    })
}

/// `POST /admin/token`, each time about the next token.
pub(crate) fn identify(texts: Texts) -> Render {
    Rc::new(move |buffer| {
        let mut body = String::with_capacity(96);
        body.push_str("{\"token\":\"");
        body.push_str(texts.next());
        body.push_str("\"}");
        post_json(buffer, "/api/v4/admin/token", &body);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_tells_its_length() {
        let mut buffer = Vec::new();
        post_json(&mut buffer, "/x", "{\"a\":1}");
        let text = String::from_utf8(buffer).unwrap();
        assert!(text.starts_with("POST /x HTTP/1.1\r\nHost: "));
        assert!(text.ends_with("Content-Length: 7\r\n\r\n{\"a\":1}"));
    }
}
