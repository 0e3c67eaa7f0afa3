// The process of a built-in task. The environment says what to do; see docs/process-contract.md.

import BuiltinTasks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

exit(TaskCommand.main(Array(CommandLine.arguments.dropFirst())))
