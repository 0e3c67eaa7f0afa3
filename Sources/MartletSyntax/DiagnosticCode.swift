/// The stable codes of everything that can be wrong with a file; each has its cause and its cure in `docs/errors.md`.
///
/// A code never changes its meaning and is never given again after its rule is gone.
public enum DiagnosticCode: String, Sendable, CaseIterable {
  // The text itself.
  case syntax = "E101"
  case duplicateKey = "E102"
  case tag = "E103"
  case limit = "E104"

  // Keys and the values below them.
  case wrongType = "E105"
  case unknownKey = "E106"
  case missingKey = "E107"
  case invalidValue = "E108"
  case laterVersion = "E109"
  case keyNotHere = "E110"

  // References and paths.
  case unknownReference = "E111"
  case notAReference = "E112"
  case path = "E113"
  case twoWriters = "E114"
  case nestedOutputs = "E115"
  case readsInsideOutput = "E116"
  case cycle = "E117"

  // Built-in tasks.
  case unknownBuiltin = "E118"
  case builtinInterface = "E119"

  // Partitions and expressions.
  case unknownPartition = "E120"
  case partitionMissing = "E121"
  case expressionSyntax = "E122"
  case expressionScope = "E123"
  case expressionName = "E124"
  case expressionQuoted = "E125"
}
