#!/usr/bin/env bash
# build.sh: the one build script. Everything it makes goes to build/; what is newer than its sources stays as it is.
#
#   build.sh                                  everything stale: runtime, kit, demos (emscripten, native),
#                                             the viewer's reader, the playground's editor
#   build.sh setup [--test]                   installs the tools that are missing (--test: also those
#                                             only the tests need)
#   build.sh program TARGET OUT FILE.c...     compiles and links one program; TARGET: emscripten, wasi,
#                                             native, native-asan, native-tsan
#            [-O* -g* -D* -I* -W* -f* -std=*]   these options go to the compiler
#            [--preempt]                        preemption points in these sources (runtime/core/points.c)
#            [--check]                          finds undefined behaviour and misuse of malloc in these sources; with
#                                               what else runtime/check has. The same as TARGET-check
#            [--link-only]                      OUT is the linked module with all names; what is missing stays an import
#            [--without=FILE.c]                 leaves out this file of the runtime: one of the others has what it has
#   build.sh native [asan|tsan] [unit|stress] unit and stress programs for this machine, in
#                                             build/native[-asan|-tsan]/{unit,stress}/
#   build.sh lib TARGET                       the runtime alone
#   build.sh kit [threads|check]              what `goroscope build` needs, in build/kit: the runtime and libc,
#                                             finished; headers; C++'s library. check: for programs with --check;
#                                             without a word both
#   build.sh clean
#
# The way of a wasm program (why: wasm/port/switch.c): compile -O2; link with names and without optimising;
# wasm/passes: linked.mjs; wasm-opt -O3, asyncify; wasm/passes: unwind.mjs; wasm-opt -O3. GOROSCOPE_WASM_OPT=-O1: with
# less of optimising, in half the time.
set -euo pipefail
shopt -s nullglob

