//! Names of connections and nodes. Opaque texts: what they look like is the dialect's and the rng's affair.

use std::fmt;
use std::sync::Arc;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps a text that is already unique.
            #[must_use]
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id! {
    /// Names a connection in the whole cluster; a UUID v4 for websockets. Shown to other members of a room,
    /// so never a secret.
    ConnectionId
}

text_id! {
    /// Names one running Playhouse process; a new one at every start.
    NodeId
}

text_id! {
    /// Names an actor for ever: letters, digits, `-` and `_`, as some clients put it into paths as it is.
    ActorId
}

impl ConnectionId {
    /// The id of a connection on a node: a UUID v4 whose first twelve digits are the node's, so that from the id
    /// alone any node knows where to ask for the connection. 74 bits remain to chance.
    #[must_use]
    pub fn on(node: &NodeId, uuid: &str) -> Self {
        let digits = node.as_str();
        match (digits.split_at_checked(8), uuid.get(13..)) {
            (Some((high, low)), Some(rest)) if low.len() == 4 => Self::new([high, "-", low, rest].concat()),
            _ => Self::new(uuid),
        }
    }

    /// The node that a connection of this id is on, if the id was made by [`ConnectionId::on`].
    #[must_use]
    pub fn node(id: &str) -> Option<NodeId> {
        let (high, low) = (id.get(..8)?, id.get(9..13)?);
        let digits = [high, low].concat();
        let is_uuid = id.len() == 36 && id.as_bytes()[8] == b'-' && id.as_bytes()[13] == b'-';
        (is_uuid && digits.bytes().all(|b| b.is_ascii_hexdigit())).then(|| NodeId::new(digits))
    }

    /// The `from` of what server code says: no client can have this id.
    #[must_use]
    pub fn server() -> Self {
        Self::new("0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_node() {
        let node = NodeId::new("0123456789ab");
        let id = ConnectionId::on(&node, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(id.as_str(), "01234567-89ab-4fff-bfff-ffffffffffff");
        assert_eq!(ConnectionId::node(id.as_str()), Some(node));
        for odd in
            ["", "0", "no uuid", "01234567-89ab", "é1234567-89ab-4fff-bfff-fffffffffff", &"-".repeat(36)]
        {
            assert_eq!(ConnectionId::node(odd), None, "{odd}");
        }
    }
}
