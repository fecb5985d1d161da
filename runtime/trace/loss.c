/* loss.c: losing generations on command, so that tests see what follows a loss at any moment
 * (GRDEBUG=traceloss=SEED). Generations are then short, of random length, and of three turns one begins a row of 1
 * to 5 that are lost. Off, it is asked once a turn.
 */
#include "base/debug.h"
#include "base/text.h"
#include "trace/trace.h"

#define LONGEST_NS (20 * GR_MICROSECOND)
#define MOST_BYTES 4096
#define BATCH_BYTES 512
#define LONGEST_ROW 5
#define FIRST 16 /* generations that are very short: so are many programs */

static uint32_t seed; /* 0: off */
static uint32_t row;  /* generations that are still to be lost */
static uint32_t nlost, nkept;

/* xorshift32; not rt_rand, which the program's schedule depends on. */
static uint32_t loss_below(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % n;
}

void rt_loss_init(void) {
    seed = (uint32_t)rt_debug_vars.traceloss * 2654435761u;
    if (seed)
        rt_tracer.batch_bytes = BATCH_BYTES;
}

bool rt_loss_wanted(bool last) {
    if (seed == 0)
        return false;
    if (last && !rt_tracer.shown)
        row = 0; /* a trace of no generation says nothing of what follows a loss */
    else if (row == 0 && loss_below(3) == 0)
        row = 1 + loss_below(LONGEST_ROW);
    bool lose = row > 0 && row--;
    nlost += lose;
    nkept += !lose;
    return lose;
}

void rt_loss_report(void) {
    if (seed == 0)
        return;
    Text t = {0};
    rt_text_put(&t, "traceloss: ");
    rt_text_i64(&t, nlost);
    rt_text_put(&t, " generations lost, ");
    rt_text_i64(&t, nkept);
    rt_text_put(&t, " kept\n");
    rt_text_flush(&t);
}

void rt_loss_plan(uint32_t begun, int64_t *period_ns, uint32_t *most_bytes) {
    if (seed == 0)
        return;
    uint32_t longest = nlost + nkept < FIRST || loss_below(4) == 0 ? 1u << loss_below(10) : LONGEST_NS;
    *period_ns = (int64_t)loss_below(longest) * (1 + begun / 1024); /* each turn tells of every goroutine */
    *most_bytes = loss_below(MOST_BYTES) + begun;
}
