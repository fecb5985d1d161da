/* stdio.h: as string.h beside it: a file that was not opened, a text that is not there. */
#include_next <stdio.h>

#if !defined(GR_CHECK_STDIO_H) && !defined(__cplusplus)
#define GR_CHECK_STDIO_H

#define GR_NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
int fclose(FILE *) GR_NONNULL(1);
int fgetc(FILE *) GR_NONNULL(1);
int fputc(int, FILE *) GR_NONNULL(2);
int fputs(const char *, FILE *) GR_NONNULL(1, 2);
int puts(const char *) GR_NONNULL(1);
char *fgets(char *, int, FILE *) GR_NONNULL(1, 3);
int fprintf(FILE *, const char *, ...) GR_NONNULL(1, 2);
int fscanf(FILE *, const char *, ...) GR_NONNULL(1, 2);
int printf(const char *, ...) GR_NONNULL(1);
int scanf(const char *, ...) GR_NONNULL(1);
int sprintf(char *, const char *, ...) GR_NONNULL(1, 2);
int sscanf(const char *, const char *, ...) GR_NONNULL(1, 2);
#undef GR_NONNULL

#endif
