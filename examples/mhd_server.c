// HTTP/1.1 server on libmicrohttpd, a thread for each connection. GET /N answers with N letters.
//
//   cc -O2 mhd_server.c -o mhd_server -lmicrohttpd
//   ./mhd_server PORT                         PORT 0: any free port, printed
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMost = 1 << 20 };
static char letters[kMost];

static enum MHD_Result answer(void* cls, struct MHD_Connection* conn, const char* url,
                              const char* method, const char* version, const char* data,
                              size_t* size, void** seen) {
  (void)cls, (void)version, (void)data;
  // Called when the head is there, for each piece of an upload, and at its end; only then may we answer.
  if (!*seen || *size) {
    *seen = letters;
    *size = 0;
    return MHD_YES;
  }
  unsigned long length = strtoul(url + 1, NULL, 10);
  int status = strcmp(method, "GET") ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_OK;
  struct MHD_Response* response = MHD_create_response_from_buffer(length < kMost ? length : kMost,
                                                                  letters, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result result = MHD_queue_response(conn, (unsigned)status, response);
  MHD_destroy_response(response);
  return result;
}

int main(int argc, char** argv) {
  for (size_t i = 0; i < kMost; i++) letters[i] = (char)('a' + i % 26);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  signal(SIGPIPE, SIG_IGN);

  struct sockaddr_in addr = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 8080)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_Daemon* daemon = MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC,
      0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr*)&addr,
      MHD_OPTION_CONNECTION_LIMIT, 20000u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u, MHD_OPTION_END);
  if (!daemon) return 1;
  printf("listening on %d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  int signal_number;
  sigwait(&stop, &signal_number);
  MHD_stop_daemon(daemon);
  printf("over\n");
  return 0;
}
