import HymbaCheckpoints
import HymbaFormat
import TestSupport

/// The message with which `open` refuses; nil when it does not.
func refusal(_ open: () throws -> Void) -> String? {
  do {
    try open()
    return nil
  } catch let error as any Diagnosis {
    return error.description
  } catch {
    return "not a diagnosis: \(error)"
  }
}

/// The message with which an archive of these bytes is refused when it is opened.
func refusal(of zip: ZipFile) throws -> String? {
  let folder = try TemporaryFolder()
  let path = try folder.write(zip.bytes, to: "model.zip")
  return refusal { _ = try ZippedCheckpoint.open(path) }
}

/// Opens an archive, with the folder that it lies in.
func open(_ zip: ZipFile) throws -> (source: any CheckpointSource, folder: TemporaryFolder) {
  let folder = try TemporaryFolder()
  return (try ZippedCheckpoint.open(folder.write(zip.bytes, to: "model.zip")), folder)
}

/// The message with which a file of these bytes is refused as an archive.
func refusalOfBytes(_ bytes: [UInt8]) throws -> String? {
  let folder = try TemporaryFolder()
  let path = try folder.write(bytes, to: "model.zip")
  return refusal { _ = try ZippedCheckpoint.open(path) }
}
