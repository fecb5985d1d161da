// profile: CPU profiling while tracing: samples with stacks, labels.
package main

import (
	"bytes"
	"context"
	"runtime/pprof"
	"sync"
	"time"
)

func spin(until time.Time) (n int) {
	for time.Now().Before(until) {
		for i := 0; i < 1000; i++ {
			n += i
		}
	}
	return n
}

func main() {
	var out bytes.Buffer
	check(pprof.StartCPUProfile(&out))
	defer pprof.StopCPUProfile()
	record(func(scale int) {
		var wg sync.WaitGroup
		for g := 0; g < 3; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				pprof.Do(context.Background(), pprof.Labels("part", string(rune('a'+g))), func(context.Context) {
					for i := 0; i < 5*scale; i++ {
						spin(time.Now().Add(5 * time.Millisecond))
						time.Sleep(time.Millisecond)
					}
				})
			}()
		}
		wg.Wait()
	})
}
