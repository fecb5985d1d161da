/* flood: prints lines as fast as it can, 200,000 of them, each with what a page must not take for markup. */
#include <goroscope.h>
#include <stdio.h>

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int i = 1; i <= 200000; i++) {
        printf("line %d <b>bold</b> & <script>alert(1)</script>\n", i);
        if (i % 100 == 0)
            gr_yield();
    }
    return 0;
}
