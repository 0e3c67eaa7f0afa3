// A task in another language, a task that fails and works later, a task that writes half and fails.

import Testing

extension Stories {
  @Suite struct CommandTasks {
    @Test func aTaskInPythonTakesPartLikeAnyOther() throws {
      let workspace = try Flights.finished()
      try workspace.write(
        "score.py",
        """
        import argparse, pickle
        parser = argparse.ArgumentParser()
        parser.add_argument("--model")
        parser.add_argument("--out")
        options = parser.parse_args()
        model = pickle.load(open(options.model, "rb"))
        print("loaded", type(model).__module__, type(model).__name__)
        with open(options.out, "w") as file:
          file.write(f"trees,{model.num_trees()}\\n")
        """)
      try workspace.append(
        "martlet.yaml",
        """

          score_in_python:
            run: \(Checkout.python) score.py --model ${{ in.model }} --out ${{ out.scores }}
            in: {model: train.model}
            out: {scores: data/scores.csv}
            code: [score.py]

        """)
      let run = try workspace.run("score_in_python")
      #expect(run.ran == ["score_in_python"], "\(run)")
      #expect(try workspace.read("data/scores.csv").hasPrefix("trees,"))
      #expect(workspace.martlet("logs", "score_in_python").out.contains("loaded lightgbm.basic Booster"))
      #expect(try workspace.run("score_in_python").ran == [])
      try workspace.write(
        "score.py",
        """
        import sys
        model, out = sys.argv[2], sys.argv[4]
        open(out, "w").write(f"size,{len(open(model, 'rb').read())}\\n")
        """)
      #expect(workspace.martlet("plan", "score_in_python").out.contains("code score.py changed"))
      #expect(try workspace.run("score_in_python").ran == ["score_in_python"])
      try workspace.edit("config/train.yaml", "learning_rate: 0.1", "learning_rate: 0.05")
      #expect(try workspace.run("score_in_python").ran == ["score_in_python", "train"])
    }

    @Test func halfAnOutputOfAFailedTaskIsNeverSeen() throws {
      let workspace = try Flights.fresh()
      try workspace.write("good", "yes\n")
      try workspace.append(
        "martlet.yaml",
        """

          halves:
            run: echo first half > ${{ out.text }}; grep yes ${{ in.good }} >> ${{ out.text }}
            in: {good: ./good}
            out: {text: data/halves.txt}

        """)
      #expect(try workspace.run("halves").ran == ["halves"])
      #expect(try workspace.read("data/halves.txt") == "first half\nyes\n")
      try workspace.write("good", "no\n")
      let run = try workspace.run("halves")
      #expect(run.status == 1, "\(run)")
      #expect(try run.entry("halves").failureClass == "code")
      #expect(try workspace.read("data/halves.txt") == "first half\nyes\n")
      #expect(run.ending.err.contains("martlet logs halves"), "\(run)")
      // The old input again: the checkpoint of then still stands.
      try workspace.write("good", "yes\n")
      let back = try workspace.run("halves")
      #expect(back.status == 0)
      #expect(back.ran == [], "\(back)")
    }

    @Test func aTaskThatWorksAtTheThirdTryIsTriedThreeTimes() throws {
      let workspace = try Flights.fresh()
      try workspace.append(
        "martlet.yaml",
        """

          flaky:
            run: |
              echo try >> tries
              echo this is try $(wc -l < tries)
              test $(wc -l < tries) -ge 3 || exit 75
              cp tries ${{ out.tries }}
            out: {tries: data/tries.txt}

        """)
      let run = try workspace.run("flaky")
      #expect(run.status == 0, "\(run)")
      #expect(run.ran == ["flaky"])
      #expect(try workspace.read("data/tries.txt") == "try\ntry\ntry\n")
      let show = try workspace.document("show")["attempts"].list
      #expect(show.map { $0["number"].integer } == [1, 2, 3])
      #expect(show.map { $0["outcome"].text } == ["failed", "failed", "succeeded"])
      #expect(show.map { $0["class"].text } == ["io", "io", nil])
      // Base 0.2 s, doubled, with up to 0.1 s of chance: the second wait is always the longer one.
      let waits = workspace.martlet("show").out
      #expect(waits.contains("WAITED AFTER"), "\(waits)")
      let spans = try workspace.python(
        """
        import datetime, json, subprocess, sys
        attempts = json.loads(subprocess.run([sys.argv[1], "show", "--json"], capture_output=True, check=True).stdout)["attempts"]
        time = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        waits = [(time(a["nextAttempt"]) - time(a["ended"])).total_seconds() for a in attempts[:2]]
        starts = [time(later["created"]) >= time(earlier["nextAttempt"]) for earlier, later in zip(attempts, attempts[1:])]
        print(0.19 < waits[0] < 0.31, 0.39 < waits[1] < 0.51, all(starts))
        """, Checkout.programs + "/martlet")
      #expect(spans == "True True True", "\(waits)")
      for (number, attempt) in show.enumerated() {
        #expect(try workspace.read(attempt["log"].text ?? "no log").contains("this is try \(number + 1)"))
      }
    }
  }
}
