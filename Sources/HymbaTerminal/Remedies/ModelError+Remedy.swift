public import HymbaModel

extension ModelError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    switch self {
    case .noRoomForProducts:
      description + "; raise its limit (ulimit -v) or use fewer --jobs"
    default: description
    }
  }
}
