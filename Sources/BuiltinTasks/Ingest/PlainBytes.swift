/// The bytes of a source file as its writer meant them: those of a compressed file unpacked.

import DuckDB
import MartletFiles

/// DuckDB reads compressed files itself but tells no line of them; on the rare way where lines are needed, `gzip` and `zstd` unpack them.
struct PlainBytes {
  let connection: Connection

  /// Gives the bytes to `body`; they are not to be kept. `nil` for a compressed file where the machine has no program that unpacks it.
  func read<Result>(_ source: SourceFile, _ body: (UnsafeRawBufferPointer?) throws -> Result) throws -> Result {
    guard source.isCompressed else { return try MappedFile.read(source.readPath) { try body($0) } }
    guard let unpacked = try unpack(source.path) else { return try body(nil) }
    return try MappedFile.read(unpacked.path) { try body($0) }
  }

  /// An unpacked copy; `nil` where the machine has no program for it, or the file is damaged.
  func unpack(_ path: String) throws -> ScratchFile? {
    let target = try ScratchFile(connection)
    try target.finish()
    let program = path.lowercased().hasSuffix(".gz") ? "gzip" : "zstd"
    // An absolute path, so that nothing in it is taken for an option.
    let unpacking = try HelperProgram.run(["/bin/sh", "-c", "exec \"$0\" -dcq < \"$1\" > \"$2\"", program, path, target.path])
    return unpacking.status == 0 ? target : nil
  }
}
