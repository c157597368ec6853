//! What presence does inside Redis: each script is one step that nobody sees half of.
//!
//! What stands there, after the application's prefix:
//!
//! | key | type | holds |
//! |---|---|---|
//! | `nodes` | sorted set | incarnations that are listed, and until when (ms of Redis's clock) |
//! | `swept` | sorted set | incarnations, and from when on anybody may remove what is left of them |
//! | `in:<incarnation>:<room>` | hash | members: connection id to `<number>:<details>` |
//! | `of:<incarnation>` | set | its rooms with members |
//! | `at:<room>` | set | incarnations with members there |
//! | `joins` | number | how often anybody has joined: the order of members |
//! | `rooms` | sorted set | all rooms, each with the version of the list at which it was made |
//! | `rooms:gone` | sorted set | the last 10,000 that were removed, with the version of that |
//! | `rooms:version`, `rooms:floor` | numbers | the list's version; the oldest from which on changes are known |
//! | `era`, `process` | texts | the era of the list, and in which process of Redis it began |
//!
//! An *incarnation* is one registration of a node. It is listed while its lease lasts and never comes back: a node
//! whose lease is over registers as another one, so what is swept of the former is never what it writes now.

use playhouse_core::presence::RoomMark;
use redis::{Script, ScriptInvocation};
use std::sync::Arc;
use std::time::Duration;

/// What each script begins with: the prefix, an incarnation's name, and the time.
const HEAD: &str = "
local p, inc = ARGV[1], ARGV[2]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function lives(of)
  local till = redis.call('ZSCORE', p .. 'nodes', of)
  return till and tonumber(till) > now
end
";

const JOIN: &str = "
if not lives(inc) then return -1 end
local room, id, details = ARGV[3], ARGV[4], ARGV[5]
local key = p .. 'in:' .. inc .. ':' .. room
local former = redis.call('HGET', key, id)
local number = former and string.match(former, '^%d+') or redis.call('INCR', p .. 'joins')
redis.call('HSET', key, id, number .. ':' .. details)
redis.call('SADD', p .. 'of:' .. inc, room)
redis.call('SADD', p .. 'at:' .. room, inc)
return tonumber(number)
";

const LEAVE: &str = "
if not lives(inc) then return -1 end
local room, key = ARGV[3], p .. 'in:' .. inc .. ':' .. ARGV[3]
local left = redis.call('HDEL', key, ARGV[4])
if left == 1 and redis.call('EXISTS', key) == 0 then
  redis.call('SREM', p .. 'of:' .. inc, room)
  redis.call('SREM', p .. 'at:' .. room, inc)
end
return left
";

