// Command analysis prints what Go's internal/trace says of tasks, regions and mutator utilisation of traces, one JSON
// object a file: what the viewer's analysis is compared with. It is built as if it stood in Go's source tree (see
// tests/trace/analysis.test.mjs).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"internal/trace"
	"io"
	"os"
	"sort"
	"time"
)

type region struct {
	G        trace.GoID     `json:"g"`
	Task     trace.TaskID   `json:"task"`
	Name     string         `json:"name"`
	Start    *time.Duration `json:"start"`
	End      *time.Duration `json:"end"`
	Running  time.Duration  `json:"running"`
	Runnable time.Duration  `json:"runnable"`
	Waiting  time.Duration  `json:"waiting"`
	Syscall  time.Duration  `json:"syscall"`
	Blocked  time.Duration  `json:"syscall_blocked"`
}

type task struct {
	ID     trace.TaskID   `json:"id"`
	Parent trace.TaskID   `json:"parent"`
	Name   string         `json:"name"`
	Start  *time.Duration `json:"start"`
	End    *time.Duration `json:"end"`
	Logs   int            `json:"logs"`
}

type report struct {
	Regions []region             `json:"regions"`
	Tasks   []task               `json:"tasks"`
	MMU     map[string][]float64 `json:"mmu"` // by flags: of windows of 1 µs, 10 µs … 10 s
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var flags = map[string]trace.UtilFlags{
	"stw background assist":                trace.UtilSTW | trace.UtilBackground | trace.UtilAssist,
	"stw background assist sweep":          trace.UtilSTW | trace.UtilBackground | trace.UtilAssist | trace.UtilSweep,
	"stw":                                  trace.UtilSTW,
	"sweep":                                trace.UtilSweep,
	"assist perProc":                       trace.UtilAssist | trace.UtilPerProc,
	"stw background assist sweep perProc":  trace.UtilSTW | trace.UtilBackground | trace.UtilAssist | trace.UtilSweep | trace.UtilPerProc,
}

// mmu is nil when Go's own function cannot take the trace.
func mmu(events []trace.Event, f trace.UtilFlags) (out []float64) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	util := trace.MutatorUtilizationV2(events, f)
	if len(util) == 0 {
		return nil
	}
	curve := trace.NewMMUCurve(util)
	for w := time.Microsecond; w <= 10*time.Second; w *= 10 {
		out = append(out, curve.MMU(w))
	}
	return out
}

func analyse(path string) (out report) {
	f, err := os.Open(path)
	check(err)
	defer f.Close()
	r, err := trace.NewReader(bufio.NewReader(f))
	check(err)
	s := trace.NewSummarizer()
	var events []trace.Event
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			break
		}
		check(err)
		events = append(events, ev)
		s.Event(&ev)
	}
	when := func(ev *trace.Event) *time.Duration {
		if ev == nil {
			return nil
		}
		d := ev.Time().Sub(events[0].Time())
		return &d
	}
	sum := s.Finalize()
	for _, g := range sum.Goroutines {
		for _, x := range g.Regions {
			if x.Name == "" {
				continue // only a task handed down to a new goroutine
			}
			var waiting time.Duration
			for _, d := range x.BlockTimeByReason {
				waiting += d
			}
			out.Regions = append(out.Regions, region{g.ID, x.TaskID, x.Name, when(x.Start), when(x.End),
				x.ExecTime, x.SchedWaitTime, waiting, x.SyscallTime, x.SyscallBlockTime})
		}
	}
	for _, t := range sum.Tasks {
		parent := trace.NoTask
		if t.Parent != nil {
			parent = t.Parent.ID
		}
		out.Tasks = append(out.Tasks, task{t.ID, parent, t.Name, when(t.Start), when(t.End), len(t.Logs)})
	}
	sort.Slice(out.Tasks, func(i, j int) bool { return out.Tasks[i].ID < out.Tasks[j].ID })
	out.MMU = make(map[string][]float64)
	for name, f := range flags {
		out.MMU[name] = mmu(events, f)
	}
	return out
}

func main() {
	for _, path := range os.Args[1:] {
		b, err := json.Marshal(analyse(path))
		check(err)
		fmt.Println(string(b))
	}
}
