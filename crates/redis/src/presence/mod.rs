//! Presence over Redis: who is in a room on any node, which rooms there are.
//!
//! Each node writes its own members under an incarnation that has a lease (see [`scripts`] for what stands in
//! Redis), and keeps them in memory as well ([`own`]), to write them again when Redis has forgotten them. The lease
//! and the registrations are [`keeper`]'s.

mod keeper;
mod own;
mod scripts;

use crate::pipe::{Pipe, Purpose};
use crate::queue::Queue;
use crate::settings::Ground;
use bytes::Bytes;
use own::{Next, Own};
use playhouse_core::Later;
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::{self, Member, PresenceError, RoomChanges, RoomMark};
use playhouse_core::trouble::Trouble;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, PushInfo, RedisResult};
use scripts::{MAKE_ROOM, REMOVE_ROOM, Scripts};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};

pub(crate) struct Presence {
    ground: Arc<Ground>,
    pipe: Arc<Pipe>,
    queue: Arc<Queue>,
    scripts: Scripts,
    own: Mutex<Own>,
    /// Names the process that Redis is.
    process: Mutex<String>,
    /// Wakes the keeper before its time.
    wake: Notify,
    /// How many registrations have ended, and what the last one came to.
    ended: watch::Sender<(u64, Result<(), Trouble>)>,
}

/// How often a node looks for rooms that others have made or removed. They are to be known within a second.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What scripts answer when the incarnation is not listed any more.
const LOST: i64 = -1;

/// A change that Redis may not know of, as its caller gave up or the answer was lost.
struct Told<'a> {
    presence: &'a Presence,
    untold: bool,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if self.untold {
            self.presence.rewrite();
        }
    }
}

struct Registration {
    ended: watch::Receiver<(u64, Result<(), Trouble>)>,
    before: u64,
}

/// Rooms with the versions of the list at which they were made, or removed.
type Versions = Vec<(String, u64)>;

type Answer<'a, T> = Later<'a, Result<T, PresenceError>>;

impl Presence {
    pub(crate) fn new(ground: Arc<Ground>, pipe: Arc<Pipe>, queue: Arc<Queue>) -> Self {
        let scripts = Scripts::new(ground.keys.prefix());
        let ended = watch::Sender::new((0, Ok(())));
        let (own, process) = (Mutex::new(Own::new()), Mutex::default());
        Self { ground, pipe, queue, scripts, own, process, wake: Notify::new(), ended }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().expect("nothing panics while it holds what is our own")
    }

    /// Redis may hold something else than we do: everything is to be written again.
    fn rewrite(&self) {
        self.own().differs = true;
        self.wake.notify_one();
    }

    async fn join_now(&self, room: &str, member: &Member) -> Result<(), Trouble> {
        let registration = self.registration();
        let (next, before) = self.own().join(room, member);
        if next == Next::Refuse {
            return Err(self.unregistered());
        }
        let mut told = Told { presence: self, untold: true };
        let joined = match &next {
            Next::Tell(incarnation) => {
                let call = self.scripts.join(incarnation, room, member.id.as_str(), &member.details);
                self.pipe.call(&call).await
            }
            Next::Wait | Next::Refuse => Ok(LOST),
        };
        let joined = match joined {
            Ok(LOST) => self.told_with(registration, next == Next::Wait).await,
            Ok(number) => {
                self.own().numbered(room, &member.id, u64::try_from(number).unwrap_or(0));
                Ok(())
            }
            Err(trouble) => Err(trouble),
        };
        let refused = matches!(joined, Err(Trouble::Away(_)));
        if joined.is_err() {
            self.own().put_back(room, &member.id, before);
        }
        // A registration that began meanwhile may have written what is put back.
        told.untold = joined.is_err() && !(refused && self.own().is_listed());
        joined
    }

    async fn leave_now(&self, room: &str, id: &ConnectionId) -> Result<bool, Trouble> {
        let registration = self.registration();
        let (next, was_there) = self.own().leave(room, id);
        // Who has left must not stay on the list: what is not told is made good by the next registration.
        let mut told = Told { presence: self, untold: true };
        let left: Result<i64, Trouble> = match &next {
            Next::Tell(incarnation) => {
                self.pipe.call(&self.scripts.leave(incarnation, room, id.as_str())).await
            }
            Next::Wait => Ok(LOST),
            Next::Refuse => Err(self.unregistered()),
        };
        let left = match left {
            Ok(LOST) => self.told_with(registration, next == Next::Wait).await.map(|()| was_there),
            Ok(left) => Ok(left == 1),
            Err(trouble) => Err(trouble),
        };
        told.untold = left.is_err();
        left
    }

    /// The registration under way, or else the next one. Asked for before a change, so that its end is not missed.
    fn registration(&self) -> Registration {
        let ended = self.ended.subscribe();
        let before = ended.borrow().0;
        Registration { ended, before }
    }

    /// Waits for the registration with which a change is told; asks for one unless it is under way.
    async fn told_with(&self, mut registration: Registration, under_way: bool) -> Result<(), Trouble> {
        if !under_way {
            self.rewrite();
        }
        let ended = registration.ended.wait_for(|(ended, _)| *ended > registration.before);
        match self.ground.clock.timeout(self.ground.settings.timeout, ended).await {
            Ok(Ok(ended)) => ended.1.clone(),
            Ok(Err(_)) | Err(_) => Err(Trouble::Unknown("registering with Redis takes too long".into())),
        }
    }

