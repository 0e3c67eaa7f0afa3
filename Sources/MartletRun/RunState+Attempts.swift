/// What comes of attempts: prepared, ended, verified, published, or tried again.

import MartletModel
import MartletPlan

extension RunState {
  mutating func prepared(_ id: String, _ preparation: Preparation) {
    guard let live = attempts[id] else { return }
    if case .retiring = live.phase {
      close(id, outcome: .cancelled, failure: nil, exit: nil)
      return
    }
    switch preparation {
    case .ready where mayGoOn:
      attempts[id]!.phase = .running
      transition.effects.append(.launch(live.plan))
    case .ready:
      abandon(live, .cancelled, Classification(failureClass: .cancelled, rule: "cancelled", message: nil))
    case .inputsChanged(let changed):
      let failure = Classification(failureClass: .inputChanged, rule: "inputs checked before the start", message: nil)
      abandon(live, .failed, failure, changed)
    case .failed(let failureClass, let message):
      abandon(live, .failed, Classification(failureClass: failureClass, rule: "preparing the attempt", message: message))
    }
  }

  /// An attempt that never started its process.
  private mutating func abandon(
    _ live: LiveAttempt, _ outcome: Outcome, _ failure: Classification, _ changed: ChangedInputs? = nil
  ) {
    var followers = changed.map { take($0) } ?? []
    var next = Next()
    // In a batch only those whose inputs changed spend a try.
    let touched = changed.map { changed in live.plan.items.map { changedPath(of: $0, live.plan, changed) != nil } } ?? []
    for (place, position) in live.positions.enumerated() {
      guard let position else { continue }
      if touched.contains(true), !touched[place], stop == .none {
        guard case .running(let decided, _) = states[position] else { preconditionFailure("abandoned without running") }
        enqueue(position, decided)
        continue
      }
      let end = fail(position, failure, seedsLeft: nil, live)
      followers += end.followers
      next.add(end.next)
    }
    close(live.plan.record.id, outcome: outcome, failure: failure, exit: nil, next)
    judge(followers)
  }

  /// That the attempt has, or had, a process of its own.
  mutating func noteProcess(of id: String) {
    guard let live = attempts[id] else { return }
    if case .retiring = live.phase { return }
    ranTasks.insert(live.plan.record.task)
  }

  mutating func ended(_ id: String, _ exit: ExitRecord?) {
    guard let live = attempts[id] else { return }
    attempts[id]!.exit = exit
    if exit?.hasRun == true { noteProcess(of: id) }
    if case .retiring = live.phase {
      close(id, outcome: .cancelled, failure: nil, exit: exit)
      return
    }
    attempts[id]!.phase = .verifying
    attempts[id]!.holdsShare = keepsShare(live, after: exit)
    transition.effects.append(.verify(live.plan))
  }

  /// Decides for each item whether it is published, and if not, what follows.
  mutating func verified(_ id: String, _ verification: Verification) {
    guard let live = attempts[id] else { return }
    var intents: [PublishIntent] = []
    var followers = take(verification.changedInputs)
    var failure: Classification?
    var next = Next()
    for (place, item) in live.plan.items.enumerated() {
      guard let position = live.positions[place] else { continue }
      let record = verification.record(for: item, of: live.plan)
      let itemFailure = self.failure(of: item, record, live, verification)
      guard let itemFailure else {
        if isComparison {
          followers += compare(position, item, verification, live)
          continue
        }
        intents.append(intent(for: item, record, verification, attempt: id))
        continue
      }
      // A `data` failure names the attempt, whichever comes first: the next start goes by it if this engine dies before the folder is
      // marked.
      if itemFailure.failureClass == .data, !attempts[id]!.keepsOutputs {
        attempts[id]!.keepsOutputs = true
        failure = itemFailure
      }
      failure = failure ?? itemFailure
      if record == nil, live.plan.items.count > 1, mayGoOn,
        itemFailure.failureClass != .cancelled, itemFailure.failureClass != .inputChanged
      {
        if stop == .draining {
          followers += leaveOut(position)
        } else {
          splitBatch(position, live)
          next.add(Next(decision: .smallerBatch))
        }
        continue
      }
      let end = fail(position, itemFailure, seedsLeft: record?.seedsLeft, live)
      followers += end.followers
      next.add(end.next)
    }
    let outcome = outcome(of: failure)
    if intents.isEmpty {
      close(id, outcome: outcome, failure: failure, exit: live.exit, next)
    } else {
      recordEnd(id, outcome: outcome, failure: failure, exit: live.exit, next)
      transition.entries += intents.map(JournalEntry.publishIntended)
      attempts[id]!.phase = .publishing(intents)
      transition.effects.append(.publish(attempt: id, intents))
    }
    judge(followers)
  }

