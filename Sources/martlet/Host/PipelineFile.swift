/// The pipeline file as read, with everything that is to be said of it.

import MartletFiles
import MartletModel
import MartletSyntax

struct PipelineFile {
  /// `nil` where there is an error.
  let pipeline: Pipeline?
  let diagnostics: [Diagnostic]
  /// As it was before the file was read; `nil` if it was not there.
  let stamp: FileStamp?
  /// The wall clock before the file was read, nanoseconds since 1970.
  let readAtNanoseconds: Int64

  /// - Parameters:
  ///   - overrides: `--param` values.
  ///   - now: seconds since 1970.
  init(_ location: WorkspaceLocation, overrides: [String: ConfigurationValue] = [:], now: Double = 0) throws {
    readAtNanoseconds = Int64(now * 1e9)
    stamp = try FileStamp.of(location.pipelinePath)
    let bytes = try FileContent.read(location.pipelinePath) ?? []
    (pipeline, diagnostics) = PipelineReader.read(bytes: bytes, file: location.pipelineFile, overrides: overrides)
  }

  /// The pipeline, or everything that is wrong with the file.
  /// - Throws: `Diagnostics`
  func checked() throws -> Pipeline {
    guard let pipeline else { throw Diagnostics(diagnostics) }
    return pipeline
  }
}
