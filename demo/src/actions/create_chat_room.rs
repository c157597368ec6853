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
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn makes_a_room_once() -> Result<()> {
        let t = Test::start(app()).await;
        let name = json!({ "name": "new" });
        assert_eq!(
            t.call("createChatRoom", name.clone()).await?,
            json!({ "name": "new", "didCreate": true })
        );
        assert_eq!(t.call("createChatRoom", name).await?, json!({ "name": "new", "didCreate": false }));
        let ann = t.connect().await;
        assert_eq!(ann.join("new").await["status"], "OK");
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
