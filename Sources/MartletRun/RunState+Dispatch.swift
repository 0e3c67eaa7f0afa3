/// Starting attempts: what is queued, what fits, what shares a process.

import MartletModel
import MartletPlan

extension RunState {
  /// An instance must run: take over an attempt that already does so, go on with a stored wait, or queue it.
  mutating func enter(_ position: Int, _ decided: Decided) {
    if claim(position, decided) { return }
    let instance = planner.graph.nodes[position].instance
    if budgets[position] == nil, let carried = settings.waits[instance], carried.fingerprint == decided.fingerprint {
      budgets[position] = Budget(spent: carried.spent)
      wait(position, decided, until: carried.notBefore)
      return
    }
    enqueue(position, decided)
  }

  /// Writes the waits of the interrupted run down as this run's own, so that a second kill forgets nothing that was spent.
  mutating func carryWaits() {
    for (instance, wait) in settings.waits.sorted(by: { $0.key.key < $1.key.key }) {
      for (failureClass, tries) in wait.spent.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let entry = JournalEntry.waitScheduled(
          run: settings.run.id, instance: instance, fingerprint: wait.fingerprint, failureClass: failureClass,
          notBefore: wait.notBefore)
        transition.entries += Array(repeating: entry, count: tries)
      }
    }
  }

  mutating func enqueue(_ position: Int, _ decided: Decided) {
    states[position] = .queued(decided)
    var low = 0
    var high = queue.count
    while low < high {
      let middle = (low + high) / 2
      if ranks[queue[middle]] < ranks[position] { low = middle + 1 } else { high = middle }
    }
    queue.insert(position, at: low)
  }

  /// The graph's order; or by partition, in which what has none comes first.
  static func ranks(of graph: InstanceGraph, _ order: PartitionOrder?) -> [Int] {
    guard let order else { return Array(graph.nodes.indices) }
    func value(_ position: Int) -> String { graph.nodes[position].instance.partition?.value ?? "" }
    let sorted = graph.nodes.indices.sorted { left, right in
      let (first, second) = (value(left), value(right))
      if first == second || first.isEmpty != second.isEmpty { return (first, left) < (second, right) }
      return order == .oldest ? first < second : first > second
    }
    var ranks = Array(repeating: 0, count: sorted.count)
    for (rank, position) in sorted.enumerated() { ranks[position] = rank }
    return ranks
  }

  mutating func wait(_ position: Int, _ decided: Decided, until: Double) {
    states[position] = .waiting(decided, until: until)
    waitingPositions.insert(position)
  }

  /// Waits that are over go back into the queue.
  mutating func wake() {
    for position in waitingPositions.sorted() {
      guard case .waiting(let decided, let until) = states[position], until <= now else { continue }
      waitingPositions.remove(position)
      enqueue(position, decided)
    }
  }

  /// Starts what fits, in the graph's order; something larger does not hold back something smaller behind it.
  mutating func dispatch() {
    guard stop == .none, !queue.isEmpty else { return }
    // An attempt that is being ended holds its instances too: never two at once.
    let busy = Set((attempts.values.map(\.plan.record) + unclaimed).flatMap(positions(of:)))
    var place = 0
    while place < queue.count, freeLanes > 0, freeCores > 0 {
      let position = queue[place]
      guard !busy.contains(position), fits(request(for: position)) else {
        place += 1
        continue
      }
      let batch = batch(startingAt: place).filter { !busy.contains($0) }
      if batch.count == 1 {
        queue.remove(at: place)
      } else {
        let taken = Set(batch)
        queue.removeAll { taken.contains($0) }
      }
      start(batch)
      place = 0
    }
  }

  /// The queued instances that share one process with the one at `place`.
  private func batch(startingAt place: Int) -> [Int] {
    let first = queue[place]
    let node = planner.graph.nodes[first]
    let task = planner.task(of: first)
    guard task.batch > 1, node.instance.partition != nil else { return [first] }
    let mates = queue[place...].filter { position in
      planner.graph.nodes[position].task == node.task && planner.graph.nodes[position].instance.partition != nil
    }
    // Shared out evenly over the attempts that fit beside each other, so that few partitions use all cores too.
    let share = max(1, request(for: first).cpu)
    let lanes = max(1, min(freeLanes, freeCores / share))
    var limit = min(task.batch, budgets[first]?.batchLimit ?? .max, max(1, (mates.count + lanes - 1) / lanes))
    let seed = budgets[first]?.seedIndex ?? 0
    let request = request(for: first)
    var batch: [Int] = []
    for mate in mates where (budgets[mate]?.seedIndex ?? 0) == seed && self.request(for: mate) == request {
      // A suspect goes into no larger company than it was sent into, whoever stands first.
      let bound = budgets[mate]?.batchLimit ?? .max
      if batch.count >= limit { break }
      if batch.count < bound {
        batch.append(mate)
        limit = min(limit, bound)
      }
    }
    return batch
  }

  /// The live attempts that hold a share of the machine.
  var holders: [LiveAttempt] { attempts.values.filter(\.holdsShare) }

  /// Whether an attempt whose process has ended keeps its share of the machine until it is published. After a good end only files wait for
  /// the disk, and the next attempt need not wait with them; after any other nothing starts before it is known what follows. What waits
  /// for this one alone comes before what is queued, and who asked for one attempt at a time gets no second one early.
  func keepsShare(_ live: LiveAttempt, after exit: ExitRecord?) -> Bool {
    guard exit?.status == .exited(0) else { return true }
    guard live.plan.items.count == 1 else { return false }
    guard settings.maximumAttempts > 1 else { return true }
    return live.positions.contains { position in
      guard let position else { return false }
      return planner.graph.downstream[position].contains { openUpstream[$0] == 1 && states[$0].isOpen }
    }
  }

  /// How many more attempts may live. Those that hold no share wait for the disk, which serves some of them in the time of one; but what
  /// is being published cannot pile up.
  private var freeLanes: Int {
    let lanes = min(settings.maximumAttempts, settings.capacity.cpu)
    return min(lanes - holders.count, lanes + RunState.publishedAtOnce - attempts.count)
  }

  /// How many attempts may be verified and published beside those that run.
  private static let publishedAtOnce = 8

  private var freeCores: Int { settings.capacity.cpu - holders.reduce(0) { $0 + $1.plan.record.resources.cpu } }

  private func fits(_ request: Resources) -> Bool {
    let memory = settings.capacity.memoryBytes - holders.reduce(0) { $0 + $1.plan.record.resources.memoryBytes }
    return request.cpu <= freeCores && request.memoryBytes <= memory
  }

  /// What the next attempt of an instance asks for: its task's request, at most what the host gives. Without a request for memory it
  /// asks for as large a part of the memory as of the cores; each time memory ran out it asks for twice as much.
  func request(for position: Int) -> Resources {
    let task = planner.task(of: position)
    let capacity = settings.capacity
    let cpu = min(max(1, task.resources.cpu ?? 1), capacity.cpu)
    var memory = min(task.resources.memoryBytes ?? capacity.memoryBytes / capacity.cpu * cpu, capacity.memoryBytes)
    for _ in 0..<(budgets[position]?.spent[.resource] ?? 0) {
      memory = memory > capacity.memoryBytes / 2 ? capacity.memoryBytes : memory * 2
    }
    return Resources(cpu: cpu, memoryBytes: memory)
  }

  private mutating func start(_ batch: [Int]) {
    var decisions: [Decided] = []
    for position in batch {
      guard case .queued(let decided) = states[position] else { preconditionFailure("started without being queued") }
      decisions.append(decided)
      budgets[position, default: Budget()].attempts += 1
    }
    attemptCount += 1
    let record = AttemptRecord(
      id: "\(settings.run.id).\(attemptCount)", run: settings.run.id, task: planner.task(of: batch[0]).name,
      instances: batch.map { planner.graph.nodes[$0].instance }, fingerprints: decisions.map(\.fingerprint),
      ingredients: decisions.map(\.ingredients), number: budgets[batch[0]]!.attempts, resources: request(for: batch[0]),
      seedIndex: budgets[batch[0]]!.seedIndex, createdAt: now)
    let plan = attemptPlan(for: record)
    for (position, decided) in zip(batch, decisions) { states[position] = .running(decided, attempt: record.id) }
    attempts[record.id] = LiveAttempt(plan: plan, positions: batch, phase: .preparing, startedAt: now)
    transition.entries.append(.attemptCreated(record))
    transition.effects.append(.prepare(plan))
    transition.effects.append(.tell(.attemptStarted(record, reasons: decisions[0].reasons)))
  }

  // MARK: Adoption

  private func positions(of record: AttemptRecord) -> [Int] {
    record.instances.compactMap { planner.graph.index[$0] }
  }

  /// Takes over an attempt of an interrupted run that works on just this.
  private mutating func claim(_ position: Int, _ decided: Decided) -> Bool {
    guard !readsWhatWasMadeAgain(position) else { return false }
    let instance = planner.graph.nodes[position].instance
    func works(_ record: AttemptRecord) -> Int? {
      record.instances.indices.first { record.instances[$0] == instance && record.fingerprints[$0] == decided.fingerprint }
    }
    if let live = attempts.values.first(where: { $0.plan.record.run != settings.run.id && works($0.plan.record) != nil }),
      case .running = live.phase
    {
      let place = works(live.plan.record)!
      attempts[live.plan.record.id]!.positions[place] = position
      // What it reads was perhaps not settled when the attempt was taken over for another partition.
      attempts[live.plan.record.id]!.plan.items[place] = item(live.plan.record, place)
      take(position, decided, from: live.plan.record)
      return true
    }
    guard let place = unclaimed.firstIndex(where: { works($0) != nil }) else { return false }
    let record = unclaimed.remove(at: place)
    var positions = [Int?](repeating: nil, count: record.instances.count)
    positions[works(record)!] = position
    attempts[record.id] = LiveAttempt(
      plan: attemptPlan(for: record), positions: positions, phase: .running, startedAt: record.createdAt)
    take(position, decided, from: record)
    transition.effects.append(.adopt(record))
    transition.effects.append(.tell(.attemptStarted(record, reasons: decided.reasons)))
    return true
  }

  /// Whether this run made an input of a node anew: an attempt from before may have read other bytes, which stood in their place
  /// meanwhile, though its fingerprint is the same.
  private func readsWhatWasMadeAgain(_ position: Int) -> Bool {
    planner.graph.nodes[position].inputs.contains { input in
      guard case .nodes(let producers, _) = input.origin else { return false }
      return producers.contains { if case .settled(.succeeded) = states[$0] { true } else { false } }
    }
  }

  /// An adopted attempt works for this node, with what the interrupted run had spent on it.
  private mutating func take(_ position: Int, _ decided: Decided, from record: AttemptRecord) {
    states[position] = .running(decided, attempt: record.id)
    budgets[position, default: Budget()].attempts = record.number
    let carried = settings.waits[planner.graph.nodes[position].instance]
    if let carried, carried.fingerprint == decided.fingerprint { budgets[position]!.spent = carried.spent }
  }

  /// Ends attempts of an interrupted run whose result this plan no longer wants: those whose instances have all been judged.
  mutating func retireUnwantedAttempts() {
    let unwanted = unclaimed.filter { record in
      positions(of: record).allSatisfy { position in
        if case .pending = states[position] { false } else { true }
      }
    }
    guard !unwanted.isEmpty else { return }
    unclaimed.removeAll { record in unwanted.contains { $0.id == record.id } }
    for record in unwanted {
      attempts[record.id] = LiveAttempt(
        plan: planWithoutWork(for: record), positions: record.instances.map { _ in nil }, phase: .retiring,
        startedAt: record.createdAt)
      transition.effects.append(.adopt(record))
      transition.effects.append(.end(attempt: record.id, immediately: false))
    }
  }
}
