/* program.h: what the prebuilt runtime ("kit") knows of the program that was merged with it. The build writes the
 * words into the kit's data (wasm/passes/merge.mjs finds them by their magic numbers and mirrors their order). In a
 * program that was linked as a whole all are 0 but those. */
#ifndef RT_PROGRAM_H
#define RT_PROGRAM_H

#include <stdint.h>

#define PROGRAM_MAGIC 0x4d475250u, 0x5247544bu, 0x31303031u, 0x9e3779b9u

typedef struct PortProgram {
    uint32_t magic[4];
    uint32_t variables;       /* address of the program's data that may change: before them are its constants */
    uint32_t heap_base;       /* address behind the program's data: malloc's memory begins there */
    uint32_t tls_offset;      /* of its thread-local variables in a block of them (tls.c) */
    uint32_t tls_bytes;       /* of them */
    uint32_t tls_align;       /* of them, a power of two; 0: none */
    uint32_t tls_image;       /* address of what they are at first */
    uint32_t tls_image_bytes; /* of that; those behind are 0 */
    void (*begin)(void);      /* puts the program's data into memory; NULL: linked as a whole */
    void (*construct)(void);  /* runs its constructors */
    int (*main)(int argc, char **argv);
    void (*read_sites)(void *to, uint32_t from, uint32_t bytes); /* a part of its table of call sites (frames.c) */
    uint32_t sites_bytes;                                        /* of that */
} PortProgram;

_Static_assert(sizeof(PortProgram) == 64, "wasm/passes/merge.mjs writes it");

extern PortProgram port_program;

#endif
