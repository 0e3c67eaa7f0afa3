// What a person reads when martlet.yaml is wrong, whole.

import MartletModel
import MartletSyntax
import Testing

struct DiagnosticsTests {
  @Test func everythingAtOnce() {
    let text = """
      martlet: 1
      pipeline: flights
      retires: {io: 2}
      resources: {cpu: two}

      tasks:
        ingest:
          run: python3 ingest.py --out ${{ out.events }}
          in:  {raw: ./events.csv, back: report.page}
          out: {events: data/events.csv}
        clean:
          run: python3 clean.py ${{ in.data }} ${{ out.clean }}
          in:  {data: ingest.event}
          out: {clean: data/clean.csv}
          timout: 5m
        train:
          run: python3 train.py ${{ in.data }}
          in:  {data: cleen.clean}
          out: {model: data/clean.csv}
          out: {model: models/model.bin}
        report:
          run: python3 report.py ${{ out.page }}
          in:  {events: data/events.csv}
          out: {page: report/page.html, copy: data/events.csv}
      """
    #expect(
      problems(text) == """
        martlet.yaml:3:1: error[E106]: unknown key "retires"
          |
        3 | retires: {io: 2}
          | ^^^^^^^
          = help: known are: martlet, pipeline, description, params, partitions, resources, defaults, tasks, failures, notify, store
        martlet.yaml:4:18: error[E105]: "cpu" must be an integer, found the text "two"
          |
        4 | resources: {cpu: two}
          |                  ^^^
        martlet.yaml:9:36: error[E117]: the tasks wait for each other: ingest needs report, report needs ingest
          |
        9 |     in:  {raw: ./events.csv, back: report.page}
          |                                    ^^^^^^^^^^^
          = note: martlet.yaml:23:19: "report" needs "ingest" here
          = help: remove one of these references
        martlet.yaml:13:17: error[E111]: task "ingest" has no output "event"
           |
        13 |     in:  {data: ingest.event}
           |                 ^^^^^^^^^^^^
          = note: martlet.yaml:7:3: task "ingest" is declared here
          = help: did you mean "ingest.events"?
        martlet.yaml:15:5: error[E106]: unknown key "timout" in "clean"
           |
        15 |     timout: 5m
           |     ^^^^^^
          = help: did you mean "timeout"?
        martlet.yaml:18:17: error[E111]: unknown task "cleen" in "cleen.clean"
           |
        18 |     in:  {data: cleen.clean}
           |                 ^^^^^^^^^^^
          = help: did you mean "clean.clean"?
        martlet.yaml:19:18: error[E114]: train.model and clean.clean write the same path
           |
        19 |     out: {model: data/clean.csv}
           |                  ^^^^^^^^^^^^^^
          = note: martlet.yaml:14:18: clean.clean is declared here
          = help: give one of them another path
        martlet.yaml:20:5: error[E102]: duplicate key "out"
           |
        20 |     out: {model: models/model.bin}
           |     ^^^
          = note: martlet.yaml:19:5: first set here
          = help: remove one of the two, or rename it
        martlet.yaml:24:41: error[E114]: report.copy and ingest.events write the same path
           |
        24 |     out: {page: report/page.html, copy: data/events.csv}
           |                                         ^^^^^^^^^^^^^^^
          = note: martlet.yaml:10:19: ingest.events is declared here
          = help: give one of them another path
        """)
  }

  @Test func placesAreRightBehindWideLettersAndTabs() {
    let text = "martlet: 1\npipeline: p\ndescription: \"für 日本 👍\"\ntasks:\n  a: {description: \"é→日\",\trun: x, tmeout: 5m}\n"
    #expect(
      problems(text) == """
        martlet.yaml:5:35: error[E106]: unknown key "tmeout" in "a"
          |
        5 |   a: {description: "é→日",\trun: x, tmeout: 5m}
          |                          \t        ^^^^^^
          = help: did you mean "timeout"?
        """)
  }

  @Test func aSyntaxErrorIsToldAlone() {
    #expect(
      problems("martlet: 1\npipelin: p\ntasks:\n  a: {run: x\n  b: {run: y}\n") == """
        martlet.yaml:5:4: error[E101]: not YAML: did not find expected ',' or '}'
          |
        5 |   b: {run: y}
          |    ^
          = note: martlet.yaml:4:6: while parsing a flow mapping
        """)
  }
}
