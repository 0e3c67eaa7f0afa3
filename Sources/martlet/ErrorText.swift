/// Every error as a person reads it, with the exit status it leads to.

import ArgumentParser
import MartletFiles
import MartletModel
import MartletRun
import MartletStore

struct ErrorText {
  let text: String
  let status: ExitStatus

  static func of(_ error: any Error) -> ErrorText {
    switch error {
    case let error as UserError: ErrorText(text: "error: \(error)", status: error.status)
    case let error as StoreError: ErrorText(text: "error: \(error)", status: error.exitStatus)
    case let error as Diagnostics: ErrorText(text: error.rendered, status: .usage)
    case is History.Damage, is ReleaseError, is SystemError, is UnfitFileError, is HelperProgram.Failure,
      is DurabilityError:
      ErrorText(text: "error: \(error)", status: .usage)
    default: ErrorText(text: "error: \(error)\n  hint: this is a mistake in martlet; please report it", status: .bug)
    }
  }
}
