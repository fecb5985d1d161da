package main

import (
	"runtime"
	"sync"
)

var (
	mu     sync.Mutex
	rw     sync.RWMutex
	inside int
)

// share locks mu n times in all, from `crowd` goroutines, with a Gosched inside one time in `yieldEvery`.
func share(n, crowd, yieldEvery int) {
	var wg sync.WaitGroup
	each := n/crowd + 1
	inside = 0
	for range crowd {
		wg.Add(1)
		go func() {
			for i := range each {
				mu.Lock()
				inside++
				if i%yieldEvery == 0 {
					runtime.Gosched()
				}
				mu.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	check(inside == each*crowd, "two were inside a mutex")
}

const many = 512

// manyQueues: many goroutines each wait for a mutex of their own, then all are let go.
func manyQueues(n int) {
	var lane [many]sync.Mutex
	var wg sync.WaitGroup
	for done := 0; done < n; done += many {
		wg.Add(many)
		for i := range lane {
			lane[i].Lock()
			go func() {
				lane[i].Lock()
				lane[i].Unlock()
				wg.Done()
			}()
		}
		runtime.Gosched()
		for i := range lane {
			lane[i].Unlock()
		}
		wg.Wait()
	}
}

func mutexes(n int) {
	say("alone_ns", measure(func(n int) {
		for range n {
			mu.Lock()
			mu.Unlock()
		}
	}, n))
	say("read_ns", measure(func(n int) {
		for range n {
			rw.RLock()
			rw.RUnlock()
		}
	}, n))
	say("contended_ns", measure(func(n int) { share(n, 4, 16) }, n))
	say("handover_ns", measure(func(n int) { share(n, 2, 1) }, n))
	say("many_ns", measure(manyQueues, n))
}
