//! Hooks that are none, or not in their form.

use playhouse::prelude::*;

#[data]
#[derive(Default)]
struct Chat {}

#[data]
struct Login {
    name: String,
}

#[actor]
impl Chat {
    #[hook]
    async fn on_connect(&mut self) -> Result<()> {
        Ok(())
    }

    #[hook]
    async fn diconnect(&mut self) -> Result<()> {
        Ok(())
    }

    #[hook]
    async fn connect(&mut self, _login: Login) -> Result<()> {
        Ok(())
    }

    #[hook]
    async fn start(&mut self) -> Result<bool> {
        Ok(true)
    }

    #[hook]
    async fn create(&mut self, _name: String, _size: u8) -> Result<()> {
        Ok(())
    }

    #[hook]
    #[timeout("5s")]
    async fn sleep(&self) -> Result<()> {
        Ok(())
    }

    #[hook]
    async fn before_connect(&mut self, _login: Login) -> Result<()> {
        Ok(())
    }
}

fn main() {}
