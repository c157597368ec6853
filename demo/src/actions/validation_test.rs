//! `validationTest`: what is said about inputs that are not as they should be.

use playhouse::prelude::*;

/// What `validationTest` answers. No number is ever valid, so that there is none to answer.
#[data]
pub(crate) struct Valid {
    string: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

/// Reading that fails ends the processing: what follows is not looked at.
fn number(input: Input<'_>) -> Result<String, &'static str> {
    let text = as_text(input).unwrap_or_default();
    if text == "123" { Err("Failed formatting number correctly!") } else { Ok(text) }
}

/// A check that fails is told only if nothing is missing.
fn never(_: &str) -> Result<(), &'static str> {
    Err("Param number is not a valid number!")
}

/// I will test action input validators
#[action]
pub(crate) async fn validation_test(
    string: String,
    #[parse(number)]
    #[check(never)]
    number: Option<String>,
) -> Result<Valid> {
    Ok(Valid { string, number })
}

#[cfg(test)]
mod tests {
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn says_what_is_wrong() -> Result<()> {
        let t = Test::start(app()).await;
        assert_eq!(
            t.call("validationTest", json!({ "string": "hello" })).await?,
            json!({ "string": "hello" })
        );
        for (params, text) in [
            (json!({}), "string is a required parameter for this action"),
            (json!({ "string": 5 }), "Input for parameter \"string\" failed validation!"),
            (json!({ "string": "x", "number": 123 }), "Failed formatting number correctly!"),
            (json!({ "number": "123" }), "Failed formatting number correctly!"),
            (json!({ "string": "x", "number": 5 }), "Param number is not a valid number!"),
            (json!({ "number": 5 }), "string is a required parameter for this action"),
        ] {
            assert_eq!(t.call("validationTest", params.clone()).await.unwrap_err().message, text, "{params}");
        }
        Ok(())
    }
}
