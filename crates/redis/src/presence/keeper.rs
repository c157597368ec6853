//! The lease of a node, and writing everything anew when it is lost.

use super::Presence;
use super::own::Row;
use futures_util::future::{select, try_join_all};
use playhouse_core::trouble::Trouble;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// What people read of it.
const PART: &str = "redis presence";

/// For how long a start waits to be listed.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);

/// How soon a renewal that failed is tried again.
const RETRY: Duration = Duration::from_millis(200);

/// Members in one step of a registration: long enough to be few, short enough that others come between.
const ROWS_AT_ONCE: usize = 200;

/// Steps of a registration side by side.
const STEPS_AT_ONCE: usize = 20;

/// For how long a registration that stands still keeps what it has written.
const UNLISTED: Duration = Duration::from_secs(60);

/// Steps of sweeping after one renewal. More is left to the next one, or to other nodes.
const SWEEPS: usize = 50;

impl Presence {
    /// Renews the lease for ever, and registers anew when it was lost or Redis may hold something else than we do.
    pub(crate) async fn keep(self: Arc<Self>) {
        let calm = self.ground.settings.lease / 3;
        let mut pause = calm;
        loop {
            let sleep = self.ground.clock.sleep(pause);
            select(pin!(self.wake.notified()), pin!(sleep)).await;
            pause = match self.stay_listed().await {
                Ok(()) => {
                    self.well();
                    calm
                }
                Err(trouble) => {
                    self.ailing(&trouble);
                    RETRY.min(calm)
                }
            };
        }
    }

    async fn stay_listed(&self) -> Result<(), Trouble> {
        // The next connection wakes us.
        self.pipe.up()?;
        let (incarnation, differs) = {
            let own = self.own();
            (own.incarnation.clone(), !own.is_listed())
        };
        let lease = self.ground.settings.lease;
        let listed = !differs && self.pipe.call::<i64>(&self.scripts.renew(&incarnation, lease)).await? == 1;
        if !listed {
            tracing::info!("registering all members with Redis anew");
            self.register().await?;
        }
        self.sweep().await
    }

    /// Registers for the first time. Redis may need a moment: it is loading, or has just said so of the connection.
    pub(crate) async fn first(&self) -> Result<(), Trouble> {
        let clock = &self.ground.clock;
        let patience = clock.now() + FIRST_PATIENCE;
        loop {
            match self.register().await {
                Err(trouble) if clock.now() >= patience => return Err(trouble),
                Err(trouble) => tracing::info!(%trouble, "waiting for Redis to list this node"),
                Ok(()) => return Ok(()),
            }
            clock.sleep(RETRY).await;
        }
    }

    /// Writes all members under a new incarnation, and lists it in the place of the former: nobody sees both, or
    /// half of one.
    pub(crate) async fn register(&self) -> Result<(), Trouble> {
        let rows = self.own().begin();
        let registered = self.write(rows).await;
        if registered.is_err() {
            self.own().fail();
        }
        self.ended.send_modify(|(ended, last)| {
            *ended += 1;
            last.clone_from(&registered);
        });
        registered
    }

    async fn write(&self, mut rows: Vec<Row>) -> Result<(), Trouble> {
        let new: Arc<str> = self.ground.rng.token(9).into();
        // Even if there are none: what is being written must be known to those who sweep.
        self.fill(&new, &[]).await?;
        while !rows.is_empty() {
            self.fill_all(&new, &rows).await?;
            rows = self.own().changes();
        }
        self.list(&new).await?;
        loop {
            let changes = {
                let mut own = self.own();
                if own.finish() {
                    return Ok(());
                }
                own.changes()
            };
            self.fill_all(&new, &changes).await?;
        }
    }

    /// Writes rows, several steps side by side. The former incarnation is renewed meanwhile: that takes its time where
    /// Redis is slow.
    async fn fill_all(&self, new: &Arc<str>, rows: &[Row]) -> Result<(), Trouble> {
        for some in rows.chunks(ROWS_AT_ONCE * STEPS_AT_ONCE) {
            try_join_all(some.chunks(ROWS_AT_ONCE).map(|some| self.fill(new, some))).await?;
            let former = self.own().incarnation.clone();
            self.pipe.call::<i64>(&self.scripts.renew(&former, self.ground.settings.lease)).await?;
        }
        Ok(())
    }

    /// Lists an incarnation in the place of all that may be listed.
    async fn list(&self, new: &Arc<str>) -> Result<(), Trouble> {
        let former = self.own().listed.clone();
        // Before the call: its answer may be lost.
        self.own().listed.push(new.clone());
        let call = self.scripts.switch(new, &former, self.ground.settings.lease);
        if self.pipe.call::<i64>(&call).await? == 0 {
            return Err(Trouble::Away("this registration took too long".into()));
        }
        let mut own = self.own();
        own.incarnation = new.clone();
        own.listed = vec![new.clone()];
        Ok(())
    }

    async fn fill(&self, incarnation: &str, rows: &[Row]) -> Result<(), Trouble> {
        let fields = rows.iter().map(|(room, id, place)| {
            let (number, details): (u64, &[u8]) =
                place.as_ref().map_or((0, b""), |place| (place.number, &place.details));
            (&**room, id.as_str(), number, details)
        });
        let numbers: Vec<u64> = self.pipe.call(&self.scripts.fill(incarnation, UNLISTED, fields)).await?;
        let mut own = self.own();
        for ((room, id, _), number) in rows.iter().zip(numbers) {
            own.numbered(room, id, number);
        }
        Ok(())
    }

    /// Removes what nodes that are gone have left.
    async fn sweep(&self) -> Result<(), Trouble> {
        for _ in 0..SWEEPS {
            if self.pipe.call::<i64>(&self.scripts.sweep()).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The orderly end: all members of this node are gone at once.
    pub(crate) async fn leave_all(&self) {
        let listed = self.own().listed.clone();
        let gone = async {
            self.pipe.call::<i64>(&self.scripts.leave_all(&listed)).await?;
            self.pipe.call::<i64>(&self.scripts.sweep()).await
        };
        if let Err(trouble) = gone.await {
            tracing::warn!(%trouble, "Redis was not told that this node stops; its lease will");
        }
    }

    fn well(&self) {
        if let Some(away) = self.ground.health.heals(PART) {
            tracing::info!(?away, "this node's members are listed again");
        }
    }

    /// While there is no connection at all, that is told once, by the connection itself.
    fn ailing(&self, trouble: &Trouble) {
        if self.pipe.is_up() {
            let first = !self.ground.health.is_ailing(PART);
            self.ground.health.ails(PART, format!("this node's members are not listed: {trouble}"));
            if first {
                tracing::warn!(%trouble, "this node's members can't be listed; trying again");
            }
        }
    }
}
