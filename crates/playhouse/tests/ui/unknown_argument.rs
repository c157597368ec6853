//! Arguments and attributes that there are not.

use playhouse::prelude::*;

#[action(tiemout = "5s")]
async fn slow() -> Result<u8> {
    Ok(1)
}

#[action(timeout = 5)]
async fn unitless() -> Result<u8> {
    Ok(1)
}

#[action]
async fn shout(#[chek(length(1..=500))] text: String) -> Result<String> {
    Ok(text)
}

fn main() {}
