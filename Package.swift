// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let hdf5 = Target.Dependency.target(name: "HDF5", condition: .when(traits: ["HDF5"]))

// SwiftPM's own information about git may be that of an earlier commit, because SwiftPM keeps what it read of this file.
let commit: [CSetting] = Context.environment["HYMBA_COMMIT"].map { [.define("HYMBA_COMMIT", to: "\"\($0)\"")] } ?? []

let package = Package(
  name: "hymba-checkpoints",
  products: [
    .library(name: "HymbaFormat", targets: ["HymbaFormat"]),
    .library(name: "HymbaCheckpoints", targets: ["HymbaCheckpoints"]),
    .library(name: "HymbaModel", targets: ["HymbaModel"]),
    .library(name: "HymbaConversion", targets: ["HymbaConversion"]),
    .library(name: "HymbaVerification", targets: ["HymbaVerification"]),
    .library(name: "HymbaText", targets: ["HymbaText"]),
    .executable(name: "hymba-convert", targets: ["hymba-convert"]),
    .executable(name: "hymba-inspect", targets: ["hymba-inspect"]),
    .executable(name: "hymba-verify", targets: ["hymba-verify"]),
  ],
  traits: [
    .trait(name: "HDF5", description: "Reads HDF5 files, which takes the HDF5 library."),
    .default(enabledTraits: ["HDF5"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // System libraries: a module map and one shim header each, nothing else.
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "COnig", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),

    .target(name: "Zstandard", dependencies: ["CZstd"], swiftSettings: strict),
    .target(
      name: "HDF5Driver", dependencies: ["CHDF5"],
      cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "HDF5", dependencies: ["CHDF5", "HDF5Driver", "CZlib"], swiftSettings: strict),
    .target(name: "PlaneKernels", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "HymbaFormat", dependencies: ["Zstandard", "PlaneKernels", hdf5, "CXXHash", "CCrypto", "CLinux", system],
      swiftSettings: strict),
    .target(
      name: "HymbaCheckpoints", dependencies: ["HymbaFormat", "CZip", "CZlib"],
      swiftSettings: strict),
    .target(name: "HymbaKernels"),
    .target(
      name: "HymbaModel", dependencies: ["HymbaFormat", "HymbaKernels", "COpenBLAS"],
      swiftSettings: strict),
    .target(
      name: "HymbaConversion", dependencies: ["HymbaFormat", "HymbaCheckpoints", "HymbaModel", "HymbaText"],
      resources: [
        .embedInCode("Families/Edifice/edifice.json"), .embedInCode("Families/Own/hymba.json"),
        .embedInCode("Families/NvidiaHymba/nvidia-hymba.json"),
        .embedInCode("Families/Jamba/hf-jamba.json"),
        .embedInCode("Families/Jamba/hf-jamba-stacked.json"),
        .embedInCode("Families/Zamba/hf-zamba.json"),
        .embedInCode("Families/Zamba2/hf-zamba2.json"),
        .embedInCode("Families/FalconH1/hf-falcon-h1.json"),
        .embedInCode("Families/Bamba/hf-bamba.json"),
        .embedInCode("Families/GraniteHybrid/hf-granite-hybrid.json"),
        .embedInCode("Families/GraniteHybrid/hf-granite-hybrid-memory.json"),
        .embedInCode("Families/NemotronH/hf-nemotron-h.json"),
        .embedInCode("Families/NemotronH/hf-nemotron-h-stacked.json"),
        .embedInCode("Families/Mamba/hf-mamba.json"),
        .embedInCode("Families/Mamba/hf-mamba2.json"),
        .embedInCode("Families/Jamba/gguf-jamba.json"),
        .embedInCode("Families/FalconH1/gguf-falcon-h1.json"),
        .embedInCode("Families/Bamba/gguf-bamba.json"),
        .embedInCode("Families/GraniteHybrid/gguf-granite-hybrid.json"),
        .embedInCode("Families/NemotronH/gguf-nemotron-h.json"),
        .embedInCode("Families/Mamba/gguf-mamba.json"),
        .embedInCode("Families/Mamba/gguf-mamba2.json"),
      ],
      swiftSettings: strict),
    .target(
      name: "HymbaVerification",
      dependencies: ["HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaInspection"],
      swiftSettings: strict),
    .target(
      name: "HymbaInspection", dependencies: ["HymbaConversion", "HymbaCheckpoints", "HymbaModel", "HymbaFormat"],
      swiftSettings: strict),
    .target(name: "HymbaText", dependencies: ["HymbaFormat", "COnig"], swiftSettings: strict),
    .target(name: "HymbaPlot", swiftSettings: strict),
    .target(
      name: "HymbaReport",
      dependencies: [
        "HymbaPlot", "HymbaVerification", "HymbaInspection", "HymbaConversion", "HymbaModel", "HymbaFormat", mustache,
      ],
      resources: [.embedInCode("Templates/page.mustache"), .embedInCode("Templates/style.css")],
      swiftSettings: strict),
    .target(name: "CVersion", cSettings: [.treatAllWarnings(as: .error)] + commit),
    .target(
      name: "HymbaTerminal",
      dependencies: [
        hdf5, "HymbaFormat", "HymbaModel", "HymbaConversion", "CMalloc", "CVersion", argumentParser,
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "hymba-convert",
      dependencies: [
        "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaVerification", "HymbaTerminal",
        argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "hymba-inspect",
      dependencies: [
        "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaInspection", "HymbaReport", "HymbaTerminal",
        argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "hymba-verify",
      dependencies: [
        "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaVerification", "HymbaReport", "HymbaText",
        "HymbaTerminal", argumentParser,
      ],
      swiftSettings: strict),

    .target(
      name: "BenchmarkArguments",
      dependencies: ["HymbaFormat", "HymbaModel", "HymbaConversion", argumentParser],
      path: "Benchmarks/arguments", swiftSettings: strict),
    .target(
      name: "BenchmarkKernels",
      dependencies: ["HymbaFormat", "HymbaKernels", "HymbaModel", "COpenBLAS"],
      path: "Benchmarks/kernels", swiftSettings: strict),
    .executableTarget(
      name: "forward-benchmark",
      dependencies: [
        "BenchmarkArguments", "BenchmarkKernels", "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaTerminal",
        argumentParser,
      ],
      path: "Benchmarks/forward", swiftSettings: strict),
    .executableTarget(
      name: "decode-benchmark",
      dependencies: [
        "BenchmarkArguments", "BenchmarkKernels", "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaTerminal",
        argumentParser,
      ],
      path: "Benchmarks/decode", swiftSettings: strict),
    .executableTarget(
      name: "gguf-benchmark",
      dependencies: ["HymbaCheckpoints", "HymbaFormat", "HymbaModel", "HymbaTerminal", argumentParser],
      path: "Benchmarks/gguf", exclude: ["gguf_dequantize.py"], swiftSettings: strict),
    .executableTarget(
      name: "benchmark-plot", dependencies: ["HymbaFormat", "HymbaPlot", "HymbaTerminal", argumentParser],
      path: "Benchmarks/plot", swiftSettings: strict),
    .executableTarget(
      name: "codec-benchmark", dependencies: ["HymbaFormat", "HymbaConversion", "HymbaTerminal", argumentParser],
      path: "Benchmarks/codec", exclude: ["peer.py", "requirements.txt", "run.py", "weights.py"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["HymbaFormat", "HymbaModel", system], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(name: "ZstandardTests", dependencies: ["Zstandard"], swiftSettings: strict),
    .testTarget(
      name: "HDF5DriverTests",
      dependencies: ["CHDF5", "HDF5Driver", "HDF5", "HymbaFormat", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaFormatTests",
      dependencies: ["HymbaFormat", "Zstandard", "TestSupport", system],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaCheckpointsTests",
      dependencies: ["HymbaCheckpoints", "HymbaFormat", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaModelTests", dependencies: ["HymbaModel", "HymbaFormat", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaConversionTests",
      dependencies: [
        "HymbaConversion", "HymbaModel", "HymbaFormat", "HymbaCheckpoints", "HymbaText", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaVerificationTests",
      dependencies: [
        "HymbaVerification", "HymbaInspection", "HymbaConversion", "HymbaModel", "HymbaFormat", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaInspectionTests",
      dependencies: [
        "HymbaInspection", "HymbaConversion", "HymbaModel", "HymbaFormat", "HymbaCheckpoints", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HymbaTextTests", dependencies: ["HymbaText", "HymbaFormat", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "HymbaPlotTests", dependencies: ["HymbaPlot"], swiftSettings: strict),
    .testTarget(
      name: "HymbaReportTests",
      dependencies: [
        "HymbaReport", "HymbaPlot", "HymbaVerification", "HymbaInspection", "HymbaConversion", "HymbaModel",
        "HymbaFormat", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ToolTests",
      dependencies: [
        "HymbaCheckpoints", "HymbaFormat", "HymbaModel", "HymbaConversion", "HymbaTerminal", "TestSupport",
        "hymba-convert", "hymba-inspect",
        "hymba-verify", "forward-benchmark", "decode-benchmark", "gguf-benchmark", "codec-benchmark",
        "benchmark-plot",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
