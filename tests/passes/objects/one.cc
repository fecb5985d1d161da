// one.cc: with two.cc a program that dies in a method that both have, for lines.test.mjs.
#include "shape.h"

template <class T> __attribute__((noinline)) T largest(T a, T b) {
    gr_yield();
    Shape s(a > b);
    return s.twice(b) + a;
}

struct Angry {
    template <class T> __attribute__((noinline)) static T complain(T a) {
        gr_yield();
        if (a)
            gr_panic(
                "several"
                " lines");
        return a;
    }
};

extern "C" int gr_main(int argc, char **argv) {
    int kind = argv[1][0] - '0', none = argc - 2;
    Shape s(none);
    if (kind == 4)
        return Angry::complain(kind) + 1;
    if (kind == 2)
        return deep::er::go(none) + 1;
    if (kind == 3)
        return largest(5, 9) + 1;
    return s.twice(kind) + 1;
}
