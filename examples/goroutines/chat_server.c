// A chat: what one client writes, all others read. One goroutine, the room, owns the list of clients; everybody else talks to
// it through channels, so there is no lock. Each client has two goroutines: one reads its lines, one writes to it.
//
// usage: chat_server PORT      0: any free one, which is printed; then: nc 127.0.0.1 PORT
#include <goshim/goshim.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
  int fd;
  goshim_chan* out;     // of struct message; closed by the room
  struct client* next;  // the room's
};
struct message {
  struct client* from;
  char text[256];
};

static goshim_chan *entering, *leaving, *messages;

static void remove_from(struct client** list, struct client* c) {
  while (*list != c) list = &(*list)->next;
  *list = c->next;
  goshim_close(c->out);
}

// A client too slow for its queue misses messages; nobody waits for it.
static void room(void* unused) {
  (void)unused;
  struct client *clients = NULL, *c;
  struct message m;
  const struct message welcome = {NULL, "welcome\n"};
  for (;;) {
    goshim_case cases[] = {goshim_case_recv(entering, &c), goshim_case_recv(leaving, &c),
                           goshim_case_recv(messages, &m)};
    const int which = goshim_select(cases, 3);
    if (which == 0) {
      c->next = clients;
      clients = c;
      goshim_try_send(c->out, &welcome);
    } else if (which == 1) {
      remove_from(&clients, c);
    } else {
      for (c = clients; c != NULL; c = c->next) {
        if (c != m.from) goshim_try_send(c->out, &m);
      }
    }
  }
}

static void writer(void* arg) {
  struct client* c = arg;
  struct message m;
  goshim_range(c->out, &m) {
    if (send(c->fd, m.text, strlen(m.text), MSG_NOSIGNAL) < 0) break;
  }
  // If it was the client that hung up, the reader learns of it now, and has the room close `out`: nobody uses c then.
  shutdown(c->fd, SHUT_RDWR);
  goshim_range(c->out, &m) {}
  goshim_chan_unref(c->out);
  close(c->fd);
  free(c);
}

static void reader(void* arg) {
  struct message m = {.from = arg};
  FILE* in = fdopen(dup(m.from->fd), "r");
  goshim_send(entering, &m.from);
  while (in != NULL && fgets(m.text, sizeof m.text, in) != NULL) goshim_send(messages, &m);
  if (in != NULL) fclose(in);
  goshim_send(leaving, &m.from);
}

int main(int argc, char** argv) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  a.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "7779"));
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof a;
  if (bind(listener, (struct sockaddr*)&a, size) || listen(listener, 16)) return perror("bind"), 1;
  getsockname(listener, (struct sockaddr*)&a, &size);
  entering = goshim_chan_make(sizeof(struct client*), 0);
  leaving = goshim_chan_make(sizeof(struct client*), 0);
  messages = goshim_chan_make(sizeof(struct message), 0);
  goshim_go(room, NULL);
  printf("listening on %d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) {
    struct client* c = malloc(sizeof *c);
    if (c == NULL) return 1;
    c->fd = accept(listener, NULL, NULL);
    c->out = goshim_chan_make(sizeof(struct message), 16);
    if (c->out == NULL) return 1;
    goshim_go(writer, c);
    goshim_go(reader, c);
  }
}
