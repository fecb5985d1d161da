package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// resident is how many bytes of memory the process has now.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int64
	fmt.Sscan(string(text), &size, &pages)
	return pages * 4096 // also in js/wasm, whose own pages are larger: it is the host that counts here
}

// crowd starts n goroutines that wait at one channel, and lets them go. It says how long each took, and memory when all had parked.
func crowd(n int) (spawn, wake, bytes float64) {
	gate := make(chan struct{})
	var arrived, gone sync.WaitGroup
	arrived.Add(n)
	gone.Add(n)
	before := resident()
	start := time.Now()
	for range n {
		go func() {
			arrived.Done()
			<-gate
			gone.Done()
		}()
	}
	arrived.Wait()
	parked := time.Now()
	bytes = float64(resident()-before) / float64(n)
	released := time.Now()
	close(gate)
	gone.Wait()
	ended := time.Now()
	return float64(parked.Sub(start).Nanoseconds()) / float64(n), float64(ended.Sub(released).Nanoseconds()) / float64(n), bytes
}

func parked(n int) {
	crowd(1000)
	spawn, wake, bytes := crowd(n)
	say("spawn_ns", spawn)
	say("wake_ns", wake)
	say("bytes_each", bytes)
}
