/** Headers of runtime/include: a page cannot list a folder. */
export const MANUAL = ['goroscope.h', 'gr_context.h', 'gr_gc.h'];
