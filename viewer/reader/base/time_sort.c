/*
 * time_sort.c: sorting by time so that equal times end in the order in which Go's slices.SortFunc leaves them.
 *
 * Go's reader sorts its frontier and its CPU samples with a sort that is not stable: a pattern-defeating quicksort
 * (Orson Peters, arXiv 2106.05123). Which of two events of the same time comes first may decide whether a trace can be
 * read at all, so the steps here are the same: the same pivots, partitions, shuffles and limits.
 */
#include "base/reader.h"

enum {
    SHORT = 12,       /* up to so many are sorted by insertion */
    NINTHER = 50,     /* from here on the pivot is a median of medians, and a few misplaced ones are shifted */
    MOST_SWAPS = 12,  /* comparisons of a pivot's choice; all of them out of order: the run goes down */
    SHIFTS = 5,       /* misplaced ones that are shifted before giving up */
    IMBALANCE = 8,    /* a part smaller than an 8th of the whole is a bad one */
    SHUFFLE_FROM = 8, /* shorter runs are not shuffled */
};

enum direction { UNKNOWN, UPWARDS, DOWNWARDS };

static bool before(const struct time_key *p, uint32_t a, uint32_t b) { return p[a].time < p[b].time; }

static void swap(struct time_key *p, uint32_t a, uint32_t b) {
    struct time_key t = p[a];
    p[a] = p[b];
    p[b] = t;
}

static void insertion_sort(struct time_key *p, uint32_t a, uint32_t b) {
    for (uint32_t i = a + 1; i < b; i++)
        for (uint32_t k = i; k > a && before(p, k, k - 1); k--)
            swap(p, k, k - 1);
}

/* p[first + root] sinks to its place in the heap of n. */
static void sift_down(struct time_key *p, uint32_t root, uint32_t n, uint32_t first) {
    for (uint32_t kid; (kid = 2 * root + 1) < n; root = kid) {
        if (kid + 1 < n && before(p, first + kid, first + kid + 1))
            kid++;
        if (!before(p, first + root, first + kid))
            return;
        swap(p, first + root, first + kid);
    }
}

static void heap_sort(struct time_key *p, uint32_t a, uint32_t b) {
    uint32_t n = b - a;
    for (uint32_t i = (n - 1) / 2 + 1; i-- > 0;)
        sift_down(p, i, n, a);
    for (uint32_t i = n; i-- > 0;) {
        swap(p, a, a + i);
        sift_down(p, 0, i, a);
    }
}

static uint32_t bits(uint32_t n) {
    uint32_t count = 0;
    for (; n; n >>= 1)
        count++;
    return count;
}

/* Moves three around, by numbers that look random and are always the same, against inputs made to be slow. */
static void shuffle(struct time_key *p, uint32_t a, uint32_t b) {
    uint32_t n = b - a;
    if (n < SHUFFLE_FROM)
        return;
    uint64_t random = n, mask = ((uint64_t)1 << bits(n)) - 1;
    uint32_t from = a + n / 4 * 2 - 1;
    for (uint32_t i = from; i <= from + 2; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint32_t other = (uint32_t)(random & mask);
        swap(p, i, a + (other >= n ? other - n : other));
    }
}

static void put_in_order(const struct time_key *p, uint32_t *a, uint32_t *b, uint32_t *swaps) {
    if (!before(p, *b, *a))
        return;
    uint32_t t = *a;
    *a = *b;
    *b = t;
    ++*swaps;
}

/* The one of three whose time is in the middle; counts pairs out of order. */
static uint32_t median(const struct time_key *p, uint32_t a, uint32_t b, uint32_t c, uint32_t *swaps) {
    put_in_order(p, &a, &b, swaps);
    put_in_order(p, &b, &c, swaps);
    put_in_order(p, &a, &b, swaps);
    return b;
}

