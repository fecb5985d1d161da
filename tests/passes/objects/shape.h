/* shape.h: for one.cc and two.cc. */
#include <goroscope.h>

struct Shape {
    int sides;
    Shape(int n) : sides(n) {}
    int split(int k) { return k / sides; }
    __attribute__((noinline)) int twice(int k) {
        gr_yield();
        return split(k) * 2;
    }
};

namespace deep {
namespace er {
int go(int k);
}
} // namespace deep
