//! A check and a parsing of a form that there is not.

use playhouse::prelude::*;

fn even(number: &u32) -> u32 {
    number % 2
}

fn color(input: Input<'_>) -> Result<u32, u8> {
    let _ = input;
    Err(1)
}

#[action]
async fn paint(#[check(even)] number: u32, #[parse(color)] color: u32) -> Result<u32> {
    Ok(number + color)
}

fn main() {}
