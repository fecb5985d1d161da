# single.awk: atomic operations of a program of one thread become plain ones, on the text of a linked module as
# wasm-dis has it.
#
# A wasi program's own sources are compiled with atomics, since LLVM makes ordinary variables of all _Thread_local ones
# in a file whose atomic operations it takes apart itself; not every WASI engine knows them. Loads and stores just lose
# the word. The others
#     (i32.atomic.rmw.add offset=O A V)  become  (call $gr_single.i32.rmw.add (i32.const O) A V)
# of functions made here, which wasm-opt inlines.

function fail(what) { print "single.awk: " what > "/dev/stderr"; failed = 1; exit 1 }

BEGIN { low[8] = 255; low[16] = 65535; low[32] = "4294967295" }

# One such function: op = i32.rmw8.add_u and the like.
function helper(op,   part, type, width, what, u, new) {
  split(op, part, ".")
  type = part[1]
  width = substr(part[2], 4)
  what = part[3]
  u = sub(/_u$/, "", what) ? "_u" : ""
  print " (func $gr_single." op " (param $o i32) (param $a i32) (param $v " type ")"
  if (what == "cmpxchg") print "  (param $new " type ")"
  print "  (result " type ")"
  print "  (local $old " type ")"
  print "  (local.set $a (i32.add (local.get $o) (local.get $a)))"
  print "  (local.set $old (" type ".load" width u " (local.get $a)))"
  new = what == "xchg" ? "(local.get $v)" : "(" type "." what " (local.get $old) (local.get $v))"
  if (what == "cmpxchg") {
    # More may be in it.
    if (width) print "  (local.set $v (" type ".and (local.get $v) (" type ".const " low[width] ")))"
    print "  (block $differs"
    print "   (br_if $differs (" type ".ne (local.get $old) (local.get $v)))"
    print "   (" type ".store" width " (local.get $a) (local.get $new)))"
  } else print "  (" type ".store" width " (local.get $a) " new ")"
  print "  (local.get $old))"
}

/\(memory\.atomic\./ { fail("a program of one thread cannot wait for another: " $0) }
/\(atomic\.fence/ { sub(/\(atomic\.fence[^)]*\)/, "(nop)") }
/\((i32|i64)\.atomic\.(load|store)/ { sub(/\.atomic\./, ".") }
/\((i32|i64)\.atomic\.rmw/ {
  if (!match($0, /\((i32|i64)\.atomic\.rmw[a-z0-9_.]*/)) fail("an unknown atomic operation: " $0)
  op = substr($0, RSTART + 1, RLENGTH - 1)
  rest = substr($0, RSTART + RLENGTH)
  head = substr($0, 1, RSTART - 1)
  offset = match(rest, /offset=[0-9]+/) ? substr(rest, RSTART + 7, RLENGTH - 7) : 0
  sub(/^( (offset|align)=[0-9]+)*/, "", rest)
  sub(/\.atomic/, "", op)
  used[op] = 1
  $0 = head "(call $gr_single." op " (i32.const " offset ")" rest
}
$0 == ")" { for (op in used) helper(op); ended = 1 } # the module's
{ print }

END {
  if (failed) exit 1
  if (!ended) fail("the module does not end")
}
