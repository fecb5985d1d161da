/* wrong_order.c: [outer-first | none-open]: ends regions in the wrong order. */
#include <goroscope.h>
#include <string.h>

int gr_main(int argc, char **argv) {
    gr_region_begin("a");
    gr_region_begin("b");
    if (argc > 1 && !strcmp(argv[1], "none-open")) {
        gr_region_end("b");
        gr_region_end("c");
        gr_region_end("d");
    }
    gr_region_end("a");
    if (argc > 1 && !strcmp(argv[1], "outer-first"))
        gr_region_end("b"); /* nothing is open any more: as if it had begun before tracing did */
    return 0;
}
