# unwind.awk: gives asyncify a limit, on the module's text after the asyncify pass.
#
# Suspending a goroutine stores each frame's locals below its C stack. Asyncify compares with the end of that space only once all is
# stored, when neighbours may be damaged already. So the step of its pointer by which a frame begins,
#     (i32.store (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
# becomes a call of gr_save (switch.c), which looks whether the frame's locals will fit.
# The text is read twice: the first time for the name of the global.

function fail(what) { print "unwind.awk: " what > "/dev/stderr"; failed = 1; exit 1 }
function flush(   i) { for (i = 1; i <= held; i++) print hold[i]; held = 0 }

NR == FNR {
  if ($2 == "\"asyncify_start_unwind\"") { start = $4; sub(/\)+$/, "", start) }
  if ($1 == "(func") inside = start != "" && $2 == start
  if (inside && $1 == "(global.set") last = $2
  if (inside && $1 == "(local.get" && !data) data = "(global.get " last ")"
  if ($2 == "$gr_save") has_save = 1
  next
}

FNR == 1 {
  if (!data) fail("the module has no function asyncify_start_unwind: did the asyncify pass run?")
  if (!has_save) fail("the module has no function gr_save: was it linked without wasm/switch.c?")
}
{
  line = $0
  sub(/^ +/, "", line)
  want = held == 1 ? data : held == 2 ? "(i32.add" : held == 3 ? "(i32.load" : held == 4 ? data : held == 5 ? ")" : "(i32.const 4)"
  if (held && held < 6 && line == want) { hold[++held] = $0; next }
  if (held == 6 && line == want) {
    sub(/\(i32\.store/, "(call $gr_save", hold[1])
    saves++
  }
  flush()
  if (line == "(i32.store") { hold[++held] = $0; next }
  print
}

END {
  if (failed) exit 1
  flush()
  if (!saves) fail("no place found where asyncify stores locals")
}
