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
  /// Where the pipeline is to be kept for the next command; `nil` where it is there, or nothing would be saved.
  private let kept: CheckedPipelineFile?

  /// - Parameters:
  ///   - overrides: `--param` values.
  ///   - now: seconds since 1970.
  ///   - host: takes the pipeline from where the last command kept it, if it can; `nil` has the file read in any case.
  init(_ location: WorkspaceLocation, overrides: [String: ConfigurationValue] = [:], now: Double = 0, host: Host? = nil) throws {
    readAtNanoseconds = Int64(now * 1e9)
    stamp = try FileStamp.of(location.pipelinePath)
    let bytes = try FileContent.read(location.pipelinePath) ?? []
    let checked = overrides.isEmpty ? try host.flatMap { try CheckedPipelineFile(location, bytes: bytes, host: $0) } : nil
    if let known = checked?.read() {
      (pipeline, diagnostics, kept) = (known, [], nil)
      return
    }
    (pipeline, diagnostics) = PipelineReader.read(bytes: bytes, file: location.pipelineFile, overrides: overrides)
    // What is said of a file is said each time.
    kept = diagnostics.isEmpty ? checked : nil
  }

  /// Keeps the pipeline for the next command. For whoever holds the workspace.
  func keep() {
    if let kept, let pipeline { kept.write(pipeline) }
  }

  /// The pipeline, or everything that is wrong with the file.
  /// - Throws: `Diagnostics`
  func checked() throws -> Pipeline {
    guard let pipeline else { throw Diagnostics(diagnostics) }
    return pipeline
  }
}