# npm puts its programs first: its wasm-opt is another one, in JavaScript, ten times as slow.
while [[ :$PATH: =~ :([^:]*/node_modules/\.bin): ]]; do
  PATH=:$PATH:
  PATH=${PATH//":${BASH_REMATCH[1]}:"/:}
  PATH=${PATH#:}
  PATH=${PATH%:}
done

here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
me=build.sh

die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

# Debian's emcc 3.1.6 finds its node modules only so; and another Python than Debian's, behind a script that looks for
# it (pyenv), takes half a second more at each start.
[[ -d /usr/share/nodejs/acorn && -z ${NODE_PATH-} ]] && export NODE_PATH=/usr/share/nodejs
[[ -e /usr/share/emscripten/emcc.py && -x /usr/bin/python3 && -z ${EMSDK_PYTHON-} ]] &&
  export EMSDK_PYTHON=/usr/bin/python3

# ---- what there is -----------------------------------------------------------------------------------------------

runtime=(runtime/{base,trace,core,drive,heap,sync,host,lib}/*.c runtime/port/hostsleep.c)
wasm_port=(wasm/port/{switch.S,switch.c,stacks.c,tls.c,jump.c,roots.c})
headers=(runtime/*/*.h runtime/port/libc/*.h wasm/{port,libc}/*.h)
demos=(shell/demos/*.c)
warn=(-Wall -Wextra ${GOROSCOPE_WERROR:+-Werror})

# checked TARGET: whether its builds have what tests look through (runtime/check), which is in no program but those.
checked() { [[ $1 == *-check || $1 == *-asan || $1 == *-tsan ]]; }
# watched TARGET: besides, what watches the program itself: its heap, and what is undefined in C (check/ubsan.c).
watched() { [[ $1 == *-check ]]; }

# sources TARGET: sets `sources`.
sources() {
  sources=("${runtime[@]}")
  if checked "$1"; then sources+=(runtime/check/{chaos,check,check_wait}.c); fi
  if watched "$1"; then sources+=(runtime/check/{heap,ubsan}.c); fi
  case $1 in
    emscripten*)
      sources=(wasm/port/statics_first.c "${sources[@]}" "${wasm_port[@]}" wasm/port/{emscripten,frames,statics_last}.c
        wasm/libc/*.c) ;;
    wasi*)
      sources=(wasm/port/statics_first.c "${sources[@]}" "${wasm_port[@]}" wasm/port/wasi.c runtime/port/hosted.c
        wasm/port/statics_last.c wasm/libc/{libc,calendar,env,exit,rest,signal,stdio,strptime,time,zone}.c) ;;
    native*)
      sources+=(runtime/port/{native,native_clock,native_stdin,native_tls,hosted}.c)
      if checked "$1"; then sources+=(runtime/check/explorer.c); fi ;;
    *) die "unknown target '$1': emscripten, wasi, native, native-asan or native-tsan" ;;
  esac
}

# compiler TARGET: sets `cc` (command to link with, and natively all) and `compile_with`. Says what is missing.
compiler() {
  local c
  case $1 in
    emscripten*)
      for c in emcc wasm-opt wasm-as wasm-dis; do
        command -v "$c" >/dev/null || \
          die "no $c found. Run 'bash build.sh setup', or see https://emscripten.org (emsdk) for a current release."
      done
      cc=(emcc -pthread -mbulk-memory -sSUPPORT_LONGJMP=0) ;;
    wasi*)
      have_wasi || die "no wasi toolchain (clang with wasi-libc) found. Run 'bash build.sh setup'."
      # The headers want to be told that signals, getpid and clocks may be used; we have them (wasm/libc).
      cc=(clang --target=wasm32-wasi -mbulk-memory -isystem runtime/port/libc -D_WASI_EMULATED_SIGNAL
        -D_WASI_EMULATED_PROCESS_CLOCKS
          -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_GETPID) ;;
    native*)
      for c in "${CC-}" clang gcc cc; do [[ -n $c ]] && command -v "$c" >/dev/null && break; c=; done
      [[ -n $c ]] || die "no C compiler found. Run 'bash build.sh setup'."
      cc=("$c" -pthread -g)
      [[ $1 == native-asan ]] &&
        cc+=(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
      [[ $1 == native-tsan ]] && cc+=(-fsanitize=thread) ;;
  esac
  compile_with=("${cc[@]}")
  if [[ $1 == emscripten* ]]; then clang_of_emcc; fi
  if checked "$1"; then compile_with+=(-DGR_CHECK); fi
  if watched "$1"; then compile_with+=(-DGR_CHECK_HEAP); fi
}
# clang_of_emcc: sets `compile_with` to the command by which emcc compiles, as it tells itself with -v: that takes 0.2 s
# of processor time for a small file, emcc 0.5 s, and there are some hundred files. If it does not tell, emcc stays.
clang_of_emcc() {
  local kept=build/obj/emcc.sh of dir line words=() i
  # A package brings the times of its own build: when it was put here tells the time of the change.
  of="$(command -v emcc) $(stat -Lc %Z "$(command -v emcc)" 2>/dev/null || true)"
  of+=" ${EM_CONFIG-} ${EM_CACHE-} ${EMCC_CFLAGS-} ${cc[*]}"
  if [[ -e $kept && $kept -nt $me ]]; then
    { read -r line; read -r words; } <"$kept"
    if [[ $line == "$of" ]]; then eval "compile_with=($words)"; return; fi
  fi
  mkdir -p build/obj
  dir=$(mktemp -d build/obj/emcc.XXXXXX)
  : >"$dir/empty.c"
  line=$("${cc[@]}" -v -c "$dir/empty.c" -o "$dir/empty.o" 2>&1 | grep -F "$dir/empty.c" | grep -v -m1 -e -cc1) || true
  rm -rf "$dir"
  [[ $line == *clang* ]] || return 0
  eval "words=($line)"
  for i in "${!words[@]}"; do
    case ${words[i]} in -v | -c | -o | "$dir"/empty.*) unset "words[i]" ;; esac
  done
  compile_with=("${words[@]}")
  printf '%s\n%s\n' "$of" "${compile_with[*]@Q}" >"$kept.$BASHPID"
  mv "$kept.$BASHPID" "$kept"
}
# own_flags TARGET: sets `own`, what a program's own sources are compiled with besides: for thread-local variables
# that are the goroutine's (wasm/port/tls.c, runtime/port/native_tls.c; single.mjs says why wasi has atomics), and
# natively for errno. Without a red zone a leaf function, too, stores the stack pointer where it makes room for an array
# of variable size (stack.mjs).
own_flags() {
  case $1 in
    emscripten*) own=(-ftls-model=local-exec -Xclang -disable-red-zone) ;;
    wasi*) own=(-ftls-model=local-exec -matomics -Xclang -disable-red-zone) ;;
    native*)
      own=(-isystem runtime/port/libc)
      if is_clang; then own+=(-femulated-tls); fi ;;
  esac
}
is_clang() { [[ $("${cc[0]}" --version) == *clang* ]]; }
have_wasi() {
  command -v clang >/dev/null && command -v wasm-ld >/dev/null && [[ -e /usr/include/wasm32-wasi/stdio.h ]]
}

# ---- staleness, without starting a process -----------------------------------------------------------------------

# stale OUT FILE...: OUT is missing or older than one of FILE.
stale() {
  local out=$1 f
  [[ -e $out ]] || return 0
  shift
  for f; do [[ $f -nt $out ]] && return 0; done
  return 1
}
newest_header=$me
for h in "${headers[@]}"; do [[ $h -nt $newest_header ]] && newest_header=$h; done

# ---- jobs --------------------------------------------------------------------------------------------------------

running=0
# job COMMAND...: runs it in the background, as many at a time as there are processors.
job() {
  [[ -n ${cores-} ]] || cores=$(nproc 2>/dev/null || echo 2)
  if ((running >= cores)); then wait -n || jobs_failed=1; ((running--)) || true; fi
  "$@" &
  ((++running))
}
# jobs_end WHAT: waits for all; dies if one failed.
jobs_end() {
  while ((running > 0)); do wait -n || jobs_failed=1; ((running--)) || true; done
  [[ -z ${jobs_failed-} ]] || die "$1 failed, see above"
}

# ---- compile, link -----------------------------------------------------------------------------------------------

# undefined TARGET: sets `watch`, the options by which the compiler tests for what is undefined (check/ubsan.c). What
# may be no mistake after all goes on when the handler returns.
undefined() {
  watch=()
  watched "$1" || return 0
  local maybe=null,alignment,object-size,pointer-overflow
  watch=(-fsanitize=undefined,float-cast-overflow -fno-sanitize-recover=all "-fsanitize-recover=$maybe"
    -isystem runtime/check/include)
  case $1 in native*) is_clang || return 0 ;; esac
  watch+=(-fno-sanitize=function,vptr)
}

# compile_watched SOURCE OBJECT OPTION...: the same for a source of a program with --check, whose calls of malloc and
# free get the place where they stand (wasm/passes/sites.mjs). Where the text does not take that, they get none.
compile_watched() {
  local src=$1 obj=$2 text=$2.i
  shift 2
  [[ $src == *.c ]] || { compile "$src" "$obj" "$@"; return; }
  "${compile_with[@]}" "$@" -fsyntax-only "$src" || return 1
  "${compile_with[@]}" "$@" -E "$src" -o "$text" && node wasm/passes/cli.mjs sites "$text" "$text.c" &&
    compile "$text.c" "$obj" "$@" -w 2>/dev/null || compile "$src" "$obj" "$@" -w
}

# compile SOURCE OBJECT OPTION...: OBJECT appears whole or not at all.
compile() {
  local src=$1 obj=$2
  shift 2
  if ! "${compile_with[@]}" "$@" -c "$src" -o "$obj.$$.$BASHPID.o"; then rm -f "$obj.$$.$BASHPID.o"; return 1; fi
  mv "$obj.$$.$BASHPID.o" "$obj"
}

# objects_of TARGET: sets `objects` and `dirty` (sources whose object is stale).
objects_of() {
  local s o
  sources "$1"
  objects=() dirty=()
  for s in "${sources[@]}"; do
    o=build/obj/$1/${s//\//_}.o
    objects+=("$o")
    if stale "$o" "$s" "$newest_header" "$me"; then dirty+=("$s"); fi
  done
}

# lib TARGET: brings the runtime's objects up to date. One build at a time: several may be started at once by tests.
lib() {
  local s lock
  objects_of "$1"
  ((${#dirty[@]})) || return 0
  compiler "$1"
  mkdir -p "build/obj/$1"
  exec {lock}>"build/obj/$1/lock"
  if command -v flock >/dev/null; then flock "$lock"; objects_of "$1"; fi
  ((${#dirty[@]})) && say "runtime ($1): ${#dirty[@]} files"
  for s in "${dirty[@]}"; do
    job compile "$s" "build/obj/$1/${s//\//_}.o" -O2 -std=gnu11 "${warn[@]}" -Iruntime/include -iquote runtime -iquote .
  done
  jobs_end "the runtime ($1)"
  exec {lock}>&-
}

features=(--enable-threads --enable-bulk-memory --enable-mutable-globals --enable-sign-ext
          --enable-nontrapping-float-to-int --enable-multivalue --enable-reference-types)
# Memory: what wasm/host/abi.mjs says too. 64 MiB at the start, may grow to 4 GiB.
memory=(-sINITIAL_MEMORY=67108864 -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4294967296)
# finish IN OUT [KIT]: a linked module with names becomes the program. Runs asyncify. Looks at program's `target`,
# `names` and `preempt`. KIT: for `build.sh kit`; all exports stay, and the file KIT says which of them may suspend.
finish() {
  local dir=${1%/*} kit=${3-} single='' optimize=${GOROSCOPE_WASM_OPT:--O3}
  [[ $target != wasi* ]] || single=1
  node wasm/passes/cli.mjs linked "$1" "$dir/checked.wasm" ${preempt:+--preempt} ${single:+--single} ${kit:+--kit}
  # -aimfs after asyncify only: it inlines port_save; before, it might inline what must stay a function (switch.c).
  wasm-opt "${features[@]}" -g "$dir/checked.wasm" "$optimize" --asyncify --pass-arg=asyncify-ignore-imports \
    --pass-arg=asyncify-removelist@"$(node wasm/passes/cli.mjs never-suspend)" -o "$dir/async.wasm" \
    2>"$dir/async.log" || { cat "$dir/async.log" >&2; return 1; }
  grep -v 'removelist contained a non-' "$dir/async.log" >&2 || true
  node wasm/passes/cli.mjs unwind "$dir/async.wasm" "$dir/limited.wasm" ${kit:+--kit="$kit"}
  wasm-opt "${features[@]}" ${names:+-g} "$dir/limited.wasm" -aimfs 16 "$optimize" -o "$2"
  node wasm/passes/cli.mjs waits "$2"
}

# points TARGET: sets `points`, the compiler's options for preemption points. gcc's come in every block of code.
# Clang leaves out blocks that others imply; with `bb` that would be whole loops, with `edge` those without exit, to
# which points.mjs gives theirs.
points() {
  if [[ $1 != native* ]]; then points=(-fsanitize-coverage=edge,trace-pc)
  elif is_clang; then points=(-fsanitize-coverage=edge,no-prune,trace-pc)
  else points=(-fsanitize-coverage=trace-pc); fi
}

# In programs with --check, functions of the C library's that check/heap.c stands before; natively it defines them.
heap_wraps=(malloc calloc realloc free memalign aligned_alloc posix_memalign malloc_usable_size)
# Functions of wasi-libc's that ours stand before (wasm/libc).
wasi_wraps=(__wasi_clock_time_get __wasi_clock_res_get __wasi_random_get writev write readv read exit
  getc fgetc getchar fflush fgets fread ungetc getline getdelim vfscanf vfwscanf fgetwc getwc getwchar ungetwc fgetws)

# kit FLAVOUR: the prebuilt runtime that programs are merged with (wasm/passes/merge.mjs), build/kit/FLAVOUR: runtime,
# libc and compiler-rt in one finished module that exports what programs may call, and what is to be known of it.
# FLAVOUR: threads, or check for programs with --check. Beside it headers and C++'s library, packed.
kit() {
  local flavour=$1 target level=-O3 names=1 preempt='' dir out=build/kit/$1 s lock wraps=() of=() sysroot libs
  case $flavour in
    threads) target=emscripten ;;
    # Who looks for mistakes waits for builds more than for runs.
    check) target=emscripten-check wraps=("${heap_wraps[@]/#/-Wl,--wrap=}") level=-O1 ;;
    *) die "kit: '$flavour' is neither threads nor check" ;;
  esac
  compiler "$target"
  lib "$target"
  of=("${objects[@]}" wasm/port/kit.c "$newest_header" wasm/passes/*.mjs wasm/cc/pack-sysroot.mjs
    runtime/check/include/*.h docs/libc.md "$me")
  stale "$out/manifest.json" "${of[@]}" || return 0
  mkdir -p "$out"
  exec {lock}>build/kit/lock
  if command -v flock >/dev/null; then flock "$lock"; fi
  stale "$out/manifest.json" "${of[@]}" || { exec {lock}>&-; return 0; } # somebody else has made it meanwhile
  say "kit ($flavour)"
  dir=$(mktemp -d build/link.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$root/$dir'" EXIT
  compile wasm/port/kit.c "$dir/kit.o" -O2 -std=gnu11 "${warn[@]}" -Iruntime/include -iquote runtime -iquote .
  sysroot=$(em-config CACHE)/sysroot libs=$sysroot/lib/wasm32-emscripten
  kit_exports "$dir"
  emar p "$libs/libc-mt.a" iconv.o >"$dir/iconv.o"
  "${cc[@]}" -O1 "$dir/kit.o" "${objects[@]}" -o "$dir/linked.mjs" --no-entry --profiling-funcs -Wl,--strip-debug \
    --js-library wasm/port/imports.lib.js -sPRINTF_LONG_DOUBLE=1 -sWASM_BIGINT=1 -sEXPORT_ES6=1 "${memory[@]}" \
    "${wraps[@]}" -Wno-pthreads-mem-growth -sERROR_ON_UNDEFINED_SYMBOLS=0 -Wno-undefined @"$dir/exports.rsp"
  GOROSCOPE_WASM_OPT=${GOROSCOPE_WASM_OPT-$level} finish "$dir/linked.wasm" "$dir/optimised.wasm" "$dir/suspend.json"
  node wasm/passes/cli.mjs kit "$dir/optimised.wasm" "$dir/runtime.wasm" "$dir/manifest.json" "$dir/suspend.json" \
    "$dir/ours.h" "$dir/iconv.o"
  if stale build/kit/libraries-cxx.gz wasm/cc/pack-sysroot.mjs runtime/check/include/*.h "$me"; then
    node wasm/cc/pack-sysroot.mjs "$sysroot" "$dir"
    mv "$dir"/{headers-c,headers-cxx,libraries-cxx}.gz build/kit
  fi
  mv "$dir/runtime.wasm" "$dir/manifest.json" "$out"
  exec {lock}>&-
  rm -rf "$dir"
  trap - EXIT
}
kits() { if (($#)); then kit "$1"; else kit threads; kit check; fi; }

# kit_exports DIR: writes DIR/exports.rsp, what the kit exports: the manual's functions and variables, libc's that
# docs/libc.md says are there, what compilers call, and what the passes need. Looks at kit's `sysroot` and `libs`.
kit_exports() {
  emnm --defined-only --extern-only "${objects[@]}" >"$1/ours.nm" 2>/dev/null
  emnm --defined-only --extern-only "$libs"/lib{c,dlmalloc}-mt.a >"$1/libc.nm" 2>/dev/null
  emnm --defined-only --extern-only "$libs/libcompiler_rt-mt.a" >"$1/compiler.nm" 2>/dev/null
  cat runtime/include/*.h >"$1/ours.h"
  cat "$sysroot"/include/{,sys/,bits/}*.h >"$1/libc.h"
  node wasm/passes/cli.mjs exports "$1"/{ours.nm,libc.nm,compiler.nm,ours.h,libc.h} docs/libc.md >"$1/exports.rsp"
}

# program TARGET OUT FILE.c... [options]
program() {
  local target=$1 out=$2 dir s o names='' preempt='' link_only='' without=''
  local files=() options=() objs=() points=() own=() watch=() wraps=()
  shift 2
  for s; do
    case $s in
      --preempt) preempt=1 ;;
      --check) checked "$target" || target+=-check ;;
      --link-only) link_only=1 ;;
      --without=*) without=${s#*=} ;;
      -*) options+=("$s"); [[ $s == -g* ]] && names=1 ;;
      *) [[ -r $s ]] || die "cannot read $s"; files+=("$s") ;;
    esac
  done
  ((${#files[@]})) || die "no source file given"
  [[ -d $(dirname "$out") ]] || die "the folder of $out does not exist"
  compiler "$target"
  own_flags "$target"
  undefined "$target"
  if watched "$target"; then wraps=("${heap_wraps[@]/#/-Wl,--wrap=}"); fi
  [[ -z $preempt ]] || points "$target"
  lib "$target"
  if [[ -n $without ]]; then
    options+=(-iquote runtime -iquote .)
    for o in "${!objects[@]}"; do [[ ${objects[o]} == */"${without//\//_}.o" ]] && unset "objects[o]"; done
  fi
  mkdir -p build
  dir=$(mktemp -d build/link.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$root/$dir'" EXIT
  for s in "${files[@]}"; do
    o=$dir/${#objs[@]}.o
    objs+=("$o")
    job "compile${watch:+_watched}" "$s" "$o" -O2 -std=gnu11 -Iruntime/include "${own[@]}" "${points[@]}" \
      "${watch[@]}" "${options[@]}"
  done
  jobs_end "$out"
  [[ $target != native* ]] || own_variables
  case $target in
    emscripten*)
      # The JS that emcc writes is not used (wasm/host/loader.mjs); a js-library keeps it from complaining about
      # asyncify's imports.
      "${cc[@]}" -O1 "${objs[@]}" "${objects[@]}" -o "$dir/linked.mjs" --no-entry --profiling-funcs -Wl,--strip-debug \
        --js-library wasm/port/imports.lib.js -sPRINTF_LONG_DOUBLE=1 -sWASM_BIGINT=1 -sEXPORT_ES6=1 "${memory[@]}" \
        "${wraps[@]}" -Wno-pthreads-mem-growth \
        ${link_only:+-sERROR_ON_UNDEFINED_SYMBOLS=0 -Wno-undefined}
      [[ -z $link_only ]] || { mv "$dir/linked.wasm" "$out"; return; }
      finish "$dir/linked.wasm" "$dir/out" ;;
    wasi*)
      # No -O: the driver would run wasm-opt, which inlines what must not be.
      PATH=$PATH "${cc[@]}" "${objs[@]}" "${objects[@]}" -o "$dir/linked.wasm" -Wl,--strip-debug \
        -Wl,-z,stack-size=262144 \
        "${wasi_wraps[@]/#/-Wl,--wrap=}" "${wraps[@]}" \
        -lc-printscan-long-double -lwasi-emulated-mman -lwasi-emulated-getpid \
        -lwasi-emulated-process-clocks -Wl,--max-memory=4294967296 \
        ${link_only:+-Wl,--allow-undefined}
      [[ -z $link_only ]] || { mv "$dir/linked.wasm" "$out"; return; }
      finish "$dir/linked.wasm" "$dir/out" ;;
    native*)
      "${cc[@]}" -O2 "${objs[@]}" "${objects[@]}" -o "$dir/out" -lm -ldl ;;
  esac
  mv "$dir/out" "$out"
  rm -rf "$dir"
  trap - EXIT
}

