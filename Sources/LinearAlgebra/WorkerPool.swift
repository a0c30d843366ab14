internal import Dispatch
internal import Foundation
internal import Synchronization

/// Fixed team of threads that live as long as the pool and take numbered tasks in turn.
///
/// One level of parallelism only: the libraries below run on one thread, the pool above them on
/// `threadCount`. The caller works as worker 0. Each worker starts with an equal share of the tasks,
/// the same in every run, so that what a task left in a cache is found by the next; who has nothing
/// left takes over tasks of others. Which worker takes a task therefore depends on timing; a result
/// must depend on the task's number alone.
public final class WorkerPool: Sendable {
  /// No thread but the caller's.
  public static let callerAlone = WorkerPool(threadCount: 1)

  /// Number of threads, the caller among them.
  public let threadCount: Int
  private let shared: Shared

  private struct Job: Sendable {
    let body: @Sendable (_ task: Int, _ worker: Int) -> Void
    /// The tasks of each worker.
    let shares: [Share]
  }

  /// Consecutive tasks that one worker starts with.
  private final class Share: Sendable {
    let next: Atomic<Int>
    let end: Int

    init(_ tasks: Range<Int>) {
      next = Atomic(tasks.lowerBound)
      end = tasks.upperBound
    }
  }

  /// State of the team; the threads hold it, so it may outlive the pool for a moment.
  ///
  /// What is not atomic is under the lock. The atomics change under it too, but are watched
  /// without it for a moment: to sleep and to be woken takes longer than most gaps between jobs.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    let generation = Atomic<Int>(0)
    let running = Atomic<Int>(0)
    var job: Job?
    var stopped = false

    /// Nanoseconds for which a thread watches before it sleeps.
    private static let patience: UInt64 = 50_000

    /// Waits for a moment until the condition holds; lets others have the core meanwhile.
    @inline(__always)
    func watch(_ holds: () -> Bool) {
      let deadline = DispatchTime.now().uptimeNanoseconds + Self.patience
      repeat {
        for _ in 0..<100 where holds() { return }
        sched_yield()
      } while DispatchTime.now().uptimeNanoseconds < deadline
    }
  }

  /// Starts the team.
  ///
  /// - Parameter threadCount: At least 1.
  public init(threadCount: Int) {
    precondition(threadCount >= 1, "a pool needs a thread")
    self.threadCount = threadCount
    shared = Shared()
    for worker in 1..<max(threadCount, 1) {
      let shared = shared
      let thread = Thread { Self.work(shared, worker: worker) }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit {
    shared.condition.lock()
    shared.stopped = true
    shared.condition.broadcast()
    shared.condition.unlock()
  }

  private static func work(_ shared: Shared, worker: Int) {
    var seen = 0
    while true {
      shared.watch { shared.generation.load(ordering: .relaxed) != seen }
      shared.condition.lock()
      while shared.generation.load(ordering: .relaxed) == seen && !shared.stopped {
        shared.condition.wait()
      }
      if shared.stopped {
        shared.condition.unlock()
        return
      }
      seen = shared.generation.load(ordering: .relaxed)
      shared.condition.unlock()
      takeCurrentJob(from: shared, worker: worker)
      shared.condition.lock()
      if shared.running.subtract(1, ordering: .releasing).newValue == 0 {
        shared.condition.broadcast()
      }
      shared.condition.unlock()
    }
  }

  /// Works on the current job and lets go of it before returning.
  ///
  /// A function of its own: the caller of `run` may return as soon as `running` is 0, and its
  /// closure must have no other owner by then.
  @inline(never)
  private static func takeCurrentJob(from shared: Shared, worker: Int) {
    shared.condition.lock()
    let job = shared.job
    shared.condition.unlock()
    if let job { take(job, worker: worker) }
  }

  private static func take(_ job: Job, worker: Int) {
    for offset in job.shares.indices {
      let share = job.shares[(worker + offset) % job.shares.count]
      while true {
        let task = share.next.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= share.end { break }
        job.body(task, worker)
      }
    }
  }

  /// Runs `body(task, worker)` for every task in `0 ..< count` and waits for all of them.
  ///
  /// - Parameters:
  ///   - count: Number of tasks.
  ///   - body: Called once per task, at the same time from several threads; `worker` is in
  ///     `0 ..< threadCount` and no two calls with the same worker overlap.
  public func run(count: Int, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    if threadCount == 1 || count <= 1 {
      for task in 0..<max(count, 0) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      let shares = (0..<threadCount).map { worker in
        Share(count * worker / threadCount..<count * (worker + 1) / threadCount)
      }
      let job = Job(body: escaping, shares: shares)
      shared.condition.lock()
      shared.job = job
      shared.running.store(threadCount - 1, ordering: .relaxed)
      shared.generation.add(1, ordering: .relaxed)
      shared.condition.broadcast()
      shared.condition.unlock()
      Self.take(job, worker: 0)
      shared.watch { shared.running.load(ordering: .relaxed) == 0 }
      shared.condition.lock()
      while shared.running.load(ordering: .acquiring) > 0 { shared.condition.wait() }
      shared.job = nil
      shared.condition.unlock()
    }
  }
}
