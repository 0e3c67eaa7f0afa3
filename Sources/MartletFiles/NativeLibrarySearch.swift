/// Where DuckDB's and LightGBM's libraries lie: looks at folders, loads nothing.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds a native library by looking into the places where people install them, in this order: `MARTLET_NATIVE_DIR`, beside the
/// executable, the system's libraries, Python's site-packages. Costs some `stat` and `readdir` calls.
public struct NativeLibrarySearch: Sendable {
  /// A library that is loaded at run time.
  public enum Library: String, Sendable, CaseIterable {
    case duckdb
    case lightgbm
  }

  /// What a search gave: the library's file, or the folders that do not have it, in the order searched.
  public enum Finding: Sendable, Equatable {
    case found(path: String)
    case missing(places: [String])
  }

  /// What to type where a library is missing.
  public static let hint = """
    install it with `python3 -m pip install duckdb==2.0.0 lightgbm==4.7.0`, or set MARTLET_NATIVE_DIR to the folder that holds it
    """

  private let environment: [String: String]
  private let executableFolder: String?

  /// - Parameters:
  ///   - environment: `MARTLET_NATIVE_DIR`, `VIRTUAL_ENV`, `PATH` and `HOME` are read.
  ///   - executableFolder: the folder of the running program, without a trailing slash.
  public init(environment: [String: String], executableFolder: String?) {
    self.environment = environment
    self.executableFolder = executableFolder
  }

  /// Looks for a library.
  public func find(_ library: Library) -> Finding {
    var places: [String] = []
    // Each group is listed only when the ones before it had nothing.
    for group in [givenFolders, foldersInGiven, ownFolders, systemFolders, pythonFolders] {
      for folder in group() where !places.contains(folder) {
        if let path = file(of: library, in: folder) { return .found(path: path) }
        places.append(folder)
      }
    }
    return .missing(places: places)
  }

  private func givenFolders() -> [String] {
    (environment["MARTLET_NATIVE_DIR"] ?? "").split(separator: ":").map { folder in
      String(folder.count > 1 && folder.hasSuffix("/") ? folder.dropLast() : folder)
    }
  }

  /// Two levels below the given folders, for whoever points at a folder above.
  private func foldersInGiven() -> [String] {
    let first = givenFolders().flatMap(Self.subfolders(of:))
    return first + first.flatMap(Self.subfolders(of:))
  }

  private func ownFolders() -> [String] {
    guard let executableFolder else { return [] }
    return [executableFolder, executableFolder + "/native", executableFolder + "/../lib/martlet"]
  }

  private func systemFolders() -> [String] {
    let folders = [
      "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/opt/homebrew/lib",
    ]
    return folders.filter(Self.isFolder)
  }

  private func pythonFolders() -> [String] {
    var roots: [String] = []
    if let virtual = environment["VIRTUAL_ENV"], !virtual.isEmpty { roots.append(virtual) }
    if let home = environment["HOME"], !home.isEmpty {
      roots.append(home + "/.local")
      roots += Self.entries(of: home + "/.pyenv/versions").map { home + "/.pyenv/versions/" + $0 }
    }
    for folder in (environment["PATH"] ?? "").split(separator: ":") where folder.hasSuffix("/bin") {
      roots.append(String(folder.dropLast(4)))
    }
    roots += ["/usr/local", "/usr"]
    return roots.flatMap { root in
      let libraries = root + "/lib"
      return Self.entries(of: libraries).filter { $0.hasPrefix("python3") }.flatMap { python in
        ["site-packages", "dist-packages"].map { "\(libraries)/\(python)/\($0)" }.filter(Self.isFolder)
      }
    }
  }

  /// The library's file in a folder that may be a plain library folder or a Python site-packages.
  private func file(of library: Library, in folder: String) -> String? {
    let names = library == .duckdb ? ["libduckdb.so", "libduckdb.dylib"] : ["lib_lightgbm.so", "lib_lightgbm.dylib"]
    for name in names where Self.isFile(folder + "/" + name) { return folder + "/" + name }
    switch library {
    case .lightgbm:
      return names.lazy.map { folder + "/lightgbm/lib/" + $0 }.first(where: Self.isFile)
    case .duckdb:
      // The wheel's extension module carries the C API; its name has Python's version.
      for sub in ["", "/duckdb"] {
        let modules = Self.entries(of: folder + sub).filter { name in
          (name.hasPrefix("_duckdb.") || (sub == "/duckdb" && name.hasPrefix("duckdb."))) && name.hasSuffix(".so")
        }
        if let name = modules.last { return folder + sub + "/" + name }
      }
      return nil
    }
  }

  private static func subfolders(of folder: String) -> [String] {
    entries(of: folder).map { folder + "/" + $0 }.filter(isFolder)
  }

  /// Names in a folder, sorted by bytes; none if it cannot be read, since a search passes over what is not there.
  private static func entries(of folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func isFile(_ path: String) -> Bool { mode(of: path) == S_IFREG }
  private static func isFolder(_ path: String) -> Bool { mode(of: path) == S_IFDIR }

  private static func mode(of path: String) -> mode_t {
    var status = stat()
    guard stat(path, &status) == 0 else { return 0 }
    return status.st_mode & S_IFMT
  }
}
