//! Turns the schema into Rust types, without a protoc.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["suki/v1/suki.proto"], ["proto"])?;
    // The largest part of a frame, and seldom there: a connection that waits for a frame has room for it all the time.
    prost_build::Config::new().boxed(".suki.v1.Conversation.card").compile_fds(files)?;
    Ok(())
}
