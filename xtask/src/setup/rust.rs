//! Parts of the Rust toolchain that a minimal installation lacks.

use super::{Ground, install, works};
use crate::log::Log;
use crate::run::Step;

/// Sees to it that `cargo <tool>` works, by adding the component that has it.
pub(super) fn component(
    ground: Ground<'_>,
    log: &mut Log,
    tool: &str,
    component: &str,
) -> Result<(), String> {
    if works(&Step::new(ground.place, "cargo").args([tool, "--version"])) {
        return Ok(());
    }
    let rustup = Step::new(ground.place, "rustup");
    if !works(&rustup.clone().args(["--version"])) {
        return Err(format!(
            "`cargo {tool}` is missing and there is no rustup to add it: install the {component} component of your Rust"
        ));
    }
    install(ground, log, &rustup.args(["component", "add", component]))
}
