// Atomics whose memory order is part of the operation's name.
//
// There is no default order and no operator: a seq_cst access cannot appear by accident, and a reader sees at the
// call what the author claims. Every acquire, release, acq_rel and seq_cst use carries a [tag] that names the other
// end (HACKING.md, "Memory order"); tools/lint/orders.py checks that both ends exist.
#pragma once

#include <atomic>

namespace goshim {

template <typename T>
class Atomic {
 public:
  constexpr Atomic() : v_{} {}
  constexpr explicit Atomic(T v) : v_{v} {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load_relaxed() const { return v_.load(std::memory_order_relaxed); }
  T load_acquire() const { return v_.load(std::memory_order_acquire); }
  T load_seq_cst() const { return v_.load(std::memory_order_seq_cst); }

  void store_relaxed(T v) { v_.store(v, std::memory_order_relaxed); }
  void store_release(T v) { v_.store(v, std::memory_order_release); }
  void store_seq_cst(T v) { v_.store(v, std::memory_order_seq_cst); }

  T exchange_relaxed(T v) { return v_.exchange(v, std::memory_order_relaxed); }
  T exchange_acquire(T v) { return v_.exchange(v, std::memory_order_acquire); }
  T exchange_release(T v) { return v_.exchange(v, std::memory_order_release); }
  T exchange_acq_rel(T v) { return v_.exchange(v, std::memory_order_acq_rel); }
  T exchange_seq_cst(T v) { return v_.exchange(v, std::memory_order_seq_cst); }

  // Strong compare-and-swap; `expected` receives the value found when it fails (with relaxed order).
  bool cas_relaxed(T& expected, T want) {
    return v_.compare_exchange_strong(expected, want, std::memory_order_relaxed);
  }
  bool cas_acquire(T& expected, T want) {
    return v_.compare_exchange_strong(expected, want, std::memory_order_acquire,
                                      std::memory_order_relaxed);
  }
  bool cas_release(T& expected, T want) {
    return v_.compare_exchange_strong(expected, want, std::memory_order_release,
                                      std::memory_order_relaxed);
  }
  bool cas_acq_rel(T& expected, T want) {
    return v_.compare_exchange_strong(expected, want, std::memory_order_acq_rel,
                                      std::memory_order_relaxed);
  }
  bool cas_seq_cst(T& expected, T want) {
    return v_.compare_exchange_strong(expected, want, std::memory_order_seq_cst,
                                      std::memory_order_relaxed);
  }

  T fetch_add_relaxed(T d) { return v_.fetch_add(d, std::memory_order_relaxed); }
  T fetch_add_acquire(T d) { return v_.fetch_add(d, std::memory_order_acquire); }
  T fetch_add_release(T d) { return v_.fetch_add(d, std::memory_order_release); }
  T fetch_add_acq_rel(T d) { return v_.fetch_add(d, std::memory_order_acq_rel); }
  T fetch_add_seq_cst(T d) { return v_.fetch_add(d, std::memory_order_seq_cst); }
  T fetch_sub_relaxed(T d) { return v_.fetch_sub(d, std::memory_order_relaxed); }
  T fetch_sub_release(T d) { return v_.fetch_sub(d, std::memory_order_release); }
  T fetch_sub_acq_rel(T d) { return v_.fetch_sub(d, std::memory_order_acq_rel); }
  T fetch_sub_seq_cst(T d) { return v_.fetch_sub(d, std::memory_order_seq_cst); }
  T fetch_or_relaxed(T d) { return v_.fetch_or(d, std::memory_order_relaxed); }
  T fetch_or_acquire(T d) { return v_.fetch_or(d, std::memory_order_acquire); }
  T fetch_or_seq_cst(T d) { return v_.fetch_or(d, std::memory_order_seq_cst); }
  T fetch_or_acq_rel(T d) { return v_.fetch_or(d, std::memory_order_acq_rel); }
  T fetch_and_seq_cst(T d) { return v_.fetch_and(d, std::memory_order_seq_cst); }
  T fetch_and_relaxed(T d) { return v_.fetch_and(d, std::memory_order_relaxed); }
  T fetch_and_release(T d) { return v_.fetch_and(d, std::memory_order_release); }

  // The word itself, for the kernel (futex). The kernel's accesses are full barriers.
  T* raw() { return reinterpret_cast<T*>(&v_); }

 private:
  std::atomic<T> v_;
  static_assert(std::atomic<T>::is_always_lock_free);
};

// A view of a word inside a libc object (pthread_mutex_t and the like) as an atomic.
template <typename T>
Atomic<T>& as_atomic(T& word) {
  static_assert(sizeof(Atomic<T>) == sizeof(T) && alignof(Atomic<T>) == alignof(T));
  return reinterpret_cast<Atomic<T>&>(word);
}

// The two ends of a store-load (Dekker) pair; both carry the tag.
inline void fence_seq_cst() { std::atomic_thread_fence(std::memory_order_seq_cst); }

}  // namespace goshim
