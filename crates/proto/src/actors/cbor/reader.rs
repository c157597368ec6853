//! Bytes to tokens. Owns what may follow what, and the limits. It must not allocate more than a few bytes for
//! each level of nesting.

use super::{Malformed, Token};

/// Tags of big integers, whose content is n or -1 - n (RFC 8949, 3.4.3).
const BIG: std::ops::RangeInclusive<u64> = 2..=3;

/// The break that ends a list or map without a length, and the additional information that begins one.
const BREAK: u8 = 0xFF;
const OPEN: u8 = 31;

/// Reads one value. Stops for good at the first thing that is wrong.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    depth: usize,
    stack: Vec<Level>,
    /// Values that are still missing in lists and maps with a length. Each takes at least a byte.
    owed: usize,
    done: bool,
    failed: Option<Malformed>,
}

/// What is open around the next token.
#[derive(Clone, Copy, Debug)]
enum Level {
    /// A list or map with a length: so many values are still missing.
    Counted(usize),
    /// A list that a break ends.
    OpenList,
    /// A map that a break ends, and whether a key waits for its value.
    OpenMap { half: bool },
    /// A tag, which the next value completes.
    Tag,
}

/// The first byte of a value, and the number in or behind it.
#[derive(Clone, Copy)]
struct Head {
    at: usize,
    byte: u8,
    /// `None` where there is no length.
    argument: Option<u64>,
}

impl Head {
    fn major(self) -> u8 {
        self.byte >> 5
    }

    fn info(self) -> u8 {
        self.byte & 31
    }

    fn reserved(self) -> Malformed {
        Malformed::Reserved { at: self.at, byte: self.byte }
    }
}

impl<'a> Reader<'a> {
    /// A reader of exactly one value, with at most `depth` lists, maps and tags inside of each other.
    #[must_use]
    pub fn new(bytes: &'a [u8], depth: usize) -> Self {
        Self { bytes, pos: 0, depth, stack: Vec::new(), owed: 0, done: false, failed: None }
    }

