/*
 * carry.h: the form in which states pass from one reader to the next: numbers as varints, strings and sites told in
 * full where they first occur and by number afterwards. Both ends are of the same build; no file has it.
 */
#ifndef GT_CARRY_H
#define GT_CARRY_H

#include "base/reader.h"
#include "decode/varint.h"

struct told {        /* what of an intern table was told already */
    uint32_t *p;     /* lasting id to number, 0 = not yet */
    uint32_t n, cap; /* numbers given; entries of p */
};

struct writer {
    struct gt_reader *r;
    struct told strings, sites;
};

bool gt_writer_open(struct writer *w, struct gt_reader *r);
/* True = all is in r->text. */
bool gt_writer_close(struct writer *w);
void gt_put(struct writer *w, uint64_t v);
/* An id, of which all ones means none. */
void gt_put_id(struct writer *w, uint64_t id);
void gt_put_string(struct writer *w, uint32_t id);
void gt_put_site(struct writer *w, uint32_t id);
/* A goroutine by its record. */
void gt_put_actor(struct writer *w, uint32_t record);
void gt_put_ranges(struct writer *w, const struct ranges *rs);

/* A goroutine but for its id: how it stands, what is known of it, its open ranges and regions. */
void gt_put_goroutine(struct writer *w, const struct gstate *g);
/* All tasks that are open. */
void gt_put_tasks(struct writer *w);

struct told_back {
    VEC(uint32_t) strings, sites; /* by number - 1: ids here */
    struct gt_reader *r;
    uint32_t at; /* next byte of r->blob */
    bool bad;    /* the bytes end early, or memory ran out */
};

uint64_t gt_take(struct told_back *t);
uint64_t gt_take_id(struct told_back *t);
uint32_t gt_take_string(struct told_back *t);
uint32_t gt_take_site(struct told_back *t);
/* Goroutine id + 1; 0 = none. */
uint64_t gt_take_actor(struct told_back *t);
/* Its record: that of the living goroutine, or one that has only the id. 0 = none. */
uint32_t gt_actor(struct gt_reader *r, uint64_t actor);
/* Into rs, in place of what is there; rs = NULL: passed over. */
void gt_take_ranges(struct told_back *t, struct ranges *rs);
/* Onto g's; g = NULL: passed over. */
void gt_take_regions(struct told_back *t, struct gstate *g);
struct task gt_take_task(struct told_back *t, uint64_t *id);
void gt_told_back_close(struct told_back *t);

/* What gt_put_goroutine tells, up to the ranges, which are taken after it, and then the regions. */
struct goroutine_news {
    uint64_t wake_by, creator; /* goroutine + 1 */
    uint32_t was, fn;          /* lasting strings */
    uint32_t wake_site, site;  /* lasting sites; site: where it was created */
    uint8_t status;
};
struct goroutine_news gt_take_goroutine(struct told_back *t);

/* The open span of a lane; what it tells of the past, with GT_OPT_PART. */
struct open_span {
    uint64_t owner;     /* M id; NO_ID = none */
    uint64_t start;     /* ns */
    uint64_t number;    /* of the event that opened it, from 1 on */
    uint64_t g;         /* goroutine + 1 */
    uint64_t wake_by;   /* goroutine + 1 */
    uint32_t fn, was;   /* lasting strings */
    uint32_t made_at;   /* lasting site, of a system call */
    uint32_t wake_site; /* lasting site */
    uint8_t news;       /* what its lane knew of g, NEWS_* */
    uint8_t state;      /* enum span_state */
};

struct lane_news {
    uint64_t p;     /* P id or LANE_STW */
    uint64_t total; /* spans so far */
    uint64_t here;  /* of these, in this reader */
    bool open;      /* the last one goes on: `span` */
    bool continues; /* as in struct lane */
    uint64_t past;  /* bits of past_end, a double */
    struct open_span span;
};

void gt_put_lane(struct writer *w, const struct lane *l, double past_end);
struct lane_news gt_take_lane(struct told_back *t);
/* The lane of a P, made if there is none: its number, 0 = no lane for it, UINT32_MAX = out of memory. */
uint32_t gt_lane_for(struct gt_reader *r, uint64_t p);
/* Makes `span` the lane's only one, which is open. */
bool gt_lane_reopen(struct gt_reader *r, uint32_t lane, const struct open_span *span);

#endif
