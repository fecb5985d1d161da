// mixed: many short goroutines, channels, sleeps and collections at once, over several generations.
package main

import (
	"runtime"
	"sync"
	"time"
)

func fan(n int) int {
	if n == 0 {
		return 1
	}
	a, b := make(chan int, 1), make(chan int, 1)
	go func() { a <- fan(n - 1) }()
	go func() { b <- fan(n - 1) }()
	return <-a + <-b
}

func main() {
	record(func(scale int) {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; i < 3; i++ {
				time.Sleep(500 * time.Millisecond) // longer than a generation in all
				runtime.GC()
			}
		}()
		for i := 0; i < scale; i++ {
			fan(6)
		}
		wg.Wait()
	})
}
