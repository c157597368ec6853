//! `swagger`: what there is to call, as tools read it.

use playhouse::prelude::*;

/// return API documentation in the OpenAPI specification
#[action]
pub(crate) async fn swagger(cx: &Cx) -> Result<Value> {
    Ok(playhouse::swagger(cx))
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn tells_of_every_action() -> Result<()> {
        let t = Test::start(app()).await;
        let document = t.call("swagger", json!({})).await?;
        assert_eq!((&document["swagger"], &document["basePath"]), (&json!("2.0"), &json!("/api/")));
        assert_eq!(document["paths"].as_object().unwrap().len(), 10);
        let cache_test = &document["paths"]["/cacheTest"]["get"];
        assert_eq!(cache_test["summary"], "I will test the internal cache functions of the API");
        assert_eq!(cache_test["parameters"][0]["name"], "key");
        assert_eq!(document["paths"]["/sleepTest"]["post"]["parameters"][0]["required"], false);
        Ok(())
    }
}
