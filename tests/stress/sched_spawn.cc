// Threads made, ended, joined, detached in every order and from everywhere; results arrive, stacks
// and Gs are used again and again.
#include <cerrno>

#include "runtime.h"
#include "sched/park.h"
#include "stress.h"

namespace {

using namespace goshim;

Atomic<int64_t> alive;

struct Node {
  int depth;
  uint64_t seed;
};

void* leaf(void* arg) {
  // A word at the far end of a few KB of stack: stacks of the living do not overlap.
  volatile char mark[2048];
  const auto tag = static_cast<char>(reinterpret_cast<uintptr_t>(arg));
  for (size_t i = 0; i < sizeof mark; i += 256) mark[i] = tag;
  if ((reinterpret_cast<uintptr_t>(arg) & 3) != 0) goyield();
  for (size_t i = 0; i < sizeof mark; i += 256) STRESS_CHECK(mark[i] == tag);
  alive.fetch_sub_relaxed(1);
  return arg;
}

// A tree of threads: each makes some children and some leaves, and joins or detaches each.
void* tree(void* arg) {
  const Node node = *static_cast<Node*>(arg);
  test::Random random(node.seed);
  Node sub[4];
  G* child[4] = {};
  const int n = node.depth > 0 ? 1 + static_cast<int>(random.below(4)) : 0;
  for (int i = 0; i < n; i++) {
    sub[i] = {node.depth - 1, random.next()};
    child[i] = test::go(&tree, &sub[i]);
  }
  for (int i = 0; i < 3; i++) {
    alive.fetch_add_relaxed(1);
    void* tag = reinterpret_cast<void*>(static_cast<uintptr_t>(random.next()));
    switch (random.below(4)) {
      case 0:
        test::go(&leaf, tag, true);
        break;
      case 1: {
        // Detached while it runs, or after its end.
        G* gp = test::go(&leaf, tag);
        if (random.one_in(2)) goyield();
        STRESS_CHECK(thread_detach(gp) == 0);
        break;
      }
      case 2: {
        G* gp = test::go(&leaf, tag);
        void* result = nullptr;
        int err;
        while ((err = thread_tryjoin(gp, &result)) != 0) {
          STRESS_CHECK(err == EBUSY);
          goyield();
        }
        STRESS_CHECK(result == tag);
        break;
      }
      default:
        STRESS_CHECK(test::join(test::go(&leaf, tag)) == tag);
        break;
    }
  }
  for (int i = 0; i < n; i++) STRESS_CHECK(test::join(child[i]) == &sub[i]);
  return arg;
}

void* outsider(void* arg) {
  auto* node = static_cast<Node*>(arg);
  for (int i = 0; i < 4; i++) STRESS_CHECK(test::join(test::go(&tree, node)) == node);
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  test::Stress stress(argc, argv, "sched_spawn");
  test::start_runtime();
  while (stress.next()) {
    Node root = {3, stress.random().next()};
    pthread_t t = {};
    const bool foreign = stress.rounds() % 16 == 1;
    if (foreign) t = test::kernel_thread(&outsider, &root);
    STRESS_CHECK(test::join(test::go(&tree, &root)) == &root);
    if (foreign) pthread_join(t, nullptr);
  }
  while (alive.load_relaxed() != 0) goyield();
  return 0;
}
