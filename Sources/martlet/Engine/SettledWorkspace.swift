/// The short way of `martlet run` where there is nothing to do: if everything that decided the last such run is as it was, the answer is
/// too, and the pipeline need be neither read nor planned.
///
/// It serves pipelines of commands without gates, releases, notifications or parameters of the command line: wherever something else could decide, the
/// long way is taken. It changes no answer: `.martlet/settled` may be deleted at any time.

import MartletFiles
import MartletModel
import MartletPlan
import MartletRun
import MartletStore

struct SettledWorkspace {
  let location: WorkspaceLocation
  let host: Host

  private var path: String { "\(location.engineFolder)/settled" }

  /// What decides although no file of the workspace says it: this program, and where the workspace lies.
  private func key() throws -> Digest? {
    guard !location.pipelineFile.hasPrefix("/"), let program = try host.programIdentity() else { return nil }
    var encoder = CanonicalEncoder(domain: "martlet.settled/1")
    encoder.append(tag: 1, program.bytes)
    for text in [location.root, location.pipelineFile] { encoder.append(tag: 2, text) }
    return encoder.digest
  }

  // MARK: The short way

  /// - Returns: whether everything is as it was: then the run is recorded and told. Otherwise nothing was done, but for a damaged store,
  ///   which is set aside and told of.
  func answer(_ order: RunOrder, shared: SharedOptions, progress: ProgressStyle) throws -> Bool {
    let started = host.wallSeconds()
    guard order.typed.isEmpty, !shared.json, try FileKind.of(path) == .file, let key = try key(),
      let file = try SettledFile(path: path, key: key), try file.holds(below: location.root),
      case .acquired(let lock) = try location.acquireLock(host)
    else { return false }
    defer { withExtendedLifetime(lock) {} }
    try WorkspaceSharing(root: location.root).apply()
    let counts = RunCounts(reused: file.taskCount)
    var run = RunRecord(
      id: RunIdentifier.make(now: started), pipeline: file.pipeline, startedAt: started, startedBy: host.user, arguments: [],
      parameters: [:], engineVersion: martletVersion)
    guard try record(&run, counts, of: file, { shared.note("note: \($0)", host) }) else { return false }
    guard !shared.quiet else { return true }
    let painter = shared.diagnosticsPainter(host)
    let lines = progress == .none ? [] : file.lines
    let text = lines.map { RunReporter.line($0.word, $0.name, $0.text, nameWidth: file.nameWidth, painter) + "\n" }.joined()
    let last = RunSummary().lastLine(run.id, .succeeded, counts, seconds: host.wallSeconds() - started)
    host.diagnostics.write(text + last + "\n")
    return true
  }

  /// Nothing is told as newly done, so nothing has to be synced.
  private func record(
    _ run: inout RunRecord, _ counts: RunCounts, of file: SettledFile, _ tell: (String) -> Void
  ) throws -> Bool {
    let storePath = location.storePath(in: nil)
    guard try FileKind.of(storePath) == .file else { return false }
    let store = try Store(path: storePath) { (try? NetworkFileSystem.name(at: $0)) ?? nil }
    // Whoever opens the new one next cannot know of it.
    if let note = store.origin.note { tell(note) }
    guard store.origin == .existing, !store.wasInterrupted, try store.reader.settledMark() == file.digest else {
      try store.close()
      return false
    }
    try store.commit([
      .runStarted(run), .runEnded(run: run.id, result: .succeeded, counts: counts, at: host.wallSeconds()),
    ])
    try store.leave()
    return true
  }
}

// MARK: Laying the ground for it

extension WorkspaceSession {
  /// Notes what decided a run of the whole pipeline that found nothing to do. Whatever keeps that from being noted costs the next run
  /// its short way and nothing else.
  func noteSettled(_ planner: Planner, _ end: (run: RunRecord, result: RunResult, counts: RunCounts), _ summary: RunSummary) {
    let settled = SettledWorkspace(location: location, host: host)
    guard end.run.command == "run", end.run.arguments.isEmpty, end.result == .succeeded, end.counts.ran == 0, isPlain,
      summary.settled.allSatisfy({ $0.verdict == nil }), summary.settled.count == planner.graph.nodes.count
    else { return }
    do {
      try settled.write(planner, self, summary.settled, end.counts)
    } catch {
      return
    }
  }

