public import HymbaFormat
public struct EdificeSource: CheckpointSource {
  public let location = "", tensors: TensorTable, files: [SourceFile] = []
  public init(_ path: String) throws { tensors = try TensorTable([]) }
  public static func isEdifice(prefix: [UInt8], fileBytes: Int) -> Bool { false }
  public func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws {}
}
