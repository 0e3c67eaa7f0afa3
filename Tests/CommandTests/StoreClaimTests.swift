// A store that `store:` puts elsewhere belongs to one workspace and has one writer.

import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct StoreClaimTests {
  private let elsewhere = CommandWorkspace(pipeline: nil).root

  private func workspace() -> CommandWorkspace {
    let workspace = CommandWorkspace(
      pipeline: """
        martlet: 1
        pipeline: small
        store: \(elsewhere)
        tasks:
          copy:
            run: cp ${{ in.x }} ${{ out.o }}
            in: {x: data/source.csv}
            out: {o: data/copy.csv}

        """)
    workspace.write("data/source.csv", "1\n")
    return workspace
  }

  @Test func aStoreOfAnotherWorkspaceIsRefusedUntilThatIsGone() {
    let (first, second) = (workspace(), workspace())
    #expect(first.martlet("run").status == 0)
    #expect(first.martlet("run").status == 0)
    let refusal = """
      error: the store belongs to another workspace
        store         \(elsewhere)/store.sqlite
        belongs to    \(first.root)
        asked for by  ROOT
        hint: give this workspace a folder of its own: store: in martlet.yaml

      """
    #expect(second.martlet("run") == Ending(status: 2, out: "", err: refusal))
    #expect(rename(first.root, first.root + "-moved") == 0)
    #expect(second.martlet("run").status == 0)
  }

  @Test func aStoreThatAnotherProcessHoldsIsRefused() {
    let workspace = workspace()
    #expect(workspace.martlet("run").status == 0)
    let descriptor = open(elsewhere + "/store.sqlite.lock", O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let ending = workspace.martlet("run")
    #expect(ending.status == 75, "\(ending)")
    #expect(ending.err.hasPrefix("error: the store is in use\n"), "\(ending)")
  }
}
