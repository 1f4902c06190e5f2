/// The runs of one model on several inputs, side by side: each layer's weights are read once for all of them.
///
/// The lanes that begin behind the meta tokens share the state that these leave, which is computed once.
struct Lanes {
  /// The streams of the lanes, in the order of the lanes.
  private(set) var streams: [LaneStream]
  /// The meta tokens as a sequence of their own; nil where no lane begins behind them.
  private var prefix: LaneStream?
  /// Whether each lane begins behind the meta tokens.
  private let followsPrefix: [Bool]
  private let users: KeyValueUsers
  private let steering: ExpertSteering

  /// - Parameters:
  ///   - prefix: [meta tokens, hidden]; nil where no lane begins behind them.
  ///   - steering: Decides the choice of experts in the first lane.
  init(
    _ streams: [LaneStream], followsPrefix: [Bool], prefix: LaneStream?,
    _ architecture: Architecture, _ steering: ExpertSteering
  ) {
    self.streams = streams
    self.prefix = prefix
    self.followsPrefix = followsPrefix
    self.users = KeyValueUsers(architecture)
    self.steering = steering
  }

  /// The stream of the first lane, [batch * length, hidden]; of a stepwise lane, its first piece alone.
  var first: Matrix { streams[0].pieces[0] }

  /// Takes every lane through a part that mixes positions.
  ///
  /// - Parameter part: Computes what is added to the stream.
  mutating func mix(
    in layer: Int, _ part: (Matrix, inout PassState, _ isFirst: Bool) throws -> Matrix
  ) rethrows {
    let state = try prefix?.mix(in: layer, users, keepsState: true) { try part($0, &$1, false) }
    for index in streams.indices {
      if let state, followsPrefix[index] { streams[index].follow(state, in: layer) }
      try streams[index].mix(in: layer, users, keepsState: false) {
        try part($0, &$1, index == 0)
      }
    }
  }

  /// Takes every lane through a layer's experts. Each expert that any row goes through is read once, and again
  /// where a choice is revised.
  ///
  /// - Parameter capture: Receives the router's probabilities of the first lane.
  /// - Throws: The errors of reading an expert, of `steering` and of `capture`.
  mutating func route(
    through experts: ExpertsLayer, layer: Int, _ norm: NormLayer,
    capture: (Capture, Matrix) throws -> Void
  ) throws {
    let inputs = (prefix.map { [$0] } ?? []) + streams
    var routed = inputs.flatMap { $0.pieces.map { experts.route(norm($0)) } }
    let first = prefix?.pieces.count ?? 0
    if let chosen = steering.choices[layer] {
      routed[first] = experts.route(norm(self.first), chosen: chosen)
    }
    var sums = try experts(routed)
    while let revised = try steering.revise?(
      layer, Tensor(routed[first].probabilities, batch: streams[0].batch),
      Tensor(self.first + sums[first], batch: streams[0].batch))
    {
      routed[first] = experts.route(norm(self.first), chosen: revised)
      sums[first] = try experts(routed[first])
    }
    try capture(.router(layer: layer), routed[first].probabilities)
    var rest = sums[...]
    func take(_ count: Int) -> ArraySlice<Matrix> {
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    prefix?.add(take(first))
    for index in streams.indices { streams[index].add(take(streams[index].pieces.count)) }
  }

  /// Applies a function of single rows to the stream of every lane.
  mutating func map(_ body: (Matrix) -> Matrix) {
    prefix?.map(body)
    for index in streams.indices { streams[index].map(body) }
  }
}
