// classes.cc: for dwarf.test.mjs: methods, inlined and not, and functions of namespaces.
namespace shapes {
struct Box {
  int side;
  int area(int n) const { return side / n; }
  __attribute__((noinline)) int twice(int n) const { return area(n) * 2; }
  Box(int n);
};
Box::Box(int n) : side(100 / n) {}
int largest(const Box &a, int n) { return a.twice(n) + a.area(n); }
}
int plain(int n) { return shapes::largest(shapes::Box(n), n); }
