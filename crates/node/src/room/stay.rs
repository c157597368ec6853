//! Joining a room and leaving it.
//!
//! The connection's own list of rooms is the truth; hub and presence follow it. As both may have to wait for
//! the engine, joinings, leavings, the removal of the room and the end of the connection overtake each other.
//! So whoever has changed hub or presence looks at the list again, and corrects what is no longer right: the
//! last one to change them finds that they agree.

use super::{Known, Room};
use crate::connection::{Connection, Refused};
use crate::guard;
use bytes::Bytes;
use playhouse_core::codes;
use playhouse_core::envelope::Topic;
use playhouse_core::error::{Reject, Result};
use playhouse_core::json;
use playhouse_core::presence::Member;
use std::sync::Arc;

impl Room {
    /// Lets a connection join.
    ///
    /// # Errors
    /// The room does not exist, the connection is in it, in too many, has gone, or can't be in rooms; a hook
    /// refused, took too long or panicked; an engine can't be reached.
    pub async fn join(&self, connection: &Connection) -> Result<()> {
        let known = self.found().await?;
        if connection.membership().contains(&self.name) {
            return Err(self.refused(Refused::AlreadyIn).into());
        }
        if !connection.can_chat() {
            let text = self.node.texts().unsupported_server_type(connection.kind().as_str());
            return Err(Reject::of(&codes::WRONG_CONNECTION_TYPE, text).into());
        }
        self.run_join_hooks(connection).await?;
        let limit = self.node.config().limits.rooms_per_connection;
        connection.membership().enter(&known.name, limit).map_err(|refused| self.refused(refused))?;
        self.settle(&known, connection).await
    }

    async fn run_join_hooks(&self, connection: &Connection) -> Result<()> {
        let hooks = &self.node.room_hooks().join;
        if hooks.is_empty() {
            return Ok(());
        }
        let hooks = async {
            for hook in hooks {
                hook(connection.clone(), self.name.to_string()).await?;
            }
            Ok(())
        };
        guard::run(&self.node, hooks).await
    }

    fn refused(&self, refused: Refused) -> Reject {
        match refused {
            Refused::AlreadyIn => {
                let text = self.node.texts().connection_already_in_room(&self.name);
                Reject::of(&codes::ALREADY_IN_ROOM, text)
            }
            Refused::TooMany => {
                Reject::of(&codes::TOO_MANY_ROOMS, "the connection is in as many rooms as it may be")
            }
            Refused::Gone => self.not_in(),
        }
    }

    fn not_in(&self) -> Reject {
        Reject::of(&codes::NOT_IN_ROOM, self.node.texts().connection_not_in_room(&self.name))
    }

    /// Makes hub and presence agree with the connection's list of rooms. `Ok` when it is in this very room.
    async fn settle(&self, known: &Arc<Known>, connection: &Connection) -> Result<()> {
        let belongs = || connection.membership().contains(&known.name) && self.node.rooms().has(known);
        let mut failed = None;
        loop {
            if belongs() {
                match self.put_in(known, connection).await {
                    Ok(()) if belongs() => return Ok(()),
                    // Gone, taken out, or the room was removed meanwhile: whoever did that may have been at
                    // hub and presence before us, and nobody else would take out what we have put in.
                    Ok(()) => {}
                    Err(error) => {
                        connection.membership().exit(&known.name);
                        failed = Some(error);
                    }
                }
            }
            if !self.node.rooms().has(known) {
                connection.membership().exit(&known.name);
            }
            self.drop_out(known, connection).await;
            if !belongs() {
                break;
            }
        }
        Err(failed.unwrap_or_else(|| self.known().err().unwrap_or_else(|| self.not_in()).into()))
    }

    async fn put_in(&self, known: &Known, connection: &Connection) -> Result<()> {
        let details = self.details(connection)?;
        self.node.hub().add(known.topic(), connection);
        known.attachment.attach(self.node.broker(), known.topic(), self.node.hub().clone()).await?;
        let member = Member { id: connection.id().clone(), details };
        Ok(self.node.presence().join(&self.name, member).await?)
    }

