# grown.awk: accesses to shared memory that has just grown, on the text of a linked module as wasm-dis prints it.
#
# A worker that makes the shared memory grow may give others an address in the new part at once. V8 (seen in 11.3,
# node 20) tells the other workers by an interrupt, which each notices at its next call or turn of a loop; until
# then its atomic accesses to the new part trap, and memory.copy and memory.fill; only its plain ones work. The
# program dies of "memory access out of bounds" (tests/unit/memory.c). So each looks first: an address beyond what
# this worker knows of makes it ask, by growing the memory by nothing.
#     (i32.atomic.load offset=O A)  becomes
#     (i32.atomic.load offset=O (block (result i32)
#      (block $gr_known (br_if $gr_known (i32.lt_u (i32.shr_u (i32.add (local.tee $gr_at A) (i32.const O))
#      (i32.const 16)) (memory.size)))
#       (drop (memory.grow (i32.const 0))))
#      (local.get $gr_at)))
# Addresses of static data are left alone: they are below. (memory.copy …) becomes (call $port_memory_copy …),
# memory.fill likewise; these are in wasm/port/emscripten.c. Memory that is not shared stays as it is.

function fail(what) { print "grown.awk: " what > "/dev/stderr"; failed = 1; exit 1 }

function complete(line,   opened, closed) {
  opened = gsub(/\(/, "(", line)
  closed = gsub(/\)/, ")", line)
  return opened == closed
}

function close_operand(indent, offset) {
  print indent ") (i32.const " offset ")) (i32.const 16)) (memory.size)))" \
    " (drop (memory.grow (i32.const 0)))) (local.get $gr_at))"
}

/^ \((import|memory) .*\(memory .*shared|^ \(memory .*shared/ { shared = 1 }
!shared { print; next }

/^ \(func / {
  print
  print "  (local $gr_at i32)"
  depth = 0
  helper = $2 ~ /^\$port_memory_(copy|fill)$/
  helpers += helper
  next
}
!helper {
  bulk += sub(/\(memory\.copy$/, "(call $port_memory_copy") + sub(/\(memory\.fill$/, "(call $port_memory_fill")
}

{
  indent = $0
  sub(/[^ ].*/, "", indent)
  line = substr($0, length(indent) + 1)
  wrap = address_next && line !~ /^\(i32\.const -?[0-9]+\)$/
  if (wrap)
    print indent "(block (result i32) (block $gr_known (br_if $gr_known (i32.lt_u (i32.shr_u (i32.add (local.tee $gr_at"
  mine = offset
  address_next = line ~ /^\((i32|i64)\.atomic\.|^\(memory\.atomic\./
  if (address_next) {
    if (complete(line)) fail("an atomic access on one line: " line)
    offset = match(line, /offset=[0-9]+/) ? substr(line, RSTART + 7, RLENGTH - 7) : 0
  }
  print
  if (wrap) {
    if (complete(line)) close_operand(indent, mine)
    else { closes[++depth] = indent ")"; offsets[depth] = mine }
  } else if (depth && $0 == closes[depth]) {
    close_operand(indent, offsets[depth])
    depth--
  }
}

END {
  if (failed) exit 1
  if (depth) fail("an operand that does not end")
  if (bulk && helpers != 2) fail("the module copies memory but has no functions port_memory_copy and port_memory_fill")
}
