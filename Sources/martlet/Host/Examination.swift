/// What `martlet doctor` looks at. Nothing is changed, and one thing that is amiss hides no other.

import Foundation
import MartletFiles
import MartletModel
import MartletStore

struct Examination {
  let host: Host
  let shared: SharedOptions

  func findings() -> [Finding] {
    let location = Result { try WorkspaceLocation.find(shared, host) }
    // What is wrong with the file is told under "workspace"; here it only means not to know.
    let pipeline = try? PipelineFile(location.get()).pipeline
    return [Finding("martlet", .ok, "\(martletVersion), \(host.executable)")] + [sibling("martlet-supervisor")]
      + probe(neededBy: pipeline)
      + [
        program("git", "--version", purpose: "martlet.yaml and config/ belong under version control"),
        program("python3", "--version", purpose: "only tasks written in Python need it"), machine(),
      ]
      + (pipeline?.notifications.isEmpty == false
        ? [program("curl", "--version", purpose: "notify: needs it: apt-get install curl")] : [])
      + workspace(location)
  }

  // MARK: Programs

  private func sibling(_ name: String) -> Finding {
    let path = host.sibling(name)
    guard access(path, X_OK) == 0 else {
      return Finding(
        name, .fail, "not there", details: ["looked at \(path)"], hint: "install martlet's executables into one folder")
    }
    return Finding(name, .ok, path)
  }

  private func probe(neededBy pipeline: Pipeline?) -> [Finding] {
    let tasks = sibling("martlet-tasks")
    guard tasks.state == .ok else { return [tasks] }
    do {
      let libraries = try LibraryProbe(program: host.sibling("martlet-tasks"), environment: host.environment).libraries()
      return [tasks] + libraries.map { finding($0, isNeeded: isNeeded($0.name, by: pipeline)) }
    } catch let refusal as LibraryProbe.Refusal {
      let said = refusal.said.split(separator: "\n").map(String.init)
      return [Finding("martlet-tasks", .fail, "ended with status \(refusal.status)", details: said)]
    } catch {
      return [Finding("martlet-tasks", .fail, "\(error)")]
    }
  }

  private func finding(_ library: ProbedLibrary, isNeeded: Bool) -> Finding {
    if let version = library.version {
      return Finding(library.name, .ok, [version, library.path].compactMap { $0 }.joined(separator: ", "))
    }
    let lines = (library.error ?? "not found").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return Finding(
      library.name, isNeeded ? .fail : .warn, lines.first ?? "", details: Array(lines.dropFirst()), hint: library.hint)
  }

  /// Without a pipeline, whatever some built-in cannot do without.
  private func isNeeded(_ name: String, by pipeline: Pipeline?) -> Bool {
    let library = NativeLibrary.allCases.first { $0.rawValue == name || ($0 == .graphviz && name == "dot") }
    guard let library, library.isRequired else { return false }
    guard let pipeline else { return true }
    return pipeline.tasks.contains { task in
      task.builtin.flatMap(BuiltinCatalog.description(of:))?.libraries.contains(library) ?? false
    }
  }

  private func program(_ name: String, _ option: String, purpose: String) -> Finding {
    do {
      let output = try HelperProgram.run([name, option])
      let line = String(decoding: output.standardOutput + output.standardError, as: UTF8.self).split(separator: "\n").first
      return Finding(name, .ok, line.map(String.init) ?? "")
    } catch {
      return Finding(name, .warn, "not on the PATH", hint: purpose)
    }
  }

  // MARK: Machine and workspace

  private func machine() -> Finding {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let pageBytes = sysconf(Int32(_SC_PAGESIZE))
    return Finding(
      "machine", .ok,
      "\(NumberText.counted(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), "processor")), \(SizeText.bytes(pages * pageBytes)) of memory"
    )
  }

  private func workspace(_ location: Result<WorkspaceLocation, any Error>) -> [Finding] {
    switch location {
    case .failure:
      return [Finding("workspace", .warn, "none here", hint: "`martlet init` makes one; `-C DIR` looks at another folder")]
    case .success(let location): return [pipelineFile(location), fileSystem(location), disk(location), store(location)]
    }
  }

  private func pipelineFile(_ location: WorkspaceLocation) -> Finding {
    do {
      let pipeline = try PipelineFile(location).checked()
      return Finding(
        "workspace", .ok,
        "\(location.root): \(pipeline.name), \(NumberText.counted(pipeline.tasks.count, "task"))")
    } catch let error as Diagnostics {
      let count = error.entries.count { $0.severity == .error }
      return Finding(
        "workspace", .fail, "\(location.pipelinePath) has \(NumberText.counted(count, "error"))",
        hint: "`martlet check` shows them")
    } catch {
      return Finding("workspace", .fail, "\(error)")
    }
  }

  private func fileSystem(_ location: WorkspaceLocation) -> Finding {
    do {
      let path = try location.storePath()
      let folder = try [String(path[..<path.lastIndex(of: "/")!]), location.root].first { try FileKind.of($0) != nil }!
      guard let name = try NetworkFileSystem.name(at: folder) else { return Finding("file system", .ok, "local") }
      return Finding(
        "file system", .fail, "\(folder) lies on \(name), where the store cannot be",
        hint: "set `store:` in martlet.yaml to a folder on a local disk")
    } catch {
      return Finding("file system", .fail, "\(error)")
    }
  }

  /// Below this much free space a run may well end for want of it.
  private static let scarceBytes = 1 << 30

  private func disk(_ location: WorkspaceLocation) -> Finding {
    var information = statvfs()
    guard statvfs(location.root, &information) == 0 else { return Finding("disk", .warn, String(cString: strerror(errno))) }
    let free = Int(information.f_bavail) * Int(information.f_frsize)
    let text = "\(SizeText.bytes(free)) free"
    return free < Examination.scarceBytes
      ? Finding("disk", .warn, text, hint: "make room before a long run") : Finding("disk", .ok, text)
  }

  private func store(_ location: WorkspaceLocation) -> Finding {
    do {
      guard let reader = try location.reader() else { return Finding("store", .ok, "none yet; the first run makes it") }
      let latest = try reader.latestRun()
      let holder = try location.holder()
      let newest = latest.map { "newest run \($0.id), \($0.resultWord(isHeld: holder != nil))" } ?? "no runs"
      return Finding("store", .ok, newest + (holder.map { "; in use by \($0)" } ?? ""))
    } catch {
      let lines = "\(error)".split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      return Finding("store", .fail, lines.first ?? "", details: Array(lines.dropFirst()))
    }
  }
}
