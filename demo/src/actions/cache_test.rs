//! `cacheTest`: a value's way through the cache.

use playhouse::prelude::*;

/// How long the value would be kept if it were not removed at once.
const KEPT: Duration = Duration::from_secs(5);

/// What `cacheTest` answers.
#[data]
pub(crate) struct Answer {
    cache_test_results: Results,
}

/// What each step came to.
#[data]
pub(crate) struct Results {
    save_resp: bool,
    /// How many keys the cache holds, this one included.
    size_resp: usize,
    load_resp: Loaded,
    delete_resp: bool,
}

/// What was read back.
#[data]
pub(crate) struct Loaded {
    key: String,
    value: String,
    /// Milliseconds since 1970.
    created_at: u64,
}

/// Letters are counted as JavaScript does.
fn three_letters(text: &str) -> Result<(), &'static str> {
    if text.encode_utf16().nth(2).is_some() {
        Ok(())
    } else {
        Err("inputs should be at least 3 letters long")
    }
}

/// I will test the internal cache functions of the API
#[action(errors("not_kept"))]
pub(crate) async fn cache_test(
    cx: &Cx,
    #[parse(as_text)]
    #[check(three_letters)]
    key: String,
    #[parse(as_text)]
    #[check(three_letters)]
    value: String,
) -> Result<Answer> {
    let (key, cache) = (format!("cacheTest_{key}"), cx.cache());
    cache.set(&key, &value, Some(KEPT)).await?;
    let size_resp = cache.size().await?;
    let entry = cache.entry::<String>(&key).await?;
    let entry = entry.ok_or_else(|| Reject::new("not_kept", "the cache did not keep the value"))?;
    let load_resp = Loaded { key: key.clone(), value: entry.value, created_at: entry.created_at };
    let delete_resp = cache.remove(&key).await?;
    Ok(Answer { cache_test_results: Results { save_resp: true, size_resp, load_resp, delete_resp } })
}

#[cfg(test)]
mod tests {
    use super::cache_test;
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn stores_reads_and_deletes() -> Result<()> {
        let t = Test::start(app()).await;
        let results =
            t.run(cache_test { key: "abc".into(), value: "def é".into() }).await?.cache_test_results;
        let loaded = results.load_resp;
        assert_eq!((loaded.key.as_str(), loaded.value.as_str()), ("cacheTest_abc", "def é"));
        assert_eq!(loaded.created_at, t.now());
        assert_eq!((results.save_resp, results.size_resp, results.delete_resp), (true, 1, true));
        assert_eq!(t.node().cache().size().await?, 0);
        Ok(())
    }

    #[playhouse::test]
    async fn inputs_become_texts() -> Result<()> {
        let t = Test::start(app()).await;
        for (key, text) in [
            (json!(123), "123"),
            (json!(true), "true"),
            (json!({ "a": 1 }), "[object Object]"),
            (json!(["abc", "def"]), "abc,def"),
            (json!("😀a"), "😀a"),
        ] {
            let answer = t.run(cache_test { key, value: "xyz".into() }).await?;
            assert_eq!(answer.cache_test_results.load_resp.key, format!("cacheTest_{text}"));
        }
        Ok(())
    }

    #[playhouse::test]
    async fn the_wire_has_camel_case() -> Result<()> {
        let t = Test::start(app()).await;
        let answer = t.call("cacheTest", json!({ "key": "abc", "value": "def" })).await?;
        let loaded = json!({ "key": "cacheTest_abc", "value": "def", "createdAt": t.now() });
        let results = json!({ "saveResp": true, "sizeResp": 1, "loadResp": loaded, "deleteResp": true });
        assert_eq!(answer, json!({ "cacheTestResults": results }));
        Ok(())
    }

    #[playhouse::test]
    async fn missing_beats_invalid() {
        let t = Test::start(app()).await;
        for (params, text) in [
            (json!({}), "key is a required parameter for this action"),
            (json!({ "key": "abc", "value": "" }), "value is a required parameter for this action"),
            (json!({ "key": "a" }), "value is a required parameter for this action"),
            (json!({ "key": "a", "value": "b" }), "inputs should be at least 3 letters long"),
            (json!({ "key": 12, "value": "abc" }), "inputs should be at least 3 letters long"),
        ] {
            assert_eq!(t.call("cacheTest", params.clone()).await.unwrap_err().message, text, "{params}");
        }
    }
}
