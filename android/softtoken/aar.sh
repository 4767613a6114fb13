#!/usr/bin/env bash
# Builds target/softtoken.aar on a machine with the Android NDK (r27 or later) and the Rust targets below:
#   rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android
#   ANDROID_NDK_HOME=/path/to/ndk android/softtoken/aar.sh
# Needs `mvn package` of this folder first: its classes go in unchanged. Apps add net.java.dev.jna:jna:5.19.1@aar.
set -euo pipefail
cd "$(dirname "$0")"

min_sdk=28
tools=$(echo "${ANDROID_NDK_HOME:?set it to the NDK}"/toolchains/llvm/prebuilt/*/bin)
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
aar=target/aar
classes=target/classes/org/softtoken/SoftToken.class
[ -f "$classes" ] || { echo "run mvn package first: no $classes" >&2; exit 1; }
rm -rf "$aar"
mkdir -p "$aar"

# triple, ABI folder, prefix of the NDK's clang
while read -r triple abi clang; do
    name=$(echo "$triple" | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${name}_LINKER=$tools/$clang$min_sdk-clang"
    # Android 15 loads libraries by 16 KB pages.
    export "CARGO_TARGET_${name}_RUSTFLAGS=-Clink-arg=-Wl,-z,max-page-size=16384"
    export "CC_${triple//-/_}=$tools/$clang$min_sdk-clang" "AR_${triple//-/_}=$tools/llvm-ar"
    cargo build --manifest-path "$root/Cargo.toml" --locked --release -p softtoken-ffi --target "$triple"
    mkdir -p "$aar/jni/$abi"
    "$tools/llvm-strip" -o "$aar/jni/$abi/libsofttoken.so" "$target/$triple/release/libsofttoken.so"
    # Every loadable segment must be aligned to 16 KB (2**14).
    "$tools/llvm-readelf" -lW "$aar/jni/$abi/libsofttoken.so" |
        awk '$1 == "LOAD" && $NF != "0x4000" { bad = 1 } END { exit bad }'
done <<'TARGETS'
aarch64-linux-android arm64-v8a aarch64-linux-android
armv7-linux-androideabi armeabi-v7a armv7a-linux-androideabi
x86_64-linux-android x86_64 x86_64-linux-android
TARGETS

jar --create --file "$aar/classes.jar" -C target/classes org -C target/classes META-INF
cp src/main/resources/META-INF/proguard/softtoken.pro "$aar/proguard.txt"
: > "$aar/R.txt"
cat > "$aar/AndroidManifest.xml" <<MANIFEST
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="org.softtoken">
    <uses-sdk android:minSdkVersion="$min_sdk"/>
</manifest>
MANIFEST
jar --create --no-manifest --file target/softtoken.aar -C "$aar" .
echo "target/softtoken.aar"
