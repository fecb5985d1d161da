/* stacks.c: the stacks of a generation. Each gets an id when it is first asked for; at the generation's end those are
 * written, and all is forgotten. Since two generations are written at once there are two tables, by the last bit of
 * the generation. (Go's tracestack.go, tracemap.go, traceregion.go)
 *
 * Design
 *  A table is a tree with four branches at each stack, chosen by two further bits of its hash. Stacks are only added,
 *  by one compare-and-swap where a branch ends; they and the table's own lists lie in blocks of memory that are given
 *  out from the front. Nobody waits, but for a new block.
 *  Who asks for a stack nearly always asked for the same one before: a site remembers the id that it had last, a
 *  goroutine that of its whole stack. Whether the stack of that id in this generation is the one meant is looked at,
 *  so what is remembered may be of any generation.
 *  A stack is kept as numbers: the site, and call sites as the port tells them. Functions, files and lines, those of
 *  inlined functions too, are asked for when it is written.
 *
 * Where we differ from Go: whole stacks are known of goroutines that have left theirs alone. A stack of one frame is
 * the call site in which the program called the runtime, or the start function of a goroutine.
 */
#include "base/port.h"
#include "base/throw.h"
#include "trace/trace.h"
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384
#define LISTS 26      /* of stacks by id: the first has FIRST_LIST, each further one twice as many */
#define FIRST_LIST 64 /* a power of two */

/* What a stack is known by. */
typedef struct Key {
    gr_site *site;          /* NULL: not told */
    const char *start;      /* name of the function that a goroutine starts with, NULL: it is a call's stack */
    const uint32_t *frames; /* as the port tells them */
    uint32_t n;             /* of them; 0: of a site alone */
} Key;

typedef struct Stack {
    _Atomic(struct Stack *) branches[4];
    Key key;
    uint32_t hash;
    uint32_t id;
} Stack; /* its frames follow */

typedef struct Block {
    struct Block *next;    /* an older one */
    _Atomic uint32_t used; /* bytes of data; more than size: it was full */
    uint32_t size;
    _Alignas(16) char data[];
} Block;

typedef _Atomic(Stack *) StackPtr;

typedef struct Table {
    StackPtr root;
    _Atomic uint32_t n;               /* ids given out */
    _Atomic(StackPtr *) by_id[LISTS]; /* NULL in it: the id went to nobody */
    _Atomic(Block *) block;           /* that memory comes from */
    rt_mutex lock;                    /* RANK_TABLES: a new block */
} Table;

static Table tables[2];

/* ---- memory -------------------------------------------------------------------------------------------------- */

static void new_block(Table *t, Block *full, uint32_t bytes) {
    rt_lock(&t->lock, RANK_TABLES);
    if (atomic_load(&t->block) == full) { /* else somebody has made one meanwhile */
        uint32_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        Block *b = malloc(sizeof *b + size);
        if (!b)
            rt_fatal("out of memory (stacks of the trace)");
        b->next = full;
        b->used = 0;
        b->size = size;
        atomic_store(&t->block, b);
    }
    rt_unlock(&t->lock);
}

static void *take(Table *t, size_t bytes) {
    uint32_t n = (uint32_t)(bytes + 15) & ~15u;
    for (;;) {
        Block *b = atomic_load(&t->block);
        if (b) {
            uint32_t at = atomic_load(&b->used);
            if (b->size - (at < b->size ? at : b->size) >= n) {
                at = atomic_fetch_add(&b->used, n);
                if (at + n <= b->size)
                    return b->data + at;
            }
        }
        new_block(t, b, n);
    }
}

static void forget(Table *t) {
    Block *b = atomic_load(&t->block);
    if (!b)
        return;
    for (Block *next; b->next; b = next) {
        next = b->next;
        free(b);
    }
    if (b->size == BLOCK_BYTES) {
        b->used = 0;
    } else {
        free(b);
        b = NULL;
    }
    atomic_store(&t->block, b);
    atomic_store(&t->root, NULL);
    atomic_store(&t->n, 0);
    for (int i = 0; i < LISTS; i++)
        atomic_store(&t->by_id[i], NULL);
}

void rt_stacks_forget(uint32_t gen) { forget(&tables[gen % 2]); }

/* ---- the table ----------------------------------------------------------------------------------------------- */

/* Where id's stack is noted; NULL: there is no such list yet, or with make: never. */
static StackPtr *place_of(Table *t, uint32_t id, bool make) {
    uint32_t at = id - 1 + FIRST_LIST, list = 31 - (uint32_t)__builtin_clz(at / FIRST_LIST), n = FIRST_LIST << list;
    if (list >= LISTS)
        return NULL;
    StackPtr *all = atomic_load_explicit(&t->by_id[list], memory_order_acquire);
    if (!all) {
        if (!make)
            return NULL;
        StackPtr *made = take(t, n * sizeof *made);
        memset((void *)made, 0, n * sizeof *made);
        if (atomic_compare_exchange_strong(&t->by_id[list], &all, made))
            all = made;
    }
    return &all[at - n];
}

static uint32_t hash_of(const Key *key) {
    uint32_t h = (uint32_t)(uintptr_t)key->site * 0x9e3779b1u ^ (uint32_t)(uintptr_t)key->start;
    for (uint32_t i = 0; i < key->n; i++)
        h = (h ^ key->frames[i]) * 0x85ebca6bu ^ h >> 15;
    h = (h ^ h >> 16) * 0xc2b2ae35u;
    return h ^ h >> 13;
}

static bool is(const Stack *s, const Key *key) {
    return s->key.site == key->site && s->key.start == key->start && s->key.n == key->n &&
           (key->n == 0 || memcmp(s->key.frames, key->frames, key->n * sizeof *key->frames) == 0);
}

