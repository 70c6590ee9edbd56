// covers: poll connect send recvfrom
// 50 threads resolve names and numbers at once. Nothing here needs a name server.
#include "../help.h"

#include <netdb.h>

static void resolve(const char* host, const char* service, int flags) {
  struct addrinfo hints;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  struct addrinfo* found = NULL;
  CHECK_EQ(getaddrinfo(host, service, &hints, &found), 0);
  CHECK(found);
  struct sockaddr_in* addr = (struct sockaddr_in*)(void*)found->ai_addr;
  CHECK_EQ(addr->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  CHECK_EQ(ntohs(addr->sin_port), 80);
  char text[100];
  CHECK_EQ(
      getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST),
      0);
  CHECK_STR(text, "127.0.0.1");
  freeaddrinfo(found);
}

static void* body(void* arg) {
  for (int k = 0; k < 5; k++) {
    resolve("localhost", "80", 0);
    resolve("127.0.0.1", "80", AI_NUMERICHOST | AI_NUMERICSERV);
  }
  return arg;
}

int main(void) {
  pthread_t t[50];
  for (int i = 0; i < 50; i++) t[i] = THREAD(body, NULL);
  for (int i = 0; i < 50; i++) JOIN(t[i]);
  return 0;
}
