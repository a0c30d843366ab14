#if MPI
  internal import CMessagePassing
  internal import Communication
  internal import Foundation

  /// A rank of MPI.
  ///
  /// Everything is begun and then looked after, never waited for inside the library: whoever waits also looks
  /// whether another rank has failed, and lets other threads have the core.
  final class MPIRank: StartedCommunicator, @unchecked Sendable {
    // `@unchecked`: the library and `failure` are used under the lock alone.
    let rank: Int
    let size: Int
    let host = machineName()
    private let lock = NSLock()
    /// What another rank has reported first.
    private var failure: RankFailure?
    /// Ranks that have reported, this one among them.
    private var reported: Set<Int> = []
    /// Posted messages on their way; their bytes stay until they are gone.
    private var underway: [(request: OpaquePointer, bytes: UnsafeMutableRawBufferPointer)] = []

    /// Bytes of one message at most; longer ones are divided.
    private static let largest = 1 << 30
    /// How long ranks wait for others that fail with them.
    private static let patience = 5.0

    /// Starts MPI.
    ///
    /// - Throws: `MessagePassingError`.
    init() throws {
      var (rank, size): (Int32, Int32) = (0, 1)
      let code = message_passing_start(&rank, &size)
      self.rank = Int(rank)
      self.size = Int(size)
      guard code == 0 else { throw MessagePassingError(description: Self.text(code)) }
    }

    private static func text(_ code: Int32) -> String {
      var text = [CChar](repeating: 0, count: 512)
      message_passing_error(code, &text, text.count)
      return "MPI: "
        + String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The failure that the library's error means.
    private func checked(_ code: Int32) throws {
      if code != 0 { throw RankFailure(rank: rank, host: host, reason: Self.text(code)) }
    }

    func exchange(_ outgoing: [OutgoingBytes], _ incoming: [IncomingBytes]) throws {
      var requests: [OpaquePointer] = []
      do {
        try lock.withLock {
          for one in incoming {
            for part in Self.parts(one.bytes.count) {
              requests += try begun {
                message_receive(
                  one.bytes.baseAddress.map { $0 + part.lowerBound }, part.count, Int32(one.rank),
                  Int32(message_data.rawValue), $0)
              }
            }
          }
          for one in outgoing {
            for part in Self.parts(one.bytes.count) {
              requests += try begun {
                message_send(
                  one.bytes.baseAddress.map { $0 + part.lowerBound }, part.count, Int32(one.rank),
                  Int32(message_data.rawValue), $0)
              }
            }
          }
        }
        try wait(yields: Self.yields) { () -> Void? in
          while let request = requests.popLast() {
            guard try isDone(request) else {
              requests.append(request)
              return nil
            }
          }
          return ()
        }
      } catch {
        withdraw(requests)
        throw error
      }
    }

    /// A message that the library has begun to send or to receive.
    private func begun(
      _ begin: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws -> [OpaquePointer] {
      var request: OpaquePointer?
      try checked(begin(&request))
      return [request].compactMap(\.self)
    }

    /// Lets go of messages whose memory is about to go.
    ///
    /// What nobody has begun to take is withdrawn, and what is on its way arrives soon, since its other end
    /// comes here too. A message that nobody will ever take is left: nothing is read before somebody does.
    private func withdraw(_ requests: [OpaquePointer]) {
      lock.withLock {
        for request in requests { message_withdraw(request) }
      }
      var requests = requests
      let end = Date().addingTimeInterval(Self.patience / 5)
      while !requests.isEmpty, Date() < end {
        lock.withLock { requests.removeAll { (try? isDone($0)) ?? true } }
        usleep(1000)
      }
    }

    private static func parts(_ count: Int) -> [Range<Int>] {
      stride(from: 0, to: count, by: largest).map { $0..<min($0 + largest, count) }
    }

    private func isDone(_ request: OpaquePointer) throws -> Bool {
      var done: Int32 = 0
      try checked(message_test(request, &done))
      return done != 0
    }

    /// Looks again and again, under the lock, until there is something, or a rank has failed.
    ///
    /// The longer nothing has come, the longer it sleeps between two looks: a thirty-second of the time that it has waited.
    /// So little is lost where something comes soon, and a thread that waits beside one that computes takes
    /// nothing from it.
    ///
    /// - Parameters:
    ///   - yields: Looks before it begins to sleep.
    ///   - look: What is waited for; nil while it is not there.
    /// - Returns: What `look` has found.
    /// - Throws: `RankFailure`, and what `look` throws.
    private func wait<Found>(yields: Int, _ look: () throws -> Found?) throws -> Found {
      let begin = ContinuousClock.now
      var looks = 0
      while true {
        let found = try lock.withLock {
          let found = try look()
          if found == nil { try lookForFailure() }
          return found
        }
        if let found { return found }
        looks += 1
        if looks < yields {
          sched_yield()
        } else {
          let microseconds = (ContinuousClock.now - begin) / .microseconds(32)
          usleep(UInt32(min(max(microseconds, 20), Self.longestSleep)))
        }
      }
    }

    /// Looks without sleep for what all ranks are about to send: nobody else has the core meanwhile.
    private static let yields = 1000
    /// Microseconds.
    private static let longestSleep = 2000.0

    func post(_ message: [UInt8], to receiver: Int) throws {
      try lock.withLock { try send(message, to: receiver, Int32(message_mail.rawValue)) }
    }

    private func send(_ message: [UInt8], to receiver: Int, _ kind: Int32) throws {
      underway.removeAll { one in
        guard (try? isDone(one.request)) ?? true else { return false }
        one.bytes.deallocate()
        return true
      }
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 1)
      bytes.copyBytes(from: message)
      let requests = try begun {
        message_send(bytes.baseAddress, bytes.count, Int32(receiver), kind, $0)
      }
      underway += requests.map { ($0, bytes) }
    }

    func nextMail() throws -> Mail {
      try wait(yields: 0) { try received(Int32(message_mail.rawValue)) }
    }

    /// A message of a kind that has arrived.
    private func received(_ kind: Int32) throws -> Mail? {
      var (from, count): (Int32, Int) = (0, -1)
      try checked(message_probe(kind, &from, &count))
      guard count >= 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { buffer in
        for request in try begun({ message_receive(buffer.baseAddress, count, from, kind, $0) }) {
          while try !isDone(request) {}
        }
      }
      return Mail(from: Int(from), message: bytes)
    }

    private func lookForFailure() throws {
      if let mail = try received(Int32(message_failure.rawValue)) {
        reported.insert(mail.from)
        if failure == nil { failure = RankFailure(message: mail.message, from: mail.from) }
      }
      if let failure { throw failure }
    }

    func check() throws { try lock.withLock { try lookForFailure() } }

    func report(_ failure: RankFailure) {
      lock.withLock {
        guard reported.insert(rank).inserted else { return }
        for other in 0..<size where other != rank {
          try? send(failure.message, to: other, Int32(message_failure.rawValue))
        }
      }
    }

    func finish(failed: Bool, lastWords: () -> Void) {
      guard failed else {
        _ = lock.withLock { message_passing_finish() }
        return
      }
      // All ranks report when one does: who has heard of all others knows that all have come here.
      report(RankFailure(rank: rank, host: host, reason: ""))
      let end = Date().addingTimeInterval(Self.patience)
      while Date() < end, lock.withLock({ reported.count < size }) {
        try? check()
        usleep(1000)
      }
      guard lock.withLock({ reported.count == size }) else {
        lastWords()
        message_passing_abort(1)
        return
      }
      // What was underway may keep the library from ending.
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: Self.patience)
        _exit(1)
      }
      _ = lock.withLock { message_passing_finish() }
    }
  }
#endif
