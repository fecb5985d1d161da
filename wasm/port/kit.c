/* kit.c: where the prebuilt runtime ("kit") calls the program that is merged with it. Not part of programs that are
 * linked as a whole. */
#include "goroscope.h"
#include "wasm/port/program.h"

int gr_main(int argc, char **argv) { return port_program.main(argc, argv); }

__attribute__((constructor)) static void construct(void) { port_program.construct(); }