  /// Whether nothing but files decides.
  private var isPlain: Bool {
    let pipeline = loaded.pipeline
    return notes.isEmpty && loaded.overrides.isEmpty && pipeline.storeFolder == nil && pipeline.notifications.isEmpty
      && history.entries.isEmpty
      && pipeline.partitions.allSatisfy { $0.end != nil }
      && pipeline.tasks.allSatisfy { if case .command = $0.action { true } else { false } }
  }
}

extension SettledWorkspace {
  fileprivate func write(
    _ planner: Planner, _ session: WorkspaceSession, _ notices: [SettledNotice], _ counts: RunCounts
  ) throws {
    guard let key = try key(), let findings = try findings(planner, session) else { return }
    let digest = try SettledFile.write(
      to: path, key: key, pipeline: planner.pipeline.name, taskCount: counts.reused,
      nameWidth: RunReporter.nameWidth(planner.pipeline), lines: lines(planner, notices), findings: findings)
    try session.store.markSettled(digest)
  }

  /// What a person was told, task by task.
  private func lines(_ planner: Planner, _ notices: [SettledNotice]) -> [SettledFile.Line] {
    var tallies: [String: TaskTally] = [:]
    for node in planner.graph.nodes {
      let task = node.instance.task
      tallies[task] = TaskTally(task: task, total: (tallies[task]?.total ?? 0) + 1)
    }
    return notices.compactMap { notice in
      tallies[notice.instance.task]!.add(notice)
      let tally = tallies[notice.instance.task]!
      return tally.isComplete ? SettledFile.Line(word: tally.word, name: tally.task, text: tally.restText) : nil
    }
  }

  /// `nil` if something changed meanwhile, or too lately for its times to tell.
  private func findings(
    _ planner: Planner, _ session: WorkspaceSession
  ) throws -> [(path: String, finding: SettledFile.Finding)]? {
    let file = session.loaded.file
    guard let stamp = file.stamp, stamp.isTrusted(nowNanoseconds: file.readAtNanoseconds) else { return nil }
    var findings: [(path: String, finding: SettledFile.Finding)] = [(location.pipelineFile, .file(stamp))]
    for path in [HistoryFile.path.string, "incidents"] {
      guard try FileKind.of("\(location.root)/\(path)") == nil else { return nil }
      findings.append((path, .nothing))
    }
    let checkpoints = try session.store.reader.checkpoints().filter { planner.graph.index[$0.instance] != nil }
    let outputs = checkpoints.flatMap { $0.outputs.map(\.path) }
    for path in Set(Survey.sources(of: planner) + outputs).sorted() {
      guard !path.string.hasPrefix("/") else { return nil }
      if let stamp = session.memo.stamp(of: path) {
        findings.append((path.withoutTrailingSlash, path.isFolder ? .folder(stamp) : .file(stamp)))
      } else if try FileKind.of("\(location.root)/\(path.withoutTrailingSlash)", followingLinks: false) == nil {
        findings.append((path.withoutTrailingSlash, .nothing))
      } else {
        return nil
      }
    }
    guard let folders = try folders(of: checkpoints.map(\.instance.checkpointPath)) else { return nil }
    return findings + folders
  }

  /// That a checkpoint's file is there is all that counts, and the time of its folder says whether one went.
  private func folders(of files: [ArtifactPath]) throws -> [(path: String, finding: SettledFile.Finding)]? {
    let now = Int64(host.wallSeconds() * 1e9)
    var found: [(path: String, finding: SettledFile.Finding)] = []
    for folder in Set(files.map(\.parent)).sorted() {
      guard let stamp = try FileStamp.of("\(location.root)/\(folder)"), stamp.isTrusted(nowNanoseconds: now) else { return nil }
      found.append((folder, .names(stamp)))
    }
    // After the folders' times were taken: what goes from now on changes them.
    let areThere = try files.allSatisfy { try FileKind.of("\(location.root)/\($0)") == .file }
    return areThere ? found : nil
  }
}
