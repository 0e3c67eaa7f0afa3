/// Calls that have hurt, each with what to use instead and the files that may.

/// A pattern that code must not match.
struct BannedCall: Sendable {
  /// Starts the match; what stands before it must not be part of a longer name.
  let call: String
  let instead: String
  /// Where the rule holds: prefixes of paths.
  var within: [String] = ["Sources/", "Tests/"]
  /// Files that may: prefixes of paths, too.
  var except: [String] = []
}

private let programs = ["Sources/martlet/Main.swift", "Sources/martlet-supervisor/", "Sources/martlet-tasks/", "Tests/"]

let bannedCalls: [BannedCall] = [
  BannedCall(call: "FileManager", instead: "MartletFiles: FileManager loses errno, follows links and lists in no order"),
  BannedCall(
    call: "Process()",
    instead: "MartletFiles' helper or the supervisor: Foundation.Process waits for grandchildren and leaks pipes"),
  BannedCall(call: "replaceItemAt", instead: "MartletFiles: on Linux replaceItemAt puts the old file over the new one"),
  BannedCall(call: "Task.detached", instead: "a worker thread of the loop, or structured concurrency"),
  BannedCall(call: "DispatchQueue.global", instead: "a queue of one's own: the global pool is as wide as the machine"),
  BannedCall(call: "setenv(", instead: "an environment handed to the child: setenv is process-wide"),
  BannedCall(call: "putenv(", instead: "an environment handed to the child: putenv is process-wide"),
  BannedCall(call: "chdir(", instead: "a path from the workspace's folder: chdir is process-wide"),
  BannedCall(call: "hashValue", instead: "Digest: hashValue differs from process to process"),
  BannedCall(call: "unsafeFlags", instead: "a setting that dependents may use", within: ["Package.swift"]),
  BannedCall(call: "NSRegularExpression", instead: "Swift's Regex"),
  BannedCall(
    call: "print(", instead: "the console or the log handed in: stdout is data", within: ["Sources/"],
    except: ["Sources/martlet-supervisor/main.swift"]),
  BannedCall(call: "fatalError(", instead: "preconditionFailure with the state in its message", within: ["Sources/"]),
  BannedCall(
    call: "try?", instead: "catch and say what was lost: this layer keeps promises",
    within: ["Sources/MartletStore", "Sources/MartletPlan", "Sources/MartletRun", "Sources/MartletExecutors"],
    // A pattern that was parsed before; a record that loss of power may tear, and that then is none.
    except: ["Sources/MartletRun/Classification.swift", "Sources/MartletExecutors/AttemptFolder.swift"]),
  BannedCall(call: "exit(", instead: "a status returned to Main.swift", within: ["Sources/"], except: programs),
  BannedCall(call: "getenv(", instead: "the environment that Main.swift hands in", within: ["Sources/"], except: programs),
  BannedCall(call: "ProcessInfo", instead: "what Main.swift hands in", within: ["Sources/"], except: programs),
  BannedCall(call: "CommandLine.", instead: "what Main.swift hands in", within: ["Sources/"], except: programs),
  BannedCall(call: "XCTestCase", instead: "Swift Testing", within: ["Tests/"]),
  BannedCall(
    call: "Task.sleep", instead: "a clock moved by hand, or the end of what is waited for", within: ["Tests/"],
    // Other processes are looked at again and again, in one function with a limit.
    except: ["Tests/MartletExecutorsTests/Workbench.swift"]),
]

/// Where a file calls what it must not. The rules themselves are written as strings and so are no calls.
func bannedCallViolations(_ file: RepositoryFile, rules: [BannedCall] = bannedCalls) -> [Violation] {
  let code = codeOnly(file.text)
  let rules = rules.filter { rule in
    rule.within.contains { file.path.hasPrefix($0) } && !rule.except.contains { file.path.hasPrefix($0) }
      && code.contains(rule.call)
  }
  let lines = rules.isEmpty ? [] : code.split(separator: "\n", omittingEmptySubsequences: false)
  let found = lines.enumerated().flatMap { number, line in
    rules.filter { calls(line, $0.call) }.map {
      Violation(path: file.path, line: number + 1, message: "no \($0.call): use \($0.instead)")
    }
  }
  return found + emptyCatches(code, in: file.path)
}

/// True where the call stands in the line as a name of its own; a declaration of that name is no call.
private func calls(_ line: Substring, _ call: String) -> Bool {
  var rest = line
  while let range = rest.firstRange(of: call) {
    let before = line[..<range.lowerBound]
    let inName = before.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    let after = line[range.upperBound...].first
    // `setenv(` is a function of C's, `table.setenv(` a method of somebody's.
    let isMethod = call.hasSuffix("(") && !call.contains(".") && before.hasSuffix(".")
    let goesOn = call.last!.isLetter && (after.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false)
    if !inName, !goesOn, !isMethod, !before.hasSuffix("func ") { return true }
    rest = rest[range.upperBound...]
  }
  return false
}

private func emptyCatches(_ code: String, in path: String) -> [Violation] {
  return code.matches(of: /catch\s*\{\s*\}/).map { match in
    let line = code[..<match.range.lowerBound].count { $0 == "\n" } + 1
    return Violation(
      path: path, line: line, message: "no empty catch: handle the error or say why it does not matter in code")
  }
}
