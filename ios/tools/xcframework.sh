#!/usr/bin/env bash
# Builds the library for iPhone, simulator and Mac, and puts it into build/SoftTokenFFI.xcframework.
#
#   ios/tools/xcframework.sh
#
# Runs on a Mac with Xcode and rustup only. Generate the Swift first: cargo xtask bindings.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$(git rev-parse --show-toplevel)
out=$PWD/build
targets=(aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin)

[ "$(uname)" = Darwin ] || { echo "xcframework: needs a Mac with Xcode" >&2; exit 1; }
[ -f Sources/SoftTokenFFI/SoftTokenFFI.h ] || { echo "xcframework: run cargo xtask bindings first" >&2; exit 1; }

export IPHONEOS_DEPLOYMENT_TARGET=17.0 MACOSX_DEPLOYMENT_TARGET=14.0
rustup target add "${targets[@]}"
library() { echo "$root/target/$1/release/libsofttoken.a"; }
for target in "${targets[@]}"; do
  cargo build --manifest-path "$root/Cargo.toml" --release --locked -p softtoken-ffi --target "$target"
done

rm -rf "$out"
mkdir -p "$out/headers" "$out/simulator" "$out/mac"
cp Sources/SoftTokenFFI/SoftTokenFFI.h Sources/SoftTokenFFI/module.modulemap "$out/headers/"
# One slice per platform: simulators and Macs come with two processors.
lipo -create "$(library aarch64-apple-ios-sim)" "$(library x86_64-apple-ios)" -output "$out/simulator/libsofttoken.a"
lipo -create "$(library aarch64-apple-darwin)" "$(library x86_64-apple-darwin)" -output "$out/mac/libsofttoken.a"
xcodebuild -create-xcframework \
  -library "$(library aarch64-apple-ios)" -headers "$out/headers" \
  -library "$out/simulator/libsofttoken.a" -headers "$out/headers" \
  -library "$out/mac/libsofttoken.a" -headers "$out/headers" \
  -output "$out/SoftTokenFFI.xcframework"
rm -r "$out/headers" "$out/simulator" "$out/mac"
