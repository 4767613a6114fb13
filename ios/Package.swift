// swift-tools-version: 6.0
import Foundation
import PackageDescription

// The generated half (`Sources/SoftToken/Generated`, `Sources/SoftTokenFFI`) comes from `cargo xtask bindings`.
// On Linux the library is found by -L and -rpath on the command line; on a Mac it is in the XCFramework that
// `tools/xcframework.sh` makes.

let package = Package(
    name: "SoftToken",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "SoftToken", targets: ["SoftToken"]),
        .library(name: "SoftTokenKit", targets: ["SoftTokenKit"]),
    ],
    targets: [
        .target(name: "SoftToken", dependencies: ["SoftTokenFFI"]),
        .target(
            name: "SoftTokenKit",
            dependencies: ["SoftToken"],
            // Read as it is, on every platform: no compiler of string catalogues is needed.
            resources: [.copy("Resources/Localizable.xcstrings")]
        ),
        .target(name: "TestSupport", dependencies: ["SoftToken"], path: "Tests/Support"),
        .testTarget(name: "AbuseTests", dependencies: ["SoftToken", "TestSupport"]),
        .testTarget(name: "JourneyTests", dependencies: ["SoftToken", "TestSupport"]),
        .testTarget(name: "KitTests", dependencies: ["SoftToken", "SoftTokenKit", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

let framework = "build/SoftTokenFFI.xcframework"
if FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(framework)") {
    package.targets.append(.binaryTarget(name: "SoftTokenFFI", path: framework))
} else {
    package.targets.append(.systemLibrary(name: "SoftTokenFFI"))
    package.targets.first { $0.name == "SoftToken" }?.linkerSettings = [.linkedLibrary("softtoken")]
}