static Stack *new_stack(Table *t, const Key *key, uint32_t hash) {
    Stack *s = take(t, sizeof *s + key->n * sizeof *key->frames);
    memset(s, 0, sizeof *s);
    s->key = *key;
    s->key.frames = key->n ? memcpy(s + 1, key->frames, key->n * sizeof *key->frames) : NULL;
    s->hash = hash;
    s->id = atomic_fetch_add(&t->n, 1) + 1;
    return s;
}

/* The id of a stack, which may be *last. */
static uint32_t id_of(Table *t, const Key *key, uint32_t *last) {
    uint32_t id = __atomic_load_n(last, __ATOMIC_RELAXED);
    StackPtr *noted = id ? place_of(t, id, false) : NULL;
    Stack *s = noted ? atomic_load_explicit(noted, memory_order_acquire) : NULL, *made = NULL;
    if (__builtin_expect(s && is(s, key), 1))
        return id;
    rt_trace_place(REENTER_STACK);
    uint32_t hash = hash_of(key);
    StackPtr *at = &t->root;
    for (uint32_t bits = hash;; bits <<= 2) {
        s = atomic_load_explicit(at, memory_order_acquire);
        if (!s) {
            if (!made)
                made = new_stack(t, key, hash);
            if (atomic_compare_exchange_strong(at, &s, made)) {
                s = made;
                noted = place_of(t, s->id, true);
                if (!noted)
                    rt_throw("a generation has too many stacks");
                atomic_store_explicit(noted, s, memory_order_release);
                break;
            }
        }
        if (s->hash == hash && is(s, key))
            break;
        at = &s->branches[bits >> 30];
    }
    __atomic_store_n(last, s->id, __ATOMIC_RELAXED);
    return s->id;
}

uint32_t rt_trace_stack(uint32_t gen, gr_site *site) {
    return site ? id_of(&tables[gen % 2], &(Key){.site = site}, &site->id) : 0;
}

uint32_t rt_trace_start_stack(uint32_t gen, const char *name, gr_site *create_site) {
    uint32_t none = 0;
    return id_of(&tables[gen % 2], &(Key){.site = create_site, .start = name}, &none);
}

uint32_t rt_trace_whole_stack(uint32_t gen, gr_site *site, const uint32_t *frames, uint32_t n, uint32_t *last) {
    return id_of(&tables[gen % 2], &(Key){site, NULL, frames, n}, last);
}

/* ---- writing it ---------------------------------------------------------------------------------------------- */

/* Addresses as traces tell them: they do not depend on where the host has loaded the program. */
static port_place place_of_site(gr_site *site, const char *func, const void *what) {
    return (port_place){func, site->file, site->line, (uintptr_t)what - port_image_base()};
}

/* Whether a function's name as __func__ has it is the last part of how the port tells it, box::area. */
static bool is_name_of(const char *name, const char *func) {
    size_t n = strlen(name), all = strlen(func);
    return n <= all && strcmp(func + all - n, name) == 0 && (n == all || func[all - n - 1] == ':');
}

/* Sees to it that the innermost place is where the site is, which knows its line also if the compiler has joined it
 * with another or told nothing. A site in a part of the runtime is a frame of its own: what such parts call is left
 * out. */
static uint32_t begin_at(gr_site *site, port_place *places, uint32_t n) {
    port_place here = place_of_site(site, site->func, site);
    if (!port_is_programs(site)) {
        if (n == TRACE_MOST_FRAMES)
            n--;
        memmove(places + 1, places, n * sizeof *places);
        places[0] = here;
        return n + 1;
    }
    bool same_file = places[0].file[0] == 0 || strcmp(site->file, places[0].file) == 0;
    if (same_file && is_name_of(site->func, places[0].func)) {
        here.func = places[0].func;
        places[0] = here;
    }
    return n;
}

uint32_t rt_places_of(gr_site *site, const uint32_t *frames, uint32_t nframes, port_place *places) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < nframes && n < TRACE_MOST_FRAMES; i++)
        n += (uint32_t)port_frame_places(frames[i], places + n, TRACE_MOST_FRAMES - n);
    return site && n ? begin_at(site, places, n) : n;
}

static uint32_t places_of(const Key *key, port_place *places) {
    if (key->start)
        return places[0] = place_of_site(key->site, key->start, key->start), 1;
    if (key->n == 0)
        return places[0] = place_of_site(key->site, key->site->func, key->site), 1;
    return rt_places_of(key->site, key->frames, key->n, places);
}

static void write_stack(TraceBuf *b, const Stack *s) {
    static port_place places[TRACE_MOST_FRAMES]; /* one generation is written at a time */
    uint32_t n = places_of(&s->key, places);
    rt_buf_table(b, TRACE_EV_STACKS, 1 + (2 + 4 * n) * TRACE_MAX_VARINT);
    b->data[b->n++] = TRACE_EV_STACK;
    rt_buf_varint(b, s->id);
    rt_buf_varint(b, n);
    for (uint32_t i = 0; i < n; i++) {
        rt_buf_varint(b, places[i].pc);
        rt_buf_varint(b, rt_trace_string(b->gen, places[i].func));
        rt_buf_varint(b, rt_trace_string(b->gen, places[i].file));
        rt_buf_varint(b, places[i].line);
    }
}

void rt_stacks_write(TraceBuf *b) {
    Table *t = &tables[b->gen % 2];
    uint32_t n = atomic_load(&t->n);
    for (uint32_t id = 1; id <= n; id++) {
        StackPtr *noted = place_of(t, id, false);
        Stack *s = noted ? atomic_load(noted) : NULL;
        if (s)
            write_stack(b, s);
    }
    rt_buf_flush(b);
    forget(t);
}
