// flight: the flight recorder: the last moments, written while the program goes on. Go 1.25 and later.
package main

import (
	"os"
	"runtime/trace"
	"time"
)

func main() {
	fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 20 * time.Millisecond, MaxBytes: 1 << 20})
	check(fr.Start())
	c := make(chan int)
	go func() {
		for n := range c {
			time.Sleep(time.Duration(n%5) * 50 * time.Microsecond)
		}
	}()
	for i := 0; i < 400*scale(); i++ {
		c <- i
		time.Sleep(200 * time.Microsecond)
	}
	f, err := os.Create(os.Args[1])
	check(err)
	_, err = fr.WriteTo(f)
	check(err)
	fr.Stop()
	check(f.Close())
}
