// threads: goroutines bound to their threads, threads that end with them, goroutines that compute until preempted.
package main

import (
	"runtime"
	"sync"
	"time"
)

func compute(d time.Duration) (n int) {
	end := time.Now().Add(d)
	for {
		for i := 0; i < 200_000; i++ {
			n += i * n
		}
		if time.Now().After(end) {
			return n
		}
	}
}

func main() {
	record(func(scale int) {
		var wg sync.WaitGroup
		c := make(chan int)
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				runtime.LockOSThread()
				for i := 0; i < 20*scale; i++ {
					if g%2 == 0 {
						c <- i
					} else {
						<-c
					}
				}
				if g < 2 {
					runtime.Goexit() // still locked: the thread ends too
				}
				runtime.UnlockOSThread()
			}()
		}
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				compute(time.Duration(scale) * 25 * time.Millisecond)
			}()
		}
		wg.Wait()
	})
}