    /// The next token; `None` when the value and with it the input is over.
    ///
    /// # Errors
    /// What is wrong with the bytes, again at every further call.
    pub fn pull(&mut self) -> Result<Option<Token<'a>>, Malformed> {
        if let Some(malformed) = self.failed {
            return Err(malformed);
        }
        let pulled = self.step();
        self.failed = pulled.as_ref().err().copied();
        pulled
    }

    /// The next token where there has to be one, as inside of a list.
    ///
    /// # Errors
    /// As [`pull`](Self::pull), and [`Malformed::EndsEarly`] when the value is over.
    pub fn token(&mut self) -> Result<Token<'a>, Malformed> {
        self.pull()?.ok_or(Malformed::EndsEarly { at: self.pos })
    }

    /// How many bytes were read.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.pos
    }

    fn step(&mut self) -> Result<Option<Token<'a>>, Malformed> {
        if self.done {
            let over = self.pos == self.bytes.len();
            return if over { Ok(None) } else { Err(Malformed::Trailing { at: self.pos }) };
        }
        if let Some(Level::Counted(0)) = self.stack.last() {
            return Ok(Some(self.end()));
        }
        if self.bytes.get(self.pos) == Some(&BREAK) {
            return self.broken().map(Some);
        }
        let head = self.head()?;
        self.begin();
        let token = self.value(head)?;
        if !matches!(token, Token::List(_) | Token::Map(_) | Token::Tag(_)) {
            self.complete();
        }
        Ok(Some(token))
    }

    fn value(&mut self, head: Head) -> Result<Token<'a>, Malformed> {
        Ok(match (head.major(), head.argument) {
            (0, Some(n)) => integer(head, i128::from(n)),
            (1, Some(n)) => integer(head, -1 - i128::from(n)),
            (2, Some(len)) => Token::Bytes(self.take(head, len)?),
            (3, Some(len)) => Token::Text(self.text(head, len)?),
            (2 | 3, None) => return Err(Malformed::Pieces { at: head.at }),
            (4, Some(len)) => Token::List(Some(self.counted(head, len, 1)?)),
            (4, None) => Token::List(self.open(head, Level::OpenList)?),
            (5, Some(len)) => Token::Map(Some(self.counted(head, len, 2)?)),
            (5, None) => Token::Map(self.open(head, Level::OpenMap { half: false })?),
            (6, Some(tag)) if BIG.contains(&tag) => self.big(tag)?,
            (6, Some(tag)) => {
                self.nest(head, Level::Tag)?;
                Token::Tag(tag)
            }
            (7, Some(argument)) => simple(head, argument)?,
            _ => return Err(head.reserved()),
        })
    }

    fn head(&mut self) -> Result<Head, Malformed> {
        let at = self.pos;
        let byte = *self.bytes.get(at).ok_or(Malformed::EndsEarly { at })?;
        self.pos += 1;
        let argument = match byte & 31 {
            small @ 0..=23 => Some(u64::from(small)),
            24 => Some(self.number::<1>()?),
            25 => Some(self.number::<2>()?),
            26 => Some(self.number::<4>()?),
            27 => Some(self.number::<8>()?),
            OPEN => None,
            _ => return Err(Malformed::Reserved { at, byte }),
        };
        Ok(Head { at, byte, argument })
    }

    fn number<const N: usize>(&mut self) -> Result<u64, Malformed> {
        let bytes =
            self.bytes[self.pos..].first_chunk::<N>().ok_or(Malformed::EndsEarly { at: self.bytes.len() })?;
        self.pos += N;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Checks that what a head announces can follow, where each of `len` takes `least` bytes. What is owed to
    /// the lists and maps around it is not there for it.
    fn announced(&self, head: Head, len: u64, least: usize) -> Result<usize, Malformed> {
        let free = (self.bytes.len() - self.pos).saturating_sub(self.owed);
        let fits = |len: &usize| *len <= free / least;
        usize::try_from(len).ok().filter(fits).ok_or(Malformed::TooLong { at: head.at, len })
    }

    fn take(&mut self, head: Head, len: u64) -> Result<&'a [u8], Malformed> {
        let len = self.announced(head, len, 1)?;
        let bytes = &self.bytes[self.pos..self.pos + len];
        self.pos += len;
        Ok(bytes)
    }

    fn text(&mut self, head: Head, len: u64) -> Result<&'a str, Malformed> {
        let bytes = self.take(head, len)?;
        simdutf8::basic::from_utf8(bytes).map_err(|_| Malformed::NotUtf8 { at: head.at })
    }

    fn big(&mut self, tag: u64) -> Result<Token<'a>, Malformed> {
        let content = self.head()?;
        match (content.major(), content.argument) {
            (2, Some(len)) => Ok(Token::Big { negative: tag == 3, bytes: self.take(content, len)? }),
            (2, None) => Err(Malformed::Pieces { at: content.at }),
            _ => Err(Malformed::NotBytes { at: content.at }),
        }
    }

    /// Opens a list or map of `len` elements, of `each` values.
    fn counted(&mut self, head: Head, len: u64, each: usize) -> Result<usize, Malformed> {
        let len = self.announced(head, len, each)?;
        self.nest(head, Level::Counted(len * each))?;
        self.owed += len * each;
        Ok(len)
    }

    fn open(&mut self, head: Head, level: Level) -> Result<Option<usize>, Malformed> {
        self.nest(head, level)?;
        Ok(None)
    }

    fn nest(&mut self, head: Head, level: Level) -> Result<(), Malformed> {
        if self.stack.len() >= self.depth {
            return Err(Malformed::TooDeep { at: head.at, depth: self.depth });
        }
        self.stack.push(level);
        Ok(())
    }

    /// A value begins, so there is one less to come.
    fn begin(&mut self) {
        match self.stack.last_mut() {
            Some(Level::Counted(left)) => {
                *left -= 1;
                self.owed -= 1;
            }
            Some(Level::OpenMap { half }) => *half = !*half,
            Some(Level::OpenList | Level::Tag) | None => {}
        }
    }

    /// A value is over, and with it the tags in front of it.
    fn complete(&mut self) {
        while let Some(Level::Tag) = self.stack.last() {
            self.stack.pop();
        }
        self.done = self.stack.is_empty();
    }

    fn end(&mut self) -> Token<'a> {
        self.stack.pop();
        self.complete();
        Token::End
    }

    fn broken(&mut self) -> Result<Token<'a>, Malformed> {
        match self.stack.last() {
            Some(Level::OpenList | Level::OpenMap { half: false }) => {
                self.pos += 1;
                Ok(self.end())
            }
            Some(Level::OpenMap { half: true } | Level::Counted(_) | Level::Tag) | None => {
                Err(Malformed::Break { at: self.pos })
            }
        }
    }
}

/// An integer of 8 bytes is a big one to the clients, whatever its value.
fn integer<'a>(head: Head, value: i128) -> Token<'a> {
    match i64::try_from(value) {
        Ok(value) if head.info() < 27 => Token::Int(value),
        Ok(_) | Err(_) => Token::Wide(value),
    }
}

fn simple<'a>(head: Head, argument: u64) -> Result<Token<'a>, Malformed> {
    Ok(match head.info() {
        20 => Token::Bool(false),
        21 => Token::Bool(true),
        22 => Token::Null,
        23 => Token::Undefined,
        25 => Token::Float(half(u16::try_from(argument).expect("two bytes were read"))),
        26 => Token::Float(f32::from_bits(u32::try_from(argument).expect("four bytes were read")).into()),
        27 => Token::Float(f64::from_bits(argument)),
        _ => return Err(head.reserved()),
    })
}

/// A float of two bytes (RFC 8949, appendix D): a sign, 5 bits of exponent, 10 bits of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3FF);
    let size = match bits >> 10 & 31 {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (fraction + 1024.0) * 2_f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}
