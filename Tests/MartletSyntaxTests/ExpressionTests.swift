// Where expressions may stand and what they may name.

import Testing

struct ExpressionTests {
  @Test func expressions() {
    let text = """
      martlet: 1
      pipeline: p
      partitions: {dt: {every: day, start: 2013-01-01}}
      params: {n: 1, list: [1]}
      tasks:
        a:
          run: x ${{ params.m }} ${{ params.list }} ${{ in.y }} ${{ out.z }} ${{ env.E }} ${{ dt }} ${{ dx }} ${{ hash }} ${{ in.x + 1 }} ${{ }}
          in: {x: "./x${{ in.x }}", w: "./${{ nope"}
          env: {F: "${{ in.x }}", MARTLET_X: 1, "A-B": 1, G: [1]}
          with: {a: ["${{ params.n }}", "${{ dt }}"]}
      """
    #expect(
      brief(text) == """
        7:12 E124 unknown parameter "m" | did you mean "n"?
        7:28 E123 the parameter "list" is no single value and can't stand in a command
        7:47 E124 unknown input "y" | did you mean "w"?
        7:59 E124 unknown output "z"
        7:72 E124 unknown environment variable "E" | did you mean "F"?
        7:85 E123 ${{ dt }} can't stand in a command | the task runs for each "dt" only with "each: dt"
        7:95 E124 unknown partition "dx" | did you mean "dt"?
        7:105 E123 ${{ hash }} can't stand in a command | hash is for the output of a package task
        7:117 E122 "in.x + 1" is no expression | known are: params.NAME, a partition's name, in.NAME, out.NAME, env.NAME, hash
        7:133 E122 "" is no expression | known are: params.NAME, a partition's name, in.NAME, out.NAME, env.NAME, hash
        8:17 E123 ${{ in.x }} can't stand in the path of an input | in.NAME is for run
        8:37 E122 "${{" is never closed | end the expression with "}}"
        9:15 E123 ${{ in.x }} can't stand in env | in.NAME is for run
        9:29 E108 "MARTLET_X" can't be an environment variable of a task | a name holds letters, digits and _, and does not begin with MARTLET_
        9:43 E108 "A-B" can't be an environment variable of a task | a name holds letters, digits and _, and does not begin with MARTLET_
        9:56 E105 "G" must be a text, found a list
        10:36 E123 ${{ dt }} can't stand in with | parameters are the same for every partition; the process is told its partition
        """)
  }

  @Test func quotes() {
    let text = #"""
      martlet: 1
      pipeline: p
      tasks:
        a:
          run: |
            echo "${{ in.x }}" '${{ in.x }}' ${{ in.x }}   # it's ${{ in.x }}
            echo "$(cat ${{ in.x }} "${{ in.x }}")" `cat ${{ in.x }}` \" ${{ in.x }}
            cat <<'END'
            don't ${{ in.x }}
            END
            echo ${{ in.x }} "a
            ${{ in.x }}"
          in: {x: ./x}
      """#
    #expect(
      brief(text) == """
        6:13 E125 ${{ in.x }} stands inside quotes | end the quotes before it: it becomes one quoted word of its own
        6:27 E125 ${{ in.x }} stands inside quotes | end the quotes before it: it becomes one quoted word of its own
        7:32 E125 ${{ in.x }} stands inside quotes | end the quotes before it: it becomes one quoted word of its own
        9:13 E125 ${{ in.x }} stands inside a here-document | set a variable before: name=${{ in.x }}
        12:7 E125 ${{ in.x }} stands inside quotes | end the quotes before it: it becomes one quoted word of its own
        """)
  }
}
