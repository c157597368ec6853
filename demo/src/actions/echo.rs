//! `echo`: what came goes back; the load generator's action.

use playhouse::prelude::*;

/// What `echo` answers.
#[data]
pub(crate) struct Echo {
    p: String,
    /// The length of `p` in bytes of UTF-8.
    len: usize,
}

/// I will answer what I got, and how long it is
#[action]
pub(crate) async fn echo(p: String) -> Result<Echo> {
    let len = p.len();
    Ok(Echo { p, len })
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn answers_what_it_got() -> Result<()> {
        let t = Test::start(app()).await;
        assert_eq!(t.call("echo", json!({ "p": "hello" })).await?, json!({ "p": "hello", "len": 5 }));
        assert_eq!(t.call("echo", json!({ "p": "é\"\n" })).await?, json!({ "p": "é\"\n", "len": 4 }));
        let missing = t.call("echo", json!({})).await.unwrap_err();
        assert_eq!(missing.message, "p is a required parameter for this action");
        Ok(())
    }
}
