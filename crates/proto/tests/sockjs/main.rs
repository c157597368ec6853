//! What is written for clients of SockJS is what they read, whatever the messages, and what they send is read
//! whatever the bytes. Another JSON reader is the witness.

mod from_clients;
mod to_clients;
