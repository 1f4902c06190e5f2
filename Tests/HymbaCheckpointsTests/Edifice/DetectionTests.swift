import HymbaCheckpoints
import Testing

@Suite struct DetectionTests {
  @Test(arguments: [
    [0, 0, 0, 0, 0, 110, 120],  // bare
    [1, 0, 0, 0, 0, 0x78, 0x9C],  // bare, compressed
    [0, 0, 0, 0, 9, 131, 116],  // metadata
    [1, 0, 0, 0, 9, 131],
    [0, 0, 0, 0, 0, 131, 104],  // the container of Nx 0.5, to be refused by name
  ])
  func theFirstBytesShowACheckpoint(_ prefix: [UInt8]) {
    #expect(EdificeSource.isEdifice(prefix: prefix, fileBytes: 14))
  }

  @Test(arguments: [
    [], [0], [0, 0, 0, 0, 0],
    [2, 0, 0, 0, 0, 110, 120],  // an unknown flag
    [0, 0, 0, 0, 10, 131, 116],  // metadata beyond the file
    [0, 255, 255, 255, 255, 131, 116],
    [0, 0, 0, 0, 9, 110, 120],  // metadata that is no term
    [1, 0, 0, 0, 0, 110, 120],  // not compressed
    [0, 0, 0, 0, 0, 0x78, 0x9C],  // compressed without the flag
    [0, 0, 0, 0, 0, 110, 121],
    [0, 0, 0, 0, 0, 110],
    [0x7B, 0x22, 0x61, 0x22, 0x3A, 0x31, 0x7D],
  ])
  func otherFirstBytesDoNot(_ prefix: [UInt8]) {
    #expect(!EdificeSource.isEdifice(prefix: prefix, fileBytes: 14))
  }
}
