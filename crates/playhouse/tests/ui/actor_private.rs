//! An actor that others can name, with a connection's state that they can't.

use playhouse::prelude::*;

#[data]
struct Member {
    name: String,
}

#[data]
#[derive(Default)]
pub struct Open {}

#[actor]
impl Open {
    type Conn = Member;

    #[hook]
    async fn before_connect(&self) -> Result<Member> {
        Ok(Member { name: String::new() })
    }
}

fn main() {}