    fn unregistered(&self) -> Trouble {
        match &self.ended.borrow().1 {
            Err(Trouble::Away(why) | Trouble::Unknown(why)) => Trouble::Away(why.clone()),
            Ok(()) => Trouble::Away("this node is not registered yet".into()),
        }
    }

    async fn members_now(&self, room: &str) -> Result<Vec<Member>, Trouble> {
        let all: Vec<Vec<Vec<u8>>> =
            self.pipe.call(&self.scripts.members(room)).await.map_err(Trouble::of_reading)?;
        let mut numbered: Vec<(u64, Member)> =
            all.iter().flat_map(|of_node| of_node.chunks_exact(2)).filter_map(member).collect();
        numbered.sort_by_key(|(number, _)| *number);
        Ok(numbered.into_iter().map(|(_, member)| member).collect())
    }

    async fn rooms_now(&self, since: &RoomMark) -> Result<RoomChanges, Trouble> {
        let process = self.process.lock().expect("nothing panics while it holds this").clone();
        let candidate = self.ground.rng.token(12);
        let call = self.scripts.rooms(&candidate, since, &process);
        let (era, version, whole, mut made, gone): (String, u64, bool, Versions, Versions) =
            self.pipe.call(&call).await.map_err(Trouble::of_reading)?;
        // As Redis sorts them by version.
        made.sort_unstable();
        Ok(RoomChanges { mark: RoomMark { era, version }, whole, made, gone, look_again: Some(LOOK_AGAIN) })
    }

    fn changing(&self, room: &str, exists: bool) -> Cmd {
        let mut command = redis::cmd("EVAL");
        let script = if exists { MAKE_ROOM } else { REMOVE_ROOM };
        command.arg(script).arg(0).arg(self.ground.keys.prefix()).arg(room);
        command
    }
}

/// A member as it stands in Redis: id, then number and details.
fn member(row: &[Vec<u8>]) -> Option<(u64, Member)> {
    let [id, place] = row else { return None };
    let colon = place.iter().position(|byte| *byte == b':')?;
    let number = std::str::from_utf8(&place[..colon]).ok()?.parse().ok()?;
    let id = ConnectionId::new(std::str::from_utf8(id).ok()?);
    Some((number, Member { id, details: Bytes::copy_from_slice(&place[colon + 1..]) }))
}

impl presence::Presence for Presence {
    fn join(&self, room: &str, member: Member) -> Answer<'_, ()> {
        let room: Box<str> = room.into();
        Box::pin(async move { Ok(self.join_now(&room, &member).await?) })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Answer<'_, bool> {
        let (room, id): (Box<str>, _) = (room.into(), id.clone());
        Box::pin(async move { Ok(self.leave_now(&room, &id).await?) })
    }

    fn members(&self, room: &str) -> Answer<'_, Vec<Member>> {
        let room: Box<str> = room.into();
        Box::pin(async move { Ok(self.members_now(&room).await?) })
    }

    fn count(&self, room: &str) -> Answer<'_, usize> {
        let room: Box<str> = room.into();
        Box::pin(
            async move { Ok(self.pipe.call(&self.scripts.count(&room)).await.map_err(Trouble::of_reading)?) },
        )
    }

    fn set_room(&self, room: &str, exists: bool) -> Answer<'_, Option<u64>> {
        let Ok(ticket) = self.queue.push(self.changing(room, exists)) else {
            return Box::pin(ready(Err(Trouble::Away("more waits than may".into()).into())));
        };
        Box::pin(async move {
            let changed = ticket.answer().await?;
            let version = u64::from_redis_value(changed).map_err(|odd| Trouble::Unknown(odd.to_string()))?;
            Ok((version > 0).then_some(version))
        })
    }

    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Answer<'a, RoomChanges> {
        Box::pin(async move { Ok(self.rooms_now(since).await?) })
    }
}

impl Purpose for Presence {
    /// A new connection may lead to a Redis that has forgotten something: all of it, if it was started anew, or the
    /// latest, if it was a replica until now. So everything is written again, and the list of rooms begins an era.
    fn begin(&self, mut connection: MultiplexedConnection) -> Later<'_, RedisResult<()>> {
        Box::pin(async move {
            let info = redis::cmd("INFO").arg("server").to_owned();
            let info = self.ground.in_time(connection.send_packed_command(&info)).await;
            let info = match info.and_then(|info| Ok(String::from_redis_value(info)?)) {
                Ok(info) => info,
                // Who may not ask is told by the version alone, which notices less.
                Err(refused) if refused.code().is_some() => String::new(),
                Err(error) => return Err(error),
            };
            let process = info.lines().find_map(|line| line.strip_prefix("run_id:")).unwrap_or_default();
            process.trim().clone_into(&mut self.process.lock().expect("nothing panics while it holds this"));
            self.rewrite();
            Ok(())
        })
    }

    fn push(&self, _: PushInfo) {}
}
