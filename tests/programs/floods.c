// Leaves a file, then prints more than any pipe holds: for readers that leave early and disks that are full.
#include <goroscope.h>
#include <stdio.h>

int gr_main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    FILE *file = fopen("/kept.txt", "w");
    fputs("kept\n", file);
    fclose(file);
    for (int i = 0; i < 300000; i++)
        printf("line %d\n", i);
    return 7;
}
