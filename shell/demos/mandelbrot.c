/* mandelbrot: draws the Mandelbrot set, rows handed out to workers one by one.
 *
 * usage: mandelbrot [WIDTH HEIGHT [ITER]]     960 640 1500 unless given
 *
 * What to look for in the timeline
 *   - As many workers as Ps, and each P busy to the end: who is done with a row takes the next. Dividing the
 *     picture into equal bands beforehand would leave the P with the black middle working alone.
 *   - Each slice is a row. They grow towards the middle of the picture, where the rows are the dearest, and shrink
 *     again.
 *   - gr_main only hands out rows: it runs for a moment between two of them.
 */
#include <goroscope.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLOURS = 1024, /* in the palette, which is a cycle; a power of two */
    SAMPLES = 3     /* a pixel is the mean of SAMPLES x SAMPLES points */
};

typedef struct Picture {
    int width, height;
    int max_iter;     /* a point still near 0 after so many rounds belongs to the set */
    double step;      /* distance of two points */
    uint32_t *pixels; /* the frame buffer */
    uint32_t palette[COLOURS];
    gr_chan *rows;        /* of int: rows to draw */
    gr_waitgroup workers; /* still drawing */
} Picture;

/* How fast z -> z^2 + c runs away, as a number of rounds with a fraction that makes the colours smooth; -1: it does
 * not. */
static double escape(double cr, double ci, int max_iter) {
    const double far = 1 << 16; /* of |z|^2; beyond 2 it never comes back, further out the fraction is smoother */
    double r = 0, i = 0, rr = 0, ii = 0;
    for (int n = 0; n < max_iter; n++) {
        i = 2 * r * i + ci;
        r = rr - ii + cr;
        rr = r * r;
        ii = i * i;
        if (rr + ii > far)
            return n + 1 - log2(log2(rr + ii) / 16);
    }
    return -1;
}

static uint32_t colour(const Picture *pic, double rounds) {
    if (rounds < 0)
        return 0;                                            /* in the set: black */
    double place = COLOURS / 4.0 * (log2(rounds + 1) + 1.8); /* night at the rim; a turn for 16 times as many rounds */
    return pic->palette[(uint32_t)place % COLOURS];
}

/* The mean of the pixel's points. The picture's middle is -0.75; points lie the same above and below the real axis. */
static uint32_t pixel(const Picture *pic, int x, int y) {
    uint32_t red = 0, green = 0, blue = 0, n = SAMPLES * SAMPLES;
    for (int k = 0; k < SAMPLES * SAMPLES; k++) {
        double px = x * SAMPLES + k % SAMPLES + 0.5 - pic->width * SAMPLES / 2.0;
        double py = y * SAMPLES + k / SAMPLES + 0.5 - pic->height * SAMPLES / 2.0;
        uint32_t c = colour(pic, escape(px * pic->step - 0.75, py * pic->step, pic->max_iter));
        red += c & 255;
        green += c >> 8 & 255;
        blue += c >> 16 & 255;
    }
    return 0xff000000u | blue / n << 16 | green / n << 8 | red / n;
}

static void draw_row(const Picture *pic, int y) {
    for (int x = 0; x < pic->width; x++)
        pic->pixels[(size_t)y * (size_t)pic->width + (size_t)x] = pixel(pic, x, y);
}

static void worker(void *arg) {
    Picture *pic = arg;
    int y;
    while (gr_chan_recv(pic->rows, &y)) {
        draw_row(pic, y);
        gr_yield(); /* a slice for each row */
    }
    gr_waitgroup_done(&pic->workers);
}

/* A cycle of colours: night, blue, white, gold, and back; between the stops they blend. */
static void make_palette(uint32_t *palette) {
    static const struct {
        int place, red, green, blue;
    } stops[] = {{0, 0, 7, 60},      {190, 32, 107, 203}, {430, 237, 255, 255},
                 {660, 255, 170, 0}, {880, 50, 8, 20},    {COLOURS, 0, 7, 60}};
    for (int i = 0, s = 0; i < COLOURS; i++) {
        if (i == stops[s + 1].place)
            s++;
        int width = stops[s + 1].place - stops[s].place, at = i - stops[s].place;
        int red = stops[s].red + (stops[s + 1].red - stops[s].red) * at / width;
        int green = stops[s].green + (stops[s + 1].green - stops[s].green) * at / width;
        int blue = stops[s].blue + (stops[s + 1].blue - stops[s].blue) * at / width;
        palette[i] = (uint32_t)(blue << 16 | green << 8 | red);
    }
}

static void draw(Picture *pic, int nworkers) {
    pic->rows = gr_chan_make(sizeof(int), 0);
    gr_waitgroup_add(&pic->workers, nworkers);
    for (int i = 0; i < nworkers; i++)
        gr_go(worker, pic);
    for (int y = 0; y < pic->height; y++)
        gr_chan_send(pic->rows, &y);
    gr_chan_close(pic->rows);
    gr_waitgroup_wait(&pic->workers);
}

/* The set is its own mirror image, to the last bit: conjugate points take conjugate ways. A lost or a torn row
 * shows. */
static bool is_symmetric(const Picture *pic) {
    size_t row = (size_t)pic->width;
    for (int y = 0; y < pic->height / 2; y++) {
        const uint32_t *above = pic->pixels + (size_t)y * row;
        const uint32_t *below = pic->pixels + (size_t)(pic->height - 1 - y) * row;
        if (memcmp(above, below, row * sizeof *above) != 0)
            return false;
    }
    return pic->pixels[0] != 0; /* drawn at all: every pixel is opaque */
}

/* The number in argv[i], or `otherwise` if there is none; 0 if it is not from 1 to 16384. */
static int number(int argc, char **argv, int i, int otherwise) {
    if (i >= argc)
        return otherwise;
    long n = strtol(argv[i], NULL, 10);
    return n >= 1 && n <= 16384 ? (int)n : 0;
}

int gr_main(int argc, char **argv) {
    static Picture pic; /* static: a palette is much for a stack */
    pic.width = number(argc, argv, 1, 960);
    pic.height = number(argc, argv, 2, 640);
    pic.max_iter = number(argc, argv, 3, 1500);
    if (!pic.width || !pic.height || !pic.max_iter) {
        fprintf(stderr, "usage: mandelbrot [WIDTH HEIGHT [ITER]], each from 1 to 16384\n");
        return 1;
    }
    pic.pixels = gr_framebuffer(pic.width, pic.height);
    if (!pic.pixels) {
        fprintf(stderr, "mandelbrot: no memory for a picture of %d x %d pixels\n", pic.width, pic.height);
        return 1;
    }
    double across = 3.2 / pic.width, down = 2.4 / pic.height; /* the whole set fits, whatever the picture's shape */
    pic.step = (across > down ? across : down) / SAMPLES;
    make_palette(pic.palette);
    int nworkers = gr_gomaxprocs(0);
    int64_t began = gr_now();
    draw(&pic, nworkers);
    double seconds = (double)(gr_now() - began) / GR_SECOND;
    bool good = is_symmetric(&pic);
    printf("%d x %d pixels, up to %d rounds a point\n", pic.width, pic.height, pic.max_iter);
    printf("the picture %s its own mirror image\n", good ? "is" : "is NOT");
    printf("drawn by %d workers in %.3f s\n", nworkers, seconds);
    return good ? 0 : 1;
}
