// Key-value server: one thread for each connection, one hash table under a mutex, stdio on the
// sockets.
//
//   cc -O2 -pthread kv_server.c -o kv_server
//   ./kv_server PORT                          PORT 0: any free port, printed
//
// A line in, a line out:
//   SET key value   OK
//   GET key         VALUE value, or NONE
//   DEL key         OK, or NONE
//   ADD key n       VALUE sum (a missing one counts as 0)
//   COUNT           VALUE number of keys
#define _GNU_SOURCE
#include <string.h>

#include "server.h"

enum { kBuckets = 1 << 16, kLine = 1024 };

struct Entry {
  struct Entry* next;
  char* value;
  char key[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct Entry* buckets[kBuckets];  // guarded by lock, as is what hangs from it
static size_t count;

// The link that points to the entry of `key`, or to NULL at the end of its chain.
static struct Entry** find(const char* key) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char* p = key; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
  struct Entry** link = &buckets[hash % kBuckets];
  while (*link && strcmp((*link)->key, key) != 0) link = &(*link)->next;
  return link;
}

static void put(struct Entry** link, const char* key, const char* value) {
  char* copy = strdup(value);
  if (!*link) {
    size_t size = strlen(key) + 1;
    struct Entry* entry = calloc(1, sizeof *entry + size);
    if (!entry || !copy) abort();
    memcpy(entry->key, key, size);
    *link = entry;
    count++;
  }
  free((*link)->value);
  (*link)->value = copy;
}

static void execute(char* line, char* reply, size_t size) {
  char* rest = line;
  char *verb = strsep(&rest, " "), *key = strsep(&rest, " ");
  char* value = rest;
  pthread_mutex_lock(&lock);
  struct Entry** link = key && *key ? find(key) : NULL;
  if (strcmp(verb, "COUNT") == 0) {
    snprintf(reply, size, "VALUE %zu\n", count);
  } else if (link && value && strcmp(verb, "SET") == 0) {
    put(link, key, value);
    snprintf(reply, size, "OK\n");
  } else if (link && strcmp(verb, "GET") == 0) {
    snprintf(reply, size, *link ? "VALUE %s\n" : "NONE\n", *link ? (*link)->value : "");
  } else if (link && value && strcmp(verb, "ADD") == 0) {
    char sum[24];
    snprintf(sum, sizeof sum, "%lld", (*link ? atoll((*link)->value) : 0) + atoll(value));
    put(link, key, sum);
    snprintf(reply, size, "VALUE %s\n", sum);
  } else if (link && strcmp(verb, "DEL") == 0) {
    struct Entry* entry = *link;
    snprintf(reply, size, entry ? "OK\n" : "NONE\n");
    if (entry) {
      *link = entry->next;
      free(entry->value);
      free(entry);
      count--;
    }
  } else {
    snprintf(reply, size, "ERROR\n");
  }
  pthread_mutex_unlock(&lock);
}

static void* connection(void* arg) {
  int fd = (int)(intptr_t)arg;
  FILE* in = fdopen(fd, "r");
  char line[kLine], reply[kLine + 16];
  if (!in) {
    close(fd);
    return NULL;
  }
  while (fgets(line, sizeof line, in)) {
    size_t size = strcspn(line, "\r\n");
    if (line[size] == 0) break;  // cut off, or longer than a line may be
    line[size] = 0;
    execute(line, reply, sizeof reply);
    if (dprintf(fd, "%s", reply) < 0) break;
  }
  fclose(in);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  server_init();
  server_accept(server_listen((uint16_t)atoi(argv[1]), 0), connection);
}
