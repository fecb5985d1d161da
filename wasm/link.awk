# link.awk: the one change made to a linked module before asyncify, on its text as wasm-dis prints it.
#  1. Every store to the C stack pointer becomes a call of the checked setter, except in the functions of switch.S (and in
#     the linker's own set-up code, which runs before any goroutine).
#  2. Every memory.atomic.wait32 but its own becomes a call of gr_wait32 (port_emscripten.c says why).
#  3. Exports that neither asyncify's rules nor the loader need are dropped, so that wasm-opt removes what only they kept.
# It fails unless asyncify's start_unwind has exactly one call site (invariant 1 of switch.c).
# Variables: keep = regular expression of the exports to keep.

function fail(what) { print "link.awk: " what > "/dev/stderr"; failed = 1; exit 1 }

/^ \(func / {
  unchecked = $2 == "$gr_ck_sp" || $2 == "$gr_set_sp" || $2 == "$gr_to_m_stack" || $2 ~ /^\$_?_?wasm_/
  if ($2 == "$gr_ck_sp") setter = 1
  waiter = $2 == "$gr_wait32"
  if (waiter) has_waiter = 1
}
!waiter && /memory\.atomic\.wait32/ {
  if (/wait32 (offset|align)=/) fail("a memory.atomic.wait32 with an offset: " $0)
  waits += sub(/\(memory\.atomic\.wait32/, "(call $gr_wait32")
}
!unchecked { checked += sub(/\(global\.set \$__stack_pointer/, "(call $gr_ck_sp") }
/\(call \$gr_start_unwind/ { unwinds++ }
/^ \(export / {
  name = $2
  gsub(/"/, "", name)
  if (name !~ keep || name == "gr_ck_sp") next
  if (name != "_start") sub(/\.command_export/, "") # the function itself, not the wrapper that WASI commands get, which ends the program
}
{ print }

END {
  if (failed) exit 1
  if (!setter) fail("the module has no function gr_ck_sp: was it linked without wasm/switch.S, or without names?")
  if (!checked) fail("no store to __stack_pointer found: was the module linked without names?")
  if (waits && !has_waiter) fail("the module waits on memory but has no function gr_wait32")
  if (unwinds != 1) fail("asyncify's start_unwind has " unwinds + 0 " call sites, must be 1: port_switch_out was inlined or dropped")
}
