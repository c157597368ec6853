//! What Redis runs for the cache.
//!
//! `KEYS[1]` is the value or the lock, `KEYS[2]` the index, `ARGV[1]` the key as the index has it. A time is over at
//! its millisecond, as everywhere in Playhouse, but Redis ends a key only in the millisecond after the one it is told:
//! so it is told the one before. An end that has passed is no error: the key is then gone at once.

use redis::Script;

/// The time of Redis, in milliseconds since 1970.
const NOW: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
";

/// Takes a few out of the index whose end has passed. More than a write can add, so they never pile up; few enough
/// that nobody waits for it.
const SWEEP: &str = "
local ended = redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, 16)
if #ended > 0 then redis.call('ZREM', KEYS[2], unpack(ended)) end
";

const GET: &str = "
local found = redis.call('HMGET', KEYS[1], 'v', 'c')
if not found[1] then return false end
return {found[1], found[2], redis.call('PEXPIRETIME', KEYS[1])}
";

const SET: &str = "
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'c', now)
local ends = '+inf'
if ARGV[3] then
    ends = now + ARGV[3]
    redis.call('PEXPIREAT', KEYS[1], ends - 1)
else
    redis.call('PERSIST', KEYS[1])
end
redis.call('ZADD', KEYS[2], ends, ARGV[1])
";

const REMOVE: &str = "
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
";

/// HINCRBY takes no sign `+` and no zeros in front, which Rust's `parse` and so the memory engine do: they are taken
/// off before. What it refuses then has too many digits, or the sum has. The sum is returned as a text: a number
/// would lose its last digits beyond 2^53.
const INCREMENT: &str = "
local before = redis.call('HGET', KEYS[1], 'v')
local sign, digits = string.match(before or '0', '^([+-]?)(%d+)$')
if not sign then return false end
digits = string.gsub(digits, '^0+', '')
if digits == '' then sign, digits = '', '0' elseif sign == '+' then sign = '' end
redis.call('HSET', KEYS[1], 'v', sign .. digits)
if type(redis.pcall('HINCRBY', KEYS[1], 'v', ARGV[2])) == 'table' then
    redis.call('HSET', KEYS[1], 'v', before)
    return false
end
if not before then
    redis.call('HSET', KEYS[1], 'c', now)
    redis.call('ZADD', KEYS[2], '+inf', ARGV[1])
end
";

const SUM: &str = "return redis.call('HGET', KEYS[1], 'v')";

const TAKE: &str = "
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', now + ARGV[2] - 1)
return 1
";

const RELEASE: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
";

/// Reads only, so that it works in a Redis that refuses writes.
const SIZE: &str = "return redis.call('ZCOUNT', KEYS[1], string.format('(%.0f', now), '+inf')";

/// All of them. Redis knows them by their hash, and is sent the text of one that it does not know.
pub(super) struct Scripts {
    /// Key; the value, when it was set, its last millisecond or -1; nil if there is none.
    pub(super) get: Script,
    /// Key, index; name, value and milliseconds, if it is to end.
    pub(super) set: Script,
    /// Key, index; name; whether it was there.
    pub(super) remove: Script,
    /// Key, index; name, number to add; the sum, or nil where there is none.
    pub(super) increment: Script,
    /// Lock; token, milliseconds; whether it is held by that token now.
    pub(super) take: Script,
    /// Lock; token; whether it was held by that token.
    pub(super) release: Script,
    /// Index; the number of keys.
    pub(super) size: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let script = |parts: &[&str]| Script::new(&parts.concat());
        Self {
            get: script(&[GET]),
            set: script(&[NOW, SET, SWEEP]),
            remove: script(&[REMOVE]),
            increment: script(&[NOW, INCREMENT, SWEEP, SUM]),
            take: script(&[NOW, TAKE]),
            release: script(&[RELEASE]),
            size: script(&[NOW, SIZE]),
        }
    }
}
