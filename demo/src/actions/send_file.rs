//! `sendFile`: an action that answers with a file.

use playhouse::prelude::*;

/// I will send a file
#[action]
pub(crate) async fn send_file(cx: &Cx) -> Result<Sent> {
    Ok(cx.send_file("logo/actionhero.png").await)
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn is_answered_with_the_file_and_nothing_else() {
        let t = Test::start(app()).await;
        let ann = t.connect().await;
        let answer = ann.action("sendFile", json!({})).await;
        assert_eq!(answer["mime"], "image/png");
        assert!(answer["length"].as_u64().is_some_and(|length| length > 0));
        assert!(answer["content"].is_string());
        assert_eq!(ann.received().await, [] as [Value; 0]);
    }
}
