// Intrusive lists. They own nothing: an element is in at most one list per link, and whoever removes it owns it again.
#pragma once

#include <stdint.h>

#include "base/annotations.h"
#include "base/check.h"

namespace goshim {

template <typename T>
struct ListLink {
  T* prev = nullptr;
  T* next = nullptr;
};

// Doubly linked, O(1) removal from the middle. Not thread-safe; the owner's lock protects it.
template <typename T, ListLink<T> T::*Link>
class IntrusiveList {
 public:
  bool is_empty() const { return head_ == nullptr; }
  T* front() const { return head_; }
  // Without the owner's lock: who was first a moment ago, and may be gone.
  GS_NO_TSAN T* front_hint() const { return head_; }
  static T* next(T* e) { return (e->*Link).next; }

  void push_back(T* e) {
    (e->*Link).prev = tail_;
    (e->*Link).next = nullptr;
    (tail_ != nullptr ? (tail_->*Link).next : head_) = e;
    tail_ = e;
  }

  void push_front(T* e) {
    (e->*Link).prev = nullptr;
    (e->*Link).next = head_;
    (head_ != nullptr ? (head_->*Link).prev : tail_) = e;
    head_ = e;
  }

  void erase(T* e) {
    T* prev = (e->*Link).prev;
    T* next = (e->*Link).next;
    (prev != nullptr ? (prev->*Link).next : head_) = next;
    (next != nullptr ? (next->*Link).prev : tail_) = prev;
    (e->*Link).prev = (e->*Link).next = nullptr;
  }

  T* pop_front() {
    T* e = head_;
    if (e != nullptr) erase(e);
    return e;
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
};

// Singly linked FIFO with a count. Not thread-safe.
template <typename T, T* T::*Next>
class IntrusiveQueue {
 public:
  bool is_empty() const { return head_ == nullptr; }
  int32_t size() const { return size_; }
  T* front() const { return head_; }

  void push_back(T* e) {
    e->*Next = nullptr;
    (tail_ != nullptr ? tail_->*Next : head_) = e;
    tail_ = e;
    size_++;
  }

  void push_front(T* e) {
    e->*Next = head_;
    head_ = e;
    if (tail_ == nullptr) tail_ = e;
    size_++;
  }

  T* pop_front() {
    T* e = head_;
    if (e == nullptr) return nullptr;
    head_ = e->*Next;
    if (head_ == nullptr) tail_ = nullptr;
    e->*Next = nullptr;
    size_--;
    return e;
  }

  // Moves all of `other` to the back of this queue.
  void append(IntrusiveQueue& other) {
    if (other.head_ == nullptr) return;
    (tail_ != nullptr ? tail_->*Next : head_) = other.head_;
    tail_ = other.tail_;
    size_ += other.size_;
    other = IntrusiveQueue();
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
  int32_t size_ = 0;
};

}  // namespace goshim
