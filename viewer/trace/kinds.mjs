// kinds.mjs: numbers that the analysis in C and its users share.

/** Kinds of lengths that have histograms; mirrors enum an_kind in viewer/reader/analyse/analyse.h. */
export const KIND = Object.freeze({ running: 0, runnable: 1, waiting: 2, syscall: 3 });

/** What blocking is sorted by; mirrors enum an_class. */
export const CLASS = Object.freeze({ network: 0, sync: 1, syscall: 2, scheduler: 3, cpu: 4 });
