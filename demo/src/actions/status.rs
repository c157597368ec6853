//! `status`: how the node is.

use playhouse::prelude::*;

/// The version whose clients this demo speaks with.
const ACTIONHERO_VERSION: &str = "29.3.5";

/// Above so much memory the node calls itself unhealthy, as the original does.
const MEMORY_MAX_MB: f64 = 500.0;

/// What `status` answers.
#[data]
pub(crate) struct Status {
    id: String,
    actionhero_version: String,
    name: String,
    description: String,
    version: String,
    /// Milliseconds since the start.
    uptime: u64,
    /// Megabytes of 1,048,576 bytes, to two places; 0 where the system does not tell.
    #[serde(rename = "consumedMemoryMB")]
    consumed_memory_mb: f64,
    /// There are no background jobs yet.
    resque_total_queue_length: u64,
    node_status: String,
    problems: Vec<String>,
}

/// I will return some basic information about the API
#[action]
pub(crate) async fn status(cx: &Cx) -> Result<Status> {
    let app = &cx.node().config().app;
    let consumed_memory_mb = consumed_memory_mb();
    let mut problems = cx.node().problems();
    if consumed_memory_mb > MEMORY_MAX_MB {
        problems.push(format!("Using more than {MEMORY_MAX_MB} MB of RAM/HEAP"));
    }
    let node_status = if problems.is_empty() { "Node Healthy" } else { "Node Unhealthy" };
    Ok(Status {
        id: cx.node().id().to_string(),
        actionhero_version: ACTIONHERO_VERSION.to_owned(),
        name: app.name.clone(),
        description: app.description.clone(),
        version: app.version.clone(),
        uptime: cx.node().uptime_ms(),
        consumed_memory_mb,
        resque_total_queue_length: 0,
        node_status: node_status.to_owned(),
        problems,
    })
}

fn consumed_memory_mb() -> f64 {
    let kib = playhouse::resident_bytes().unwrap_or(0) / 1024;
    // A process has less than 2^32 KiB of memory, so that nothing is lost on the way to a float.
    let mb = f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0;
    (mb * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn tells_all_there_is() -> Result<()> {
        let t = Test::start(app()).await;
        t.advance(Duration::from_millis(1500)).await;
        let status = t.call("status", json!({})).await?;
        let keys: Vec<_> = status.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 10, "{keys:?}");
        assert_eq!(status["id"], json!(t.node().id().to_string()));
        assert_eq!(status["actionheroVersion"], "29.3.5");
        assert_eq!(status["uptime"], 1500);
        assert_eq!(status["resqueTotalQueueLength"], 0);
        assert_eq!((&status["nodeStatus"], &status["problems"]), (&json!("Node Healthy"), &json!([])));
        assert!(status["consumedMemoryMB"].as_f64().is_some_and(|mb| mb >= 0.0));
        Ok(())
    }
}
