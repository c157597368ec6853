//! `randomNumber`: chance.

use playhouse::prelude::*;

/// What `randomNumber` answers.
#[data]
pub(crate) struct RandomNumber {
    /// 0 or more, less than 1.
    random_number: f64,
    string_random_number: String,
}

/// I am an API method which will generate a random number
#[action]
pub(crate) async fn random_number(cx: &Cx) -> Result<RandomNumber> {
    let random_number = cx.node().rng().f64();
    let string_random_number = format!("Your random number is {random_number}");
    Ok(RandomNumber { random_number, string_random_number })
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn is_said_twice() -> Result<()> {
        let t = Test::start(app()).await;
        let answer = t.call("randomNumber", json!({})).await?;
        let number = answer["randomNumber"].as_f64().unwrap();
        assert!((0.0..1.0).contains(&number));
        assert_eq!(answer["stringRandomNumber"], format!("Your random number is {number}"));
        Ok(())
    }
}
