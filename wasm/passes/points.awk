# points.awk: preemption points where the program asks for them, on the linked module's text before asyncify.
# (runtime/core/points.c)
#  1. Each call of __sanitizer_cov_trace_pc becomes what that function does, since wasm-opt does not inline a
#     function that calls another. The step of the count must stand there: without a store in that path Binaryen
#     makes of asyncify's test and ours one `select` that is always evaluated (measured: a sieve takes a third
#     longer).
#  2. A loop that has none gets one. Clang leaves out blocks all of whose successors they dominate, and so the only
#     block of a loop without exit. Functions without points are the runtime's or libc's and stay as they are.
# The text is read twice: the first time for the loops.

function fail(what) { print "points.awk: " what > "/dev/stderr"; failed = 1; exit 1 }
function point(   l) {
  l = "$point" ++points
  return "(block " l " (br_if " l " (i32.eqz (call $rt_point_wanted))) (br_if " l " (call $rt_point_counted))" \
    " (call $rt_preempt_point))"
}

FNR == 1 { loops = 0 }
NR == FNR {
  if ($1 == "(func") {
    depth = 0
    user = 0
    if ($2 == "$rt_point_wanted" || $2 == "$rt_point_counted" || $2 == "$rt_preempt_point") parts++
  } else if ($1 == "(loop") {
    open[++depth] = ++loops
    match($0, /^ */)
    column[depth] = RLENGTH
  } else if (depth && $1 == ")") {
    match($0, /^ */)
    if (RLENGTH == column[depth]) {
      if (user && !has[open[depth]]) bare[open[depth]] = 1
      depth--
    }
  }
  if (/\(call \$__sanitizer_cov_trace_pc\)/) {
    user = 1
    for (i = 1; i <= depth; i++) has[open[i]] = 1
  }
  next
}

FNR == 1 && parts != 3 {
  fail("the module lacks the parts of a preemption point: was it linked without runtime/core/points.c?")
}
/\(call \$__sanitizer_cov_trace_pc\)/ { sub(/\(call \$__sanitizer_cov_trace_pc\)/, point()) }
{ print }
$1 == "(loop" && bare[++loops] { print point() }

END {
  if (failed) exit 1
  if (!points) fail("no preemption point found: were the sources compiled without -fsanitize-coverage?")
}
