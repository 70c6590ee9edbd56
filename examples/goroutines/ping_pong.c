// Two players, one ball, one table: an unbuffered channel.
#include <goshim/goshim.h>
#include <stdio.h>

static goshim_wait_group match;

struct ball {
  int hits;
};
struct player {
  const char* name;
  goshim_chan *from, *to;
};

static void play(void* arg) {
  const struct player* me = arg;
  struct ball ball;
  goshim_range(me->from, &ball) {
    if (ball.hits == 6) break;  // the match is over; the close tells the other
    ball.hits++;
    printf("%s %d\n", me->name, ball.hits);
    goshim_send(me->to, &ball);
  }
  goshim_close(me->to);
  goshim_wg_done(&match);
}

int main(void) {
  goshim_chan* left = goshim_chan_make(sizeof(struct ball), 0);
  goshim_chan* right = goshim_chan_make(sizeof(struct ball), 0);
  struct player ping = {"ping", left, right}, pong = {"pong", right, left};
  goshim_wg_add(&match, 2);
  goshim_go(play, &pong);
  goshim_go(play, &ping);
  struct ball ball = {0};
  goshim_send(left, &ball);
  goshim_wg_wait(&match);
  return 0;
}
