//! What `before_connect` takes and makes is not named, not the same as is named, or can't be what it is named to be.

use playhouse::prelude::*;

#[data]
#[derive(Default)]
struct Unnamed {}

#[data]
struct Login {
    name: String,
}

#[data]
struct Member {
    name: String,
}

#[actor]
impl Unnamed {
    #[hook]
    async fn before_connect(&self, _login: Login) -> Result<()> {
        Ok(())
    }
}

#[data]
#[derive(Default)]
struct Stateless {}

#[actor]
impl Stateless {
    type Con = Member;

    #[hook]
    async fn before_connect(&self) -> Result<Member> {
        Ok(Member { name: String::new() })
    }
}

#[data]
#[derive(Default)]
struct Another {}

#[actor]
impl Another {
    type Params = Option<Login>;
    type Conn = Member;

    #[hook]
    async fn before_connect(&self, login: Login) -> Result<String> {
        Ok(login.name)
    }
}

#[data]
#[derive(Default)]
struct Unmade {}

#[actor]
impl Unmade {
    type Conn = Member;

    async fn name(&self, cx: &ActorCx<Self>) -> Result<String> {
        Ok(cx.conn()?.name.clone())
    }
}

struct Plain {
    name: String,
}

#[data]
#[derive(Default)]
struct Untold {}

#[actor]
impl Untold {
    type Params = Plain;
    type Conn = Plain;

    #[hook]
    async fn before_connect(&self, plain: Plain) -> Result<Plain> {
        Ok(plain)
    }
}

fn main() {}