const MEMBERS: &str = "
local all = {}
for _, of in ipairs(redis.call('SMEMBERS', p .. 'at:' .. ARGV[2])) do
  if lives(of) then all[#all + 1] = redis.call('HGETALL', p .. 'in:' .. of .. ':' .. ARGV[2]) end
end
return all
";

const COUNT: &str = "
local count = 0
for _, of in ipairs(redis.call('SMEMBERS', p .. 'at:' .. ARGV[2])) do
  if lives(of) then count = count + redis.call('HLEN', p .. 'in:' .. of .. ':' .. ARGV[2]) end
end
return count
";

/// Writes members of an incarnation that is not listed yet, or changes of one that is: room, id, number (0 for a new
/// one) and details of each; without details it is removed.
const FILL: &str = "
redis.call('ZADD', p .. 'swept', 'GT', now + tonumber(ARGV[3]), inc)
local numbers, newest = {}, tonumber(redis.call('GET', p .. 'joins') or 0)
for i = 4, #ARGV, 4 do
  local room, id, number, details = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3]
  local key = p .. 'in:' .. inc .. ':' .. room
  if details == '' then
    redis.call('HDEL', key, id)
    if redis.call('EXISTS', key) == 0 then
      redis.call('SREM', p .. 'of:' .. inc, room)
      redis.call('SREM', p .. 'at:' .. room, inc)
    end
  else
    if number == 0 then number = newest + 1 end
    if number > newest then newest = number end
    redis.call('HSET', key, id, number .. ':' .. details)
    redis.call('SADD', p .. 'of:' .. inc, room)
    redis.call('SADD', p .. 'at:' .. room, inc)
  end
  numbers[#numbers + 1] = number
end
redis.call('SET', p .. 'joins', string.format('%d', newest))
return numbers
";

/// Lists one incarnation in the place of others: the former, and those whose listing nobody was told the end of. A
/// request of theirs may still be on its way; it then finds that it is to be swept, and does nothing.
const SWITCH: &str = "
if tonumber(redis.call('ZSCORE', p .. 'swept', inc) or 0) <= now then return 0 end
local till = now + tonumber(ARGV[3])
redis.call('ZADD', p .. 'nodes', till, inc)
redis.call('ZADD', p .. 'swept', till, inc)
for i = 4, #ARGV do
  redis.call('ZREM', p .. 'nodes', ARGV[i])
  redis.call('ZADD', p .. 'swept', 'XX', 0, ARGV[i])
end
return 1
";

const RENEW: &str = "
if not lives(inc) then return 0 end
local till = now + tonumber(ARGV[3])
redis.call('ZADD', p .. 'nodes', till, inc)
redis.call('ZADD', p .. 'swept', till, inc)
return 1
";

const LEAVE_ALL: &str = "
for i = 3, #ARGV do
  redis.call('ZREM', p .. 'nodes', ARGV[i])
  redis.call('ZADD', p .. 'swept', 0, ARGV[i])
end
return 1
";

/// Removes some of what is left of an incarnation whose time is over; 0 when there is nothing to do.
const SWEEP: &str = "
local dead = redis.call('ZRANGEBYSCORE', p .. 'swept', '-inf', now, 'LIMIT', 0, 1)[1]
if not dead then return 0 end
local rooms = redis.call('SPOP', p .. 'of:' .. dead, 200)
for _, room in ipairs(rooms) do
  redis.call('UNLINK', p .. 'in:' .. dead .. ':' .. room)
  redis.call('SREM', p .. 'at:' .. room, dead)
end
if #rooms < 200 then
  redis.call('ZREM', p .. 'swept', dead)
  redis.call('ZREM', p .. 'nodes', dead)
end
return 1
";

/// Era and version of the list, whether what follows is all of it, what was made and what has gone. A Redis that is
/// another process than before, or whose list is older than what a node knows of it, may have gone back: it was started
/// anew, or was a replica that had not heard the last. Then an era begins, and what it remembers as gone means nothing: it
/// may have been made since. A node that may not ask which process it is has the version alone.
const ROOMS: &str = "
local known, process = tonumber(ARGV[4]), ARGV[5]
local era = redis.call('GET', p .. 'era')
local version = tonumber(redis.call('GET', p .. 'rooms:version') or 0)
local went_back = era == ARGV[3] and version < known
local another = process ~= '' and redis.call('GET', p .. 'process') ~= process
if not era or went_back or another then
  era = ARGV[2]
  redis.call('SET', p .. 'era', era)
  if process ~= '' then redis.call('SET', p .. 'process', process) end
  redis.call('UNLINK', p .. 'rooms:gone')
end
local floor = tonumber(redis.call('GET', p .. 'rooms:floor') or 0)
local function since(key, from)
  local flat, pairs = redis.call('ZRANGEBYSCORE', p .. key, from, '+inf', 'WITHSCORES'), {}
  for i = 1, #flat, 2 do pairs[#pairs + 1] = { flat[i], tonumber(flat[i + 1]) } end
  return pairs
end
if era ~= ARGV[3] or known < floor then
  return { era, version, 1, since('rooms', '-inf'), since('rooms:gone', '-inf') }
end
local from = '(' .. string.format('%d', known)
return { era, version, 0, since('rooms', from), since('rooms:gone', from) }
";

/// Makes a room; the version of the list with it, or 0 if it is not new.
pub(super) const MAKE_ROOM: &str = "
local p, room = ARGV[1], ARGV[2]
if redis.call('ZSCORE', p .. 'rooms', room) then return 0 end
local version = redis.call('INCR', p .. 'rooms:version')
redis.call('ZADD', p .. 'rooms', version, room)
redis.call('ZREM', p .. 'rooms:gone', room)
return version
";

/// Removes a room with its members; the version of the list without it, or 0 if it was not there. Of those that have
/// gone so many are remembered; a node that has not looked since is given the whole list.
pub(super) const REMOVE_ROOM: &str = "
local p, room = ARGV[1], ARGV[2]
for _, of in ipairs(redis.call('SMEMBERS', p .. 'at:' .. room)) do
  redis.call('UNLINK', p .. 'in:' .. of .. ':' .. room)
  redis.call('SREM', p .. 'of:' .. of, room)
end
redis.call('UNLINK', p .. 'at:' .. room)
if redis.call('ZREM', p .. 'rooms', room) == 0 then return 0 end
local version = redis.call('INCR', p .. 'rooms:version')
redis.call('ZADD', p .. 'rooms:gone', version, room)
if redis.call('ZCARD', p .. 'rooms:gone') > 10000 then
  redis.call('SET', p .. 'rooms:floor', redis.call('ZPOPMIN', p .. 'rooms:gone')[2])
end
return version
";

/// The scripts under the application's prefix.
pub(super) struct Scripts {
    prefix: String,
    join: Script,
    leave: Script,
    members: Script,
    count: Script,
    fill: Script,
    switch: Script,
    renew: Script,
    leave_all: Script,
    sweep: Script,
    rooms: Script,
}

impl Scripts {
    pub(super) fn new(prefix: &str) -> Self {
        let script = |body: &str| Script::new(&[HEAD, body].concat());
        Self {
            prefix: prefix.to_owned(),
            join: script(JOIN),
            leave: script(LEAVE),
            members: script(MEMBERS),
            count: script(COUNT),
            fill: script(FILL),
            switch: script(SWITCH),
            renew: script(RENEW),
            leave_all: script(LEAVE_ALL),
            sweep: script(SWEEP),
            rooms: script(ROOMS),
        }
    }

    /// To the number of the member; -1 when the incarnation is not listed any more.
    pub(super) fn join(
        &self,
        incarnation: &str,
        room: &str,
        id: &str,
        details: &[u8],
    ) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.join, incarnation);
        call.arg(room).arg(id).arg(details);
        call
    }

    /// To 1 if it was there, 0 if not, -1 when the incarnation is not listed any more.
    pub(super) fn leave(&self, incarnation: &str, room: &str, id: &str) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.leave, incarnation);
        call.arg(room).arg(id);
        call
    }

    /// To a list for each node: id, `<number>:<details>`, and so on.
    pub(super) fn members(&self, room: &str) -> ScriptInvocation<'_> {
        self.about(&self.members, room)
    }

    pub(super) fn count(&self, room: &str) -> ScriptInvocation<'_> {
        self.about(&self.count, room)
    }

    /// To the numbers, in order. What is written is kept for `unlisted` before anybody may sweep it.
    pub(super) fn fill<'a>(
        &self,
        incarnation: &str,
        unlisted: Duration,
        members: impl Iterator<Item = (&'a str, &'a str, u64, &'a [u8])>,
    ) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.fill, incarnation);
        call.arg(ms(unlisted));
        for (room, id, number, details) in members {
            call.arg(room).arg(id).arg(number).arg(details);
        }
        call
    }

    pub(super) fn switch(&self, new: &str, former: &[Arc<str>], lease: Duration) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.switch, new);
        call.arg(ms(lease));
        former.iter().for_each(|one| _ = call.arg(&**one));
        call
    }

    /// To 0 when the incarnation is not listed any more.
    pub(super) fn renew(&self, incarnation: &str, lease: Duration) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.renew, incarnation);
        call.arg(ms(lease));
        call
    }

    pub(super) fn leave_all(&self, incarnations: &[Arc<str>]) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.leave_all, "");
        incarnations.iter().for_each(|one| _ = call.arg(&**one));
        call
    }

    /// To 0 when nothing is left to sweep.
    pub(super) fn sweep(&self) -> ScriptInvocation<'_> {
        self.about(&self.sweep, "")
    }

    /// To what has changed since a mark; the era is `candidate` where one begins.
    pub(super) fn rooms(&self, candidate: &str, since: &RoomMark, process: &str) -> ScriptInvocation<'_> {
        let mut call = self.about(&self.rooms, candidate);
        call.arg(since.era.as_str()).arg(since.version).arg(process);
        call
    }

    fn about<'a>(&self, script: &'a Script, what: &str) -> ScriptInvocation<'a> {
        let mut call = script.prepare_invoke();
        call.arg(self.prefix.as_str()).arg(what);
        call
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
