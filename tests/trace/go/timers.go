// timers: sleeps, tickers, timeouts, timers stopped and reset.
package main

import (
	"context"
	"sync"
	"time"
)

func main() {
	record(func(scale int) {
		var wg sync.WaitGroup
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; i < 15*scale; i++ {
					time.Sleep(time.Duration(g*50+20) * time.Microsecond)
				}
			}()
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			ticker := time.NewTicker(100 * time.Microsecond)
			defer ticker.Stop()
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(scale)*3*time.Millisecond)
			defer cancel()
			for {
				select {
				case <-ticker.C:
					t := time.AfterFunc(time.Millisecond, func() {})
					t.Reset(50 * time.Microsecond)
				case <-ctx.Done():
					return
				}
			}
		}()
		wg.Wait()
	})
}