# own_variables: says so if gcc has left thread-local variables to the thread.
own_variables() {
  ((${#own[@]} < 3)) && command -v readelf >/dev/null || return 0
  for o in "${!files[@]}"; do
    [[ $(readelf -sW "${objs[o]}") != *' TLS '* ]] ||
      say "${files[o]}: warning:" \
        "gcc leaves _Thread_local variables to the thread; clang gives them to the goroutine" >&2
  done
}

# programs TARGET PREFIX SUFFIX FILE...: those of FILE... that are stale, into PREFIX<name>SUFFIX.
programs() {
  local target=$1 prefix=$2 suffix=$3 f out
  shift 3
  lib "$target"
  for f; do
    out=${f##*/}
    out=$prefix${out%.c}$suffix
    stale "$out" "$f" "${f%/*}"/*.h "${objects[@]}" "$newest_header" wasm/passes/*.mjs wasm/port/imports.lib.js "$me" ||
      continue
    compiler "$target"
    mkdir -p "${out%/*}"
    say "$out"
    job one_program "$target" "$out" "$f"
  done
  jobs_end "building for $target"
}
one_program() { running=0 cores=1; program "$@"; }

# ---- setup -------------------------------------------------------------------------------------------------------

# setup [--test]
setup() {
  local test=${1-} packages=() sudo=() p
  [[ -z $test || $test == --test ]] || die "setup: unknown option '$test'"
  [[ $(node -p 'parseInt(process.versions.node) >= 20' 2>/dev/null) == true ]] ||
    die "needs Node 20 or later, found $(node --version 2>/dev/null || echo none)." \
      "See https://nodejs.org or https://github.com/nodesource/distributions."
  command -v emcc >/dev/null || packages+=(emscripten)
  command -v wasm-opt >/dev/null || packages+=(binaryen)
  command -v clang >/dev/null || packages+=(clang)
  command -v wasm-ld >/dev/null || packages+=(lld)
  [[ -e /usr/include/wasm32-wasi/stdio.h ]] || packages+=(wasi-libc)
  have_builtins wasi || packages+=("libclang-rt-dev-wasm32|libclang-rt-14-dev-wasm32")
  if [[ $test ]]; then
    command -v gcc >/dev/null || packages+=(gcc libc6-dev)
    # The shell is Chromium without its own windows, whose pages take a third of a test's time.
    command -v chromium-headless-shell >/dev/null || [[ -n ${GOROSCOPE_CHROMIUM-} ]] ||
      { command -v chromium >/dev/null && ! may_install; } ||
      packages+=("chromium-headless-shell|chromium" fonts-dejavu-core)
    command -v firefox-esr >/dev/null || command -v firefox >/dev/null || packages+=("firefox-esr|firefox")
    command -v spin >/dev/null || packages+=(spin)
    have_builtins asan || packages+=("libclang-rt-dev|libclang-rt-14-dev")
  fi
  if ((${#packages[@]})); then
    ((EUID == 0)) || sudo=(sudo -n)
    if ! may_install; then
      die "missing: ${packages[*]}. On Debian, as root: apt-get install -y --no-install-recommends ${packages[*]%%|*}" \
          $'\n'"Elsewhere: Emscripten from https://emscripten.org" \
           "(git clone https://github.com/emscripten-core/emsdk; ./emsdk install latest;" \
          "./emsdk activate latest; source emsdk_env.sh; add its upstream/bin to PATH for wasm-opt, clang and wasm-ld)."
    fi
    say "installing ${packages[*]}"
    "${sudo[@]}" apt-get update -qq
    for p in "${!packages[@]}"; do packages[p]=$(available "${packages[p]}"); done
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
  fi
  # esbuild makes the editor of playgrounds, and clang is what compiles in them.
  for p in binaryen esbuild @yowasp/clang ${test:+typescript playwright-core puppeteer-core}; do
    [[ -e node_modules/$p ]] || { npm ci --no-audit --no-fund; break; }
  done
}
# may_install: apt is there and asks for nothing.
may_install() { command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; }
# available A|B: the first of them that apt can install.
available() {
  local name
  for name in ${1//|/ }; do
    [[ $(apt-cache policy "$name" 2>/dev/null) == *Candidate:\ [0-9]* ]] && { echo "$name"; return; }
  done
  echo "${1%%|*}"
}
# have_builtins wasi|asan: clang's run-time libraries for it are there.
have_builtins() {
  local found
  case $1 in
    wasi) found=(/usr/lib/llvm-*/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a /usr/lib/clang/*/lib/wasi/*.a
                 /usr/lib/llvm-*/lib/clang/*/lib/wasm32-unknown-wasi/*.a) ;;
    asan) found=(/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-*.a) ;;
  esac
  ((${#found[@]}))
}

# ---- verbs -------------------------------------------------------------------------------------------------------

native() {
  local kind=${1:+-$1} folder
  [[ -z $kind || $kind == -asan || $kind == -tsan ]] || die "native: '$1' is neither asan nor tsan"
  [[ -z ${2-} || $2 == unit || $2 == stress ]] || die "native: '$2' is neither unit nor stress"
  for folder in ${2:-unit stress}; do
    programs "native$kind" "build/native$kind/$folder/" '' tests/"$folder"/*.c
  done
}

all() {
  kits
  programs emscripten build/demos/ .wasm "${demos[@]}"
  demo_texts
  programs native build/native/demos/ '' "${demos[@]}"
  if [[ -e viewer/reader/build.inc ]]; then
    # shellcheck source=/dev/null
    source viewer/reader/build.inc
    build_reader
  fi
  bundles
}

# demo_texts: what of the demos' texts goes into a package: 96 KiB of whole lines each.
demo_texts() {
  local text
  mkdir -p build/demos/text
  for text in shell/demos/text/*.txt; do
    stale "build/demos/text/${text##*/}" "$text" || continue
    head -c 98304 "$text" | sed '$d' > "build/demos/text/${text##*/}"
  done
}

# bundle WHAT OUT: what shell/bundle/WHAT.mjs makes; there whole or not at all.
bundle() {
  say "$2"
  node "shell/bundle/$1.mjs" "$2.$$"
  mv "$2.$$" "$2"
}

# bundles: build/viewer.html, what `goroscope export NAME.html` puts traces in; `goroscope/standalone`; the editor of
# playgrounds; the demo page. What the page is made of, shell/bundled.mjs has as well.
bundles() {
  local sources=(viewer/{app,view,trace}/*.mjs viewer/trace/*/*.mjs wasm/host/*.mjs shell/bundle/*.mjs
    build/reader.wasm)
  [[ -e node_modules/esbuild ]] || {
    say "esbuild is not in node_modules, so playgrounds have no editor and the demo page comes in many files." \
      "To have them: npm ci (which brings the compiler for pages, too), then this again."
    return 0
  }
  if stale build/viewer.html "${sources[@]}" viewer/index.html; then bundle viewer-page build/viewer.html; fi
  if stale build/standalone.mjs "${sources[@]}"; then bundle standalone build/standalone.mjs; fi
  if stale build/editor.mjs shell/playground/editor.mjs shell/bundle/editor.mjs package-lock.json; then
    bundle editor build/editor.mjs
  fi
  if stale build/site/index.html "${sources[@]}" shell/index.html shell/page/* shell/playground/*; then
    rm -rf build/site
    bundle site build/site
  fi
}

# absolute PATH: as seen from where the script was started.
absolute() { [[ $1 == /* ]] && printf '%s' "$1" || printf '%s' "$here/$1"; }

# A function, so that the script is read whole before it runs.
main() {
  local verb=${1-} a args
  (($#)) && shift
  case $verb in
    '') all ;;
    setup) setup "$@" ;;
    lib) lib "${1:?target}" ;;
    native) native "$@" ;;
    kit) kits "$@" ;;
    program)
      (($# >= 3)) || die "usage: build.sh program TARGET OUT FILE.c... [compiler options]"
      args=("$1" "$(absolute "$2")")
      for a in "${@:3}"; do
        [[ $a == -* || -r $a && $here == "$root" ]] && args+=("$a") || args+=("$(absolute "$a")")
      done
      program "${args[@]}" ;;
    clean) rm -rf build ;;
    -h | --help | help) sed -n '2,23s/^# \{0,1\}//p' "$me" ;;
    *) die "unknown verb '$verb'; see 'bash build.sh help'" ;;
  esac
}
main "$@"
exit
