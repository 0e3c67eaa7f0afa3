/// ingest
enum Ingest: BuiltinTask {
  static func run(_ context: TaskContext) throws {
    throw TaskFailure(.code, "ingest cannot run yet")
  }
}