  /// Why an item is not published; `nil` if it is.
  private func failure(
    of item: AttemptPlan.Item, _ record: ResultRecord?, _ live: LiveAttempt, _ verification: Verification
  ) -> Classification? {
    if let error = verification.ioError {
      return Classification(failureClass: .io, rule: "verifying the outputs", message: error)
    }
    if let path = changedPath(of: item, live.plan, verification.changedInputs) {
      return Classification(
        failureClass: .inputChanged, rule: "inputs checked after the end", message: "\(path) was written while it was read")
    }
    let exitedWell = live.exit?.status == .exited(0)
    let isBatch = live.plan.items.count > 1
    let saysSuccess = record?.status == "succeeded"
    let saysFailure = record?.status == "failed"
    let recordFault = verification.recordFaults[item.instance]
    let fault = verification.fault(of: item)
    // What a batch says of one of its items holds however its process ended, but not without an end: the machine may have gone down, and
    // the word may have reached the disk while the bytes did not.
    let saysEnough = isBatch ? saysSuccess && live.exit != nil : exitedWell && !saysFailure
    let succeeded = saysEnough && recordFault == nil && fault == nil
    guard !succeeded else { return nil }
    return Classification.of(
      exit: live.exit, record: record, recordFault: recordFault, fault: fault, logTail: verification.logTail,
      rules: planner.pipeline.failureRules)
  }

  /// What of an item's inputs and code changed, the first in their order; `nil` if nothing did.
  private func changedPath(of item: AttemptPlan.Item, _ plan: AttemptPlan, _ changed: ChangedInputs) -> ArtifactPath? {
    guard !changed.isEmpty else { return nil }
    let paths = changed.paths
    return item.inputs.lazy.flatMap { $0.paths + $0.absentPaths }.first { paths.contains($0) }
      ?? plan.code.keys.sorted().first { paths.contains($0) }
  }

  /// Takes note of inputs that changed. What was decided on their old content and has not started yet is to be decided anew.
  /// - Returns: the nodes to judge.
  private mutating func take(_ changed: ChangedInputs) -> [Int] {
    guard !changed.isEmpty else { return [] }
    for (path, digest) in changed.digests { facts.sources[path] = digest }
    for (path, keys) in changed.configurations { facts.configurations[path] = keys }
    for path in changed.gone {
      facts.sources[path] = nil
      facts.configurations[path] = nil
    }
    let paths = changed.paths
    let outdated = (queue + waitingPositions).filter { reads($0, paths) }
    queue.removeAll { outdated.contains($0) }
    waitingPositions.subtract(outdated)
    for position in outdated { states[position] = .pending }
    return outdated.sorted()
  }

  private func reads(_ position: Int, _ paths: Set<ArtifactPath>) -> Bool {
    let readsSource = planner.graph.nodes[position].inputs.contains { input in
      guard case .source(let path) = input.origin else { return false }
      return paths.contains(path)
    }
    return readsSource || planner.task(of: position).code.contains { paths.contains($0) }
  }

  private func outcome(of failure: Classification?) -> Outcome {
    switch failure?.failureClass {
    case nil: .succeeded
    case .timeout: .timedOut
    case .cancelled: .cancelled
    case .lost: .lost
    default: .failed
    }
  }

