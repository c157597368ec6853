//! A client's seat at an actor: what it calls and hears there, and how it ends.

use super::answer;
use super::call::Call;
use super::client::Client;
use super::seated::Seated;
use crate::values::{Hearable, ToValue, value_of};
use playhouse_actor::{Actor, Event, Handled, Reach, Tells};
use playhouse_core::Later;
use playhouse_core::actor::{Address, Key, Which};
use playhouse_core::error::Reject;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// A client's seat at an actor, from [`Client::sit`]. What the actor tells waits until it is looked at, each event for its
/// own type.
///
/// It is called like the application's own handle of the actor, but by the client: with its connection, and without
/// actions marked `#[internal]`. An action that has the name of something here is called as `(*book).leave()`.
///
/// ```
/// use playhouse::prelude::*;
///
/// #[data]
/// #[derive(Default)]
/// struct Guestbook {
///     lines: Vec<String>,
/// }
///
/// #[data]
/// struct Guest {
///     name: String,
/// }
///
/// #[event]
/// struct Written(String);
///
/// #[actor(events(Written))]
/// impl Guestbook {
///     type Params = Guest;
///     type Conn = Guest;
///
///     #[hook]
///     async fn before_connect(&self, guest: Guest) -> Result<Guest> {
///         if guest.name.is_empty() {
///             return Err(Reject::new("no_name", "say who you are").into());
///         }
///         Ok(guest)
///     }
///
///     async fn write(&mut self, cx: &ActorCx<Self>, text: String) -> Result<usize> {
///         let line = format!("{}: {text}", cx.conn()?.name);
///         self.lines.push(line.clone());
///         cx.broadcast(Written(line));
///         Ok(self.lines.len())
///     }
/// }
///
/// #[playhouse::test]
/// async fn guests_hear_what_is_written() -> Result<()> {
///     let t = Test::start(App::new().actor::<Guestbook>()).await;
///     let (ann, ben) = (t.connect().await, t.connect().await);
///     let book = ann.sit::<Guestbook>("wedding", &Guest { name: "Ann".into() }).await?;
///     book.hear::<Written>().await;
///     let other = ben.sit::<Guestbook>("wedding", &Guest { name: "Ben".into() }).await?;
///     assert_eq!(other.write("hello".into()).await?, 1);
///     assert_eq!(book.heard::<Written>().await.0, "Ben: hello");
///
///     let refused = ben.sit::<Guestbook>("wedding", &Guest { name: String::new() }).await.unwrap_err();
///     assert_eq!(refused.code, "no_name");
///     Ok(())
/// }
/// ```
pub struct Seat<'c, A: Handled> {
    seated: Arc<Seated>,
    handle: A::Handle,
    /// Nothing is asked of it here, but without it the line is cut.
    client: PhantomData<&'c Client>,
}

/// Why the actor's side ended a seat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ended {
    /// For programs: `disconnected` by the actor's code, `destroyed`, or a code of `docs/codes.md`.
    pub code: String,
    /// For people; may be empty.
    pub reason: String,
    /// Whether a client is to take a new seat.
    pub retry: bool,
}

/// What a client says of itself as it takes a seat at an actor `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a client says of itself at `{A}`",
    label = "these are no params of `{A}`",
    note = "write `&` and a value of its `type Params`, `()` for nothing, or `json!(..)` for what clients get wrong"
)]
pub trait ParamsOf<A: Actor> {
    /// As they are sent.
    ///
    /// # Errors
    /// When there is no JSON of them.
    fn json(&self) -> playhouse_core::error::Result<Value>;
}

impl<A: Actor> ParamsOf<A> for () {
    fn json(&self) -> playhouse_core::error::Result<Value> {
        Ok(Value::Null)
    }
}

impl<A: Actor> ParamsOf<A> for Value {
    fn json(&self) -> playhouse_core::error::Result<Value> {
        Ok(self.clone())
    }
}

