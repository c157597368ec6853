//! A value as a tree, made of tokens and written as tokens: what a caller of the reader does.

use playhouse_proto::actors::cbor::{Malformed, Reader, Token, write};

pub(crate) const DEPTH: usize = 64;

/// A value. Floats are compared by their bits, big integers have no zeros before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Null,
    Undefined,
    Bool(bool),
    Int(i64),
    Float(u64),
    Big(bool, Vec<u8>),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
    Tag(u64, Box<Tree>),
}

/// Reads the whole of the bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<Tree, Malformed> {
    let mut reader = Reader::new(bytes, DEPTH);
    let first = reader.token()?;
    let tree = grown(&mut reader, first)?;
    assert_eq!(reader.pull()?, None);
    assert_eq!(reader.offset(), bytes.len());
    Ok(tree)
}

fn grown(reader: &mut Reader<'_>, token: Token<'_>) -> Result<Tree, Malformed> {
    Ok(match token {
        Token::Null => Tree::Null,
        Token::Undefined => Tree::Undefined,
        Token::Bool(value) => Tree::Bool(value),
        Token::Int(value) => Tree::Int(value),
        Token::Float(value) => Tree::Float(value.to_bits()),
        Token::Wide(value) => {
            let n = u64::try_from(if value < 0 { !value } else { value }).expect("64 bits");
            big(value < 0, &n.to_be_bytes())
        }
        Token::Big { negative, bytes } => big(negative, bytes),
        Token::Text(text) => Tree::Text(text.into()),
        Token::Bytes(bytes) => Tree::Bytes(bytes.into()),
        Token::List(len) => {
            let list = until_end(reader)?;
            assert!(len.is_none_or(|len| len == list.len()));
            Tree::List(list)
        }
        Token::Map(len) => {
            let mut all = until_end(reader)?.into_iter();
            let pairs: Vec<_> = std::iter::from_fn(|| Some((all.next()?, all.next()?))).collect();
            assert!(len.is_none_or(|len| len == pairs.len()));
            Tree::Map(pairs)
        }
        Token::Tag(tag) => {
            let next = reader.token()?;
            Tree::Tag(tag, Box::new(grown(reader, next)?))
        }
        Token::End => unreachable!("an end ends a list or a map"),
    })
}

fn until_end(reader: &mut Reader<'_>) -> Result<Vec<Tree>, Malformed> {
    let mut list = Vec::new();
    loop {
        match reader.token()? {
            Token::End => return Ok(list),
            token => list.push(grown(reader, token)?),
        }
    }
}

pub(crate) fn big(negative: bool, bytes: &[u8]) -> Tree {
    Tree::Big(negative, bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
}

impl Tree {
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, false);
        out
    }

    /// With lists and maps that a break ends.
    pub(crate) fn written_open(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, true);
        out
    }

    fn write(&self, out: &mut Vec<u8>, open: bool) {
        match self {
            Self::Null => write::null(out),
            Self::Undefined => write::undefined(out),
            Self::Bool(value) => write::bool(out, *value),
            Self::Int(value) => write::int(out, *value),
            Self::Float(bits) => write::float(out, f64::from_bits(*bits)),
            Self::Big(negative, bytes) => write::big(out, *negative, bytes),
            Self::Text(text) => write::text(out, text),
            Self::Bytes(bytes) => write::bytes(out, bytes),
            Self::List(list) => {
                if open {
                    out.push(0x9F);
                } else {
                    write::list(out, list.len());
                }
                list.iter().for_each(|value| value.write(out, open));
                out.extend(open.then_some(0xFF));
            }
            Self::Map(pairs) => {
                if open {
                    out.push(0xBF);
                } else {
                    write::map(out, pairs.len());
                }
                for (key, value) in pairs {
                    key.write(out, open);
                    value.write(out, open);
                }
                out.extend(open.then_some(0xFF));
            }
            Self::Tag(tag, value) => {
                write::tag(out, *tag);
                value.write(out, open);
            }
        }
    }
}
