/* inlined.h: code in a header, for inlined.c. */
static inline int of_header(int *p, int n) {
    int at = p[1];
    return at % n; /* the remainder */
}
