// two.cc: see one.cc.
#include "shape.h"

int deep::er::go(int k) {
    gr_yield();
    Shape s(k);
    return s.twice(7) + 1;
}
