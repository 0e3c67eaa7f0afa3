// `martlet init --from FILE.csv`: what is read off a person's own table.

import Testing

@Suite struct InitFromTableTests {
  let workspace = CommandWorkspace(pipeline: nil)

  /// Writes `lines` to customers.csv, makes a pipeline of them and gives back what was said and the schema.
  private func guess(_ lines: [String], _ arguments: String...) -> (ending: Ending, schema: String) {
    workspace.write("customers.csv", lines.joined(separator: "\n") + "\n")
    let call = ["init", "project", "--from", "customers.csv"] + arguments
    var ending = Program.run([Program.buildFolder + "/martlet"] + call, in: workspace.root)
    ending.err = ending.err.replacing(workspace.root, with: "ROOT")
    return (ending, workspace.read("project/config/schema.yaml") ?? "")
  }

  @Test func columnsLabelAndTimeAreReadOffTheTable() {
    let (ending, schema) = guess([
      "customer_id,age,Monthly Charges,plan,signed_up,note,order,churned",
      "C1,31,12.50,basic,2023-01-31,\"said \"\"hello\"\", twice\",1,yes",
      "C2,44,NA,pro,2023-02-28,\"two\nlines\",2,no",
      "C3,27,9,basic,2023-03-31,none of it,3,no",
      "C4,19,3.25,pro,2023-04-30,four,4,no",
    ])
    #expect(
      ending
        == Ending(
          status: 0,
          out:
            "martlet.yaml\nmartlet.schema.json\nconfig/schema.yaml\nconfig/train.yaml\ntemplates/report.md.mustache\n.gitignore\n",
          err: """
            predicts whether churned = 'yes'; --label COLUMN predicts another
            splits by the time in signed_up: learns from the past, is judged by what came after
            not learnt from: customer_id, note
            next: look through config/schema.yaml, then `martlet run`

            """))
    #expect(
      schema == """
        # What the data are. Written by `martlet init` from a sample; every guess can be changed. Reference: docs/configuration.md.
        columns:
          customers:
            null_tokens: ["", NA]
            fields:
              customer_id: {type: string, required: true}
              age: {type: integer, required: true}
              Monthly Charges: number
              plan: {type: string, required: true}
              signed_up: {type: date, required: true}
              note: {type: string, required: true}
              order: {type: integer, required: true}
              churned: {type: string, required: true}

        checks:
          quality:
            - {metric: rowCount, mustBeGreaterThan: 0}

        rows:
          rules: []
          max_bad_percent: 1               # more bad rows than this and clean stops

        features:
          time: {signed_up: signed_up}
          label: {churned: "churned = 'yes'"}
          numeric:
            age: age
            Monthly_Charges: "\\"Monthly Charges\\""
            order: "\\"order\\""
          categorical:
            plan: plan

        """)
    #expect(workspace.read("project/data/raw/customers.csv")!.hasPrefix("customer_id,"), "copied from outside the workspace")
    #expect(workspace.read("project/martlet.yaml")!.contains("      customers: data/raw/customers.csv\n"))
    #expect(workspace.martlet("-C", "project", "check").status == 0)
  }

  @Test func aTableWithDecimalCommasAndWithoutATime() {
    let (ending, schema) = guess([
      "\u{feff}größe;preis;ort;code", "1,5;100;Köln;007", "2,5;200;Bonn;008", "3,5;300;Bonn;009", "4,0;400;Köln;010",
    ])
    #expect(ending.status == 0)
    #expect(
      ending.err.hasPrefix(
        "predicts whether ort = 'Bonn'; --label COLUMN predicts another\nno column holds a time: rows are split"))
    #expect(
      schema.contains(
        """
          customers:
            delimiter: ";"
            decimal: ","
            fields:
              "größe": {type: number, required: true}
              preis: {type: integer, required: true}
              ort: {type: string, required: true}
              code: {type: string, required: true}

        """))
    #expect(
      schema.contains(
        """
          time: {day: "TIMESTAMP '2000-01-01' + to_days(CAST(hash(\\"größe\\", preis, ort, code) % 100 AS INTEGER))"}
          label: {ort: "ort = 'Bonn'"}

        """))
  }

  @Test func aNumberIsPredictedWhenItIsNamed() {
    let (ending, schema) = guess(
      ["day,size,price", "31.01.2023,1,10.5", "28.02.2023,2,20", "15.03.2023,1,30"], "--label", "price", "--time", "day")
    #expect(ending.status == 0)
    #expect(schema.contains("      day: {type: date, format: \"%d.%m.%Y\", required: true}\n"))
    #expect(schema.contains("  label: {price: price}\n"))
    #expect(workspace.read("project/config/train.yaml")!.contains("  objective: regression\n  metric: rmse\n"))
  }

  @Test func aLabelThatCannotBePredictedIsRefused() {
    let lines = ["day,town,price", "2023-01-01,A,1", "2023-01-02,B,2", "2023-01-03,C,3"]
    #expect(
      guess(lines, "--label", "prise").ending
        == Ending(status: 2, out: "", err: "error: there is no column named prise\n  hint: did you mean price?\n"))
    #expect(
      guess(lines, "--label", "town").ending
        == Ending(
          status: 2, out: "",
          err: """
            error: the column town cannot be predicted
              read as           string
              different values  3
              hint: a label has two values, or is a number; --label names another column

            """))
    #expect(workspace.read("project/martlet.yaml") == nil)
  }

  /// One text for the example and for everybody's first report, so that neither falls behind.
  @Test func theReportsTemplateIsThatOfTheExample() {
    let example =
      Program.folder(of: Program.folder(of: Program.folder(of: #filePath))) + "/examples/flights/templates/report.md.mustache"
    let lines = Program.run(["/bin/cat", example], in: "/").out.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    _ = guess(["day,size,price", "2023-01-01,1,10.5", "2023-01-02,2,20", "2023-01-03,1,30"])
    let written = workspace.read("project/templates/report.md.mustache")!.split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    #expect(lines.count > 50 && written.count == lines.count)
    for (line, own) in zip(lines, written) where line != own {
      #expect(line.hasPrefix("# ") && own == "# project", "\(line)\n\(own)")
    }
  }

  @Test func theTemplateNeedsATable() {
    #expect(
      workspace.martlet("init", "--template", "ml").err.hasPrefix(
        "error: the template ml needs --from, a CSV file to learn from\n"))
  }
}
