// Go's side of the benchmark table (../table.mjs): the operations of the C programs beside it, in the same batches, with the same
// output.
//
//	bench NAME [N]    what NAME.c does, N times; prints one line of JSON
//
// GOMAXPROCS is the number of Ps. BENCH_TRACE in the environment: with the execution tracer on, which writes to nowhere.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/trace"
	"sort"
	"strconv"
	"time"
)

// The same as in measure.h.
const (
	warm      = 200 * time.Millisecond
	warmParts = 20
)

// measure says the nanoseconds for each of n operations; run(n) does n of them.
func measure(run func(n int), n int) float64 {
	part := max(n/warmParts, 1)
	start := time.Now()
	for done := 0; done < n && time.Since(start) < warm; done += part {
		run(part)
	}
	return perOp(n, func() { run(n) })
}

func perOp(n int, run func()) float64 {
	start := time.Now()
	run()
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

func say(what string, value float64) { fmt.Printf(",%q:%.2f", what, value) }

func check(good bool, what string) {
	if !good {
		panic(what)
	}
}

type program struct {
	n   int // unless given
	run func(n int)
}

var programs = map[string]program{
	"switch":   {4000000, switches},
	"spawn":    {1000000, spawns},
	"pull":     {2000000, pulls},
	"pingpong": {1000000, pingpongs},
	"chan":     {4000000, chans},
	"select":   {1000000, selects},
	"heap":     {8000000, heaps},
	"mutex":    {4000000, mutexes},
	"timers":   {100000, timers},
	"parallel": {20, parallel},
	"parked":   {100000, parked},
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func usage() {
	names := []string{}
	for name := range programs {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintln(os.Stderr, "usage: bench NAME [N]; NAME is one of", names)
	os.Exit(2)
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	p, ok := programs[os.Args[1]]
	n := p.n
	if len(os.Args) > 2 {
		n, _ = strconv.Atoi(os.Args[2])
	}
	if !ok || n < 1 {
		usage()
	}
	if os.Getenv("BENCH_TRACE") != "" {
		if err := trace.Start(nowhere{}); err != nil {
			panic(err)
		}
		defer trace.Stop()
	}
	fmt.Printf(`{"bench":%q,"procs":%d,"n":%d`, os.Args[1], runtime.GOMAXPROCS(0), n)
	p.run(n)
	fmt.Println("}")
}
