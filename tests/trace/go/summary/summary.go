// Command summary prints Go's own goroutine summary of traces, one JSON object a file: what `goroscope stat` is compared
// with. It imports internal/trace, so it is built as if it stood in Go's source tree (see stat.test.mjs).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"internal/trace"
	"io"
	"os"
	"time"
)

type figures struct {
	ID       trace.GoID               `json:"id"`
	Fn       string                   `json:"fn"`
	Created  time.Duration            `json:"created_ns"`
	Started  *time.Duration           `json:"started_ns"`
	Ended    *time.Duration           `json:"ended_ns"`
	Running  time.Duration            `json:"running_ns"`
	Runnable time.Duration            `json:"runnable_ns"`
	Syscall  time.Duration            `json:"syscall_ns"`
	Blocked  time.Duration            `json:"syscall_blocked_ns"`
	Total    time.Duration            `json:"total_ns"`
	Waiting  map[string]time.Duration `json:"waiting"`
	Ranges   map[string]time.Duration `json:"ranges"`
}

type report struct {
	Events     int       `json:"events"`
	Goroutines []figures `json:"goroutines"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func since(first, t trace.Time) *time.Duration {
	if t == 0 {
		return nil
	}
	d := t.Sub(first)
	return &d
}

func summarize(path string) (out report) {
	f, err := os.Open(path)
	check(err)
	defer f.Close()
	r, err := trace.NewReader(bufio.NewReader(f))
	check(err)
	s := trace.NewSummarizer()
	var first trace.Time
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			break
		}
		check(err)
		if out.Events == 0 {
			first = ev.Time()
		}
		out.Events++
		s.Event(&ev)
	}
	for _, g := range s.Finalize().Goroutines {
		out.Goroutines = append(out.Goroutines, figures{
			g.ID, g.Name, g.CreationTime.Sub(first), since(first, g.StartTime), since(first, g.EndTime),
			g.ExecTime, g.SchedWaitTime, g.SyscallTime, g.SyscallBlockTime, g.TotalTime, g.BlockTimeByReason, g.RangeTime,
		})
	}
	return out
}

func main() {
	for _, path := range os.Args[1:] {
		b, err := json.Marshal(summarize(path))
		check(err)
		fmt.Println(string(b))
	}
}
