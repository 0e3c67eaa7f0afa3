/// `.martlet/checked`: the pipeline as it came out of reading and checking its file, so that a file of thousands of tasks is read once.
///
/// It only ever saves time: one that is missing, damaged, or of another file, place or program is passed over and written anew.

import MartletFiles
import MartletModel
import MartletStore

struct CheckedPipelineFile {
  private let path: String
  private let key: Digest

  private static let mark = Array("martlet.checked/1\n".utf8)
  /// Reading fewer bytes of YAML takes no longer than two more files.
  private static let leastByteCount = 16_384

  /// - Parameter bytes: of the pipeline file.
  /// - Returns: `nil` where keeping the pipeline would save nothing.
  init?(_ location: WorkspaceLocation, bytes: [UInt8], host: Host) throws {
    guard bytes.count >= CheckedPipelineFile.leastByteCount, let program = try host.programIdentity() else { return nil }
    path = "\(location.engineFolder)/checked"
    var encoder = CanonicalEncoder(domain: "martlet.checked/1")
    encoder.append(tag: 1, program.bytes)
    // Places name the file.
    encoder.append(tag: 2, location.pipelineFile)
    encoder.append(tag: 3, Digest(hashing: bytes).bytes)
    key = encoder.digest
  }

  /// - Returns: `nil` where no such pipeline was kept, or it cannot be read.
  func read() -> Pipeline? {
    let bytes: [UInt8]
    do {
      bytes = try FileContent.read(path) ?? []
    } catch {
      return nil
    }
    let head = CheckedPipelineFile.mark + key.bytes
    guard bytes.count >= head.count + key.bytes.count, bytes.starts(with: head) else { return nil }
    let content = bytes[(head.count + key.bytes.count)...]
    guard bytes[head.count..<content.startIndex].elementsEqual(Digest(hashing: Array(content)).bytes) else { return nil }
    return CheckedPipeline.decode(content)
  }

  /// Whatever keeps it from being written costs the next command a reading of the pipeline file and nothing else.
  func write(_ pipeline: Pipeline) {
    let content = CheckedPipeline.encode(pipeline)
    do {
      try DurableFile.replace(path, with: CheckedPipelineFile.mark + key.bytes + Digest(hashing: content).bytes + content)
    } catch {
      return
    }
  }
}
