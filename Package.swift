// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "martlet",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "martlet", targets: ["martlet"]),
    .executable(name: "martlet-supervisor", targets: ["martlet-supervisor"]),
    .executable(name: "martlet-tasks", targets: ["martlet-tasks"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The engine. Imports point towards MartletModel; RepositoryTests guards the directions.
    library("MartletModel", [crypto]),
    library("MartletPlan", ["MartletModel"]),
    library("MartletRun", ["MartletModel", "MartletPlan"]),
    library("MartletSimulation", ["MartletModel", "MartletPlan", "MartletRun"]),
    .target(name: "CLinux"),
    library("MartletFiles", ["CLinux", "MartletModel", "MartletRun", crypto]),
    library("MartletStore", ["MartletModel", "MartletRun", grdb]),
    library("MartletSyntax", ["MartletModel", yams]),
    library("MartletExecutors", ["CLinux", "MartletModel", "MartletRun", "MartletFiles"]),
    program(
      "martlet",
      [
        "MartletModel", "MartletPlan", "MartletRun", "MartletFiles", "MartletStore", "MartletSyntax", "MartletExecutors",
        "MartletSimulation", argumentParser,
      ]),
    program("martlet-supervisor", ["CLinux", "MartletRun", "MartletFiles", "MartletExecutors"]),

    // The built-in tasks: the only code that knows DuckDB and LightGBM.
    .target(name: "CDuckDB"),
    library("DuckDB", ["CDuckDB", "MartletFiles"]),
    .target(name: "CLightGBM"),
    library("LightGBM", ["CLightGBM", "MartletFiles"]),
    library("BuiltinTasks", ["DuckDB", "LightGBM", "MartletFiles", "MartletModel", "MartletSyntax", yams, mustache, crypto]),
    program("martlet-tasks", ["BuiltinTasks", "DuckDB", "LightGBM", "MartletFiles"]),

    // Pipelines in short notation, for the tests of planning and running.
    .target(name: "TestPipelines", dependencies: ["MartletModel"], path: "Tests/TestPipelines", swiftSettings: strict),

    tests("MartletModelTests", ["MartletModel"]),
    tests("MartletPlanTests", ["MartletPlan", "TestPipelines"]),
    tests("MartletRunTests", ["MartletRun", "TestPipelines"]),
    tests("MartletFilesTests", ["MartletFiles", "MartletModel", "MartletRun"]),
    tests("MartletStoreTests", ["MartletStore", "MartletSyntax", grdb]),
    tests("MartletSyntaxTests", ["MartletSyntax"]),
    tests("MartletExecutorsTests", ["MartletExecutors", "MartletFiles", "MartletModel", "MartletRun", "martlet-supervisor"]),
    tests("BuiltinTasksTests", ["BuiltinTasks", "DuckDB", "LightGBM", "MartletFiles", "MartletModel", crypto]),
    tests("ScenarioTests", ["MartletModel", "MartletPlan", "MartletRun", "MartletSimulation", "TestPipelines"]),
    tests("CommandTests", ["MartletModel", "MartletRun", "MartletStore"]),
    tests("EndToEndTests", ["MartletModel", "martlet", "martlet-supervisor", "martlet-tasks"]),
    tests("RepositoryTests", ["MartletModel", "MartletSyntax"]),
  ],
  swiftLanguageModes: [.v6]
)
