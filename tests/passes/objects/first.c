/* first.c: its only function dies in its first line, for lines.test.mjs. */
int gr_main(int argc, char **argv);

int gr_main(int argc, char **argv) { return argv[0][0] / (argc - 2); }
