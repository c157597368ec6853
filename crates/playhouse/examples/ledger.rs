//! A ledger that loses nothing: entries, and entries that are to be made later. The tests end it by force, again and
//! again, and look whether it kept its word.
//!
//! `cargo run --example ledger`, then any client of RivetKit: `client.getOrCreate("ledger", "books").add("rent")`.

use playhouse::prelude::*;

/// The state.
#[data]
#[derive(Default)]
struct Ledger {
    entries: Vec<String>,
    /// Connections that have come less those that have gone, and how many came in all.
    open: i64,
    came: i64,
}

/// What somebody looks at who wants to know whether all is in order.
#[data]
struct Books {
    entries: Vec<String>,
    open: i64,
    came: i64,
}

/// An entry was made.
#[event]
struct Added(String);

#[actor(events(Added))]
impl Ledger {
    #[hook]
    async fn connect(&mut self) -> Result<()> {
        self.open += 1;
        self.came += 1;
        Ok(())
    }

    #[hook]
    async fn disconnect(&mut self) -> Result<()> {
        self.open -= 1;
        Ok(())
    }

    /// Makes an entry; how many there are.
    async fn add(&mut self, cx: &ActorCx<Self>, entry: String) -> Result<usize> {
        self.entries.push(entry.clone());
        cx.broadcast(Added(entry));
        Ok(self.entries.len())
    }

    /// Makes an entry after a while.
    async fn add_later(&mut self, cx: &ActorCx<Self>, ms: u64, entry: String) -> Result<()> {
        cx.after(Duration::from_millis(ms)).add(entry);
        Ok(())
    }

    /// Everything.
    async fn books(&self) -> Result<Books> {
        Ok(Books { entries: self.entries.clone(), open: self.open, came: self.came })
    }
}

fn main() -> ExitCode {
    App::new().actor::<Ledger>().run()
}
