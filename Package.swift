// swift-tools-version: 6.3
import PackageDescription

// The modules, bottom row first. An arrow goes from a row to a lower row, never up and never
// sideways; Tests/PackageTests reads this description and fails on any arrow that is not in the
// picture in docs/architecture.md.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(
    _ name: String, _ dependencies: [String], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
        resources: resources, swiftSettings: settings)
}

func program(
    _ name: String, _ dependencies: [String], linker: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
        swiftSettings: settings, linkerSettings: linker)
}

// Half of a start of flow is the dynamic linker's; without one it takes half the time. The Makefile
// asks for that. libgit2 cannot be linked so, and tests that link flow's code must not be.
let isWhole = Context.environment["FLOW_STATIC"] != nil
let whole: [LinkerSetting] =
    isWhole ? [.unsafeFlags(["-static-executable", "-lm", "-lz"])] : []

func tests(_ name: String, _ dependencies: [String]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
        swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String?, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let ground = ["FlowSystem", "FlowJSON", "FlowYAML", "FlowText"]

let package = Package(
    name: "flow",
    products: [
        .executable(name: "flow", targets: ["flow"]),
        .executable(name: "flow-stage", targets: ["flow-stage"]),
        // What tests put before flow's own libraries; nothing of the product.
        .library(name: "FaultyDisk", type: .dynamic, targets: ["FaultyDisk"]),
    ],
    targets: [
        // C libraries, each imported by exactly one Swift module
        library("CYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
        library("CNettle", pkgConfig: "nettle", debian: "nettle-dev"),
        library("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
        library("CGit2", pkgConfig: "libgit2", debian: "libgit2-dev"),
        // without pkg-config, which would link it: it is loaded when a server is named
        library("CPQ", pkgConfig: nil, debian: "libpq-dev"),
        // likewise: it is loaded when GitHub is asked for something
        library("CCurl", pkgConfig: nil, debian: "libcurl4-openssl-dev"),
        library("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
        library("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
        library("CExpat", pkgConfig: "expat", debian: "libexpat1-dev"),

        // ground
        .target(name: "CFlowSystem"),
        .target(name: "CBoostMath"),
        module("FlowSystem", ["CFlowSystem", "CNettle"]),
        module("FlowJSON", []),
        module("FlowText", []),
        module("FlowArguments", ["FlowText"]),
        module("FlowSVG", ["FlowText"]),
        module("FlowYAML", ["CYAML", "FlowJSON"]),
        module("FlowPostgres", ["CPQ"]),
        module("FlowStatistics", ["CBoostMath"]),

        // language
        module(
            "FlowSpec", ["FlowYAML", "FlowJSON", "FlowText"],
            resources: [.embedInCode("Actions")]),

        // engine and memory
        module("FlowEngine", ["FlowSpec", "FlowSystem", "FlowJSON", "FlowText"]),
        module("FlowStore", ["FlowEngine", "FlowSystem", "FlowJSON", "CSQLite"]),

        // domains
        module("FlowGit", ground + ["CGit2"]),
        module("FlowGitHub", ground + ["CCurl"]),
        module("FlowMining", ground + ["FlowPostgres", "FlowStatistics", "CZlib", "CZstd"]),
        module("FlowSkills", ground + ["FlowStatistics", "FlowSVG", "CExpat"]),
        module("FlowLearning", ground + ["FlowStatistics", "FlowSVG"]),

        // services
        module(
            "FlowStages",
            ground + [
                "FlowSpec", "FlowEngine", "FlowStore", "FlowGit", "FlowGitHub", "FlowMining",
                "FlowSkills", "FlowLearning",
            ]),

        // programs
        program(
            "flow",
            [
                "FlowStore", "FlowEngine", "FlowSpec", "FlowArguments", "FlowSVG", "FlowSystem",
                "FlowJSON", "FlowYAML", "FlowText",
            ], linker: whole),
        program(
            "flow-stage",
            [
                "FlowStages", "FlowArguments", "FlowSVG", "FlowStore", "FlowSystem", "FlowJSON",
                "FlowText",
            ]),

        // tests
        .target(name: "FaultyDisk", path: "Tests/FaultyDisk"),
        .target(
            name: "FlowTestSupport",
            dependencies: ["FlowSystem", "FlowJSON"], path: "Tests/FlowTestSupport",
            swiftSettings: settings),
        tests("FlowJSONTests", ["FlowJSON", "FlowTestSupport", "FlowSystem"]),
        tests("FlowTextTests", ["FlowText", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests("FlowSystemTests", ["FlowSystem", "FlowTestSupport", "FlowJSON"]),
        tests("FlowArgumentsTests", ["FlowArguments"]),
        tests("FlowSVGTests", ["FlowSVG"]),
        tests("FlowYAMLTests", ["FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests("FlowStatisticsTests", ["FlowStatistics"]),
        tests("FlowPostgresTests", ["FlowPostgres", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowSpecTests", ["FlowSpec", "FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowEngineTests",
            ["FlowEngine", "FlowSpec", "FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowStoreTests",
            ["FlowStore", "FlowEngine", "FlowSpec", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowGitTests", ["FlowGit", "FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests("FlowGitHubTests", ["FlowGitHub", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowMiningTests",
            ["FlowMining", "FlowText", "FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowSkillsTests",
            [
                "FlowSkills", "FlowStatistics", "FlowText", "FlowYAML", "FlowTestSupport",
                "FlowSystem", "FlowJSON",
            ]),
        // What the classifier is held against; nothing of the product.
        .systemLibrary(
            name: "CLinear", path: "Tests/CLinear", providers: [.apt(["liblinear-dev"])]),
        tests(
            "FlowLearningTests",
            ["FlowLearning", "CLinear", "FlowYAML", "FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "FlowStagesTests",
            [
                "FlowStages", "FlowGit", "FlowMining", "FlowSkills", "FlowLearning", "FlowYAML",
                "FlowTestSupport", "FlowSystem", "FlowJSON",
            ]),
        tests("PackageTests", ["FlowTestSupport", "FlowSystem", "FlowJSON"]),
        tests(
            "CommandTests",
            [
                "FlowTestSupport", "FlowEngine", "FlowSpec", "FlowSystem", "FlowJSON", "FlowYAML",
                "FlowSVG", "flow", "flow-stage",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
