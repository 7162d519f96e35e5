import ARC
import Basics

extension LogArchive {
  /// What archived logs show about the jobs of deleted runners: how they ended and why.
  package func marks(of targets: [LogRecorder.Target]) -> [(LogRecorder.Target, LogRecorder.Mark)] {
    targets.flatMap { target -> [(LogRecorder.Target, LogRecorder.Mark)] in
      guard let bytes = read(scaleSet: target.scaleSet, runner: target.runner, limit: 256 << 10) else { return [] }
      var marks: [LogRecorder.Mark] = []
      for line in bytes.split(separator: 0x0A) {
        if let mark = LogRecorder.mark(line) { marks.append(mark) }
        if let hint = LogHint.find(in: line), !marks.contains(.hint(hint)) { marks.append(.hint(hint)) }
      }
      return marks.map { (target, $0) }
    }
  }
}
