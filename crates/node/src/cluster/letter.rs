//! The form of what nodes write to each other: JSON with a version, so that nodes of two releases may meet.

use bytes::Bytes;
use playhouse_core::error::Reject;
use playhouse_core::id::NodeId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The form that this release writes and understands.
const VERSION: u32 = 1;

/// What was asked came to this: raw JSON, or why not.
pub(super) type Answer = Result<String, Refusal>;

/// A question or an answer.
#[derive(Serialize, Deserialize)]
pub(super) struct Letter {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ask: Option<Asked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answered>,
}

/// A question with where its answer goes.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) call: u64,
    #[serde(with = "node_id")]
    pub(super) from: NodeId,
    pub(super) ask: Ask,
}

/// An answer with the number of its question.
#[derive(Serialize, Deserialize)]
pub(super) struct Answered {
    pub(super) call: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

/// What a node may be asked: something about one of its connections.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ask {
    pub(super) to: String,
    pub(super) what: What,
}

/// What is to be done with a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Send(Box<RawValue>),
    Join(String),
    Leave(String),
    Destroy,
    Details,
}

/// A [`Reject`] on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    code: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

impl Letter {
    pub(super) fn asks(call: u64, from: &NodeId, ask: &Ask) -> serde_json::Result<Bytes> {
        let ask = Asked { call, from: from.clone(), ask: ask.clone() };
        Self { v: VERSION, ask: Some(ask), answer: None }.written()
    }

    pub(super) fn answers(call: u64, answer: Answer) -> serde_json::Result<Bytes> {
        let (done, refused) = match answer {
            Ok(raw) => (Some(RawValue::from_string(raw)?), None),
            Err(refusal) => (None, Some(refusal)),
        };
        Self { v: VERSION, ask: None, answer: Some(Answered { call, done, refused }) }.written()
    }

    fn written(&self) -> serde_json::Result<Bytes> {
        Ok(serde_json::to_vec(self)?.into())
    }

    /// Reads a letter; the error says what is odd about it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let Version { v } = serde_json::from_slice(bytes).map_err(|odd| odd.to_string())?;
        if v != VERSION {
            return Err(format!("it is of version {v}, and this release understands {VERSION}"));
        }
        serde_json::from_slice(bytes).map_err(|odd| odd.to_string())
    }
}

impl Answered {
    pub(super) fn into_answer(self) -> Answer {
        match self.refused {
            Some(refusal) => Err(refusal),
            None => Ok(self.done.map_or_else(|| "null".to_owned(), |raw| raw.get().to_owned())),
        }
    }
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        // What is answered between nodes is of rooms and connections; only actors say more.
        let Reject { code, message, status, fields, metadata: _ } = reject;
        Self { code: code.into_owned(), message: message.into_owned(), status, fields }
    }
}

impl From<Refusal> for Reject {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, message, status, fields } = refusal;
        Self { status, fields, ..Self::new(code, message) }
    }
}

mod node_id {
    use super::NodeId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(id: &NodeId, serializer: S) -> Result<S::Ok, S::Error> {
        id.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NodeId, D::Error> {
        Ok(NodeId::new(String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_answers_come_through() {
        let message = RawValue::from_string(r#"{"a": [1, "ü"]}"#.into()).unwrap();
        let ask = Ask { to: "ann".into(), what: What::Send(message) };
        let asks = Letter::asks(7, &NodeId::new("n"), &ask).unwrap();
        let asked = Letter::read(&asks).unwrap().ask.unwrap();
        assert_eq!((asked.call, asked.from, asked.ask.to.as_str()), (7, NodeId::new("n"), "ann"));
        let What::Send(message) = asked.ask.what else { panic!("a message") };
        assert_eq!(message.get(), r#"{"a": [1, "ü"]}"#);

        let answers = Letter::answers(7, Ok("{\"b\":1}".into())).unwrap();
        assert_eq!(Letter::read(&answers).unwrap().answer.unwrap().into_answer().unwrap(), "{\"b\":1}");
        let reject = Reject::new("no", "not you").status(403).field("id");
        let answers = Letter::answers(7, Err(reject.clone().into())).unwrap();
        let refusal = Letter::read(&answers).unwrap().answer.unwrap().into_answer().unwrap_err();
        assert_eq!(Reject::from(refusal), reject);
    }

    #[test]
    fn another_version_is_told_apart_before_its_form_matters() {
        let later = br#"{"v":2,"ask":"what we can't know"}"#;
        let why = Letter::read(later).map(|_| ()).unwrap_err();
        assert_eq!(why, "it is of version 2, and this release understands 1");
        for odd in ["", "null", "{}", r#"{"v":1,"ask":{"call":1}}"#, r#"{"v":"1"}"#] {
            assert!(Letter::read(odd.as_bytes()).is_err(), "{odd}");
        }
    }
}