impl<A: Actor> ParamsOf<A> for &A::Params
where
    A::Params: for<'a> ToValue<'a>,
{
    fn json(&self) -> playhouse_core::error::Result<Value> {
        Ok(serde_json::to_value(value_of(*self)?)?)
    }
}

impl<'c, A: Handled> Seat<'c, A> {
    /// A boxed future, as what is wrong with a type is told once then, and not wherever a future of it is used.
    pub(super) fn begin(
        client: &'c Client,
        key: Key,
        params: &impl ParamsOf<A>,
    ) -> Later<'c, Result<Self, Reject>> {
        let actor = A::definition().name;
        let params = match params.json() {
            Ok(params) => params,
            Err(odd) => panic!("no client can say this of itself at `{actor}`, as it is not JSON: {odd}"),
        };
        let frame = json!({ "event": "actorConnect", "actor": [actor, key.parts()], "params": params });
        let id = client.line.begin(frame);
        Box::pin(async move {
            let what = format!("a seat at `{actor}`");
            let taken = answer::of_verb(client.line.answered(&what, id).await)?;
            let seated = Arc::new(Seated::new(client.line.clone(), actor, taken["seat"].clone()));
            let which = Which::FindOrCreate(Address::keyed(actor, key), None);
            let handle = Reach::new(seated.clone(), which).into();
            Ok(Self { seated, handle, client: PhantomData })
        })
    }

    /// Begins to call an action by its name, with a list of any arguments, and gives its answer to whoever awaits it: for
    /// what callers get wrong.
    ///
    /// # Panics
    /// When awaited, if no answer comes, as from an action that waits for the clock.
    pub fn call(&self, action: &str, args: Value) -> Call {
        Call::new(self.seated.begin(format!("the answer of `{action}`"), action, args))
    }

    /// Hears an event from now on, whenever the actor tells it to all. What it sends to this connection alone is heard in
    /// any case.
    pub fn hear<E: Event>(&self) -> Later<'_, ()>
    where
        A: Tells<E>,
    {
        Box::pin(self.seated.listen(E::NAME, true))
    }

    /// Hears it no more.
    pub fn ignore<E: Event>(&self) -> Later<'_, ()>
    where
        A: Tells<E>,
    {
        Box::pin(self.seated.listen(E::NAME, false))
    }

    /// The next event of this type; others stay where they are.
    ///
    /// # Panics
    /// When none comes.
    pub fn heard<E: Hearable>(&self) -> Later<'_, E>
    where
        A: Tells<E>,
    {
        let args = self.seated.heard(E::NAME);
        Box::pin(async move { read(&args.await) })
    }

    /// Lets everything go on, and sees to it that no event came to this seat which has not been looked at.
    ///
    /// # Panics
    /// When one did.
    pub async fn heard_nothing(&self) {
        self.seated.heard_nothing().await;
    }

    /// Waits until the actor's side has ended the seat, and says why it did.
    ///
    /// # Panics
    /// When it does not.
    pub async fn ended(&self) -> Ended {
        self.seated.ended().await
    }

    /// Gives the seat up.
    ///
    /// # Errors
    /// That the actor's side has ended it.
    pub async fn leave(self) -> Result<(), Reject> {
        self.seated.leave().await
    }
}

fn read<E: Hearable>(args: &Value) -> E {
    match E::heard(answer::as_values(args).into()) {
        Ok(event) => event,
        Err(reject) => {
            let (name, wanted) = (E::NAME, std::any::type_name::<E>());
            panic!("what was heard as `{name}` is no `{wanted}` ({reject}): {args}")
        }
    }
}

impl<A: Handled> Deref for Seat<'_, A> {
    type Target = A::Handle;

    fn deref(&self) -> &A::Handle {
        &self.handle
    }
}

impl<A: Handled> fmt::Debug for Seat<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seated.fmt(f)
    }
}
