/// The bytes of a source file as its writer meant them: those of a compressed file unpacked.

import DuckDB
import MartletFiles

/// DuckDB reads compressed files itself but tells no line of them; on the rare way where lines are needed, `gzip` and `zstd` unpack them.
struct PlainBytes {
  let connection: Connection

  /// Gives the bytes to `body`; they are not to be kept. `nil` for a compressed file where the machine has no program that unpacks it.
  func read<Result>(_ source: SourceFile, _ body: (UnsafeRawBufferPointer?) throws -> Result) throws -> Result {
    guard source.isCompressed else { return try MappedFile.read(source.path) { try body($0) } }
    let folder = try connection.value("SELECT current_setting('temp_directory')").string ?? "."
    try TaskFile.makeFolder(folder)
    let target = "\(folder)/plain"
    let program = source.path.lowercased().hasSuffix(".gz") ? "gzip" : "zstd"
    // An absolute path, so that nothing in it is taken for an option.
    let unpacking = try HelperProgram.run(["/bin/sh", "-c", "exec \"$0\" -dcq < \"$1\" > \"$2\"", program, source.path, target])
    guard unpacking.status == 0 else { return try body(nil) }
    let result = try MappedFile.read(target) { try body($0) }
    // It lies in the attempt's scratch folder: after an error it goes with that.
    try FileTree.remove(target)
    return result
  }
}
