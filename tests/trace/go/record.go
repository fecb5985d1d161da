// record.go: what every program here shares: it traces what it does into the file named first.
//
//	program FILE [SCALE]      SCALE multiplies the work; 1 makes a trace of some ten kilobytes
//
// Built file by file (go build record.go NAME.go), so it is no package of anything.
package main

import (
	"fmt"
	"os"
	"runtime/trace"
	"strconv"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func scale() int {
	if len(os.Args) < 3 {
		return 1
	}
	n, err := strconv.Atoi(os.Args[2])
	check(err)
	return n
}

// record traces work.
func record(work func(scale int)) {
	f, err := os.Create(os.Args[1])
	check(err)
	check(trace.Start(f))
	work(scale())
	trace.Stop()
	check(f.Close())
}