static uint32_t choose_pivot(const struct time_key *p, uint32_t a, uint32_t b, enum direction *hint) {
    uint32_t n = b - a, swaps = 0, i = a + n / 4, k = a + n / 4 * 2, l = a + n / 4 * 3;
    if (n >= NINTHER) {
        i = median(p, i - 1, i, i + 1, &swaps);
        k = median(p, k - 1, k, k + 1, &swaps);
        l = median(p, l - 1, l, l + 1, &swaps);
    }
    k = median(p, i, k, l, &swaps); /* n is over SHORT here */
    *hint = swaps == 0 ? UPWARDS : swaps == MOST_SWAPS ? DOWNWARDS : UNKNOWN;
    return k;
}

static void reverse(struct time_key *p, uint32_t a, uint32_t b) {
    for (b--; a < b; a++, b--)
        swap(p, a, b);
}

/* Sorts what is nearly sorted, or gives up. */
static bool few_shifts(struct time_key *p, uint32_t a, uint32_t b) {
    uint32_t i = a + 1;
    for (uint32_t step = 0; step < SHIFTS; step++) {
        while (i < b && !before(p, i, i - 1))
            i++;
        if (i == b)
            return true;
        if (b - a < NINTHER)
            return false;
        swap(p, i, i - 1);
        if (i - a >= 2)
            for (uint32_t k = i - 1; k >= 1 && before(p, k, k - 1); k--)
                swap(p, k, k - 1);
        if (b - i >= 2)
            for (uint32_t k = i + 1; k < b && before(p, k, k - 1); k++)
                swap(p, k, k - 1);
    }
    return false;
}

/* Puts what is before p[pivot] left of it; returns where it ends. *already = nothing had to move. */
static uint32_t partition(struct time_key *p, uint32_t a, uint32_t b, uint32_t pivot, bool *already) {
    swap(p, a, pivot);
    uint32_t i = a + 1, k = b - 1;
    for (*already = true;; *already = false) {
        while (i <= k && before(p, i, a))
            i++;
        while (i <= k && !before(p, k, a))
            k--;
        if (i > k)
            break;
        swap(p, i++, k--);
    }
    swap(p, k, a);
    return k;
}

/* Nothing here is before p[pivot]: puts what is equal to it left; returns where the rest begins. */
static uint32_t partition_equal(struct time_key *p, uint32_t a, uint32_t b, uint32_t pivot) {
    swap(p, a, pivot);
    uint32_t i = a + 1, k = b - 1;
    for (;;) {
        while (i <= k && !before(p, a, i))
            i++;
        while (i <= k && before(p, a, k))
            k--;
        if (i > k)
            return i;
        swap(p, i++, k--);
    }
}

/* Sorts p[a, b); after `limit` bad pivots in a row of parts by a heap. Recurses into the shorter part. */
static void sort(struct time_key *p, uint32_t a, uint32_t b, uint32_t limit) {
    bool balanced = true, partitioned = true;
    for (;;) {
        uint32_t n = b - a;
        if (n <= SHORT) {
            insertion_sort(p, a, b);
            return;
        }
        if (limit == 0) {
            heap_sort(p, a, b);
            return;
        }
        if (!balanced) {
            shuffle(p, a, b);
            limit--;
        }
        enum direction hint;
        uint32_t pivot = choose_pivot(p, a, b, &hint);
        if (hint == DOWNWARDS) {
            reverse(p, a, b);
            pivot = b - 1 - (pivot - a);
            hint = UPWARDS;
        }
        if (balanced && partitioned && hint == UPWARDS && few_shifts(p, a, b))
            return;
        if (a > 0 && !before(p, a - 1, pivot)) {
            a = partition_equal(p, a, b, pivot);
            continue;
        }
        uint32_t mid = partition(p, a, b, pivot, &partitioned);
        if (mid - a < b - mid) {
            balanced = mid - a >= n / IMBALANCE;
            sort(p, a, mid, limit);
            a = mid + 1;
        } else {
            balanced = b - mid >= n / IMBALANCE;
            sort(p, mid + 1, b, limit);
            b = mid;
        }
    }
}

void gt_time_sort(struct time_key *p, uint32_t n) { sort(p, 0, n, bits(n)); }
