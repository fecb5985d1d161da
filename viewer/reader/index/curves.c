/*
 * curves.c: numbers that change over time, kept in a bounded number of steps whatever the trace's length.
 *
 * A step has the least and the greatest value in it and the area below, so peaks stay peaks and means stay means when
 * steps are joined. What it costs: seen closer than a step (a 30,000th of the trace) a curve is flat.
 */
#include "index/marks.h"

#include <math.h>

enum { FIRST_WIDTH = 64 }; /* ns */

static struct curve_step join(struct curve_step a, struct curve_step b) {
    return (struct curve_step){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high, a.area + b.area};
}

static void halve(struct curve *c) {
    uint32_t n = c->steps.n;
    for (uint32_t i = 0; i < n; i += 2)
        c->steps.p[i / 2] = i + 1 < n ? join(c->steps.p[i], c->steps.p[i + 1]) : c->steps.p[i];
    c->steps.n = (n + 1) / 2;
    c->width *= 2;
}

/* The value held from c->since up to t. */
static bool hold(struct curve *c, double t) {
    if (t < c->until) { /* nearly always */
        struct curve_step *s = &c->steps.p[c->steps.n - 1];
        if (t > c->since)
            *s = join(*s, (struct curve_step){(float)c->value, (float)c->value, c->value * (t - c->since)});
        c->since = t;
        return true;
    }
    while (t >= c->width * CURVE_STEPS) {
        halve(c);
        if (c->width > 1e19) /* longer than any trace */
            return true;
    }
    uint32_t last = (uint32_t)(t / c->width);
    if (!VEC_ROOM(&c->steps, last + 1))
        return false;
    while (c->steps.n <= last)
        c->steps.p[c->steps.n++] = (struct curve_step){INFINITY, -INFINITY, 0};
    for (uint32_t i = (uint32_t)(c->since / c->width); i <= last; i++) {
        struct curve_step *s = &c->steps.p[i];
        double a = fmax(c->since, i * c->width), b = fmin(t, (i + 1) * c->width);
        if (b > a)
            *s = join(*s, (struct curve_step){(float)c->value, (float)c->value, c->value * (b - a)});
    }
    c->since = t;
    c->until = (last + 1) * c->width;
    return true;
}

bool gt_curve_set(struct curve *c, double t, double value) {
    if (c->from < 0) {
        *c = (struct curve){.from = t, .since = t, .width = FIRST_WIDTH, .late = c->late, .steps = c->steps};
        c->value = value;
        return true;
    }
    if (!hold(c, t))
        return false;
    c->value = value;
    return true;
}

bool gt_curve_late(struct curve *c, double t) {
    if (c->from < 0 && !gt_curve_set(c, 0, 0))
        return false;
    if (!VEC_ROOM(&c->late, c->late.n + 1))
        return false;
    c->late.p[c->late.n++] = t;
    return gt_curve_set(c, t, c->value + 1);
}

/* How many of the late times come after t. */
static uint32_t late_after(const struct curve *c, double t) {
    uint32_t a = 0, b = c->late.n;
    while (a < b) {
        uint32_t mid = a + (b - a) / 2;
        if (c->late.p[mid] > t)
            b = mid;
        else
            a = mid + 1;
    }
    return c->late.n - a;
}

void gt_curve_close(struct curve *c) {
    VEC_FREE(&c->steps);
    VEC_FREE(&c->late);
}

/* One bucket [a, b) of an answer; false = nothing is known there. */
static bool bucket(const struct curve *c, double a, double b, float out[3]) {
    struct curve_step sum = {INFINITY, -INFINITY, 0};
    double known = 0;
    for (uint32_t i = (uint32_t)(a / c->width); i < c->steps.n && i * c->width < b; i++) {
        const struct curve_step *s = &c->steps.p[i];
        double s0 = fmax(i * c->width, c->from), s1 = fmin((i + 1) * c->width, c->since);
        double share = (fmin(b, s1) - fmax(a, s0)) / (s1 - s0);
        if (!(share > 0) || s->low > s->high)
            continue;
        sum = join(sum, (struct curve_step){s->low, s->high, s->area * share});
        known += share * (s1 - s0);
    }
    double after = fmax(a, c->since);
    if (b > after && c->from >= 0) { /* what holds since the last change */
        sum = join(sum, (struct curve_step){(float)c->value, (float)c->value, c->value * (b - after)});
        known += b - after;
    }
    if (!(known > 0))
        return false;
    uint32_t through = late_after(c, b), partly = late_after(c, a) - through;
    double more = through; /* the mean of what was told of too late */
    for (uint32_t i = c->late.n - through - partly; i < c->late.n - through; i++)
        more += (c->late.p[i] - a) / (b - a);
    out[0] = sum.low + (float)through;
    out[1] = (float)(sum.area / known + more);
    out[2] = sum.high + (float)(through + partly);
    return true;
}

uint32_t gt_curves(gt_reader *r) {
    uint32_t known = 0;
    for (int i = 0; r->marks && i < CURVES; i++)
        known |= (uint32_t)(r->marks->curves[i].from >= 0) << i;
    return known;
}

uint32_t gt_curve(gt_reader *r, uint32_t which, double t0, double t1, uint32_t px) {
    if (!r->marks || which >= CURVES || !(t1 > t0) || px == 0)
        return 0;
    if (px > 1 << 15)
        px = 1 << 15;
    struct points_out *c = &r->points;
    if (!VEC_ROOM(&c->curve, 3 * px))
        return UINT32_MAX;
    const struct curve *curve = &r->marks->curves[which];
    double end = trace_length(r), width = (t1 - t0) / px;
    for (uint32_t i = 0; i < px; i++) {
        double a = fmax(t0 + i * width, 0), b = fmin(t0 + (i + 1) * width, end);
        float out[3] = {NAN, NAN, NAN};
        if (b > a && curve->from >= 0)
            bucket(curve, a, b, out);
        memcpy(&c->curve.p[3 * i], out, sizeof out);
    }
    return px;
}
