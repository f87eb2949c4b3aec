//! What a routable token says about itself: lines of `key:number`.

use crate::base36;

/// Whom a routable token belongs to, so that a router in front of many cells
/// can send its request to the right one (spec/token-information-api.md
/// section 3).
///
/// None of it is secret and none of it is proof: it is what the token claims,
/// protected against typing errors only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// The cell that issued the token; key `c`. Comes from the instance's
    /// configuration.
    pub cell: Option<u64>,
    /// The group of a group runner; key `g`.
    pub group: Option<u64>,
    /// The organization; key `o`. Every token GitLab issues in this form
    /// declares one.
    pub organization: Option<u64>,
    /// The project of a project runner or a cluster agent; key `p`.
    pub project: Option<u64>,
    /// The runner's type: 1 instance, 2 group, 3 project; key `t`.
    pub runner_type: Option<u64>,
    /// The owner or creator; key `u`.
    pub user: Option<u64>,
}

impl Payload {
    /// The lines, keys ascending, joined by LF. At most 95 characters: six keys
    /// and colons, 13 digits each, five line feeds.
    pub(crate) fn encode(&self) -> String {
        let fields = [
            ('c', self.cell),
            ('g', self.group),
            ('o', self.organization),
            ('p', self.project),
            ('t', self.runner_type),
            ('u', self.user),
        ];
        let mut lines = String::new();
        for (key, value) in fields {
            let Some(value) = value else { continue };
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push(key);
            lines.push(':');
            lines.extend(base36::digits(value, 1));
        }
        lines
    }

    /// Reads what [`Payload::encode`] writes and nothing else: one spelling for
    /// each payload, at least one line.
    pub(crate) fn parse(lines: &[u8]) -> Option<Self> {
        let mut payload = Self::default();
        let mut previous = 0; // below every key
        for line in lines.split(|&byte| byte == b'\n') {
            let [key, b':', value @ ..] = line else {
                return None;
            };
            // Strictly ascending, which also keeps a key from coming twice.
            if *key <= previous {
                return None;
            }
            *payload.field(*key)? = Some(base36::parse_shortest(value)?);
            previous = *key;
        }
        Some(payload)
    }

    fn field(&mut self, key: u8) -> Option<&mut Option<u64>> {
        match key {
            b'c' => Some(&mut self.cell),
            b'g' => Some(&mut self.group),
            b'o' => Some(&mut self.organization),
            b'p' => Some(&mut self.project),
            b't' => Some(&mut self.runner_type),
            b'u' => Some(&mut self.user),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(value: u64) -> Payload {
        Payload {
            cell: Some(value),
            group: Some(value),
            organization: Some(value),
            project: Some(value),
            runner_type: Some(value),
            user: Some(value),
        }
    }

    #[test]
    fn lines_are_sorted_and_joined_by_line_feeds() {
        assert_eq!(full(0).encode(), "c:0\ng:0\no:0\np:0\nt:0\nu:0");
        let sparse = Payload {
            user: Some(70),
            organization: Some(1),
            ..Payload::default()
        };
        assert_eq!(sparse.encode(), "o:1\nu:1y");
        // Case 65: without a cell, and case 66: with one.
        let mut organization = Payload {
            organization: Some(1),
            ..Payload::default()
        };
        assert_eq!(organization.encode(), "o:1");
        organization.cell = Some(100);
        assert_eq!(organization.encode(), "c:2s\no:1");
    }

    /// Case 68 asks for 160, which is refused; here there are never so many.
    #[test]
    fn the_longest_is_95_characters() {
        let longest = full(u64::MAX);
        assert_eq!(longest.encode().len(), 95);
        assert_eq!(Payload::parse(longest.encode().as_bytes()), Some(longest));
    }

    #[test]
    fn refuses_every_other_spelling() {
        let cases = [
            "",
            "\n",
            "o",
            "o:",
            ":1",
            "o1",
            "o:1\n",
            "\no:1",
            "o:1\n\nu:1",
            "o:1\r\nu:1",
            "o:1:2",
            "o :1",
            "oo:1",
            "O:1",
            "o:01",
            "o:A",
            "o:-1",
            "u:1\no:1",
            "o:1\no:1",
            "a:1",
            "z:1",
            "o:zzzzzzzzzzzzzz",
            "o:é",
        ];
        for lines in cases {
            assert_eq!(Payload::parse(lines.as_bytes()), None, "{lines:?}");
        }
    }
}
