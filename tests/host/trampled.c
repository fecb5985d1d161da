/* trampled.c: runs for ever and does all that a host reads from memory: prints, is traced, has files, draws. */
#include <goroscope.h>
#include <stdio.h>
#include <string.h>

static void works(void *arg) {
    gr_chan *c = arg;
    for (int i;;)
        gr_chan_recv(c, &i);
}

int gr_main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "memset") == 0) {
        void *volatile nowhere = NULL;
        printf("one\n");
        printf("two\n");
        memset(nowhere, 1, 3u << 20);
    }
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    for (int i = 0; i < 20; i++)
        gr_go(works, c);
    FILE *f = fopen("left.txt", "w");
    fputs("left\n", f);
    fclose(f);
    uint32_t *pixels = gr_framebuffer(64, 64);
    for (int i = 0;; i++) {
        pixels[i % 4096] = (uint32_t)i;
        gr_chan_send(c, &i);
        if (i % 64 == 0) {
            printf("line %d\n", i);
            gr_sleep(GR_MILLISECOND);
        }
    }
}
