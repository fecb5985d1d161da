// channels: unbuffered and buffered channels, select, close, range.
package main

import "sync"

func worker(in <-chan int, out chan<- int, wg *sync.WaitGroup) {
	defer wg.Done()
	for n := range in {
		out <- n * n
	}
}

func round() {
	in, out, quit := make(chan int), make(chan int, 4), make(chan bool)
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go worker(in, out, &wg)
	}
	go func() {
		for i := 0; i < 100; i++ {
			select {
			case in <- i:
			case <-quit:
			}
		}
		close(in)
		wg.Wait()
		close(out)
	}()
	for range out {
	}
}

func main() {
	record(func(scale int) {
		for i := 0; i < 2*scale; i++ {
			round()
		}
	})
}
