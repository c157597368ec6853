//! What clients of socket.io write is read by the rules of socketio.md, what is written for them is what they read, and
//! nothing else gets through.

mod assembly;
mod binary;
mod properties;
mod rules;
mod size;
mod written;
