//! A board on which people pin notes: an actor and a room, on the one connection of a page.
//!
//! The notes are the actor's: on the disk, changed one after the other, told to all who look on. Where everybody points is
//! said in a room: it is fast, nobody keeps it, and who comes later has missed it. The action `tidy` uses both.
//!
//! ```sh
//! PLAYHOUSE_FILES__FOLDER=crates/playhouse/examples/board/public cargo run --example board   # open it in two windows
//! ```

use playhouse::Said;
use playhouse::prelude::*;

/// How many notes there is room for.
const ROOM_FOR: usize = 60;

fn main() -> ExitCode {
    app().run()
}

fn app() -> App {
    App::new().name("board").actor::<Board>().room("pointers").on_say(pointer).actions::<(tidy,)>()
}

/// Where something is: parts of the board's width and height, from 0 to 1.
#[data]
#[derive(Copy)]
struct Spot {
    x: f64,
    y: f64,
}

impl Spot {
    fn on_the_board(self) -> Result<Self> {
        let fits = |part| (0.0..=1.0).contains(&part);
        if fits(self.x) && fits(self.y) {
            return Ok(self);
        }
        Err(Reject::new("off_the_board", "`x` and `y` are parts of the board, from 0 to 1").into())
    }
}

/// The board: what is pinned to it.
#[data]
#[derive(Default)]
struct Board {
    latest: u32,
    notes: Vec<Note>,
}

#[data]
struct Note {
    id: u32,
    by: String,
    text: String,
    at: Spot,
}

/// Who looks at it.
#[data]
struct Person {
    name: String,
}

/// A new note is there.
#[event]
struct Pinned(Note);

/// A note is at another place.
#[event]
struct Moved {
    id: u32,
    at: Spot,
}

/// A note was taken away.
#[event]
struct Unpinned {
    id: u32,
}

#[actor(events(Pinned, Moved, Unpinned))]
impl Board {
    type Params = Person;
    type Conn = Person;

    #[hook]
    async fn before_connect(&self, person: Person) -> Result<Person> {
        match person.name.trim().chars().count() {
            1..=24 => Ok(person),
            _ => Err(Reject::new("no_name", "say who you are, in 1 to 24 letters").into()),
        }
    }

    /// Pins a note; its id.
    async fn pin(&mut self, cx: &ActorCx<Self>, text: String, at: Spot) -> Result<u32> {
        if self.notes.len() >= ROOM_FOR {
            return Err(
                Reject::new("full", format!("{ROOM_FOR} notes are on the board; take some away")).into()
            );
        }
        self.latest += 1;
        let note = Note { id: self.latest, by: cx.conn()?.name.clone(), text, at: at.on_the_board()? };
        self.notes.push(note.clone());
        cx.broadcast(Pinned(note));
        Ok(self.latest)
    }

    /// Moves a note. It lies on top of the others then.
    async fn put(&mut self, cx: &ActorCx<Self>, id: u32, at: Spot) -> Result<()> {
        let mut note = self.take(id)?;
        note.at = at.on_the_board()?;
        self.notes.push(note);
        cx.broadcast(Moved { id, at });
        Ok(())
    }

    /// Takes a note away.
    async fn unpin(&mut self, cx: &ActorCx<Self>, id: u32) -> Result<()> {
        self.take(id)?;
        cx.broadcast(Unpinned { id });
        Ok(())
    }

    /// All notes, those below first.
    async fn notes(&self) -> Result<Vec<Note>> {
        Ok(self.notes.clone())
    }

    /// Puts all notes in rows, in the order of their making; how many.
    #[internal]
    async fn tidy(&mut self, cx: &ActorCx<Self>) -> Result<usize> {
        self.notes.sort_by_key(|note| note.id);
        for (note, nth) in self.notes.iter_mut().zip(0_u32..) {
            note.at = Spot { x: f64::from(nth % 6) / 5.0, y: f64::from(nth / 6) / 9.0 };
            cx.broadcast(Moved { id: note.id, at: note.at });
        }
        Ok(self.notes.len())
    }
}

impl Board {
    fn take(&mut self, id: u32) -> Result<Note> {
        let nth = self.notes.iter().position(|note| note.id == id);
        let nth = nth.ok_or_else(|| Reject::new("no_such_note", format!("there is no note {id}")))?;
        Ok(self.notes.remove(nth))
    }
}

/// What people say in the room: where they point. Pages write it as a text, and hear it as an object.
#[data]
struct Pointer {
    name: String,
    at: Spot,
}

async fn pointer(said: Said) -> Result<Said> {
    if said.connection.is_none() {
        return Ok(said);
    }
    let text: String = said.read()?;
    let odd =
        |_| Reject::new("no_pointer", "say JSON here: {\"name\": \"Ann\", \"at\": {\"x\": 0.5, \"y\": 0.5}}");
    let pointer: Pointer = serde_json::from_str(&text).map_err(odd)?;
    pointer.at.on_the_board()?;
    said.with(&pointer)
}

/// Puts the notes of a board in rows, and says in the room who did it.
#[action]
async fn tidy(cx: &Cx, board: String, by: String) -> Result<usize> {
    let notes = cx.actor::<Board>(board).tidy().await?;
    cx.room("pointers").say(&json!({ "tidiedBy": by })).await?;
    Ok(notes)
}
