// sites.mjs: what C that went through the preprocessor gets for --check: each call of malloc, free and their
// like says where it stands, and in which function, before it is made (runtime/check/heap.c): free(p) becomes
// free(rt_heap_pointer(p, SITE)). Only the argument changes, so what has such a name and is something else, a
// member for example, stays what it is.
//
// It is done by macros that are there in the program's own lines and not in those of system headers, as the line
// markers tell. So it is the compiler that finds the calls. Where the program declares such a function itself the
// text does not compile; it is then taken as it was.

const NOTES = { size: 'rt_heap_size', pointer: 'rt_heap_pointer', text: 'rt_heap_text' };

/** What the first argument of each is. @type {Record<string, keyof typeof NOTES>} */
const CALLS = {
  malloc: 'size', calloc: 'size', aligned_alloc: 'size', memalign: 'size',
  realloc: 'pointer', reallocarray: 'pointer', free: 'pointer', posix_memalign: 'pointer',
  strdup: 'text', strndup: 'text',
};

// A gr_site, as goroscope.h has it, which the program need not include.
const SITE = '(__extension__({ static struct { const char *func, *file; unsigned line, id; } __gr_here = '
  + '{__func__, __FILE__, __LINE__, 0}; (void *)&__gr_here; }))';

const DECLARED = 'void *rt_heap_pointer(const void *, void *); __SIZE_TYPE__ rt_heap_size(__SIZE_TYPE__, void *); '
  + 'char *rt_heap_text(const char *, void *);';

const BEGIN = Object.entries(CALLS)
  .map(([name, what]) => `#define ${name}(x, ...) ${name}(${NOTES[what]}(x, __GR_SITE) __VA_OPT__(,) __VA_ARGS__)`)
  .concat(`#define __GR_SITE ${SITE}`).join('\n');
const END = Object.keys(CALLS).concat('__GR_SITE').map((name) => `#undef ${name}`).join('\n');

/**
 * @param {string} text C, preprocessed, with line markers (# LINE "FILE" FLAGS; flag 3: a system header)
 * @returns {string}
 */
export function withSites(text) {
  let inside = false;
  const out = [`# 1 "<--check>"`, DECLARED];
  for (const line of text.split('\n')) {
    const marker = /^# \d+ "(?:[^"\\]|\\.)*"((?: \d)*)/.exec(line);
    if (marker) {
      const own = !marker[1].includes('3') && !/^# \d+ "<[^"]*>"/.test(line);
      if (own !== inside) out.push(own ? BEGIN : END);
      inside = own;
    }
    out.push(line);
  }
  return out.join('\n');
}
