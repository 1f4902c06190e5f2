import HymbaFormat
import HymbaModel

/// A configuration that lies beside what an export writes and that a reader will take for that of the model.
enum NeighbouringConfiguration: Equatable {
  case none
  /// It describes the model that is written.
  case same
  /// It describes another, or nothing that is known here.
  case other(String)

  /// - Parameter name: Of the file in the folder.
  init(_ name: String, in folder: String, of model: OpenedModel) {
    let path = FileSystem.path(folder, name)
    guard FileSystem.exists(path) else {
      self = .none
      return
    }
    guard let configuration = try? Configuration(reading: path),
      let architecture = try? configuration.architecture(
        hasHead: model.architecture?.output.isLogits),
      architecture == model.architecture
    else {
      self = .other(name)
      return
    }
    // The default of an option that no shape tells is no more than an assumption.
    if let options = configuration.content as? WholeOptions,
      !options.inferring.untold.keys.allSatisfy(options.gives)
    {
      self = .none
    } else {
      self = .same
    }
  }
}
