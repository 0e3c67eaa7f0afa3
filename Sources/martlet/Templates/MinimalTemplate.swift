/// `martlet init`: two commands over a small file.

import MartletSyntax

/// - Parameter pipeline: the pipeline's name; what is not allowed in a name becomes a dash.
func minimalTemplate(pipeline name: String) -> [TemplateFile] {
  [
    TemplateFile(
      path: "martlet.yaml",
      text: """
        # yaml-language-server: $schema=martlet.schema.json
        martlet: 1
        pipeline: \(pipelineName(name))

        tasks:
          sort:
            run: LC_ALL=C sort ${{ in.words }} > ${{ out.sorted }}
            in: {words: data/words.txt}
            out: {sorted: data/sorted.txt}

          count:
            run: uniq -c ${{ in.sorted }} > ${{ out.counts }}
            in: {sorted: sort.sorted}
            out: {counts: data/counts.txt}

        """),
    schemaFile,
    TemplateFile(path: "data/words.txt", text: "swift\nmartin\nmartlet\nswift\nswallow\nmartlet\nswift\n"),
    TemplateFile(path: ".gitignore", text: ".martlet/\nlogs/\n"),
  ]
}

/// What editors check and complete martlet.yaml with.
var schemaFile: TemplateFile { TemplateFile(path: "martlet.schema.json", text: PipelineSchema.json) }

/// A folder's name as a pipeline's name: letters, digits, `_` and `-`, beginning with a letter.
func pipelineName(_ folder: String) -> String {
  let name = folder.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" }
  guard let first = name.first, first.isLetter else { return "pipeline" }
  return String(name)
}
