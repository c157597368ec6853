//! An answer taken for something else.

use playhouse::prelude::*;

#[data]
struct Greeting {
    greeting: String,
}

#[action]
async fn greet(name: String) -> Result<Greeting> {
    Ok(Greeting { greeting: name })
}

async fn test(t: &Test) -> Result<()> {
    let answer = t.run(greet { name: "Ben".into() }).await?;
    assert_eq!(answer["greeting"], "Ben");
    Ok(())
}

fn main() {}
