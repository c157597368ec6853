//! `createChatRoom`: makes a room.

use playhouse::prelude::*;

/// What `createChatRoom` answers.
#[data]
pub(crate) struct Created {
    name: String,
    /// `false` where the room existed.
    did_create: bool,
}

/// I will create a chatroom with the given name
#[action]
pub(crate) async fn create_chat_room(cx: &Cx, name: String) -> Result<Created> {
    let did_create = cx.room(&name).add().await?;
    Ok(Created { name, did_create })
}

#[cfg(test)]
mod tests {
    use super::create_chat_room;
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn makes_a_room_once() -> Result<()> {
        let t = Test::start(app()).await;
        let new = || create_chat_room { name: "new".into() };
        assert!(t.run(new()).await?.did_create);
        assert!(!t.run(new()).await?.did_create);
        let ann = t.connect().await;
        ann.room("new").await?.say("first!").await?;
        Ok(())
    }

    #[playhouse::test]
    async fn rooms_are_there_on_every_node() -> Result<()> {
        let t = Test::start(app()).await;
        let other = t.another_node(app()).await;
        assert!(t.run(create_chat_room { name: "new".into() }).await?.did_create);
        assert!(!other.run(create_chat_room { name: "new".into() }).await?.did_create);
        let (ann, ben) = (t.connect().await, other.connect().await);
        let (here, there) = (ann.room("new").await?, ben.room("new").await?);
        here.say("hello over there").await?;
        assert_eq!(there.heard::<String>().await, "hello over there");
        Ok(())
    }

    #[playhouse::test]
    async fn wants_a_name() {
        let t = Test::start(app()).await;
        for (params, text) in [
            (json!({}), "name is a required parameter for this action"),
            (json!({ "name": 5 }), "Input for parameter \"name\" failed validation!"),
        ] {
            assert_eq!(t.call("createChatRoom", params).await.unwrap_err().message, text);
        }
        let long = t.call("createChatRoom", json!({ "name": "x".repeat(10_000) })).await.unwrap_err();
        assert_eq!(
            (long.code.as_ref(), long.fields.as_slice()),
            ("invalid_param", ["room".to_owned()].as_slice())
        );
    }
}
