/// A text of the pipeline file with `${{ }}` expressions, parsed but not expanded.
public struct Template: Hashable, Sendable {
  /// What stands between `${{` and `}}`.
  public enum Expression: Hashable, Sendable {
    /// `params.NAME`
    case parameter(String)
    /// a partition's name, such as `dt`
    case partition(String)
    /// `in.NAME`
    case input(String)
    /// `out.NAME`
    case output(String)
    /// `env.NAME`
    case environment(String)
    /// `secrets.NAME`
    case secret(String)
    /// `hash`
    case hash

    /// The expression as written, without braces.
    public var source: String {
      switch self {
      case .parameter(let name): "params.\(name)"
      case .partition(let name): name
      case .input(let name): "in.\(name)"
      case .output(let name): "out.\(name)"
      case .environment(let name): "env.\(name)"
      case .secret(let name): "secrets.\(name)"
      case .hash: "hash"
      }
    }
  }

  /// A piece of the text.
  public enum Segment: Hashable, Sendable {
    case text(String)
    case expression(Expression)
  }

  public let segments: [Segment]

  public init(_ segments: [Segment]) {
    self.segments = segments
  }

  /// A template without expressions.
  public init(text: String) {
    segments = [.text(text)]
  }

  /// The template as written, expressions in normal form `${{ x }}`.
  public var source: String {
    segments.map { segment in
      switch segment {
      case .text(let text): text
      case .expression(let expression): "${{ \(expression.source) }}"
      }
    }.joined()
  }

  public var expressions: [Expression] {
    segments.compactMap { segment in
      guard case .expression(let expression) = segment else { return nil }
      return expression
    }
  }

  /// The text with every expression replaced by what `resolve` gives for it.
  public func expanded(_ resolve: (Expression) throws -> String) rethrows -> String {
    try segments.map { segment in
      switch segment {
      case .text(let text): text
      case .expression(let expression): try resolve(expression)
      }
    }.joined()
  }
}

/// A value of `with:` whose texts may hold expressions.
public indirect enum TemplatedValue: Hashable, Sendable {
  case constant(ConfigurationValue)
  case template(Template)
  case list([TemplatedValue])
  case map([String: TemplatedValue])

  /// The value with parameters put in. A text that is one expression and nothing else takes the parameter's own type.
  public func resolved(parameters: [String: ConfigurationValue]) -> ConfigurationValue {
    switch self {
    case .constant(let value):
      return value
    case .template(let template):
      if template.segments.count == 1, case .expression(.parameter(let name)) = template.segments[0] {
        return parameters[name] ?? .null
      }
      return .text(
        template.expanded { expression in
          guard case .parameter(let name) = expression else { return "" }
          return parameters[name]?.display ?? ""
        })
    case .list(let values):
      return .list(values.map { $0.resolved(parameters: parameters) })
    case .map(let entries):
      return .map(entries.mapValues { $0.resolved(parameters: parameters) })
    }
  }
}
