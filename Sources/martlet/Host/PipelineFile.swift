/// The pipeline file as read, with everything that is to be said of it.

import MartletFiles
import MartletModel
import MartletSyntax

struct PipelineFile {
  /// `nil` where there is an error.
  let pipeline: Pipeline?
  let diagnostics: [Diagnostic]

  /// - Parameter overrides: `--param` values.
  init(_ location: WorkspaceLocation, overrides: [String: ConfigurationValue] = [:]) throws {
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
