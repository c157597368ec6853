//! Attributes above something else.

use playhouse::prelude::*;

#[data]
fn status() {}

#[data(clone)]
struct Point;

#[action]
struct Mark;

#[playhouse::test]
fn waits_for_nothing() {}

fn main() {}
