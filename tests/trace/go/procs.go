// procs: the number of Ps changes while tracing.
package main

import (
	"runtime"
	"sync"
	"time"
)

func main() {
	runtime.GOMAXPROCS(2)
	record(func(scale int) {
		stop := make(chan bool)
		var wg sync.WaitGroup
		for g := 0; g < 6; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for {
					select {
					case <-stop:
						return
					default:
						time.Sleep(300 * time.Microsecond)
					}
				}
			}()
		}
		for i := 0; i < scale; i++ {
			for _, n := range []int{1, 4, 2, 16, 3, 1, 8, 2} {
				runtime.GOMAXPROCS(n)
				time.Sleep(500 * time.Microsecond)
			}
		}
		close(stop)
		wg.Wait()
	})
}
