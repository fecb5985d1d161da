// restart: tracing begins and ends many times under way; the last one is kept.
package main

import (
	"io"
	"os"
	"runtime/trace"
	"sync"
	"syscall"
	"time"
)

func main() {
	stop := make(chan bool)
	var wg sync.WaitGroup
	ping := make(chan int)
	wg.Add(2)
	go func() {
		defer wg.Done()
		for n := range ping {
			_ = n
			time.Sleep(20 * time.Microsecond)
		}
	}()
	go func() {
		defer wg.Done()
		defer close(ping)
		for {
			select {
			case <-stop:
				return
			case ping <- 1:
				ts := syscall.NsecToTimespec(50_000)
				_ = syscall.Nanosleep(&ts, nil)
			}
		}
	}()
	for i := 0; i < 20*scale(); i++ {
		check(trace.Start(io.Discard))
		time.Sleep(500 * time.Microsecond)
		trace.Stop()
	}
	f, err := os.Create(os.Args[1])
	check(err)
	check(trace.Start(f))
	time.Sleep(10 * time.Millisecond)
	trace.Stop()
	check(f.Close())
	close(stop)
	wg.Wait()
}
