// covers: pthread_cond_wait accept read write
// An acceptor hands connections to a pool of 6 C++ workers by a queue; 60 short connections are
// served.
#include "../help.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

class Queue {
 public:
  void push(int fd) {
    std::lock_guard lock(m_);
    fds_.push_back(fd);
    cv_.notify_one();
  }
  void close_all() {
    std::lock_guard lock(m_);
    closed_ = true;
    cv_.notify_all();
  }
  std::optional<int> pop() {
    std::unique_lock lock(m_);
    cv_.wait(lock, [&] { return closed_ || !fds_.empty(); });
    if (fds_.empty()) return std::nullopt;
    int fd = fds_.front();
    fds_.pop_front();
    return fd;
  }

 private:
  std::mutex m_;
  std::condition_variable cv_;
  std::deque<int> fds_;
  bool closed_ = false;
};

int main() {
  constexpr int kConnections = 60;
  int port, listener = tcp_listen(&port, 128);
  Queue queue;
  int served = 0;
  std::mutex m;
  std::vector<std::thread> workers, clients;
  for (int i = 0; i < 6; i++)
    workers.emplace_back([&] {
      while (auto fd = queue.pop()) {
        char size = 0;
        CHECK_EQ(read_all(*fd, &size, 1), 1);
        std::string text(static_cast<size_t>(size), '?');
        CHECK_EQ(read_all(*fd, text.data(), text.size()), size);
        std::string reply(text.rbegin(), text.rend());
        write_all(*fd, reply.data(), reply.size());
        close(*fd);
        std::lock_guard lock(m);
        served++;
      }
    });
  std::thread acceptor([&] {
    for (int i = 0; i < kConnections; i++) {
      int fd = accept(listener, nullptr, nullptr);
      CHECK(fd >= 0);
      queue.push(fd);
    }
    queue.close_all();
  });
  for (int i = 0; i < kConnections; i++)
    clients.emplace_back([port, i] {
      int fd = tcp_connect(port);
      std::string text = "request " + std::to_string(i), reply(text.size(), '!');
      char size = static_cast<char>(text.size());
      write_all(fd, &size, 1);
      write_all(fd, text.data(), text.size());
      CHECK_EQ(read_all(fd, reply.data(), reply.size()), text.size());
      CHECK(std::string(reply.rbegin(), reply.rend()) == text);
      close(fd);
    });
  for (auto& t : clients) t.join();
  acceptor.join();
  for (auto& t : workers) t.join();
  CHECK_EQ(served, kConnections);
}
