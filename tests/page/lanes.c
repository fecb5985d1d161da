/* lanes: a few requests as tasks with nested regions, logs and labels, handed from goroutine to goroutine. */
#include <goroscope.h>
#include <stdio.h>

enum { REQUESTS = 6, WORKERS = 2 };

struct request {
    gr_task task;
    int n;
};

static gr_chan *queue, *done;

static void parse(struct request *r) {
    gr_region_begin_in(r->task, "parse");
    gr_region_begin_in(r->task, "read");
    gr_sleep(GR_MILLISECOND);
    gr_region_end("read");
    gr_log(r->task, "parsed", r->n % 2 ? "odd <b>request</b>" : "even request");
    gr_region_end("parse");
}

static void worker(void *arg) {
    (void)arg;
    gr_label("a worker");
    struct request *r;
    while (gr_chan_recv(queue, &r)) {
        parse(r);
        gr_task_end(r->task);
        gr_chan_send(done, &r);
    }
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    static struct request requests[REQUESTS];
    queue = gr_chan_make(sizeof(struct request *), 0);
    done = gr_chan_make(sizeof(struct request *), REQUESTS);
    for (int i = 0; i < WORKERS; i++)
        gr_go(worker, NULL);
    for (int i = 0; i < REQUESTS; i++) {
        struct request *r = &requests[i];
        *r = (struct request){gr_task_begin(0, i % 2 ? "request" : "slow request"), i};
        gr_chan_send(queue, &r);
    }
    gr_chan_close(queue);
    for (int i = 0; i < REQUESTS; i++) {
        struct request *r;
        gr_chan_recv(done, &r);
    }
    puts("served");
    return 0;
}
