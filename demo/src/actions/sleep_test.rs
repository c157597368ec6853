//! `sleepTest`: an action that takes its time.

use playhouse::prelude::*;

/// What `sleepTest` answers; times are milliseconds since 1970.
#[data]
pub(crate) struct Slept {
    sleep_started: u64,
    sleep_ended: u64,
    sleep_delta: u64,
    /// What was asked for, in milliseconds; `null` where it was no number.
    sleep_duration: Option<i64>,
}

/// A number of milliseconds as JavaScript's `parseInt` finds it: the digits at the start of a text.
#[data]
#[derive(PartialEq)]
pub(crate) struct Millis(Option<i64>);

impl Millis {
    /// JavaScript's timers take anything below 1 ms, no number and what is beyond 31 bits for 1 ms.
    fn duration(&self) -> Duration {
        let usual =
            self.0.and_then(|millis| u64::try_from(millis).ok()).filter(|millis| *millis <= 0x7fff_ffff);
        Duration::from_millis(usual.unwrap_or(1).max(1))
    }
}

fn leading_digits(input: Input<'_>) -> Result<Millis, String> {
    let text = as_text(input).unwrap_or_default();
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    Ok(Millis(format!("{sign}{}", &digits[..end]).parse().ok()))
}

/// I will sleep and then return
#[action]
pub(crate) async fn sleep_test(
    cx: &Cx,
    #[parse(leading_digits)]
    #[default(Millis(Some(1000)))]
    sleep_duration: Millis,
) -> Result<Slept> {
    let clock = cx.node().clock();
    let sleep_started = clock.unix_ms();
    clock.sleep(sleep_duration.duration()).await;
    let sleep_ended = clock.unix_ms();
    let sleep_delta = sleep_ended.saturating_sub(sleep_started);
    Ok(Slept { sleep_started, sleep_ended, sleep_delta, sleep_duration: sleep_duration.0 })
}

#[cfg(test)]
mod tests {
    use super::{Millis, leading_digits};
    use crate::app::app;
    use playhouse::prelude::*;

    #[playhouse::test]
    async fn sleeps_as_long_as_asked() -> Result<()> {
        let t = Test::start(app()).await;
        for (asked, told, slept) in [
            (json!({ "sleepDuration": 60 }), json!(60), 60),
            (json!({ "sleepDuration": "20ms" }), json!(20), 20),
            (json!({ "sleepDuration": "long" }), json!(null), 1),
            (json!({}), json!(1000), 1000),
        ] {
            let call = t.call("sleepTest", asked);
            t.advance(Duration::from_millis(slept)).await;
            let answer = call.await?;
            assert_eq!((&answer["sleepDuration"], &answer["sleepDelta"]), (&told, &json!(slept)));
            let ended = answer["sleepStarted"].as_u64().unwrap() + slept;
            assert_eq!(answer["sleepEnded"], ended);
        }
        Ok(())
    }

    #[test]
    fn digits_at_the_start() {
        for (text, millis) in [
            ("20", Some(20)),
            (" 20.9 ", Some(20)),
            ("-5x", Some(-5)),
            ("+7", Some(7)),
            ("x20", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(leading_digits(Input::Text(text)), Ok(Millis(millis)), "{text}");
        }
        assert_eq!(Millis(Some(-5)).duration(), Duration::from_millis(1));
        assert_eq!(Millis(Some(1 << 40)).duration(), Duration::from_millis(1));
    }
}
