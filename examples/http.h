// The HTTP/1.1 part of http_server.c, apart so that the servers it is compared with (tools/bench)
// do the very same work and send the very same bytes. GET only, no request bodies, replies made
// once at start.
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
  kHttpBuffer = 2048
};  // the longest request header accepted; small, because there is one for each connection

enum HttpKind { kHttpOk, kHttpNotFound, kHttpBad, kHttpTooLarge, kHttpKinds };

// `copies` equal replies back to back, so that one send answers several pipelined requests.
struct HttpReply {
  char* bytes;
  size_t size;
  size_t copies;
};

// What to send next: nothing (size 0) when the request is not complete yet.
struct HttpOutput {
  const char* bytes;
  size_t size;
  bool close;    // close the connection after it
  bool discard;  // the rest of the input makes no sense: to be thrown away unread
};

static struct HttpReply http_replies[kHttpKinds][2];  // [kind][close]

static inline void http_init(size_t body_size) {
  static const char* const kStatus[kHttpKinds] = {"200 OK", "404 Not Found", "400 Bad Request",
                                                  "431 Request Header Fields Too Large"};
  for (int kind = 0; kind < kHttpKinds; kind++) {
    for (int close = 0; close < 2; close++) {
      char head[256];
      size_t body = kind == kHttpOk ? body_size : 0;
      size_t head_size = (size_t)snprintf(
          head, sizeof head,
          "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n", kStatus[kind],
          body, close ? "Connection: close\r\n" : "");
      struct HttpReply* reply = &http_replies[kind][close];
      reply->size = head_size + body;
      reply->copies = reply->size < 4096 && !close ? 16 : 1;
      reply->bytes = malloc(reply->size * reply->copies);
      if (!reply->bytes) abort();
      memcpy(reply->bytes, head, head_size);
      for (size_t i = 0; i < body; i++) reply->bytes[head_size + i] = (char)('a' + i % 26);
      for (size_t i = 1; i < reply->copies; i++)
        memcpy(reply->bytes + i * reply->size, reply->bytes, reply->size);
    }
  }
}

static inline bool http_field_is(const char* line, size_t size, const char* name,
                                 size_t name_size) {
  return size > name_size && line[name_size] == ':' && strncasecmp(line, name, name_size) == 0;
}

// Parses the request at buf[0..size). Returns its length, 0 if its header is not complete.
static inline size_t http_parse(const char* buf, size_t size, enum HttpKind* kind, bool* close) {
  const char* last = memmem(buf, size, "\r\n\r\n", 4);
  *close = false;
  if (!last) {
    *kind = kHttpTooLarge;
    return size < kHttpBuffer ? 0 : size;
  }
  const char* end = memchr(buf, '\r', (size_t)(last - buf) + 1);  // of the request line
  size_t line = (size_t)(end - buf);
  *kind = kHttpBad;
  if (line < 14 || memcmp(buf, "GET /", 5) != 0 || memcmp(end - 9, " HTTP/1.", 8) != 0)
    return (size_t)(last + 4 - buf);
  *kind = line == 14 ? kHttpOk : kHttpNotFound;
  *close = end[-1] == '0';  // HTTP/1.0
  for (const char* p = end; p < last;) {
    p += 2;
    end = memchr(p, '\r', (size_t)(last - p) + 1);
    line = (size_t)(end - p);
    if (http_field_is(p, line, "Connection", 10)) {
      const char* value = p + 11;
      while (value < end && *value == ' ') value++;
      if (end - value >= 5 && strncasecmp(value, "close", 5) == 0) *close = true;
    } else if (http_field_is(p, line, "Content-Length", 14) ||
               http_field_is(p, line, "Transfer-Encoding", 17)) {
      *kind = kHttpBad;  // a body would be taken for the next request
    }
    p = end;
  }
  return (size_t)(last + 4 - buf);
}

// Takes requests off buf[*used..size) as long as one send can answer them.
static inline struct HttpOutput http_next(const char* buf, size_t size, size_t* used) {
  struct HttpOutput out = {0};
  const struct HttpReply* reply = NULL;
  while (*used < size && !out.close) {
    enum HttpKind kind;
    bool close;
    size_t length = http_parse(buf + *used, size - *used, &kind, &close);
    if (length == 0) break;
    bool discard = kind == kHttpBad || kind == kHttpTooLarge;
    const struct HttpReply* next = &http_replies[kind][close || discard];
    if (reply && (reply != next || out.size == reply->size * reply->copies)) break;
    reply = next;
    *used += length;
    out.bytes = reply->bytes;
    out.size += reply->size;
    out.close = close || discard;
    out.discard = discard;
  }
  return out;
}

#endif