    /// What a member shows: `id` and `joinedAt`, and what the application adds.
    fn details(&self, connection: &Connection) -> Result<Bytes> {
        let mut out = b"{\"id\":".to_vec();
        json::push_str(&mut out, connection.id().as_str());
        out.extend_from_slice(b",\"joinedAt\":");
        json::push_u64(&mut out, self.node.clock().unix_ms());
        if let Some(make) = &self.node.room_hooks().details {
            let own = make(connection)?;
            let fields = own.trim().trim_start_matches('{').trim_end_matches('}').trim();
            if !fields.is_empty() {
                out.push(b',');
                out.extend_from_slice(fields.as_bytes());
            }
        }
        out.push(b'}');
        Ok(out.into())
    }

    /// Lets a connection leave.
    ///
    /// # Errors
    /// It is not in the room; a hook refused, took too long or panicked. An engine that can't be reached is
    /// logged: the connection has left all the same.
    pub async fn leave(&self, connection: &Connection) -> Result<()> {
        if !connection.membership().contains(&self.name) {
            return Err(self.not_in().into());
        }
        let hooks = &self.node.room_hooks().leave;
        if !hooks.is_empty() {
            let hooks = async {
                for hook in hooks {
                    hook(connection.clone(), self.name.to_string()).await?;
                }
                Ok(())
            };
            guard::run(&self.node, hooks).await?;
        }
        self.drop_member(connection).await;
        Ok(())
    }

    /// Takes out a connection that has gone: hooks are told, but can neither refuse nor, beyond one deadline
    /// for all of them, delay it.
    pub(crate) async fn take_out(&self, connection: &Connection) {
        let hooks = async {
            for hook in &self.node.room_hooks().leave {
                let told = guard::caught(async { hook(connection.clone(), self.name.to_string()).await });
                self.note(told.await);
            }
            Ok(())
        };
        self.note(guard::run(&self.node, hooks).await);
        self.drop_member(connection).await;
    }

    /// Logs what nobody is there to be told.
    fn note(&self, told: Result<()>) {
        if let Err(error) = told {
            let reject = self.node.rejected("a leave hook failed", error);
            tracing::debug!(room = &*self.name, %reject, "a leave hook refused one who is gone");
        }
    }

    async fn drop_member(&self, connection: &Connection) {
        if !connection.membership().exit(&self.name) {
            return;
        }
        let Ok(known) = self.known() else {
            // The room is being removed; what belongs to the room itself is done there.
            self.forget(&Topic::room(&self.name), connection).await;
            return;
        };
        self.drop_out(&known, connection).await;
        // Joined anew while presence was told of the leaving: then what we took out was the new stay.
        if connection.membership().contains(&self.name)
            && let Err(error) = self.settle(&known, connection).await
        {
            tracing::debug!(room = &*self.name, %error, "one who left and came back has left again");
        }
    }

    /// Tells presence of one whose stay ended with the room.
    pub(super) async fn forget_member(&self, former: &Known, connection: &Connection) {
        self.forget(former.topic(), connection).await;
        // In the room that was made since under the same name: then what we took out was the new stay.
        if let Ok(known) = self.known()
            && connection.membership().contains(&self.name)
            && let Err(error) = self.settle(&known, connection).await
        {
            tracing::debug!(room = &*self.name, %error, "one who came to the new room has left it again");
        }
    }

    /// Takes a connection out of hub and presence; whoever leaves last detaches the topic.
    async fn drop_out(&self, known: &Arc<Known>, connection: &Connection) {
        let last = self.forget(known.topic(), connection).await;
        // A room that was removed has been detached already, perhaps before we attached it.
        if (last || !self.node.rooms().has(known))
            && let Err(error) = self.detach_unheard(known).await
        {
            tracing::warn!(room = &*self.name, %error, "a topic without members is still attached");
        }
    }

    /// `true` if it was the last on this node.
    async fn forget(&self, topic: &Topic, connection: &Connection) -> bool {
        let last = self.node.hub().remove(topic, connection);
        if let Err(error) = self.node.presence().leave(&self.name, connection.id()).await {
            // It has left here, and an engine makes good what it did not hear of.
            tracing::debug!(room = &*self.name, %error, "presence did not hear of a leaving");
        }
        last
    }

    pub(super) async fn detach_unheard(&self, known: &Known) -> Result<()> {
        let (hub, topic) = (self.node.hub().clone(), known.topic().clone());
        let heard = move || !hub.connections(&topic).is_empty();
        Ok(known.attachment.detach(self.node.broker(), known.topic(), heard).await?)
    }
}
