# unwind.awk: gives asyncify a limit, on the module's text after the asyncify pass.
#
# Suspending a goroutine stores each frame's locals below its C stack. Asyncify compares with the end of that space
# only once all is stored, when neighbours may be damaged already. So the step of its pointer by which a frame
# begins,
#     (i32.store (global.get $data) (i32.add (i32.load (global.get $data)) (i32.const 4)))
# becomes a call of port_save (switch.c), which sees to it that the frame's locals fit and the word that
# the next frame stores before its step. How many bytes the locals are, the function's last step says, the same with
# another constant. The text is read twice: the first time for the name of the global and for these constants.

function fail(what) { print "unwind.awk: " what > "/dev/stderr"; failed = 1; exit 1 }
function flush(   i) { for (i = 1; i <= nkept; i++) print kept[i]; nkept = 0 }

NR == FNR {
  if ($1 == "(func") func_name = $2
  if ($2 == "\"asyncify_start_unwind\"") { start = $4; sub(/\)+$/, "", start) }
  if ($1 == "(func") inside = start != "" && $2 == start
  if (inside && $1 == "(global.set") last = $2
  if (inside && $1 == "(local.get" && !data) data = "(global.get " last ")"
  if ($2 == "$port_save") has_save = 1
  # A step: (i32.store, global, (i32.add, (i32.load, global, ), (i32.const n). Which global is seen later.
  line = $0
  sub(/^ +/, "", line)
  if (line == "(i32.store") at = 1
  else if (at == 1 && line ~ /^\(global\.get /) { at = 2; global = line }
  else if (at == 2 && line == "(i32.add") at = 3
  else if (at == 3 && line == "(i32.load") at = 4
  else if (at == 4 && line == global) at = 5
  else if (at == 5 && line == ")") at = 6
  else {
    if (at == 6 && line ~ /^\(i32\.const [0-9]+\)$/) {
      steps[func_name]++
      size[func_name] = substr(line, 12) + 0
      stepped[func_name] = global
    }
    at = 0
  }
  next
}

FNR == 1 {
  if (!data) fail("the module has no function asyncify_start_unwind: did the asyncify pass run?")
  if (!has_save) fail("the module has no function port_save: was it linked without wasm/port/switch.c?")
}
/^ \(func / { func_name = $2 }
{
  line = $0
  sub(/^ +/, "", line)
  want = nkept == 1 || nkept == 4 ? data : nkept == 2 ? "(i32.add" : nkept == 3 ? "(i32.load" : nkept == 5 ? ")" : \
    "(i32.const 4)"
  if (nkept && nkept < 6 && line == want) { kept[++nkept] = $0; next }
  if (nkept == 6 && line == want && !begun[func_name]++) {
    if (steps[func_name] > 2 || stepped[func_name] != data) \
      fail("asyncify stores locals in " steps[func_name] " steps in " func_name)
    sub(/\(i32\.store/, "(call $port_save (i32.const " (steps[func_name] > 1 ? size[func_name] : 0) + 4 ")", kept[1])
    saves++
  }
  flush()
  if (line == "(i32.store") { kept[++nkept] = $0; next }
  print
}

END {
  if (failed) exit 1
  flush()
  if (!saves) fail("no place found where asyncify stores locals")
}
