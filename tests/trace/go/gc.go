// gc: collections while goroutines allocate: mark assists, sweeps, stop the world, finalizers, a goal that moves.
package main

import (
	"runtime"
	"runtime/debug"
	"sync"
)

type node struct {
	next *node
	data [200]byte
}

func chain(n int) *node {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{next: head}
	}
	return head
}

var keep []*node

func main() {
	debug.SetGCPercent(10)
	debug.SetMemoryLimit(64 << 20)
	record(func(scale int) {
		for i := 0; i < scale; i++ {
			var wg sync.WaitGroup
			var mu sync.Mutex
			for g := 0; g < 3; g++ {
				wg.Add(1)
				go func() {
					defer wg.Done()
					for k := 0; k < 6; k++ {
						c := chain(1500)
						runtime.SetFinalizer(c, func(*node) {})
						mu.Lock()
						keep = append(keep, c)
						if len(keep) > 8 {
							keep = keep[4:]
						}
						mu.Unlock()
					}
				}()
			}
			wg.Wait()
			runtime.GC()
			if i%8 == 0 {
				debug.FreeOSMemory()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
			}
		}
	})
}
