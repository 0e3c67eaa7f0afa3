// Keys and plain values: misspelt, misplaced, missing, of a later version, of a wrong form.

import Testing

struct KeyTests {
  @Test func emptyFile() {
    let text = ""
    #expect(
      brief(text) == """
        1:1 E107 the file is empty | begin with "martlet: 1"; `martlet init` writes an example
        """)
  }

  @Test func noMap() {
    let text = """
      - martlet
      """
    #expect(
      brief(text) == """
        1:1 E105 the file must be a map, found a list
        """)
  }

  @Test func missingKeys() {
    let text = """
      pipeline: p
      """
    #expect(
      brief(text) == """
        1:1 E107 missing key "martlet"
        1:1 E107 missing key "tasks"
        """)
  }

  @Test func version() {
    let text = """
      martlet: 2
      pipeline: 7up
      tasks: {}
      """
    #expect(
      brief(text) == """
        1:10 E109 this version of Martlet reads format 1, not 2 | write "martlet: 1"
        2:11 E108 "7up" can't be the name of a pipeline | a name begins with a letter and holds letters, digits, _ and -, at most 64 of them
        3:8 E108 the pipeline has no tasks
        """)
  }

  @Test func laterKeys() {
    let text = """
      martlet: 1
      pipeline: p
      schedules: {}
      secrets: {}
      tasks:
        a: {run: x, executor: slurm}
        b: {run: "curl ${{ secrets.KEY }}", executor: cloud}
      """
    #expect(
      brief(text) == """
        3:1 E109 this version of Martlet does not have "schedules" | remove the key
        4:1 E109 this version of Martlet does not have "secrets" | remove the key
        6:25 E109 this version of Martlet does not have "executor: slurm" | the only known one is "local"
        7:18 E109 this version of Martlet does not have secrets
        7:49 E108 "executor" can't be "cloud" | the only known one is "local"
        """)
  }

  @Test func misplacedKey() {
    let text = """
      martlet: 1
      pipeline: p
      timeout: 5m
      tasks:
        a: {run: x, params: {}, cpu: 2}
      """
    #expect(
      brief(text) == """
        3:1 E106 unknown key "timeout" | it is a key of a task: move it there
        5:15 E106 unknown key "params" in "a" | it is a key of the pipeline itself: move it there
        5:27 E106 unknown key "cpu" in "a" | it is a key of "resources": move it there
        """)
  }

  @Test func partitions() {
    let text = """
      martlet: 1
      pipeline: p
      partitions:
        in: {every: day, start: 2013-01-01}
        dt: {every: hour, start: 2013-02-30, end: soon, timezone: "Mars time"}
        wk: {every: day, start: 2013-01-02, end: 2013-01-01}
        yr: {start: 2013}
      tasks:
        a: {run: x, each: dt2}
      """
    #expect(
      brief(text) == """
        4:3 E108 "in" can't be the name of a partition: expressions use it | rename it, for example to "dt"
        5:15 E108 "every" can't be "hour" | the only known one is "day"
        5:28 E108 "start" must be a day of the calendar, such as 2013-01-31, found "2013-02-30"
        5:45 E108 "end" must be a day of the calendar, such as 2013-01-31, found "soon"
        5:61 E108 "Mars time" is no time zone | write a name such as UTC or America/New_York
        6:44 E108 "end" is before "start" | 2013-01-01 comes before 2013-01-02
        7:7 E107 missing key "every" in "yr"
        7:15 E105 "start" must be a day of the calendar, such as 2013-01-31, found the integer 2013
        9:21 E120 unknown partition "dt2" | did you mean "dt"?
        """)
  }

  @Test func quantities() {
    let text = """
      martlet: 1
      pipeline: p
      resources: {cpu: 2, memory: 4}
      defaults: {timeout: 30, retries: {ioo: 1}}
      tasks:
        a: {run: x, timeout: 5min, retries: 3, resources: {cpu: 4, memory: 0GiB}}
        b: {run: x, retries: {cancelled: 1, io: -1}, batch: 2}
      """
    #expect(
      brief(text) == """
        3:29 E105 "memory" must be a size with its unit, such as 512MiB or 4GiB, found the integer 4
        4:21 E105 "timeout" must be a duration with its unit, such as 30s, 5m or 2h, found the integer 30
        4:35 E106 no failure class "ioo" can be retried | did you mean "io"?
        6:24 E108 "timeout" must be a duration with its unit, such as 30s, 5m or 2h, found "5min"
        6:39 E105 "retries" must be a map from failure classes to numbers, found the integer 3 | write {io: 3}
        6:59 E108 the task asks for more "cpu" than the pipeline's resources give | ask for less, or raise "cpu" under the pipeline's resources
        6:70 E108 "memory" must be a size with its unit, such as 512MiB or 4GiB, found "0GiB"
        7:25 E106 no failure class "cancelled" can be retried | known are: io, schema, data, unstable, threshold, resource, timeout, killed, config, code, lost
        7:43 E108 "io" is -1, but must be between 0 and 1000
        7:48 E110 "batch" is for built-in tasks only | task "b" is a command
        """)
  }

  @Test func failures() {
    let text = """
      martlet: 1
      pipeline: p
      failures: [{class: disk, exit: [0]}, {class: io}, {exit: 75, log: "("}, {class: io, signal: [KILL]}]
      tasks:
        a: {run: x}
      """
    #expect(
      brief(text) == """
        3:20 E108 "class" can't be "disk" | known are: io, schema, data, unstable, threshold, resource, timeout, killed, config, code
        3:33 E108 "exit" is 0, but must be between 1 and 255
        3:38 E107 a rule needs one of "exit", "signal" and "log" | without one it would match every failure
        3:51 E107 missing key "class" in "failures"
        3:58 E105 "exit" must be a list, found the integer 75
        3:67 E108 "(" is no regular expression: expected ')'
        3:94 E105 "signal" must be an integer, found the text "KILL"
        """)
  }
}
