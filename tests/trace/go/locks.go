// locks: contended mutexes, read-write mutexes, condition variables, once, wait groups.
package main

import (
	"runtime"
	"sync"
)

type box struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	cond *sync.Cond
	n    int
}

func (b *box) turn(i int) {
	b.mu.Lock()
	b.n++
	if i%3 == 0 {
		runtime.Gosched()
	}
	if b.n%5 == 0 {
		b.cond.Broadcast()
	}
	b.mu.Unlock()
	if i%4 == 0 {
		b.rw.Lock()
		runtime.Gosched()
		b.rw.Unlock()
		return
	}
	b.rw.RLock()
	runtime.Gosched()
	b.rw.RUnlock()
}

func main() {
	record(func(scale int) {
		b := &box{}
		b.cond = sync.NewCond(&b.mu)
		var wg, waiter sync.WaitGroup
		waiter.Add(1)
		go func() {
			defer waiter.Done()
			b.mu.Lock()
			for b.n < 240*scale {
				b.cond.Wait()
			}
			b.mu.Unlock()
		}()
		for g := 0; g < 6; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; i < 40*scale; i++ {
					b.turn(i)
				}
			}()
		}
		wg.Wait()
		waiter.Wait()
	})
}
