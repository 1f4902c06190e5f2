// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "containers",
  dependencies: [.package(name: "hymba-checkpoints", path: "../../..", traits: [])],
  targets: [
    .executableTarget(
      name: "containers",
      dependencies: [.product(name: "HymbaFormat", package: "hymba-checkpoints")])
  ],
  swiftLanguageModes: [.v6]
)
