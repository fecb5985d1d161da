# link.awk: the one change made to a linked module before asyncify, on its text as wasm-dis prints it.
#  1. Every store to the C stack pointer becomes a call, except in the functions of switch.S (and in the linker's
#     own set-up code, which runs before any goroutine). Where a function makes room for its frame, or for an array
#     of variable size,
#         (global.set $__stack_pointer (local.tee $x (i32.sub (global.get $__stack_pointer) (i32.const N))))
#     the frame may have to go elsewhere (stacks.c), and the local that holds its address must say where:
#         (local.set $x (call $port_sp_down (i32.sub (global.get $__stack_pointer) (i32.const N))))
#     Where the stack pointer goes back, (i32.add …) or (local.get …), it is (call $port_sp_up …). Anything else is
#     refused.
#  2. Every memory.atomic.wait32 but its own becomes a call of port_wait32 (wasm/port/emscripten.c says why).
#  3. Every read of __tls_base, the worker's, becomes a call of port_tls_base, the goroutine's (tls.c).
#  4. Exports that neither asyncify's rules nor the loader need are dropped, so that wasm-opt removes what only they
#     kept.
# It fails unless asyncify's start_unwind has exactly one call site (invariant 1 of switch.c).
# Variables: keep = regular expression of the exports to keep.

function fail(what) { print "link.awk: " what > "/dev/stderr"; failed = 1; exit 1 }

function trim(s) { sub(/^ +/, "", s); return s }
function next_line() { if ((getline) <= 0) fail("the text ends in a function"); return trim($0) }

# What local n was last set to, as far as the text tells: the first line of the expression.
function meaning(n,   i) {
  for (i = 0; i < 8 && def[n] ~ /^\(local\.(tee|get) /; i++) n = name_in(def[n])
  return def[n]
}
function name_in(s) { sub(/^[^$]*/, "", s); sub(/[) ].*/, "", s); return s }

# The store that begins at this line.
function checked_store(   indent, at, a, b, expr, first, size, base) {
  indent = $0
  sub(/\(.*/, "", indent)
  at = FNR
  a = next_line()
  if (a ~ /^\(i32\.add$/) { print indent "(call $port_sp_up"; print; ups++; return }
  if (a ~ /^\(local\.get /) {
    size = name_in(a)
    if (meaning(size) ~ /^\(i32\.(sub|and)$/ && !placed[size]) { # not optimised
      print indent "(local.set " size; print indent " (call $port_sp_far"; print indent "  " a; print indent " )"
      placed[size] = 1
      downs++
    } else { print indent "(call $port_sp_up"; print; ups++ }
    return
  }
  if (a !~ /^\(local\.tee /) fail("line " at " in " func_name ": unknown use of the stack pointer: " a)
  placed[name_in(a)] = 1
  expr = next_line()
  if (expr ~ /^\(local\.tee /) { b = expr; placed[name_in(b)] = 1; expr = next_line() }
  if (expr !~ /^\(i32\.(sub|and)$/) fail("line " at " in " func_name ": unknown use of the stack pointer: " expr)
  first = next_line()
  lines = expr
  if (expr == "(i32.and" && first == "(i32.sub") { lines = lines "\n" first; first = next_line() }
  size = ""
  if (first ~ /^\(local\.get /) base = first
  else if (first == "(global.get $__stack_pointer)") {
    if (lines == "(i32.sub") size = next_line()
  } else if (first ~ /^\(local\.tee /) {
    def[name_in(first)] = "(global.get $__stack_pointer)"
    lines = lines "\n" first
    first = next_line()
    if (first != "(global.get $__stack_pointer)") fail("line " at " in " func_name ": unknown base of a frame: " first)
  } else fail("line " at " in " func_name ": unknown base of a frame: " first)
  # A frame below an address known from before: what lies below that is gone (the arrays of the last turn of a loop).
  if (base) print indent "(call $port_sp_up " base ")"
  print indent "(local.set " name_in(a)
  if (b) print indent b
  small = size ~ /^\(i32\.const [0-9]+\)$/ && substr(size, 12) + 0 < 65536
  print indent (small ? "(call $port_sp_down" : "(call $port_sp_far")
  print lines
  print first
  if (size) print size
  def[name_in(a)] = expr
  downs++
}

/^ \(func / {
  func_name = $2
  split("", def)
  split("", placed)
  own_tls = $2 ~ /^\$port_tls_/ || $2 ~ /^\$__wasm_(call_ctors|init_memory|init_tls|apply_[a-z_]*)$/
  unchecked = $2 ~ /^\$port_(sp_down|sp_far|sp_up|set_sp|to_m_stack|use_stack)$/ || own_tls
  if ($2 == "$port_sp_down") setter = 1
  if ($2 == "$port_tls_base") has_tls = 1
  waiter = $2 == "$port_wait32"
  if (waiter) has_waiter = 1
}
/^ \(global \$port_stack_size \(mut i32\) \(i32\.const 0\)\)/ { sized += sub(/i32\.const 0/, "i32.const -1") }
/^ \(global \$rt_away \(mut i32\) \(i32\.const 0\)\)/ { sized += sub(/i32\.const 0/, "i32.const 1") }
waits_for != "" { def[waits_for] = trim($0); placed[waits_for] = 0; waits_for = "" }
/^ +\(local\.(set|tee) / { waits_for = name_in($0) }
!unchecked && /\(global\.set \$__stack_pointer/ { checked_store(); next }
!waiter && /memory\.atomic\.wait32/ {
  if (/wait32 (offset|align)=/) fail("a memory.atomic.wait32 with an offset: " $0)
  waits += sub(/\(memory\.atomic\.wait32/, "(call $port_wait32")
}
!own_tls {
  tls += sub(/\(global\.get \$__tls_base\)/, "(call $port_tls_base)")
}
/\(call \$port_start_unwind/ {
  if (func_name == "$port_switch_out") unwinds++
  else if (func_name != "$port_move_data") fail("start_unwind called in " func_name)
}
/^ \(export / {
  name = $2
  gsub(/"/, "", name)
  if (name !~ keep) next
  # The function itself, not the wrapper that WASI commands get, which ends the program.
  if (name != "_start") sub(/\.command_export/, "")
}
{ print }

END {
  if (failed) exit 1
  if (!setter) \
    fail("the module has no function port_sp_down: was it linked without wasm/port/switch.S, or without names?")
  if (!ups || !downs) fail("no store to __stack_pointer found: was the module linked without names?")
  if (sized != 2) fail("the globals port_stack_size and rt_away are not where wasm-dis was to print them")
  if (waits && !has_waiter) fail("the module waits on memory but has no function port_wait32")
  if (tls && !has_tls) fail("the module has thread-local variables but no function port_tls_base")
  if (unwinds != 1) \
    fail("asyncify's start_unwind has " unwinds + 0 " call sites in port_switch_out, must be 1:" \
         " port_switch_out was inlined or dropped")
}
