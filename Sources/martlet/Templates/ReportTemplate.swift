/// The report's template as `martlet init` writes it; from then on it is the user's to change.

/// - Parameter title: the report's heading.
func reportTemplate(title: String) -> String {
  #"""
  {{% CONTENT_TYPE:TEXT}}
  # \#(title)

  {{#complete}}
  Everything that this report rests on is there{{#overall}}; the evaluation’s verdict is **{{.}}**{{/overall}}.
  {{/complete}}
  {{^complete}}
  **This report is incomplete or its model must not be used:**

  {{#problems}}
  - **{{name}}** {{outcome}}{{#verdict}}, verdict {{verdict}}{{/verdict}}{{#message}}: {{message}}{{/message}}
  {{/problems}}
  {{/complete}}
  {{#notes}}

  ## Notes

  {{.}}
  {{/notes}}

  ## The pipeline

  {{#pictures}}{{#graph}}
  {{.}}

  {{/graph}}{{/pictures}}
  {{#mermaid}}
  ```mermaid
  {{.}}
  ```

  {{/mermaid}}
  | task | outcome | verdict | |
  |---|---|---|---|
  {{#tasks}}
  | {{name}} | {{outcome}} | {{verdict}} | {{message}} |
  {{/tasks}}

  ## The data

  {{#data}}
  {{rows}} rows, {{columns}} columns{{#partitions}}, {{count}} partitions from {{first}} to {{last}}{{/partitions}}.

  {{/data}}
  {{#validation}}
  {{.}}
  {{/validation}}
  {{^validation}}
  There is no validation of the data for this run: see the tasks above.
  {{/validation}}

  ## The model

  {{#train}}
  A gradient-boosted model of {{best_round}} trees (LightGBM, objective {{objective}}, seed {{seed}}), stopped where {{metric}} on the validation window was best: **{{value}}**.

  | window | days | rows | mean outcome |
  |---|---|---:|---:|
  {{#windows}}
  | {{name}} | {{days}} | {{rows}} | {{label}} |
  {{/windows}}

  {{#spread}}
  Rolling folds inside the training window, each judged on days it has not seen; {{metric}} spreads by {{spread}}:

  | days | rows | {{metric}} |
  |---|---:|---:|
  {{#folds}}
  | {{days}} | {{rows}} | {{value}} |
  {{/folds}}

  {{/spread}}
  {{/train}}
  {{^train}}
  There is no model in this run: see the tasks above.
  {{/train}}
  {{#pictures}}
  {{#training}}
  {{.}}

  {{/training}}
  {{#importance}}
  {{.}}

  {{/importance}}
  {{/pictures}}
  {{#train}}
  <details><summary>Parameters</summary>

  | parameter | value |
  |---|---|
  {{#parameters}}
  | {{name}} | {{value}} |
  {{/parameters}}

  </details>
  {{/train}}

  ## On days it has not seen

  {{#eval}}
  {{rows}} rows, {{days}}. Verdict: **{{verdict}}**.

  {{#findings}}
  - {{.}}
  {{/findings}}

  | metric | this model | release in production |
  |---|---:|---:|
  {{#metrics}}
  | {{name}} | {{value}} | {{champion}} |
  {{/metrics}}

  {{#champion}}
  {{#comparable}}
  The release in production is `{{version}}`, scored on the same rows.
  {{/comparable}}
  {{^comparable}}
  The release in production, `{{version}}`, is not comparable: {{reason}}.
  {{/comparable}}

  {{/champion}}
  {{/eval}}
  {{^eval}}
  There is no evaluation in this run: see the tasks above.

  {{/eval}}
  {{#pictures}}
  {{#roc}}
  {{.}}

  {{/roc}}
  {{#calibration}}
  {{.}}

  {{/calibration}}
  {{/pictures}}
  {{#eval}}
  {{#slices}}
  ### By {{column}}

  | {{column}} | rows | mean outcome | {{first}} | {{second}} |
  |---|---:|---:|---:|---:|
  {{#rows}}
  | {{value}} | {{rows}} | {{label}} | {{first}} | {{second}} |
  {{/rows}}

  {{/slices}}
  {{/eval}}
  ## Drift

  {{#pictures}}
  {{#drift}}
  {{.}}

  {{/drift}}
  {{/pictures}}
  {{#drift}}
  {{.}}
  {{/drift}}
  {{^drift}}
  Drift was not measured in this run: see the tasks above.
  {{/drift}}
  {{#omissions}}

  > {{.}}
  {{/omissions}}

  """#
}
