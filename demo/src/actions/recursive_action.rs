//! `recursiveAction`: an action that runs another.

use super::random_number::RandomNumber;
use playhouse::prelude::*;

/// What `recursiveAction` answers: what the other answered, and a key of its own.
#[data]
pub(crate) struct Answer {
    #[serde(flatten)]
    other: RandomNumber,
    local: bool,
}

/// I am an action that runs another action
#[action]
pub(crate) async fn recursive_action(cx: &Cx) -> Result<Answer> {
    let reply = cx.run("randomNumber", Params::default()).await?;
    Ok(Answer { other: reply.read()?, local: true })
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn answers_both() -> Result<()> {
        let t = Test::start(app()).await;
        let answer = t.call("recursiveAction", json!({})).await?;
        assert!(answer["randomNumber"].as_f64().is_some_and(|number| number < 1.0));
        assert!(
            answer["stringRandomNumber"]
                .as_str()
                .is_some_and(|text| text.starts_with("Your random number is 0."))
        );
        assert_eq!(answer["local"], true);
        Ok(())
    }
}
