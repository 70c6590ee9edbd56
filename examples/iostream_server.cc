// HTTP/1.1 keep-alive server in plain C++: a std::thread and an iostream for each connection. GET /N answers with N
// letters, GET /count with the number of answers so far; what is not understood throws.
//
//   c++ -std=c++20 -O2 -pthread iostream_server.cc -o iostream_server
//   ./iostream_server PORT                    PORT 0: any free port, printed
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <ext/stdio_filebuf.h>

#include <condition_variable>
#include <csignal>
#include <iostream>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

std::string letters(size_t size) {
  std::string text(size, ' ');
  for (size_t i = 0; i < size; i++) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

// Bodies that were asked for before.
class Bodies {
 public:
  std::string get(size_t size) {
    {
      std::shared_lock reader(mutex_);
      if (auto it = bodies_.find(size); it != bodies_.end()) return it->second;
    }
    std::unique_lock writer(mutex_);
    return bodies_.try_emplace(size, letters(size)).first->second;
  }

 private:
  std::shared_mutex mutex_;
  std::map<size_t, std::string> bodies_;
};

// How many connections there are.
class Crowd {
 public:
  void enter() {
    std::lock_guard lock(mutex_);
    here_++;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (--here_ == 0) empty_.notify_all();
  }
  bool wait_empty(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return empty_.wait_for(lock, patience, [this] { return here_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  int here_ = 0;
};

Bodies bodies;
Crowd crowd;
std::mutex count_mutex;
uint64_t count;

uint64_t counted() {
  std::lock_guard lock(count_mutex);
  return ++count;
}

// Answers one request; false when there is none.
bool answer(std::istream& peer, std::ostream& reply) {
  std::string line;
  if (!std::getline(peer, line)) return false;
  if (line.rfind("GET /", 0) != 0) throw std::invalid_argument("not a GET");
  std::string path = line.substr(5, line.find(' ', 5) - 5);
  while (std::getline(peer, line) && line != "\r") {
  }
  if (!peer) return false;
  uint64_t number = counted();
  std::string body = path == "count" ? std::to_string(number) : bodies.get(std::stoul(path));
  reply << "HTTP/1.1 200 OK\r\nContent-Length: " << body.size() << "\r\n\r\n" << body << std::flush;
  return reply.good();
}

// A buffer for each direction: a socket has no position that the two could share.
void connection(int fd) {
  {
    __gnu_cxx::stdio_filebuf<char> in(fd, std::ios::in), out(dup(fd), std::ios::out);
    std::istream peer(&in);
    std::ostream reply(&out);
    try {
      while (answer(peer, reply)) {
      }
    } catch (const std::exception& e) {
      std::string what = e.what();
      reply << "HTTP/1.1 400 Bad Request\r\nContent-Length: " << what.size()
            << "\r\nConnection: close\r\n\r\n"
            << what << std::flush;
    }
  }
  crowd.leave();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, nullptr);

  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in addr{};
  addr.sin_family = AF_INET;
  addr.sin_port = htons(static_cast<uint16_t>(argc > 1 ? std::stoi(argv[1]) : 8080));
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof addr;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, reinterpret_cast<sockaddr*>(&addr), size) != 0 || listen(listener, 4096) != 0)
    return 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&addr), &size);
  std::cout << "listening on " << ntohs(addr.sin_port) << std::endl;

  std::thread([listener] {
    for (int fd, yes = 1; (fd = accept(listener, nullptr, nullptr)) >= 0;) {
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      crowd.enter();
      std::thread(connection, fd).detach();
    }
  }).detach();
  int number;
  sigwait(&stop, &number);
  shutdown(listener, SHUT_RDWR);
  std::cout << (crowd.wait_empty(std::chrono::milliseconds(200)) ? "empty" : "some left")
            << std::endl;
  std::quick_exit(0);
}
