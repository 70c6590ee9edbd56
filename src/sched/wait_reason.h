// Why a G is parked. Each place that parks has its own reason; reasons are never reused, so a dump tells the place.
#pragma once

#include <stdint.h>

namespace goshim {

#define GS_WAIT_REASONS(X)                      \
  X(kNone, "")                                  \
  X(kSleep, "sleep")                            \
  X(kFdRead, "fd read")                         \
  X(kFdWrite, "fd write")                       \
  X(kAccept, "accept")                          \
  X(kConnect, "connect")                        \
  X(kPoll, "poll")                              \
  X(kSelect, "select")                          \
  X(kEpollWait, "epoll_wait")                   \
  X(kMutexLock, "mutex lock")                   \
  X(kCondWait, "cond wait")                     \
  X(kRwlockRead, "rwlock read")                 \
  X(kRwlockWrite, "rwlock write")               \
  X(kSemWait, "sem wait")                       \
  X(kBarrierWait, "barrier wait")               \
  X(kOnce, "once")                              \
  X(kSpinLock, "spin lock")                     \
  X(kFutex, "futex")                            \
  X(kJoin, "join")                              \
  X(kMainExited, "main exited, others live")    \
  X(kForkGate, "fork in progress")              \
  X(kPause, "pause")                            \
  X(kSigWait, "sigwait")                        \
  X(kUringFile, "file io")                      \
  X(kFileSync, "fsync")                         \
  X(kWaitPid, "waitpid")                        \
  X(kTest, "test")                              \
  X(kChanReceive, "chan receive")               \
  X(kChanSend, "chan send")                     \
  X(kChanReceiveNil, "chan receive (nil chan)") \
  X(kChanSendNil, "chan send (nil chan)")       \
  X(kSelectCases, "select of channels")         \
  X(kSelectNoCases, "select (no cases)")        \
  X(kSelectFds, "select of channels and fds")   \
  X(kWaitGroup, "WaitGroup.Wait")               \
  X(kGoMutex, "Mutex.Lock")                     \
  X(kGoRWMutexR, "RWMutex.RLock")               \
  X(kGoRWMutexW, "RWMutex.Lock")                \
  X(kGoCond, "Cond.Wait")                       \
  X(kGoOnce, "Once.Do")                         \
  X(kGoSleep, "sleep (API)")

enum class WaitReason : uint8_t {
#define X(name, text) name,
  GS_WAIT_REASONS(X)
#undef X
};

const char* wait_reason_name(WaitReason r);

// Is the call that waits for this reason a cancellation point (POSIX 2.9.5.2)?
inline bool is_cancellation_point(WaitReason r) {
  switch (r) {
    case WaitReason::kSleep:
    case WaitReason::kFdRead:
    case WaitReason::kFdWrite:
    case WaitReason::kAccept:
    case WaitReason::kConnect:
    case WaitReason::kPoll:
    case WaitReason::kSelect:
    case WaitReason::kEpollWait:
    case WaitReason::kCondWait:
    case WaitReason::kSemWait:
    case WaitReason::kJoin:
    case WaitReason::kPause:
    case WaitReason::kSigWait:
    case WaitReason::kWaitPid:
      return true;
    default:
      return false;
  }
}

}  // namespace goshim
