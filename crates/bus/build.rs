//! Turns the schema into Rust types, without a protoc.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=../protocol/proto");
    let files = protox::compile(["suki/bus/v1/bus.proto"], ["proto", "../protocol/proto"])?;
    prost_build::Config::new().extern_path(".suki.v1", "::suki_protocol::pb").compile_fds(files)?;
    Ok(())
}