  private func intent(
    for item: AttemptPlan.Item, _ record: ResultRecord?, _ verification: Verification, attempt: String
  ) -> PublishIntent {
    let verified = Dictionary(
      (verification.outputs[item.instance] ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let outputs = item.outputs.compactMap { output in
      verified[output.name].map {
        RecordedOutput(name: output.name, path: output.target, digest: $0.digest, bytes: $0.bytes)
      }
    }
    let checkpoint = Checkpoint(
      instance: item.instance, fingerprint: item.fingerprint, ingredients: item.ingredients, outputs: outputs,
      verdict: record?.verdict, message: record?.message, figures: record?.figures ?? [:], run: settings.run.id,
      attempt: attempt)
    let moves = item.outputs.map { output in
      PublishIntent.Move(
        staged: output.staged, target: output.target, digest: verified[output.name]!.digest, previous: output.previous)
    }
    return PublishIntent(attempt: attempt, checkpoint: checkpoint, moves: moves)
  }

  /// A batch died before this instance had a result: it goes on in half the company, and spends nothing until it is alone.
  private mutating func splitBatch(_ position: Int, _ live: LiveAttempt) {
    guard case .running(let decided, _) = states[position] else { preconditionFailure("split without running") }
    budgets[position]!.batchLimit = max(1, live.plan.items.count / 2)
    enqueue(position, decided)
  }

  /// What follows an attempt: of its failed items, the first's decision and the earliest time.
  private struct Next {
    var decision: RetryDecision?
    /// Seconds since 1970.
    var at: Double?

    mutating func add(_ other: Next) {
      decision = decision ?? other.decision
      at = [at, other.at].compactMap { $0 }.min()
    }
  }

  /// One instance's attempt failed: wait for another, plan anew, or give up.
  private mutating func fail(
    _ position: Int, _ failure: Classification, seedsLeft: Int?, _ live: LiveAttempt
  ) -> (followers: [Int], next: Next) {
    guard case .running(let decided, _) = states[position] else { preconditionFailure("failed without running") }
    let instance = planner.graph.nodes[position].instance
    let failureClass = failure.failureClass
    let spent = budgets[position, default: Budget()].spent[failureClass] ?? 0
    let decision = decide(position, failureClass, spent: spent, seedsLeft: seedsLeft)
    guard decision.isRetry else {
      let settlement: Settlement = failureClass == .cancelled ? .cancelled : .failed(failureClass)
      let followers = settle(
        position, settlement, reasons: decided.reasons, message: failure.message ?? failure.rule,
        failed: failureClass == .cancelled ? nil : decided.fingerprint, seconds: now - live.startedAt,
        attempt: live.plan.record.id)
      return (followers, Next(decision: failureClass == .cancelled ? nil : decision))
    }
    // Whoever goes on with what was left out tries again.
    if stop == .draining { return (leaveOut(position), Next()) }
    budgets[position, default: Budget()].spent[failureClass] = spent + 1
    if case .plannedAgain = decision {
      states[position] = .pending
      transition.effects.append(.tell(.inputsChanged(instance)))
      return ([position], Next(decision: decision))
    }
    let until =
      now
      + settings.retryPolicy.waitSeconds(retry: spent, uniform: generator.uniform(), others: waitingPositions.count)
    wait(position, decided, until: until)
    transition.entries.append(
      .waitScheduled(
        run: settings.run.id, instance: instance, fingerprint: decided.fingerprint, failureClass: failureClass, notBefore: until))
    transition.effects.append(
      .tell(
        .retrying(instance, failureClass, message: failure.message, attempt: budgets[position]!.attempts, at: until)))
    return ([], Next(decision: decision, at: until))
  }

  mutating func published(_ id: String, _ publications: [Publication]) {
    guard let live = attempts[id], case .publishing(let intents) = live.phase else { return }
    precondition(publications.count == intents.count, "an answer for each intent of \(id)")
    var done: [TaskInstance] = []
    var undone: [TaskInstance] = []
    var followers: [Int] = []
    for (intent, publication) in zip(intents, publications) {
      let checkpoint = intent.checkpoint
      let position = planner.graph.index[checkpoint.instance]!
      switch publication {
      case .published(let asides):
        done.append(checkpoint.instance)
        facts.checkpoints[checkpoint.instance] = StandingCheckpoint(
          fingerprint: checkpoint.fingerprint, outputs: checkpoint.outputs, verdict: checkpoint.verdict,
          message: checkpoint.message)
        guard case .running(let decided, _) = states[position] else { preconditionFailure("published without running") }
        followers += settle(
          position, .succeeded, reasons: decided.reasons, figures: checkpoint.figures, seconds: now - live.startedAt,
          attempt: id, asides: asides)
      case .failed(let failureClass, let message):
        undone.append(checkpoint.instance)
        let failure = Classification(failureClass: failureClass, rule: "publishing", message: message)
        followers += fail(position, failure, seedsLeft: nil, live).followers
      }
    }
    if !done.isEmpty { transition.entries.append(.published(attempt: id, instances: done)) }
    if !undone.isEmpty { transition.entries.append(.publishUndone(attempt: id, instances: undone)) }
    remove(live)
    judge(followers)
  }

  // MARK: The end of an attempt

  private mutating func recordEnd(
    _ id: String, outcome: Outcome, failure: Classification?, exit: ExitRecord?, _ next: Next
  ) {
    transition.entries.append(
      .attemptEnded(
        attempt: id,
        AttemptEnd(
          outcome: outcome, failureClass: failure?.failureClass, rule: failure?.rule, message: failure?.message, exit: exit,
          nextAttemptAt: next.at, at: now, followUp: next.decision?.text)))
  }

  private mutating func close(
    _ id: String, outcome: Outcome, failure: Classification?, exit: ExitRecord?, _ next: Next = Next()
  ) {
    recordEnd(id, outcome: outcome, failure: failure, exit: exit, next)
    remove(attempts[id]!)
  }

  private mutating func remove(_ live: LiveAttempt) {
    let id = live.plan.record.id
    transition.effects.append(.showLog(attempt: id, task: live.plan.record.task))
    transition.effects.append(.discard(attempt: id, keepOutputs: attempts[id]?.keepsOutputs ?? live.keepsOutputs))
    attempts[id] = nil
  }
}
