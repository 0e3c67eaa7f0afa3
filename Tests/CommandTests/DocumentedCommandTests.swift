// docs/commands.md names every command and every form of JSON that the program has, and no others.

import Testing

@Suite struct DocumentedCommandTests {
  private let root = Program.folder(of: Program.folder(of: Program.folder(of: #filePath)))

  private func lines(_ arguments: String...) -> [String] {
    Program.run(arguments, in: root).out.split(separator: "\n").map(String.init)
  }

  @Test func everyCommandIsThere() {
    let page = lines("/bin/cat", "docs/commands.md").joined(separator: "\n")
    let help = Program.martlet("--help", in: root).out
    // The last line says where a command's own help is.
    let commands = help.split(separator: "SUBCOMMANDS:\n")[1].split(separator: "\n")
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }.map { $0.split(separator: " ")[0] }
    #expect(commands.count > 10)
    for command in commands { #expect(page.contains("`martlet \(command)"), "docs/commands.md has no `martlet \(command)`") }
  }

  @Test func everyFormOfJSONIsThere() {
    let inSources = Set(
      lines("/usr/bin/grep", "-rhoE", "schema: \"martlet\\.[a-z]+/[0-9]+\"", "Sources/martlet").map { $0.dropFirst(9).dropLast() }
    )
    let inPage = Set(
      lines("/usr/bin/grep", "-oE", "^\\| `martlet\\.[a-z]+/[0-9]+`", "docs/commands.md").map { $0.dropFirst(3).dropLast() })
    #expect(inSources == inPage)
    #expect(inPage.count > 10)
  }
}
