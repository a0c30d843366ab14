internal import COpenBLAS
internal import Foundation
internal import Synchronization

/// Fixed team of threads that live as long as the pool and take numbered tasks in turn.
///
/// One level of parallelism only: the libraries below run on one thread, the pool above them on
/// `threadCount`. The caller works as worker 0. Which worker takes a task depends on timing; a
/// result must depend on the task's number alone.
package final class WorkerPool: Sendable {
  /// Number of threads, the caller among them.
  package let threadCount: Int
  private let shared: Shared

  private struct Job: Sendable {
    let body: @Sendable (_ task: Int, _ worker: Int) -> Void
    let count: Int
  }

  /// State under one lock; the threads hold it, so it may outlive the pool for a moment.
  private final class Shared: @unchecked Sendable {
    let condition = NSCondition()
    let next = Atomic<Int>(0)
    var job: Job?
    var generation = 0
    var running = 0
    var stopped = false
  }

  /// Starts the team.
  ///
  /// - Parameter threadCount: At least 1.
  package init(threadCount: Int) {
    precondition(threadCount >= 1, "a pool needs a thread")
    self.threadCount = threadCount
    openblas_set_num_threads(1)
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
      shared.condition.lock()
      while shared.generation == seen && !shared.stopped { shared.condition.wait() }
      if shared.stopped {
        shared.condition.unlock()
        return
      }
      seen = shared.generation
      shared.condition.unlock()
      takeCurrentJob(from: shared, worker: worker)
      shared.condition.lock()
      shared.running -= 1
      if shared.running == 0 { shared.condition.broadcast() }
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
    if let job { take(job, from: shared, worker: worker) }
  }

  private static func take(_ job: Job, from shared: Shared, worker: Int) {
    while true {
      let task = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
      if task >= job.count { return }
      job.body(task, worker)
    }
  }

  /// Runs `body(task, worker)` for every task in `0 ..< count` and waits for all of them.
  ///
  /// - Parameters:
  ///   - count: Number of tasks.
  ///   - body: Called once per task, at the same time from several threads; `worker` is in
  ///     `0 ..< threadCount` and no two calls with the same worker overlap.
  package func run(count: Int, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    if threadCount == 1 || count <= 1 {
      for task in 0..<max(count, 0) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      let job = Job(body: escaping, count: count)
      shared.condition.lock()
      shared.job = job
      shared.next.store(0, ordering: .relaxed)
      shared.running = threadCount - 1
      shared.generation += 1
      shared.condition.broadcast()
      shared.condition.unlock()
      Self.take(job, from: shared, worker: 0)
      shared.condition.lock()
      while shared.running > 0 { shared.condition.wait() }
      shared.job = nil
      shared.condition.unlock()
    }
  }
}
