/// Texts with expressions, as written and as filled in.

import MartletModel
import Testing

struct TemplateTests {
  private let template = Template([
    .text("cat "), .expression(.input("model")), .text(" > "), .expression(.output("x")), .expression(.parameter("n")),
    .expression(.partition("dt")), .expression(.environment("E")), .expression(.secret("S")), .expression(.hash),
  ])

  @Test func theSourceIsInNormalForm() {
    #expect(
      template.source
        == "cat ${{ in.model }} > ${{ out.x }}${{ params.n }}${{ dt }}${{ env.E }}${{ secrets.S }}${{ hash }}")
    #expect(Template(text: "plain").source == "plain")
  }

  @Test func everyExpressionIsReplaced() {
    #expect(template.expanded { "<\($0.source)>" } == "cat <in.model> > <out.x><params.n><dt><env.E><secrets.S><hash>")
    #expect(template.expressions.count == 7)
  }

  @Test func aWholeExpressionKeepsItsType() {
    let value = TemplatedValue.map([
      "rate": .template(Template([.expression(.parameter("rate"))])),
      "text": .template(Template([.text("rate "), .expression(.parameter("rate"))])),
      "list": .list([.constant(.integer(1)), .template(Template([.expression(.parameter("unknown"))]))]),
    ])
    #expect(
      value.resolved(parameters: ["rate": .number(0.5)])
        == .map(["rate": .number(0.5), "text": .text("rate 0.5"), "list": .list([.integer(1), .null])]))
  }
}
